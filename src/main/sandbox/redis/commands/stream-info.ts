import { argument, type CommandContext, type CommandTable } from '../command';
import { NULL_ARRAY, RedisError, type Reply } from '../reply';
import { Stream } from '../stream';
import { formatId } from '../stream-id';

/** `XINFO STREAM | GROUPS | CONSUMERS`. */
export const streamInfoCommands: CommandTable = { XINFO: { arity: -2, run: info } };

function info({ keyspace, now }: CommandContext, args: string[]): Reply {
  const sub = argument(args, 0).toUpperCase();
  if (!['STREAM', 'GROUPS', 'CONSUMERS'].includes(sub)) {
    throw new RedisError(`ERR unknown subcommand '${args[0]}'. Try XINFO HELP.`);
  }
  if (args.length < (sub === 'CONSUMERS' ? 3 : 2)) {
    throw new RedisError(`ERR wrong number of arguments for 'xinfo|${sub.toLowerCase()}' command`);
  }
  const key = argument(args, 1);
  const stream = keyspace.stream(key);
  if (!stream) throw new RedisError('ERR no such key');
  if (sub === 'STREAM') return describeStream(stream);
  if (sub === 'GROUPS') return [...stream.groups.values()].sort(byName).map((group) => describeGroup(stream, group));
  const name = argument(args, 2);
  const group = stream.groups.get(name);
  if (!group) throw new RedisError(`NOGROUP No such consumer group '${name}' for key name '${key}'`);
  return [...group.consumers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([consumer, { seenAt }]) => ['name', consumer, 'pending', group.pendingOf(consumer), 'idle', now() - seenAt]);
}

const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);

function describeStream(stream: Stream): Reply {
  const { entries } = stream;
  const [first, last] = [entries[0], entries[entries.length - 1]];
  return [
    'length',
    entries.length,
    'radix-tree-keys',
    1,
    'radix-tree-nodes',
    2,
    'last-generated-id',
    formatId(stream.lastId),
    'max-deleted-entry-id',
    formatId(stream.maxDeletedId),
    'entries-added',
    stream.entriesAdded,
    'recorded-first-entry-id',
    first ? formatId(first.id) : '0-0',
    'groups',
    stream.groups.size,
    'first-entry',
    first ? Stream.reply(first) : NULL_ARRAY,
    'last-entry',
    last ? Stream.reply(last) : NULL_ARRAY,
  ];
}

function describeGroup(
  stream: Stream,
  group: Stream['groups'] extends Map<string, infer Group> ? Group : never,
): Reply {
  const lag = stream.lag(group);
  return [
    'name',
    group.name,
    'consumers',
    group.consumers.size,
    'pending',
    group.pendingCount,
    'last-delivered-id',
    formatId(group.lastDelivered),
    'entries-read',
    lag === null ? null : stream.entriesAdded - lag,
    'lag',
    lag,
  ];
}
