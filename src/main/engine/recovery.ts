import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Flow, flowSchema } from '@shared/flow/schema';
import { z } from 'zod';
import { type FileStamp, readOwnJson } from './files';
import { isAlive } from './process-alive';

const stampSchema = z.object({ mtimeMs: z.number(), size: z.number(), hash: z.string() });

interface RecoveryRecord extends UnsavedWork {
  pid: number;
  savedAt: number;
}

/** Unsaved work as it is kept beside the file it belongs to. */
export interface UnsavedWork {
  path: string | null;
  /** Of the file the unsaved work is based on. */
  stamp: FileStamp | null;
  flow: Flow;
}

const recordSchema: z.ZodType<RecoveryRecord> = z.object({
  pid: z.number(),
  savedAt: z.number(),
  path: z.string().nullable(),
  stamp: stampSchema.nullable(),
  flow: flowSchema,
});

/**
 * Keeps unsaved work in the data folder, so that it survives the end of the process. One write is in flight at most; while
 * it runs only the newest state waits, so an edit is on disk a few milliseconds after it was made.
 */
export interface Recovery {
  /** Notes the newest unsaved state; resolves when it, or a newer one, is on disk. */
  keep: (work: UnsavedWork) => Promise<void>;
  /** The work was saved or given up. */
  discard: () => Promise<void>;
  /** Takes over work that a process left behind: of this file, or with `undefined` the newest of any. Null when there is none. */
  adopt: (path?: string) => Promise<UnsavedWork | null>;
  /** Resolves when nothing is being written. */
  settled: () => Promise<void>;
}

export function createRecovery(dataFolder: string): Recovery {
  const folder = join(dataFolder, 'recovery');
  const own = join(folder, `${process.pid}-${randomUUID().slice(0, 8)}.json`);
  let wanted: UnsavedWork | null = null;
  let isClean = true;
  let writing: Promise<void> | null = null;

  async function write(work: UnsavedWork): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const record = { ...work, pid: process.pid, savedAt: Date.now() };
    // No fsync: this is for the end of the process, not of the machine, and an edit must not wait for the disk.
    await writeFile(`${own}.new`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${own}.new`, own);
  }

  async function work(): Promise<void> {
    while (wanted !== null || !isClean) {
      const next = wanted;
      wanted = null;
      if (next) {
        await write(next);
      } else {
        isClean = true;
        await rm(own, { force: true });
      }
    }
  }

  function run(): Promise<void> {
    writing ??= work().finally(() => {
      writing = null;
    });
    return writing;
  }

  return {
    keep(next) {
      wanted = next;
      isClean = true;
      return run();
    },
    discard() {
      wanted = null;
      isClean = false;
      return run();
    },
    async adopt(path) {
      const left = await leftBehind(folder);
      const found = left.find(({ record }) => path === undefined || record.path === path);
      if (!found) return null;
      const { pid: _pid, savedAt: _savedAt, ...unsaved } = found.record;
      // Ours is written before theirs is removed: a crash in between leaves two copies, never none.
      await this.keep(unsaved);
      await rm(found.file, { force: true });
      return unsaved;
    },
    settled: () => writing ?? Promise.resolve(),
  };
}

/** Records of processes that are gone, newest first. */
async function leftBehind(folder: string): Promise<{ file: string; record: RecoveryRecord }[]> {
  const names = await readdir(folder).catch(() => []);
  const found: { file: string; record: RecoveryRecord }[] = [];
  for (const name of names.filter((candidate) => candidate.endsWith('.json'))) {
    const file = join(folder, name);
    const record = await readOwnJson<RecoveryRecord | null>(file, recordSchema, null);
    if (record && !isAlive(record.pid)) found.push({ file, record });
  }
  return found.sort((a, b) => b.record.savedAt - a.record.savedAt);
}
