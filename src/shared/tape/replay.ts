import type { SkipReason } from './pick';

/** Beyond this the time between messages is nothing to speak of. */
export const MAX_SPEED = 10_000;

/** How a tape is replayed. */
export interface ReplayOptions {
  /** 2 is twice as fast as it was. */
  speed: number;
  /** Most messages published; default all. */
  limit?: number;
  /** Publish what the tape holds of masked or cut messages; nothing where it holds nothing. Default: they are skipped. */
  maskedBodies: boolean;
}

/** What a replay would do; nothing was published. */
export interface ReplayPreview {
  messages: number;
  /** From the first to the last of them at full length, milliseconds. */
  spanMs: number;
  skipped: Partial<Record<SkipReason, number>>;
  /** What they are published to, by name. */
  destinations: { name: string; messages: number }[];
  /** Sentences. */
  warnings: string[];
}

export interface ReplayProgress {
  /** Of so many. */
  total: number;
  published: number;
  confirmed: number;
  /** Confirmed, and no queue took them. */
  returned: number;
  failed: number;
}

export interface ReplaySummary extends ReplayProgress {
  ended: 'done' | 'cancelled' | 'lost';
  skipped: Partial<Record<SkipReason, number>>;
  /** Sentences of what failed, each once. */
  errors: string[];
  tookMs: number;
}
