import { RedisError } from './reply';

/** `<milliseconds>-<sequence>`. Both stay below 2^53 here; Redis allows 2^64. */
export interface StreamId {
  ms: number;
  seq: number;
}

export const MIN_ID: StreamId = { ms: 0, seq: 0 };
export const MAX_ID: StreamId = { ms: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER };

const INVALID = 'ERR Invalid stream ID specified as stream command argument';

export function compareIds(a: StreamId, b: StreamId): number {
  return a.ms - b.ms || a.seq - b.seq;
}

export function formatId({ ms, seq }: StreamId): string {
  return `${ms}-${seq}`;
}

/** `missingSeq` stands in where only milliseconds are given. @throws RedisError */
export function parseId(text: string, missingSeq = 0): StreamId {
  const match = /^(\d{1,16})(?:-(\d{1,16}))?$/.exec(text);
  const [ms, seq] = [Number(match?.[1]), match?.[2] === undefined ? missingSeq : Number(match[2])];
  if (!match || !Number.isSafeInteger(ms) || !Number.isSafeInteger(seq)) throw new RedisError(INVALID);
  return { ms, seq };
}

/** Both bounds of a range, inclusive: `-`, `+`, an id, or `(` and an id. @throws RedisError */
export function parseRange(from: string, to: string): { from: StreamId; to: StreamId } {
  return { from: parseBound(from, 0), to: parseBound(to, Number.MAX_SAFE_INTEGER) };
}

function parseBound(text: string, missingSeq: number): StreamId {
  if (text === '-') return MIN_ID;
  if (text === '+') return MAX_ID;
  if (!text.startsWith('(')) return parseId(text, missingSeq);
  if (text === '(-' || text === '(+') throw new RedisError(INVALID);
  const id = parseId(text.slice(1), missingSeq);
  return missingSeq === 0 ? after(id) : before(id);
}

function after({ ms, seq }: StreamId): StreamId {
  if (seq < Number.MAX_SAFE_INTEGER) return { ms, seq: seq + 1 };
  if (ms === Number.MAX_SAFE_INTEGER) throw new RedisError('ERR invalid start ID for the interval');
  return { ms: ms + 1, seq: 0 };
}

function before({ ms, seq }: StreamId): StreamId {
  if (seq > 0) return { ms, seq: seq - 1 };
  if (ms === 0) throw new RedisError('ERR invalid end ID for the interval');
  return { ms: ms - 1, seq: Number.MAX_SAFE_INTEGER };
}
