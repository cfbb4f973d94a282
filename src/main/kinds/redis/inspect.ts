import type { FoundGroup, FoundRedis, FoundStream } from '@shared/kinds/redis/objects';
import type { Redis } from 'ioredis';
import { readFacts } from './facts';

/** `[name, value, …]` of `XINFO` as a record. */
export function readFields(flat: unknown): Record<string, unknown> {
  const list = Array.isArray(flat) ? flat : [];
  const fields: Record<string, unknown> = {};
  for (let index = 0; index + 1 < list.length; index += 2) fields[String(list[index])] = list[index + 1];
  return fields;
}

export function readGroups(reply: unknown): FoundGroup[] {
  return (Array.isArray(reply) ? reply : []).map((one): FoundGroup => {
    const { name, consumers, pending, lag, 'last-delivered-id': lastDeliveredId } = readFields(one);
    return {
      name: String(name),
      consumers: Number(consumers),
      pending: Number(pending),
      lastDeliveredId: String(lastDeliveredId),
      // Servers before 7.0 do not tell it; later ones give null where deletions make it unknowable.
      lag: typeof lag === 'number' ? lag : null,
    };
  });
}

/** Keys asked about at once. */
const AT_ONCE = 200;

/** What is at these keys: streams with their groups, or something else. Changes nothing. */
export async function inspectKeys(redis: Redis, keys: readonly string[]): Promise<FoundRedis> {
  const found: FoundRedis = { facts: await readFacts(redis), streams: {}, otherTypes: {} };
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    await Promise.all(
      keys.slice(start, start + AT_ONCE).map(async (key) => {
        const type = await redis.type(key);
        if (type === 'stream') found.streams[key] = await readStream(redis, key);
        else if (type !== 'none') found.otherTypes[key] = type;
      }),
    );
  }
  return found;
}

async function readStream(redis: Redis, key: string): Promise<FoundStream> {
  const [length, groups] = await Promise.all([redis.xlen(key), redis.xinfo('GROUPS', key)]);
  return { key, length, groups: readGroups(groups) };
}

/** Keys of all streams, found by scanning: the server goes on serving others meanwhile. */
export async function scanStreams(redis: Redis, signal?: AbortSignal): Promise<string[]> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    signal?.throwIfAborted();
    const [next, page] = await redis.scan(cursor, 'COUNT', 1000, 'TYPE', 'stream');
    for (const key of page) keys.add(key);
    cursor = next;
  } while (cursor !== '0');
  return [...keys].sort();
}
