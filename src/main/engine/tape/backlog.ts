import type { TapeFrame } from '@shared/tape/tape';
import type { TrafficEvent } from '@shared/traffic/event';
import { type Entry, show } from '../event-ring';

/** Sandboxes tell of a message up to so much later than of others: so long lines wait to be put in order. */
const ORDER_WITHIN_MS = 300;
/** What may wait for the disk; what comes beyond is lost, and counted. */
const MAX_WAITING = 20_000;
const MAX_WAITING_BYTES = 32 * 1024 * 1024;

/** Something for the tape: an event, made ready when its turn has come, or a frame. */
export type Waiting = { t: number; show: () => TrafficEvent } | { t: number; frame: TapeFrame };

/** Events between those who see them and the disk. Bounded; adding is cheap. */
export interface Backlog {
  add: (entry: Entry) => void;
  /** Counts events of which nothing else is known. */
  skip: (count: number) => void;
  /** Takes out what need not wait any more for order, oldest first, and what was counted since the last time. */
  take: (all: boolean) => { entries: Waiting[]; lost: number; notSeen: number };
}

export function createBacklog(now: () => number): Backlog {
  let waiting: { t: number; entry: Entry; sizeBytes: number }[] = [];
  let bytes = 0;
  let lost = 0;
  let notSeen = 0;
  return {
    add(entry) {
      const { at, sizeBytes } = entry.observation;
      if (waiting.length >= MAX_WAITING || bytes + sizeBytes > MAX_WAITING_BYTES) {
        lost += 1;
        return;
      }
      const seenAt = now();
      // Another clock than ours tells nothing of the order.
      const t = at <= seenAt && at >= seenAt - ORDER_WITHIN_MS ? at : seenAt;
      bytes += sizeBytes;
      waiting.push({ t, entry, sizeBytes });
    },
    skip(count) {
      notSeen += count;
    },
    take(all) {
      const until = all ? Number.POSITIVE_INFINITY : now() - ORDER_WITHIN_MS;
      const due = waiting.filter(({ t }) => t <= until).sort((a, b) => a.t - b.t);
      waiting = waiting.filter(({ t }) => t > until);
      for (const { sizeBytes } of due) bytes -= sizeBytes;
      const counts = { lost, notSeen };
      lost = 0;
      notSeen = 0;
      return { entries: due.map(({ t, entry }) => ({ t, show: () => show(entry) })), ...counts };
    },
  };
}
