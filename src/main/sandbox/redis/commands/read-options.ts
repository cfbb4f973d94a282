import { argument, SYNTAX_ERROR, wholeNumber } from '../command';
import { RedisError } from '../reply';

/** What follows XREAD, and XREADGROUP after its group and consumer. */
export interface ReadOptions {
  keys: string[];
  ids: string[];
  /** Infinity without COUNT. */
  count: number;
  /** Undefined: do not wait; 0: for ever. */
  blockMs?: number;
  noAck: boolean;
}

/** @throws RedisError */
export function readReadOptions(command: 'XREAD' | 'XREADGROUP', args: string[]): ReadOptions {
  let count = Number.POSITIVE_INFINITY;
  let blockMs: number | undefined;
  let noAck = false;
  let at = 0;
  for (; ; at += 1) {
    const option = argument(args, at).toUpperCase();
    if (option === 'STREAMS') break;
    if (option === 'COUNT') {
      at += 1;
      const asked = wholeNumber(args[at]);
      count = asked > 0 ? asked : Number.POSITIVE_INFINITY;
    } else if (option === 'BLOCK') {
      at += 1;
      blockMs = wholeNumber(args[at], 'ERR timeout is not an integer or out of range');
      if (blockMs < 0) throw new RedisError('ERR timeout is negative');
    } else if (option === 'NOACK' && command === 'XREADGROUP') noAck = true;
    else if (option === 'NOACK') {
      throw new RedisError('ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.');
    } else throw new RedisError(SYNTAX_ERROR);
  }
  const rest = args.slice(at + 1);
  if (rest.length === 0) throw new RedisError(SYNTAX_ERROR);
  if (rest.length % 2 !== 0) {
    throw new RedisError(
      `ERR Unbalanced ${command} list of streams: for each stream key an ID or '$' must be specified.`,
    );
  }
  const half = rest.length / 2;
  return { keys: rest.slice(0, half), ids: rest.slice(half), count, blockMs, noAck };
}
