import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { errorCode } from './files';
import { isAlive, startOf } from './process-alive';

/** Which process a lock file belongs to. */
export const lockHolderSchema = z.object({
  id: z.string(),
  pid: z.number(),
  /** Tells the process from a later one of the same id; null where the system does not say. */
  processStart: z.string().nullable(),
  host: z.string(),
});
export type LockHolder = z.infer<typeof lockHolderSchema>;

/** This process as the holder of a new lock. */
export function ownHolder(): LockHolder {
  return { id: randomUUID(), pid: process.pid, processStart: startOf(process.pid), host: hostname() };
}

/** True if the process that made the lock is known to have ended. */
export function isStale(holder: LockHolder): boolean {
  if (holder.host !== hostname()) return false;
  if (!isAlive(holder.pid)) return true;
  return holder.processStart !== null && startOf(holder.pid) !== holder.processStart;
}

/** The lock in a file, null when there is none. @throws when the file is there and cannot be read */
export async function readLock<T extends LockHolder>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Puts a lock file in place whole or not at all; false when one is there. */
async function place(file: string, holder: LockHolder): Promise<boolean> {
  const draft = `${file}.${holder.id}`;
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Moves a stale lock away. If somebody put a live one there in the meantime, that one is put back. */
async function clearStale<T extends LockHolder>(
  file: string,
  schema: z.ZodType<T>,
  stale: T,
  ownId: string,
): Promise<void> {
  const aside = `${file}.stale.${ownId}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await readLock(aside, schema);
  if (moved && moved.id !== stale.id) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

/** What became of taking a lock: ours, with the stale one that was cleared away, or somebody else's. */
export type TakenLock<T> = { taken: true; cleared: T | null } | { taken: false; holder: T };

/** Takes a lock file for `own`; one left behind by a process that ended is taken over. */
export async function takeLock<T extends LockHolder>(
  file: string,
  own: T,
  schema: z.ZodType<T>,
): Promise<TakenLock<T>> {
  let cleared: T | null = null;
  while (!(await place(file, own))) {
    const holder = await readLock(file, schema);
    if (!holder) continue;
    if (!isStale(holder)) return { taken: false, holder };
    await clearStale(file, schema, holder, own.id);
    cleared = holder;
  }
  return { taken: true, cleared };
}

/** Removes a lock if it is still `own`. */
export async function releaseLock(file: string, own: LockHolder): Promise<void> {
  if ((await readLock(file, lockHolderSchema))?.id === own.id) await rm(file, { force: true });
}
