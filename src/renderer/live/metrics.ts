import type { Completeness, Counter, CounterName, CounterSet, CounterSource } from '@shared/traffic/counter';
import type { Frame } from '@shared/traffic/frame';
import { createRateMeter, type RateMeter } from './rates';

/** Counters that say how much there is now; all others are totals since watching began. */
const GAUGES: ReadonlySet<CounterName> = new Set(['ready', 'unacked', 'consumers']);

export function isGauge(name: CounterName): boolean {
  return GAUGES.has(name);
}

/** One number as it is drawn. The same object as before while nothing that is drawn has changed. */
export interface Reading {
  value: number | null;
  source: CounterSource;
  completeness: Completeness;
  /** Of totals only; null while it is not known. */
  ratePerSecond: number | null;
}

export type Readings = Partial<Record<CounterName, Reading>>;

/** The last 60 seconds of one number, oldest first; null where nothing was read. */
export interface Series {
  name: CounterName;
  values: readonly (number | null)[];
}

export const HISTORY_SECONDS = 60;
/** What the sparkline of a node or link shows: the first of these that it has. */
const SERIES_PREFERENCE: readonly CounterName[] = [
  'ready',
  'deadLettered',
  'delivered',
  'published',
  'publishIn',
  'routed',
  'tapped',
];

/** Everything the canvas draws of numbers, by node or link id. */
export interface Metrics {
  nodes: Record<string, Readings>;
  links: Record<string, Readings>;
  /** Of nodes only. */
  series: Record<string, Series>;
}

export const NO_METRICS: Metrics = { nodes: {}, links: {}, series: {} };

/** Keeps what is needed to turn frames into metrics; forget it by making another when the epoch changes. */
export interface MetricsTracker {
  /** Takes in a frame; cheap, called for every frame. */
  observe: (frame: Frame) => void;
  /** What is to be drawn now, sharing every unchanged part with `previous`. */
  read: (previous: Metrics, now: number) => Metrics;
  /** The raw counter, with the time at which it was read: for tooltips. */
  counter: (id: string, name: CounterName) => Counter | undefined;
}

/** Makes a tracker for one epoch. */
export function createMetricsTracker(): MetricsTracker {
  const meters = new Map<string, RateMeter>();
  const histories = new Map<string, { name: CounterName; second: number; values: (number | null)[] }>();
  let latest: Frame['counters'] = { nodes: {}, links: {} };

  const meterOf = (id: string, name: CounterName) => {
    const key = `${name}\u0000${id}`;
    const known = meters.get(key);
    if (known) return known;
    const meter = createRateMeter();
    meters.set(key, meter);
    return meter;
  };

  const observeSets = (sets: Record<string, CounterSet>) => {
    for (const [id, set] of Object.entries(sets)) {
      for (const [name, counter] of entriesOf(set)) if (!isGauge(name)) meterOf(id, name).observe(counter);
    }
  };

  const remember = (id: string, set: CounterSet, now: number) => {
    const name = SERIES_PREFERENCE.find((candidate) => set[candidate] !== undefined);
    if (name === undefined) return;
    const second = Math.floor(now / 1000);
    const known = histories.get(id);
    const history = known?.name === name ? known : { name, second: second - 1, values: [] };
    if (second <= history.second) return;
    const missed = Math.min(second - history.second - 1, HISTORY_SECONDS);
    const value = isGauge(name) ? (set[name]?.value ?? null) : meterOf(id, name).perSecond(now);
    history.values = [...history.values, ...Array<null>(missed).fill(null), value].slice(-HISTORY_SECONDS);
    history.second = second;
    histories.set(id, history);
  };

  const readSets = (sets: Record<string, CounterSet>, previous: Record<string, Readings>, now: number) =>
    shareEqual(
      previous,
      Object.fromEntries(
        Object.entries(sets).map(([id, set]) => {
          const readings: Readings = {};
          for (const [name, { value, source, completeness }] of entriesOf(set)) {
            const ratePerSecond = isGauge(name) ? null : roundRate(meterOf(id, name).perSecond(now));
            const before = previous[id]?.[name];
            const after: Reading = { value, source, completeness, ratePerSecond };
            readings[name] = before && sameReading(before, after) ? before : after;
          }
          return [id, shareEqual(previous[id] ?? {}, readings)];
        }),
      ),
    );

  return {
    observe(frame) {
      latest = frame.counters;
      observeSets(latest.nodes);
      observeSets(latest.links);
      for (const [id, set] of Object.entries(latest.nodes)) remember(id, set, frame.at);
      for (const id of histories.keys()) if (!(id in latest.nodes)) histories.delete(id);
    },
    read(previous, now) {
      const nodes = readSets(latest.nodes, previous.nodes, now);
      const links = readSets(latest.links, previous.links, now);
      const series = shareEqual(
        previous.series,
        Object.fromEntries(
          [...histories].map(([id, { name, values }]) => {
            const before = previous.series[id];
            return [id, before?.values === values ? before : { name, values }];
          }),
        ),
      );
      return nodes === previous.nodes && links === previous.links && series === previous.series
        ? previous
        : { nodes, links, series };
    },
    counter: (id, name) => latest.nodes[id]?.[name] ?? latest.links[id]?.[name],
  };
}

function entriesOf(set: CounterSet): [CounterName, Counter][] {
  return Object.entries(set) as [CounterName, Counter][];
}

/** Two digits are read at a glance; more of them would only flicker. */
function roundRate(rate: number | null): number | null {
  if (rate === null || rate === 0) return rate;
  return Number(rate.toPrecision(rate < 10 ? 2 : 3));
}

function sameReading(a: Reading, b: Reading): boolean {
  return (
    a.value === b.value &&
    a.ratePerSecond === b.ratePerSecond &&
    a.completeness === b.completeness &&
    a.source === b.source
  );
}

/** `previous` if it holds the very same values under the same keys. */
function shareEqual<T extends Record<string, unknown>>(previous: T, next: T): T {
  const keys = Object.keys(next);
  const isSame = keys.length === Object.keys(previous).length && keys.every((key) => previous[key] === next[key]);
  return isSame ? previous : next;
}
