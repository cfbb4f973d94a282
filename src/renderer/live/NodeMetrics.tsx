import { Tooltip } from '@mantine/core';
import { useIsFar } from '@renderer/canvas/use-is-far';
import type { CounterName } from '@shared/traffic/counter';
import { memo } from 'react';
import { useStore } from 'zustand';
import { describeCounter, SHORT_NAMES } from './describe-counter';
import { completenessMark, formatCount, formatExact, formatRate, spokenMark } from './format';
import { metricsStore, readCounter, useLive } from './live-store';
import type { Reading, Readings } from './metrics';
import classes from './NodeMetrics.module.css';
import { Sparkline } from './Sparkline';

/** What matters of each sort of node, told by the counters it has; the first sort that has one wins. */
const VIEWS: readonly { has: CounterName; show: readonly CounterName[]; alarms: readonly CounterName[] }[] = [
  { has: 'ready', show: ['ready', 'unacked', 'consumers'], alarms: ['deadLettered'] },
  {
    has: 'acked',
    show: ['delivered', 'acked', 'failed'],
    alarms: ['retried', 'deadLettered', 'rejected', 'unmatched'],
  },
  { has: 'delivered', show: ['delivered'], alarms: ['failed', 'rejected'] },
  { has: 'confirmed', show: ['published', 'confirmed'], alarms: ['failed', 'returned'] },
  { has: 'published', show: ['published'], alarms: ['failed', 'returned'] },
  { has: 'publishIn', show: ['publishIn', 'routed'], alarms: ['unroutable'] },
  { has: 'tapped', show: ['tapped', 'routed'], alarms: ['unroutable'] },
  { has: 'routed', show: ['routed'], alarms: ['unroutable'] },
];
/** Numbers side by side on a card; with so many there is no room for a sparkline. */
const MOST_NUMBERS = 4;
const ALARMING: ReadonlySet<CounterName> = new Set([
  'failed',
  'rejected',
  'returned',
  'unroutable',
  'unmatched',
  'deadLettered',
]);

/** The numbers to draw, in order: the usual ones, and alarms that have gone off. */
export function pickReadings(readings: Readings): [CounterName, Reading][] {
  const view = VIEWS.find(({ has }) => readings[has] !== undefined);
  if (!view) return [];
  const usual = view.show.flatMap((name): [CounterName, Reading][] => (readings[name] ? [[name, readings[name]]] : []));
  const alarms = view.alarms.flatMap((name): [CounterName, Reading][] =>
    (readings[name]?.value ?? 0) > 0 && readings[name] ? [[name, readings[name]]] : [],
  );
  // Where room is short an alarm is worth more than what goes well; the inspector and tooltips have the rest.
  const shownAlarms = alarms.slice(0, MOST_NUMBERS - 1);
  return [...usual.slice(0, MOST_NUMBERS - shownAlarms.length), ...shownAlarms];
}

/** Live numbers of one node, in the strip at the foot of its card; draws nothing while nothing is watched. */
export const NodeMetrics = memo(function NodeMetrics({ nodeId }: { nodeId: string }) {
  const isFar = useIsFar();
  const readings = useStore(metricsStore, ({ nodes }) => (isFar ? undefined : nodes[nodeId]));
  const isLive = useLive(({ watch, running }) => watch !== 'off' || running);
  if (!readings || !isLive) return null;
  const picked = pickReadings(readings);
  if (picked.length === 0) return null;
  return (
    <div className={classes.strip} data-testid={`metrics-${nodeId}`}>
      {picked.map(([name, reading]) => (
        <Metric key={name} id={nodeId} name={name} reading={reading} />
      ))}
      {picked.length < MOST_NUMBERS && <Sparkline nodeId={nodeId} />}
    </div>
  );
});

/** Drawn as a rate: what streams through. Where each single message counts the sum is drawn. The tooltip has both. */
const AS_RATE: ReadonlySet<CounterName> = new Set(['publishIn', 'routed', 'tapped']);

function Metric({ id, name, reading }: { id: string; name: CounterName; reading: Reading }) {
  const { value, completeness, source, ratePerSecond } = reading;
  const mark = completenessMark(completeness, source);
  const number = value === null ? '' : formatCount(value);
  const text = AS_RATE.has(name) && value !== null ? formatRate(ratePerSecond) : number;
  const isAlarming = ALARMING.has(name) && (value ?? 0) > 0;
  const describe = () => {
    const counter = readCounter(id, name);
    return counter ? describeCounter(name, counter, ratePerSecond, Date.now()) : SHORT_NAMES[name];
  };
  return (
    <Tooltip label={<LazyText text={describe} />} multiline maw={280}>
      {/* Not focusable: a hundred tab stops on the canvas would help nobody; screen readers get the exact sum. */}
      <span
        className={classes.metric}
        data-alarm={isAlarming || undefined}
        data-quiet={(value === 0 && !isAlarming) || undefined}
        data-counter={name}
        data-value={value ?? undefined}
      >
        <span className={classes.value} aria-hidden>
          {mark}
          {text}
        </span>
        <span className="visually-hidden">
          {spokenMark(completeness, source)}
          {value === null ? '' : formatExact(value)}{' '}
        </span>
        <span className={classes.name}>{SHORT_NAMES[name]}</span>
      </span>
    </Tooltip>
  );
}

/** Worked out when the tooltip opens, not ten times a second. */
function LazyText({ text }: { text: () => string }) {
  return <>{text()}</>;
}
