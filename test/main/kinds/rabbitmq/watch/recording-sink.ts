import type { Observation, Subject, TrafficSink } from '@main/kinds/live';
import type { Completeness, CounterName, CounterSource } from '@shared/traffic/counter';
import type { BrokerStatus, TapReport } from '@shared/traffic/frame';

export interface Told {
  value: number | null;
  source: CounterSource;
  completeness: Completeness;
}

/** A sink that keeps what it is told, by node or link id. */
export interface RecordingSink extends TrafficSink {
  counter: (id: string, name: CounterName) => Told | undefined;
  /** `[value, source, completeness]` */
  told: (id: string, name: CounterName) => [number | null, CounterSource, Completeness] | undefined;
  events: Observation[];
  statuses: BrokerStatus[];
  reports: TapReport[];
  notices: string[];
  ended: string[];
}

/** Keeps at most `maxEvents` events, so that a storm does not fill the memory. */
export function createSink(maxEvents = 10_000): RecordingSink {
  const counters = new Map<string, Told>();
  const keyOf = (subject: Subject, name: string) => `${'node' in subject ? subject.node : subject.link}/${name}`;
  const sink: RecordingSink = {
    add: (subject, name, by, source) => {
      const known = counters.get(keyOf(subject, name)) ?? { value: 0, source, completeness: 'exact' as const };
      counters.set(keyOf(subject, name), { ...known, value: (known.value ?? 0) + by, source });
    },
    set: (subject, name, value, source, completeness = 'exact') => {
      counters.set(keyOf(subject, name), { value, source, completeness });
    },
    gap: (subject, names) => {
      for (const name of names) {
        const known = counters.get(keyOf(subject, name));
        if (known) counters.set(keyOf(subject, name), { ...known, completeness: 'atLeast' });
      }
    },
    event: (observation) => {
      if (sink.events.length < maxEvents) sink.events.push(observation);
    },
    notSampled: () => {},
    status: (_broker, status) => sink.statuses.push(status),
    taps: (_broker, reports) => {
      sink.reports = reports;
    },
    trouble: (_at, sentence) => {
      if (sentence !== null && sink.notices.at(-1) !== sentence) sink.notices.push(sentence);
    },
    notice: (_severity, message) => sink.notices.push(message),
    counter: (id, name) => counters.get(`${id}/${name}`),
    told: (id, name) => {
      const known = counters.get(`${id}/${name}`);
      return known && [known.value, known.source, known.completeness];
    },
    events: [],
    statuses: [],
    reports: [],
    notices: [],
    ended: [],
  };
  return sink;
}
