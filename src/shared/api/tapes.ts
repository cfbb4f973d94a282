import type { Flow } from '@shared/flow/schema';
import type { ReplayProgress, ReplaySummary } from '@shared/tape/replay';
import type { EndReason, Masking } from '@shared/tape/tape';

/** A tape in the engine's own folder. */
export interface TapeFile {
  path: string;
  name: string;
  bytes: number;
  /** When it was last written to, epoch milliseconds. */
  writtenAt: number;
}

/** A tape that is open for a view. */
export interface OpenTape {
  tapeId: string;
  name: string;
  /** The document as it was. */
  flow: Flow;
  startedAt: number;
  endedAt: number;
  events: number;
  environment: string;
  masking: Masking;
  /** Why it ended; absent when the recording was killed. */
  ended?: EndReason;
  /** Events that are not on it: lost, or only counted. */
  missing: number;
  /** Events in each of equal parts of its length. */
  busy: number[];
}

/** A replay that goes on in the background. */
export interface ReplayJob extends ReplayProgress {
  jobId: string;
  state: 'running' | 'cancelling' | 'ended';
  /** Rises with every change. */
  version: number;
  /** Present when it ended in good order. */
  summary?: ReplaySummary;
  /** Present when it broke off. */
  error?: { message: string; hint?: string };
}
