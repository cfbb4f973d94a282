import type { CounterName } from '@shared/traffic/counter';
import { memo } from 'react';
import { useStore } from 'zustand';
import { completenessMark, formatRate, spokenMark } from './format';
import { metricsStore, useLive } from './live-store';
import type { Reading, Readings } from './metrics';
import classes from './NodeMetrics.module.css';

/** What flows along a link: the first of these that it has. */
const FLOW_COUNTERS: readonly CounterName[] = [
  'deadLettered',
  'delivered',
  'published',
  'routed',
  'unroutable',
  'tapped',
];
/** Of what flows, these went wrong. */
const FAILURE_COUNTERS: readonly CounterName[] = ['failed', 'rejected', 'returned'];

/** The counter that stands for the link's flow. */
export function flowReading(readings: Readings): { name: CounterName; reading: Reading } | undefined {
  for (const name of FLOW_COUNTERS) {
    const reading = readings[name];
    if (reading) return { name, reading };
  }
  return undefined;
}

/** Share of what flows that went wrong, 0 to 1; dead letters are all wrong. */
export function failingShare(readings: Readings): number {
  const flow = flowReading(readings);
  const rate = flow?.reading.ratePerSecond ?? 0;
  if (!flow || rate <= 0) return 0;
  if (flow.name === 'deadLettered' || flow.name === 'unroutable') return 1;
  const failing = Math.max(...FAILURE_COUNTERS.map((name) => readings[name]?.ratePerSecond ?? 0));
  return Math.min(1, failing / rate);
}

/** The rate along a link, written into its label; nothing while nothing flows. */
export const LinkMetrics = memo(function LinkMetrics({ linkId }: { linkId: string }) {
  const readings = useStore(metricsStore, ({ links }) => links[linkId]);
  const isLive = useLive(({ watch, running }) => watch !== 'off' || running);
  const flow = readings && isLive ? flowReading(readings) : undefined;
  if (!readings || !flow?.reading.ratePerSecond) return null;
  const { ratePerSecond, completeness, source } = flow.reading;
  return (
    <span className={classes.linkMetric} data-alarm={failingShare(readings) === 1 || undefined}>
      <span aria-hidden>{completenessMark(completeness, source)}</span>
      <span className="visually-hidden">{spokenMark(completeness, source)}</span>
      {formatRate(ratePerSecond)}
    </span>
  );
});
