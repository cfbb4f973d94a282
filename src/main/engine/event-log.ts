import { setImmediate } from 'node:timers/promises';
import type { Phase, TrafficEvent } from '@shared/traffic/event';
import type { Observation } from '../kinds/live';
import { type Entry, EventRing, show } from './event-ring';

/** Events kept for frames that are still to be asked for; the urgent ones have room of their own. */
const CAPACITY = 4096;
const URGENT_CAPACITY = 1024;
/** Events kept for journeys. */
const REMEMBERED = 10_000;
/** Bytes of bodies kept by each of the three; the oldest go first. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Events made ready before others get their turn: making the details of one takes some 10 µs. */
const SHOWN_AT_ONCE = 500;
/** Share of a frame that failures, returns and dead letters get when there are so many. */
const URGENT_SHARE = 0.4;

const URGENT: ReadonlySet<Phase> = new Set([
  'returned',
  'unmatched',
  'failed',
  'rejected',
  'dead-lettered',
  'expired',
  'dropped',
]);

/** Counts every event and keeps a bounded number of them; what is shown of a message is made only for those that are. */
export interface EventLog {
  add: (observation: Observation) => void;
  /** Counts events that nobody kept. */
  skip: (count: number) => void;
  /** At most `max` events after the cursor, spread evenly, oldest first; all others since are `notSampled`. */
  since: (cursor: number, max: number) => { cursor: number; events: TrafficEvent[]; notSampled: number };
  /** The newest events, whole, oldest first; costs nothing until it is asked for. */
  remembered: () => Promise<RememberedEvents>;
  /** Tells of every event from now on; returns the stop function. */
  listen: (listener: EventListener) => () => void;
}

/** Hears of events as they are counted; every call has to be cheap. */
export interface EventListener {
  event: (entry: Entry) => void;
  /** Events of which nothing else is known. */
  skipped: (count: number) => void;
}

/** Events of which journeys are made. */
export interface RememberedEvents {
  events: TrafficEvent[];
  /** Older ones that fell out. */
  forgotten: number;
  /** Events that were only ever counted. */
  notSeen: number;
}

export function createEventLog(): EventLog {
  const ordinary = new EventRing(CAPACITY, MAX_BYTES);
  const urgent = new EventRing(URGENT_CAPACITY, MAX_BYTES);
  const memory = new EventRing(REMEMBERED, MAX_BYTES);
  const listeners = new Set<EventListener>();
  let last = 0;
  let skipped = 0;
  return {
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add(observation) {
      last += 1;
      const ring = URGENT.has(observation.phase) ? urgent : ordinary;
      const entry = { seq: last, observation };
      ring.push(entry);
      memory.push(entry);
      for (const listener of listeners) listener.event(entry);
    },
    skip(count) {
      last += count;
      skipped += count;
      for (const listener of listeners) listener.skipped(count);
    },
    async remembered() {
      const entries = memory.spread(memory.length, memory.length).reverse();
      const forgotten = last - skipped - entries.length;
      const notSeen = skipped;
      const events: TrafficEvent[] = [];
      for (let from = 0; from < entries.length; from += SHOWN_AT_ONCE) {
        if (from > 0) await setImmediate();
        events.push(...entries.slice(from, from + SHOWN_AT_ONCE).map(show));
      }
      return { events, forgotten, notSeen };
    },
    since(asked, max) {
      const cursor = Math.min(Math.max(asked, 0), last);
      const [many, few] = [ordinary.newerThan(cursor), urgent.newerThan(cursor)];
      const urgentTaken = Math.min(few, Math.max(Math.floor(max * URGENT_SHARE), max - many));
      const taken = [...ordinary.spread(many, max - urgentTaken), ...urgent.spread(few, urgentTaken)];
      const events = taken.sort((a, b) => a.seq - b.seq).map(show);
      return { cursor: last, events, notSampled: last - cursor - events.length };
    },
  };
}
