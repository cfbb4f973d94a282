import type { Redis } from 'ioredis';

/** One consumer of a group, as commands name it. */
export interface GroupMember {
  stream: string;
  group: string;
  consumer: string;
}

/** An entry of a stream: id, and names and values in turn. */
export type RawEntry = [id: string, fields: Buffer[]];

/** What is owed: an entry's id, and how often it was given out. */
export interface PendingEntry {
  id: string;
  deliveries: number;
}

/** Longest wait for new entries in one read, milliseconds; also how long closing may take when nothing comes. */
const BLOCK_MS = 500;
/** Pending entries looked at a page. */
const PAGE = 100;

/** New entries for the consumer, at most so many; none when none came in time. Holds up its connection meanwhile. */
export async function readNew(
  redis: Redis,
  { stream, group, consumer }: GroupMember,
  count: number,
): Promise<RawEntry[]> {
  const reply = await redis.callBuffer(
    ...(['xreadgroup', 'GROUP', group, consumer, 'COUNT', count, 'BLOCK', BLOCK_MS, 'STREAMS', stream, '>'] as const),
  );
  const [first] = Array.isArray(reply) ? reply : [];
  return listOf(Array.isArray(first) ? first[1] : undefined);
}

/** Takes an entry over if it has been idle for so long, milliseconds; empty when it was not, or is gone. */
export async function claimIdle(
  redis: Redis,
  { stream, group, consumer }: GroupMember,
  id: string,
  idleMs: number,
): Promise<RawEntry[]> {
  return listOf(await redis.callBuffer('xclaim', stream, group, consumer, idleMs, id));
}

/** What the consumer owes, or what anybody has owed for so long, a page at a time. */
export async function* pendingEntries(
  redis: Redis,
  { stream, group, consumer }: GroupMember,
  of: 'own' | { idleMs: number },
): AsyncGenerator<PendingEntry> {
  for (let from = '-'; ; ) {
    const reply =
      of === 'own'
        ? await redis.xpending(stream, group, from, '+', PAGE, consumer)
        : await redis.xpending(stream, group, 'IDLE', of.idleMs, from, '+', PAGE);
    const page = reply as [string, string, number, number][];
    for (const [id, , , deliveries] of page) yield { id, deliveries };
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    from = `(${last[0]}`;
  }
}

/** Makes an entry look idle for so long, milliseconds, so that others may claim it, and its last delivery not counted. */
export async function giveBack(
  redis: Redis,
  { stream, group, consumer }: GroupMember,
  entry: { id: string; attempt: number; idleMs: number },
): Promise<void> {
  const { id, attempt, idleMs } = entry;
  await redis.xclaim(stream, group, consumer, 0, id, 'IDLE', idleMs, 'RETRYCOUNT', attempt - 1, 'JUSTID');
}

/** `[[id, [name, value, …]], …]`; entries that were deleted come without fields. */
function listOf(reply: unknown): RawEntry[] {
  return (Array.isArray(reply) ? reply : []).flatMap((one): RawEntry[] => {
    const [id, fields] = Array.isArray(one) ? one : [];
    return Buffer.isBuffer(id) && Array.isArray(fields) ? [[id.toString(), fields as Buffer[]]] : [];
  });
}
