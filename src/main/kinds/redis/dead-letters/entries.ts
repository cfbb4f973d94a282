import type { Redis } from 'ioredis';

/** An entry of a stream as it lies there. */
export interface RawEntry {
  id: string;
  fields: Buffer[];
}

/** Which entries: the oldest, after an id and up to one, both optional; or the newest. */
export type EntryRange = { count: number } & ({ newest: true } | { after?: string; until?: string });

/** Entries of a stream; reading them changes nothing. Empty when there is no such key. */
export async function readEntries(redis: Redis, stream: string, range: EntryRange): Promise<RawEntry[]> {
  const { count } = range;
  const reply =
    'newest' in range
      ? await redis.xrevrangeBuffer(stream, '+', '-', 'COUNT', count)
      : await redis.xrangeBuffer(stream, range.after ? `(${range.after}` : '-', range.until ?? '+', 'COUNT', count);
  return (reply as unknown as [Buffer, Buffer[]][]).map(([id, fields]) => ({ id: id.toString(), fields }));
}
