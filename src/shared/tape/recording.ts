import type { EndReason } from './tape';

/** How a recording stands. */
export interface RecordingState {
  /** On the engine's machine. */
  path: string;
  startedAt: number;
  bytes: number;
  maxBytes: number;
  events: number;
  /** Lines of counters. */
  frames: number;
  /** Events seen and not recorded. */
  lost: number;
  /** Events that were only counted where they happened. */
  notSeen: number;
  /** Why it ended; absent while it goes on. */
  ended?: EndReason;
  /** What went wrong with the file. */
  problem?: string;
}

/** One sentence for why a tape ended; undefined where that was wanted. */
export function explainEnd({ ended, problem, maxBytes }: RecordingState): string | undefined {
  switch (ended) {
    case undefined:
    case 'stopped':
    case 'time-over':
      return undefined;
    case 'size-cap':
      return `The tape is full: recording stopped at ${describeBytes(maxBytes)}.`;
    case 'closed':
      return 'The recording ended since the document or the environment changed.';
    case 'write-failed':
      return `The recording ended: ${problem ?? 'the file could not be written.'}`;
    default:
      return ended satisfies never;
  }
}

const UNITS = ['bytes', 'KB', 'MB', 'GB'] as const;

/** `812 bytes`, `1.2 MB`; units of 1024, as the option is read. */
export function describeBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${UNITS[unit]}`;
}
