import { argument, type CommandContext, type CommandTable, SYNTAX_ERROR } from '../command';
import type { ConsumerGroup } from '../consumer-group';
import { NULL_ARRAY, OK, RedisError, type Reply } from '../reply';
import { Stream } from '../stream';
import { compareIds, formatId, MIN_ID, parseId } from '../stream-id';
import { readReadOptions } from './read-options';

/** Consumer groups: making them, reading as a consumer, acknowledging. */
export const groupCommands: CommandTable = {
  XGROUP: { arity: -2, run: group },
  XREADGROUP: { arity: -7, run: readGroup },
  XACK: { arity: -4, run: acknowledge },
};

const NO_KEY =
  'ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.';

/** @throws RedisError NOGROUP; `where` is appended to its text */
export function findGroup(
  { keyspace }: CommandContext,
  key: string,
  name: string,
  where = '',
): { stream: Stream; group: ConsumerGroup } {
  const stream = keyspace.stream(key);
  const found = stream?.groups.get(name);
  if (stream && found) return { stream, group: found };
  throw new RedisError(`NOGROUP No such key '${key}' or consumer group '${name}'${where}`);
}

function group(context: CommandContext, args: string[]): Reply {
  const { keyspace, keyEvent, now, wake } = context;
  const sub = argument(args, 0).toUpperCase();
  const wanted = { CREATE: 4, SETID: 4, DESTROY: 3, CREATECONSUMER: 4, DELCONSUMER: 4 }[sub];
  if (wanted === undefined) throw new RedisError(`ERR unknown subcommand '${args[0]}'. Try XGROUP HELP.`);
  if (args.length < wanted) {
    throw new RedisError(`ERR wrong number of arguments for 'xgroup|${sub.toLowerCase()}' command`);
  }
  const [key, name] = [argument(args, 1), argument(args, 2)];
  let stream = keyspace.stream(key);
  if (!stream) {
    if (sub !== 'CREATE' || !args.slice(4).some((option) => option.toUpperCase() === 'MKSTREAM')) {
      throw new RedisError(NO_KEY);
    }
    if (argument(args, 3) !== '$') parseId(argument(args, 3));
    stream = keyspace.createStream(key);
  }
  if (sub === 'CREATE') {
    if (stream.groups.has(name)) throw new RedisError('BUSYGROUP Consumer Group name already exists');
    const start = argument(args, 3) === '$' ? stream.lastId : parseId(argument(args, 3));
    stream.createGroup(name, start);
    keyEvent('t', 'xgroup-create', key);
    return OK;
  }
  if (sub === 'DESTROY') {
    const existed = stream.groups.delete(name);
    if (existed) wake(key);
    return existed ? 1 : 0;
  }
  const found = stream.groups.get(name);
  if (!found) throw new RedisError(`NOGROUP No such consumer group '${name}' for key name '${key}'`);
  if (sub === 'SETID') {
    found.lastDelivered = argument(args, 3) === '$' ? stream.lastId : parseId(argument(args, 3));
    return OK;
  }
  const consumer = argument(args, 3);
  if (sub === 'DELCONSUMER') return found.removeConsumer(consumer);
  const isNew = !found.consumers.has(consumer);
  found.consumer(consumer, now());
  return isNew ? 1 : 0;
}

function readGroup(context: CommandContext, args: string[]): Reply | undefined {
  if (argument(args, 0).toUpperCase() !== 'GROUP') throw new RedisError(SYNTAX_ERROR);
  const [name, consumer] = [argument(args, 1), argument(args, 2)];
  const { keys, ids, count, blockMs, noAck } = readReadOptions('XREADGROUP', args.slice(3));
  const where = ' in XREADGROUP with GROUP option';
  for (const id of ids) {
    if (id === '$') {
      throw new RedisError(
        'ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.',
      );
    }
    if (id !== '>') parseId(id);
  }
  for (const key of keys) findGroup(context, key, name, where);

  const attempt = (): Reply | undefined => {
    const answers: Reply[] = [];
    keys.forEach((key, index) => {
      const found = findGroup(context, key, name, where);
      const id = argument(ids, index);
      const request = { context, ...found, key, consumer, count };
      if (id !== '>') answers.push([key, readHistory(request, id)]);
      else {
        const fresh = readFresh(request, noAck);
        if (fresh.length > 0) answers.push([key, fresh]);
      }
    });
    return answers.length > 0 ? answers : undefined;
  };
  const retry = (): Reply | undefined => {
    for (const key of keys) {
      const stream = context.keyspace.stream(key);
      if (!stream) throw new RedisError('UNBLOCKED the stream key no longer exists');
      if (!stream.groups.has(name)) {
        throw new RedisError('NOGROUP the consumer group this client was blocked on no longer exists');
      }
    }
    return attempt();
  };
  return attempt() ?? (blockMs === undefined ? NULL_ARRAY : context.block(keys, blockMs, retry));
}

interface GroupRead {
  context: CommandContext;
  stream: Stream;
  group: ConsumerGroup;
  key: string;
  consumer: string;
  count: number;
}

function readFresh({ context, stream, group: from, key, consumer, count }: GroupRead, noAck: boolean): Reply[] {
  const entries = stream.after(from.lastDelivered, count);
  const last = entries[entries.length - 1];
  if (!last) return [];
  const now = context.now();
  from.lastDelivered = last.id;
  from.consumer(consumer, now).activeAt = now;
  for (const { id, fields } of entries) {
    // After SETID backwards an entry may be delivered although it is pending: the debt moves.
    if (!noAck) from.owe({ id, consumer, deliveredAt: now, deliveries: 1 });
    const delivery = { stream: key, group: from.name, consumer, id: formatId(id), deliveries: 1, fields };
    context.observe({ type: 'delivered', ...delivery });
  }
  return entries.map(Stream.reply);
}

/** What the consumer owes. Reading it counts as a delivery, as in Redis. */
function readHistory({ context, stream, group: from, consumer, count }: GroupRead, after: string): Reply[] {
  const start = after === '0' ? MIN_ID : parseId(after);
  const now = context.now();
  from.consumer(consumer, now);
  const history: Reply[] = [];
  for (const pending of from.pendingEntries()) {
    if (history.length >= count) break;
    if (pending.consumer !== consumer || compareIds(pending.id, start) <= 0) continue;
    const entry = stream.find(pending.id);
    if (entry) {
      pending.deliveries += 1;
      pending.deliveredAt = now;
    }
    history.push([formatId(pending.id), entry ? entry.fields : NULL_ARRAY]);
  }
  return history;
}

function acknowledge({ keyspace, observe }: CommandContext, [key = '', name = '', ...ids]: string[]): Reply {
  const found = keyspace.stream(key)?.groups.get(name);
  const parsed = ids.map((id) => parseId(id));
  if (!found) return 0;
  return parsed.filter((id) => {
    if (!found.settle(id)) return false;
    observe({ type: 'acked', stream: key, group: name, id: formatId(id) });
    return true;
  }).length;
}
