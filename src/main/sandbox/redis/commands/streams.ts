import { argument, type CommandContext, type CommandTable, SYNTAX_ERROR, wholeNumber } from '../command';
import { NULL_ARRAY, RedisError, type Reply } from '../reply';
import { Stream, type Trim } from '../stream';
import { compareIds, formatId, MIN_ID, parseId, parseRange, type StreamId } from '../stream-id';
import { readReadOptions } from './read-options';

/** Streams without their groups. Source: https://redis.io/docs/latest/commands/?group=stream */
export const streamCommands: CommandTable = {
  XADD: { arity: -5, writes: true, run: add },
  XLEN: { arity: 2, run: ({ keyspace }, [key = '']) => keyspace.stream(key)?.entries.length ?? 0 },
  XDEL: { arity: -3, run: remove },
  XTRIM: { arity: -4, run: trim },
  XRANGE: {
    arity: -4,
    run: (context, [key = '', from = '', to = '', ...rest]) => range(context, key, from, to, rest, false),
  },
  XREVRANGE: {
    arity: -4,
    run: (context, [key = '', to = '', from = '', ...rest]) => range(context, key, from, to, rest, true),
  },
  XREAD: { arity: -4, run: read },
};

/** Reads `MAXLEN|MINID [=|~] threshold [LIMIT n]` at a place; answers where it ends. */
function readTrim(args: string[], start: number): { trim: Trim; end: number } {
  let at = start + 1;
  const sign = argument(args, at);
  if (sign === '=' || sign === '~') at += 1;
  const approximate = sign === '~';
  const threshold = argument(args, at);
  at += 1;
  if (args[at]?.toUpperCase() === 'LIMIT') {
    if (!approximate) throw new RedisError('ERR syntax error, LIMIT cannot be used without the special ~ option');
    wholeNumber(args[at + 1]);
    at += 2;
  }
  if (argument(args, start).toUpperCase() === 'MINID') {
    return { trim: { by: 'MINID', id: parseId(threshold), approximate }, end: at };
  }
  const length = wholeNumber(threshold);
  if (length < 0) throw new RedisError('ERR The MAXLEN argument must be >= 0.');
  return { trim: { by: 'MAXLEN', length, approximate }, end: at };
}

function add(context: CommandContext, args: string[]): Reply {
  const { keyspace, now, observe, keyEvent, wake } = context;
  const key = argument(args, 0);
  let at = 1;
  let makes = true;
  let limit: Trim | undefined;
  for (;;) {
    const option = argument(args, at).toUpperCase();
    if (option === 'NOMKSTREAM') {
      makes = false;
      at += 1;
    } else if (option === 'MAXLEN' || option === 'MINID') {
      const read = readTrim(args, at);
      limit = read.trim;
      at = read.end;
    } else break;
  }
  const wanted = argument(args, at);
  const fields = args.slice(at + 1);
  if (fields.length === 0 || fields.length % 2 !== 0) {
    throw new RedisError("ERR wrong number of arguments for 'xadd' command");
  }
  const known = keyspace.stream(key);
  if (!known && !makes) return null;
  // The id is judged first, so that a bad one makes no stream.
  const id = (known ?? new Stream(() => {})).nextId(wanted, now());
  const stream = known ?? keyspace.createStream(key);
  stream.add({ id, fields });
  keyEvent('t', 'xadd', key);
  observe({ type: 'added', stream: key, id: formatId(id), fields });
  if (limit) trimStream(context, key, stream, limit);
  wake(key);
  return formatId(id);
}

function trimStream({ observe, keyEvent }: CommandContext, key: string, stream: Stream, limit: Trim): number {
  const count = stream.trim(limit);
  if (count > 0) {
    keyEvent('t', 'xtrim', key);
    observe({ type: 'removed', stream: key, entries: count, how: 'trimmed' });
  }
  return count;
}

function trim(context: CommandContext, args: string[]): Reply {
  const key = argument(args, 0);
  const strategy = argument(args, 1).toUpperCase();
  if (strategy !== 'MAXLEN' && strategy !== 'MINID') throw new RedisError(SYNTAX_ERROR);
  const { trim: limit, end } = readTrim(args, 1);
  if (end !== args.length) throw new RedisError(SYNTAX_ERROR);
  const stream = context.keyspace.stream(key);
  return stream ? trimStream(context, key, stream, limit) : 0;
}

function remove({ keyspace, observe, keyEvent }: CommandContext, [key = '', ...ids]: string[]): Reply {
  const stream = keyspace.stream(key);
  const parsed = ids.map((id) => parseId(id));
  const count = stream ? parsed.filter((id) => stream.delete(id)).length : 0;
  if (count > 0) {
    keyEvent('t', 'xdel', key);
    observe({ type: 'removed', stream: key, entries: count, how: 'deleted' });
  }
  return count;
}

function range(
  { keyspace }: CommandContext,
  key: string,
  from: string,
  to: string,
  options: string[],
  isReversed: boolean,
): Reply {
  const bounds = parseRange(from, to);
  let count = Number.POSITIVE_INFINITY;
  if (options.length > 0) {
    if (options.length !== 2 || argument(options, 0).toUpperCase() !== 'COUNT') throw new RedisError(SYNTAX_ERROR);
    count = wholeNumber(options[1]);
    if (count < 0) count = 0;
  }
  const entries = keyspace.stream(key)?.range(bounds.from, bounds.to) ?? [];
  if (isReversed) entries.reverse();
  if (count === 0) return NULL_ARRAY;
  return entries.slice(0, count).map(Stream.reply);
}

function read(context: CommandContext, args: string[]): Reply | undefined {
  const { keyspace, block } = context;
  const { keys, ids, count, blockMs } = readReadOptions('XREAD', args);
  const starts = keys.map((key, index): StreamId => {
    const id = argument(ids, index);
    if (id === '$') return keyspace.stream(key)?.lastId ?? MIN_ID;
    if (id === '>') {
      throw new RedisError(
        'ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.',
      );
    }
    return parseId(id);
  });
  const attempt = (): Reply | undefined => {
    const found: Reply[] = [];
    keys.forEach((key, index) => {
      const stream = keyspace.stream(key);
      const start = starts[index] ?? MIN_ID;
      if (!stream || compareIds(stream.lastId, start) <= 0) return;
      const entries = stream.after(start, count);
      if (entries.length > 0) found.push([key, entries.map(Stream.reply)]);
    });
    return found.length > 0 ? found : undefined;
  };
  return attempt() ?? (blockMs === undefined ? NULL_ARRAY : block(keys, blockMs, attempt));
}
