import { compileGlob } from '@shared/kinds/redis/glob';
import { argument, type CommandContext, type CommandTable, SYNTAX_ERROR, wholeNumber } from '../command';
import { type RedisHash, SortedSet, typeName } from '../keyspace';
import { OK, RedisError, Status } from '../reply';

/** Keys, and the few other types that services keep beside their messages: texts, hashes, sorted sets. */
export const keyCommands: CommandTable = {
  DEL: { arity: -2, run: (context, keys) => keys.filter((key) => remove(context, key)).length },
  UNLINK: { arity: -2, run: (context, keys) => keys.filter((key) => remove(context, key)).length },
  EXISTS: { arity: -2, run: ({ keyspace }, keys) => keys.filter((key) => keyspace.get(key) !== undefined).length },
  TYPE: { arity: 2, run: ({ keyspace }, [key = '']) => new Status(typeName(keyspace.get(key))) },
  KEYS: { arity: 2, run: ({ keyspace }, [pattern = '']) => keyspace.keys().filter(compileGlob(pattern)) },
  DBSIZE: { arity: 1, run: ({ keyspace }) => keyspace.keys().length },
  FLUSHALL: { arity: -1, run: flush },
  FLUSHDB: { arity: -1, run: flush },
  SCAN: { arity: -2, run: scan },
  EXPIRE: { arity: -3, run: (context, args) => expireIn(context, argument(args, 0), wholeNumber(args[1]) * 1000) },
  PEXPIRE: { arity: -3, run: (context, args) => expireIn(context, argument(args, 0), wholeNumber(args[1])) },
  PERSIST: {
    arity: 2,
    run: ({ keyspace }, [key = '']) => {
      if (keyspace.get(key) === undefined || keyspace.expiry(key) === undefined) return 0;
      keyspace.expire(key, undefined);
      return 1;
    },
  },
  TTL: { arity: 2, run: (context, [key = '']) => timeLeft(context, key, 1000) },
  PTTL: { arity: 2, run: (context, [key = '']) => timeLeft(context, key, 1) },
  SET: { arity: -3, writes: true, run: set },
  GET: { arity: 2, run: ({ keyspace }, [key = '']) => keyspace.text(key) ?? null },
  INCR: { arity: 2, writes: true, run: (context, [key = '']) => increase(context, key, 1) },
  INCRBY: { arity: 3, writes: true, run: (context, [key = '', by]) => increase(context, key, wholeNumber(by)) },
  HSET: { arity: -4, writes: true, run: setFields },
  HGET: { arity: 3, run: ({ keyspace }, [key = '', field = '']) => keyspace.hash(key)?.get(field) ?? null },
  HGETALL: { arity: 2, run: ({ keyspace }, [key = '']) => [...(keyspace.hash(key) ?? [])].flat() },
  ZADD: { arity: -4, writes: true, run: addScores },
  ZREM: {
    arity: -3,
    run: ({ keyspace }, [key = '', ...members]) =>
      members.filter((member) => keyspace.sortedSet(key)?.delete(member)).length,
  },
  ZCARD: { arity: 2, run: ({ keyspace }, [key = '']) => keyspace.sortedSet(key)?.size ?? 0 },
  ZRANGEBYSCORE: { arity: -4, run: rangeByScore },
};

function remove({ keyspace, keyEvent, wake }: CommandContext, key: string): boolean {
  if (keyspace.get(key) === undefined || !keyspace.delete(key)) return false;
  keyEvent('g', 'del', key);
  wake(key);
  return true;
}

function flush({ keyspace, wake }: CommandContext) {
  const keys = keyspace.keys();
  keyspace.clear();
  for (const key of keys) wake(key);
  return OK;
}

/** One pass gives everything: the cursor is always 0, which the protocol allows. */
function scan({ keyspace }: CommandContext, args: string[]) {
  wholeNumber(args[0], 'ERR invalid cursor');
  let matches = (_key: string) => true;
  let type: string | undefined;
  for (let index = 1; index < args.length; index += 2) {
    const option = argument(args, index).toUpperCase();
    const value = argument(args, index + 1);
    if (option === 'MATCH') matches = compileGlob(value);
    else if (option === 'TYPE') type = value.toLowerCase();
    else if (option === 'COUNT') wholeNumber(value);
    else throw new RedisError(SYNTAX_ERROR);
  }
  const found = keyspace.keys().filter(matches);
  return ['0', type === undefined ? found : found.filter((key) => typeName(keyspace.get(key)) === type)];
}

function expireIn({ keyspace, now, keyEvent }: CommandContext, key: string, milliseconds: number): number {
  if (keyspace.get(key) === undefined) return 0;
  keyspace.expire(key, now() + milliseconds);
  keyEvent('g', 'expire', key);
  return 1;
}

function timeLeft({ keyspace, now }: CommandContext, key: string, unit: number): number {
  if (keyspace.get(key) === undefined) return -2;
  const expiry = keyspace.expiry(key);
  return expiry === undefined ? -1 : Math.round((expiry - now()) / unit);
}

function set({ keyspace, now, keyEvent }: CommandContext, [key = '', value = '', ...options]: string[]) {
  let condition: string | undefined;
  let expiry: number | undefined;
  let keep = false;
  let answersOld = false;
  for (let index = 0; index < options.length; index += 1) {
    const option = argument(options, index).toUpperCase();
    if (option === 'NX' || option === 'XX') condition = option;
    else if (option === 'KEEPTTL') keep = true;
    else if (option === 'GET') answersOld = true;
    else if (option === 'EX' || option === 'PX') {
      index += 1;
      const time = wholeNumber(options[index]);
      if (time <= 0) throw new RedisError("ERR invalid expire time in 'set' command");
      expiry = now() + time * (option === 'EX' ? 1000 : 1);
    } else throw new RedisError(SYNTAX_ERROR);
  }
  const old = answersOld ? (keyspace.text(key) ?? null) : undefined;
  const exists = keyspace.get(key) !== undefined;
  if ((condition === 'NX' && exists) || (condition === 'XX' && !exists)) return old ?? null;
  keyspace.set(key, value, keep);
  if (expiry !== undefined) keyspace.expire(key, expiry);
  keyEvent('$', 'set', key);
  return old === undefined ? OK : old;
}

function increase({ keyspace, keyEvent }: CommandContext, key: string, by: number): number {
  const next = wholeNumber(keyspace.text(key) ?? '0') + by;
  keyspace.set(key, String(next), true);
  keyEvent('$', 'incrby', key);
  return next;
}

function setFields({ keyspace, keyEvent }: CommandContext, [key = '', ...pairs]: string[]): number {
  if (pairs.length % 2 !== 0) throw new RedisError("ERR wrong number of arguments for 'hset' command");
  const hash: RedisHash = new Map(keyspace.hash(key));
  const before = hash.size;
  for (let index = 0; index < pairs.length; index += 2) hash.set(argument(pairs, index), argument(pairs, index + 1));
  keyspace.set(key, hash, true);
  keyEvent('h', 'hset', key);
  return hash.size - before;
}

function readScore(text: string): number {
  const infinite = /^([+-]?)inf$/i.exec(text);
  const score = infinite ? (infinite[1] === '-' ? -1 : 1) * Number.POSITIVE_INFINITY : Number(text);
  if (text.trim() === '' || Number.isNaN(score)) throw new RedisError('ERR value is not a valid float');
  return score;
}

function addScores({ keyspace, keyEvent }: CommandContext, [key = '', ...pairs]: string[]): number {
  if (pairs.length % 2 !== 0) throw new RedisError(SYNTAX_ERROR);
  const sorted = new SortedSet(keyspace.sortedSet(key));
  const before = sorted.size;
  for (let index = 0; index < pairs.length; index += 2) {
    sorted.set(argument(pairs, index + 1), readScore(argument(pairs, index)));
  }
  keyspace.set(key, sorted, true);
  keyEvent('z', 'zadd', key);
  return sorted.size - before;
}

function rangeByScore({ keyspace }: CommandContext, [key = '', low = '', high = '', ...options]: string[]) {
  const bound = (text: string, isLow: boolean): ((score: number) => boolean) => {
    const exclusive = text.startsWith('(');
    const limit = readScore(exclusive ? text.slice(1) : text);
    if (exclusive) return (score) => (isLow ? score > limit : score < limit);
    return (score) => (isLow ? score >= limit : score <= limit);
  };
  const [above, below] = [bound(low, true), bound(high, false)];
  const found = [...(keyspace.sortedSet(key) ?? [])]
    .filter(([, score]) => above(score) && below(score))
    .sort(([a, first], [b, second]) => first - second || (a < b ? -1 : 1));
  let [offset, count] = [0, found.length];
  const withScores = options.some((option) => option.toUpperCase() === 'WITHSCORES');
  const limit = options.findIndex((option) => option.toUpperCase() === 'LIMIT');
  if (limit >= 0) {
    offset = wholeNumber(options[limit + 1]);
    const asked = wholeNumber(options[limit + 2]);
    count = asked < 0 ? found.length : asked;
  }
  return found
    .slice(offset, offset + count)
    .flatMap(([member, score]) => (withScores ? [member, String(score)] : [member]));
}
