import { derivedId } from './derived-id';
import type { Frame } from './frame';

/** When the next of the messages that wait for another attempt is due. */
export interface NextAttempt {
  /** Milliseconds from now; 0: it is due. */
  inMs: number;
  /** Other messages wait too, of which only the number is known: the next one may come earlier. */
  isAtMost: boolean;
}

/** What the broker said of a waiting queue, and when. */
export interface Depth {
  value: number | null;
  asOf: number;
}

/** Messages in flight that are followed per queue; of later ones only the number is known. */
const CAPACITY = 5000;
/** A depth and an event of the same moment may differ by so much, milliseconds. */
const SLACK_MS = 250;
/** Depths are at most so old: what was due before is of no more use. */
const KEPT_MS = 5000;

interface Wait {
  from: number;
  due: number;
}

/** Follows the messages that wait for another attempt, by what was observed of them. */
export interface NextAttempts {
  /** Takes in the retries of a frame. */
  observe: (frame: Pick<Frame, 'events' | 'notSampled' | 'at'>) => void;
  /** The next attempt out of a waiting queue by its `derivedId`; undefined where nothing waits, or when is not known at all. */
  next: (id: string, delayMs: number, depth: Depth | undefined, now: number) => NextAttempt | undefined;
}

/** Makes a follower for one epoch. Waiting queues have one delay each: what came first is due first. */
export function createNextAttempts(): NextAttempts {
  const queues = new Map<string, Wait[]>();
  /** Until then there may be retries that nobody saw. */
  let gapAt = Number.NEGATIVE_INFINITY;

  return {
    observe({ events, notSampled, at }) {
      if (notSampled > 0) gapAt = at;
      for (const { phase, link, delayMs, at: from } of events) {
        if (phase !== 'retried' || link === undefined || delayMs === undefined) continue;
        const id = derivedId(link, delayMs);
        const waits = queues.get(id) ?? [];
        queues.set(id, waits);
        const old = waits.findIndex(({ due }) => due > at - KEPT_MS);
        if (old !== 0) waits.splice(0, old < 0 ? waits.length : old);
        if (waits.length < CAPACITY) waits.push({ from, due: from + delayMs });
        else gapAt = at;
      }
    },
    next(id, delayMs, depth, now) {
      const waits = queues.get(id) ?? [];
      const { value = null, asOf = now } = depth ?? {};
      // What the broker no longer holds was taken out: it does not come back.
      const isGone = ({ from }: Wait) => value === 0 && from < asOf - SLACK_MS;
      const pending = waits.find((wait) => wait.due > now && !isGone(wait));
      const known = waits.filter(({ from, due }) => from <= asOf + SLACK_MS && due > asOf - SLACK_MS).length;
      const isAtMost = gapAt > now - delayMs || (value !== null && value > known);
      if (pending) return { inMs: pending.due - now, isAtMost };
      if (value === null || value === 0) return undefined;
      return isAtMost ? { inMs: delayMs, isAtMost } : { inMs: 0, isAtMost };
    },
  };
}
