/** `+OK`: a status, as against data. */
export class Status {
  constructor(readonly text: string) {}
}

/** An error reply; the text begins with its code: `ERR …`, `WRONGTYPE …`. Commands throw it. */
export class RedisError extends Error {
  override name = 'RedisError';
}

/** The null array of RESP2 (`*-1`): time-outs of blocking reads, aborted transactions. */
export const NULL_ARRAY = Symbol('null array');

/** What a command answers. Texts hold one byte a character (latin1), so that keys and values of any bytes pass untouched. */
export type Reply = string | number | null | Status | RedisError | typeof NULL_ARRAY | readonly Reply[];

export const OK = new Status('OK');
export const WRONG_TYPE = 'WRONGTYPE Operation against a key holding the wrong kind of value';

/** A reply as RESP2 writes it, latin1. Source: https://redis.io/docs/latest/develop/reference/protocol-spec/ */
export function encodeReply(reply: Reply): string {
  if (reply === null) return '$-1\r\n';
  if (reply === NULL_ARRAY) return '*-1\r\n';
  if (typeof reply === 'string') return `$${reply.length}\r\n${reply}\r\n`;
  if (typeof reply === 'number') return `:${reply}\r\n`;
  if (reply instanceof Status) return `+${reply.text}\r\n`;
  if (reply instanceof RedisError) return `-${reply.message}\r\n`;
  let text = `*${(reply as readonly Reply[]).length}\r\n`;
  for (const item of reply as readonly Reply[]) text += encodeReply(item);
  return text;
}
