import type { Completeness, CounterName, CounterSource } from '@shared/traffic/counter';
import type { Subject, TrafficSink } from '../../live';

/** Turns totals that the broker counts since the birth of an object into totals since watching began. */
export interface BrokerTotals {
  /** `raw` is undefined where the broker gave no statistics. */
  observe: (subject: Subject, name: CounterName, raw: number | undefined, completeness?: Completeness) => void;
  /** What was counted while nobody could look is not known: the next reading is where counting goes on. */
  skip: (subject: Subject, name: CounterName) => void;
}

interface Total {
  value: number;
  last: number;
  isWhole: boolean;
}

/** Makes totals that start at the first reading of each. `source` is who counts. */
export function createBrokerTotals(sink: TrafficSink, source: CounterSource = 'broker'): BrokerTotals {
  const totals = new Map<string, Total>();
  const keyOf = (subject: Subject, name: CounterName) =>
    `${name}\u0000${'node' in subject ? `n${subject.node}` : `l${subject.link}`}`;
  return {
    skip: (subject, name) => {
      const total = totals.get(keyOf(subject, name));
      if (total) Object.assign(total, { last: Number.POSITIVE_INFINITY, isWhole: false });
    },
    observe: (subject, name, raw, completeness = 'exact') => {
      const key = keyOf(subject, name);
      const known = totals.get(key);
      // Statistics are missing until the first message of an object, and for a while after a restart of the broker.
      const total = known ?? { value: 0, last: raw ?? 0, isWhole: true };
      totals.set(key, total);
      if (raw !== undefined) {
        // Counted from zero again: the broker or the object was made anew, and what came in between is not known.
        if (raw < total.last && known) total.isWhole = false;
        else total.value += raw - total.last;
        total.last = raw;
      }
      const isExact = total.isWhole && completeness === 'exact';
      sink.set(subject, name, total.value, source, isExact ? 'exact' : 'atLeast');
    },
  };
}
