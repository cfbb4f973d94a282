import type { RecordingState } from '@shared/tape/recording';
import type { Counters } from './counter';
import type { TrafficEvent } from './event';

/** Most events a frame carries; the rest are counted in `notSampled`. */
export const MAX_EVENTS_PER_FRAME = 500;

/** `off`: nothing is read; `counters`: broker totals only; `tap`: same-key tap queues, sampled messages too. */
export type WatchMode = 'off' | 'counters' | 'tap';

/** How a broker is doing, for the canvas. */
export type BrokerStatus =
  | { state: 'idle' }
  | { state: 'connecting' }
  | { state: 'connected'; since: number }
  | { state: 'reconnecting'; attempt: number; nextAttemptAt: number; lastError: string }
  | { state: 'blocked'; reason: string }
  | { state: 'failed'; lastError: string };

/** Where a tap is, or why an exchange cannot be tapped. */
export interface TapReport {
  node: string;
  tapped: boolean;
  /** The reason it is not tapped, or a stated limitation. */
  reason?: string;
}

/** What a handler or publisher cannot do now: its queue was deleted, say. It goes when it works again. */
export interface Trouble {
  /** Consume or publish link. */
  link: string;
  /** The handler or publisher. */
  node: string;
  sentence: string;
  /** Epoch milliseconds. */
  since: number;
}

/** One answer to `traffic.frame`: exact counters plus a bounded sample of events since the cursor. */
export interface Frame {
  /** Changes when the engine restarted or counting began anew; a view then forgets what it had. */
  epoch: string;
  cursor: number;
  at: number;
  watch: WatchMode;
  running: boolean;
  counters: Counters;
  events: TrafficEvent[];
  /** Events since the cursor that were counted but are not among `events`. */
  notSampled: number;
  brokers: Record<string, BrokerStatus>;
  taps: TapReport[];
  troubles: Trouble[];
  /** The tape that is being written; one that ended stays until the next begins. */
  recording?: RecordingState;
  /** One-line remarks: permissions missing, tap ended by itself, run refused a queue. Newest last, at most 20. */
  notices: { at: number; severity: 'info' | 'warning' | 'error'; message: string; subjectNode?: string }[];
}
