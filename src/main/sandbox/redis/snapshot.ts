import { MAX_SNAPSHOT_BYTES, type SnapshotSource } from '../snapshot-file';
import type { PendingEntry } from './consumer-group';
import { type Keyspace, type RedisHash, type RedisValue, SortedSet } from './keyspace';
import { entryBytes, Stream, type StreamEntry } from './stream';
import type { StreamId } from './stream-id';

interface SavedGroup {
  name: string;
  lastDelivered: StreamId;
  consumers: [name: string, seenAt: number, activeAt: number][];
  pending: PendingEntry[];
}

interface SavedStream {
  entries: StreamEntry[];
  lastId: StreamId;
  maxDeletedId: StreamId;
  entriesAdded: number;
  groups: SavedGroup[];
}

type SavedValue =
  | { type: 'string'; value: string }
  | { type: 'hash' | 'zset'; items: [string, string | number][] }
  | { type: 'stream'; stream: SavedStream };

type SavedKey = { key: string; expiry: number | undefined } & SavedValue;

/** Every key, streams with their groups and what those owe. */
export function redisSnapshot(keyspace: Keyspace): SnapshotSource<SavedKey[]> {
  return {
    take() {
      const room = { bytes: MAX_SNAPSHOT_BYTES, leftOut: 0 };
      const content = keyspace.keys().flatMap((key): SavedKey[] => {
        const value = keyspace.get(key);
        return value === undefined ? [] : [{ key, expiry: keyspace.expiry(key), ...saveValue(value, room) }];
      });
      return { content, leftOut: room.leftOut };
    },
    restore(content) {
      for (const saved of content) {
        restoreValue(keyspace, saved);
        keyspace.expire(saved.key, saved.expiry);
      }
    },
    clear: () => keyspace.clear(),
  };
}

function saveValue(value: RedisValue, room: { bytes: number; leftOut: number }): SavedValue {
  if (typeof value === 'string') return { type: 'string', value };
  if (!(value instanceof Stream)) return { type: value instanceof SortedSet ? 'zset' : 'hash', items: [...value] };
  const { entries, lastId, maxDeletedId, entriesAdded, groups } = value;
  return {
    type: 'stream',
    stream: {
      entries: entries.filter((entry) => {
        room.bytes -= entryBytes(entry);
        if (room.bytes < 0) room.leftOut += 1;
        return room.bytes >= 0;
      }),
      lastId,
      maxDeletedId,
      entriesAdded,
      groups: [...groups.values()].map((group) => ({
        name: group.name,
        lastDelivered: group.lastDelivered,
        consumers: [...group.consumers].map(([name, { seenAt, activeAt }]) => [name, seenAt, activeAt]),
        pending: [...group.pendingEntries()],
      })),
    },
  };
}

function restoreValue(keyspace: Keyspace, saved: SavedKey): void {
  switch (saved.type) {
    case 'string':
      keyspace.set(saved.key, saved.value);
      return;
    case 'hash':
      keyspace.set(saved.key, new Map(saved.items) as RedisHash);
      return;
    case 'zset':
      keyspace.set(saved.key, new SortedSet(saved.items as [string, number][]));
      return;
    case 'stream':
      restoreStream(keyspace.createStream(saved.key), saved.stream);
      return;
    default:
      saved satisfies never;
  }
}

function restoreStream(stream: Stream, saved: SavedStream): void {
  for (const entry of saved.entries) stream.add(entry);
  stream.lastId = saved.lastId;
  stream.maxDeletedId = saved.maxDeletedId;
  stream.entriesAdded = saved.entriesAdded;
  for (const { name, lastDelivered, consumers, pending } of saved.groups) {
    const group = stream.createGroup(name, lastDelivered);
    for (const [consumer, seenAt, activeAt] of consumers) group.consumers.set(consumer, { seenAt, activeAt });
    for (const entry of pending) group.owe(entry);
  }
}
