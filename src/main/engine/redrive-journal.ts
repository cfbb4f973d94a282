import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { UnfinishedRedrive } from '@shared/dead-letters/redrive';
import { Failure } from '@shared/failure';
import { z } from 'zod';
import type { RedriveRecord } from '../kinds/dead-letters';
import { errorCode } from './files';

/** Which queue a journal is about, wherever the flow and the environment's name. */
export interface JournalKey {
  /** Host and port of the broker. */
  address: string;
  vhost: string;
  queue: string;
}

/**
 * One line of a journal: it begins with `started`; then, by fingerprint, `s`: about to be published; `c`: confirmed; `b`: put
 * back. Whether a confirmed one was taken out of the queue is not written: brokers do not confirm that. Nothing is done before its
 * line is on disk.
 */
const lineSchema = z.union([
  z.strictObject({ started: z.number(), queue: z.string() }),
  z.strictObject({ s: z.array(z.string()) }),
  z.strictObject({ c: z.array(z.string()) }),
  z.strictObject({ b: z.array(z.string()) }),
]);

type Tally = Map<string, number>;

function add(tally: Tally, id: string, by: number): boolean {
  const next = (tally.get(id) ?? 0) + by;
  if (next < 0) return false;
  if (next === 0) tally.delete(id);
  else tally.set(id, next);
  return true;
}

const sum = (tally: Tally) => [...tally.values()].reduce((total, count) => total + count, 0);

/** What earlier runs that did not end in good order left open. */
interface Past {
  startedAt: number;
  confirmed: Tally;
  uncertain: Tally;
}

/** Append-only record of a redrive, so that the next one can go on where a killed one was. One file a queue. */
export interface RedriveJournal extends RedriveRecord {
  /** Was a message of this very content confirmed to an earlier run? Each answer of true is given once. */
  claimConfirmed: (id: string) => boolean;
  /** Did an earlier run send it without an answer, so that it is sent again? Each answer of true is given once. */
  claimUncertain: (id: string) => boolean;
  /**
   * Ends it. After a run in good order that saw the whole queue nothing is open any more, and the file goes; also after one that
   * saw a part, if no earlier run ended in the middle.
   */
  close: (end: { inGoodOrder: boolean; sawAll: boolean }) => Promise<void>;
}

function fileOf(dataFolder: string, { address, vhost, queue }: JournalKey): string {
  const hash = createHash('sha256').update(`${address}\0${vhost}\0${queue}`).digest('hex').slice(0, 32);
  return join(dataFolder, 'redrives', `${hash}.ndjson`);
}

/** What is open from earlier runs on a queue; undefined when all of them ended in good order. */
export async function readUnfinished(dataFolder: string, key: JournalKey): Promise<UnfinishedRedrive | undefined> {
  const past = await readPast(fileOf(dataFolder, key));
  if (!past) return undefined;
  const { startedAt, confirmed, uncertain } = past;
  return { startedAt, confirmed: sum(confirmed), uncertain: sum(uncertain) };
}

async function readPast(file: string): Promise<Past | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const past: Past = { startedAt: 0, confirmed: new Map(), uncertain: new Map() };
  const lines = text.split('\n');
  // What follows the last line feed was being written when the run was killed: it was not acted upon.
  for (const [index, line] of lines.slice(0, -1).entries()) replay(past, readLine(file, line, index));
  return past.startedAt === 0 ? undefined : past;
}

function readLine(file: string, line: string, index: number): z.infer<typeof lineSchema> {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch (cause) {
    throw new Failure(
      'redrive/journal-unreadable',
      `Line ${index + 1} of the redrive journal ${file} cannot be read.`,
      {
        hint: 'Move the file away to redrive without it; messages that were under way may then arrive twice.',
        object: file,
        cause,
      },
    );
  }
}

function replay(past: Past, line: z.infer<typeof lineSchema>): void {
  if ('started' in line) past.startedAt ||= line.started;
  else if ('s' in line) for (const id of line.s) add(past.uncertain, id, 1);
  else if ('c' in line) {
    for (const id of line.c) {
      add(past.uncertain, id, -1);
      add(past.confirmed, id, 1);
    }
  } else for (const id of line.b) add(past.uncertain, id, -1);
}

/** Opens the journal of a queue, going on from what earlier runs left in it. @throws Failure when it cannot be read */
export async function openJournal(dataFolder: string, key: JournalKey, now: number): Promise<RedriveJournal> {
  const file = fileOf(dataFolder, key);
  await mkdir(join(dataFolder, 'redrives'), { recursive: true, mode: 0o700 });
  const past = await readPast(file);
  const handle = await open(file, 'a', 0o600);
  const length = await endLine(file, handle);
  const write = groupWrites(handle);
  if (length === 0 || !past) await write({ started: now, queue: key.queue });
  const confirmed: Tally = past?.confirmed ?? new Map();
  const uncertain: Tally = past?.uncertain ?? new Map();
  /** On record as sent by an earlier run already. */
  const resent = new Set<string>();
  return {
    async sending(ids) {
      const isNew = (id: string) => !resent.delete(id);
      await write({ s: ids.filter(isNew) });
    },
    confirmed: (ids) => write({ c: ids }),
    returned: (ids) => write({ b: ids }),
    claimConfirmed: (id) => add(confirmed, id, -1),
    claimUncertain(id) {
      const isOurs = add(uncertain, id, -1);
      if (isOurs) resent.add(id);
      return isOurs;
    },
    async close({ inGoodOrder, sawAll }) {
      await handle.close();
      if (inGoodOrder && (sawAll || !past)) await rm(file, { force: true });
    },
  };
}

/** Writes lines in order; each resolves when it is on disk. Those that come while others are written go together in the next write. */
function groupWrites(handle: FileHandle): (line: z.infer<typeof lineSchema>) => Promise<void> {
  let pending = '';
  let next: Promise<void> | null = null;
  let last: Promise<void> = Promise.resolve();
  const flush = async () => {
    const text = pending;
    pending = '';
    next = null;
    await handle.appendFile(text);
    await handle.datasync();
  };
  return (line) => {
    pending += `${JSON.stringify(line)}\n`;
    next ??= last.then(flush, flush);
    last = next;
    return next;
  };
}

/** Cuts off half a line that a kill left at the end. Gives the length. */
async function endLine(file: string, handle: FileHandle): Promise<number> {
  const bytes = await readFile(file);
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) await handle.truncate(whole);
  return whole;
}
