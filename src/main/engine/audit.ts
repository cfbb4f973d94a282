import { appendFile, mkdir } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Redactor } from './redact';

/** One line of the audit log: a change of a broker that was tried, and what became of it. */
export interface AuditEntry {
  event:
    | 'deploy-started'
    | 'step'
    | 'deploy-ended'
    | 'published'
    | 'run-started'
    | 'run-ended'
    | 'dead-letters-read'
    | 'redrive-started'
    | 'redrive-ended'
    | 'replay-started'
    | 'replay-ended';
  flow: string;
  environment: string;
  broker?: string;
  cluster?: string | null;
  [detail: string]: unknown;
}

/** Append-only record of every change to a broker: `audit.ndjson` in the data folder, one JSON object a line. */
export interface AuditLog {
  /** Lines are written in order; resolves when this one is on disk. */
  write: (...entries: AuditEntry[]) => Promise<void>;
}

export function createAuditLog(dataFolder: string, redactor: Redactor, now: () => number = Date.now): AuditLog {
  const file = join(dataFolder, 'audit.ndjson');
  const who = { user: userName(), machine: hostname(), pid: process.pid };
  let pending: string[] = [];
  let next: Promise<void> | null = null;
  let last: Promise<void> = Promise.resolve();

  async function append(): Promise<void> {
    const lines = pending;
    pending = [];
    next = null;
    await mkdir(dataFolder, { recursive: true, mode: 0o700 });
    await appendFile(file, lines.join(''), { mode: 0o600 });
  }

  return {
    write(...entries) {
      const at = new Date(now()).toISOString();
      for (const entry of entries) pending.push(`${redactor.redact(JSON.stringify({ at, ...who, ...entry }))}\n`);
      // Lines that come while one append runs go out together in the next: a deploy writes thousands.
      next ??= last.then(append, append);
      last = next;
      return next;
    },
  };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
