import { basename, join } from 'node:path';
import type { RecentFile } from '@shared/api/contract';
import { z } from 'zod';
import { readOwnJson, writeOwnJson } from './files';
import { createTurns } from './in-turn';

const MOST_RECENT = 12;
const recentSchema = z.array(z.object({ path: z.string(), name: z.string(), openedAt: z.number() }));

/** The files opened last, newest first. */
export interface RecentFiles {
  list: () => Promise<RecentFile[]>;
  add: (path: string) => Promise<void>;
}

export function createRecentFiles(dataFolder: string, now: () => number): RecentFiles {
  const file = join(dataFolder, 'recent.json');
  const inTurn = createTurns();
  const list = () => readOwnJson<RecentFile[]>(file, recentSchema, []);
  return {
    list,
    add: (path) =>
      inTurn(async () => {
        const others = (await list()).filter((recent) => recent.path !== path);
        const entry = { path, name: basename(path), openedAt: now() };
        await writeOwnJson(file, [entry, ...others].slice(0, MOST_RECENT));
      }),
  };
}
