import type { Counter, CounterName, CounterSource } from '@shared/traffic/counter';
import { formatAgo, formatExact, formatRate } from './format';
import { isGauge } from './metrics';

/** What a counter is called where there is little room. */
export const SHORT_NAMES: Record<CounterName, string> = {
  published: 'published',
  confirmed: 'confirmed',
  returned: 'returned',
  routed: 'out',
  unroutable: 'unroutable',
  delivered: 'delivered',
  acked: 'acked',
  redelivered: 'redelivered',
  unmatched: 'unmatched',
  retried: 'retried',
  failed: 'failed',
  rejected: 'rejected',
  deadLettered: 'dead',
  tapped: 'seen',
  publishIn: 'in',
  ready: 'ready',
  unacked: 'unacked',
  consumers: 'consumers',
};

const MEANINGS: Record<CounterName, string> = {
  published: 'Messages published',
  confirmed: 'Messages the broker confirmed',
  returned: 'Messages returned as unroutable',
  routed: 'Messages passed on',
  unroutable: 'Messages that matched no binding',
  delivered: 'Messages delivered to a consumer',
  acked: 'Messages acknowledged',
  redelivered: 'Messages delivered once more',
  unmatched: 'Messages that no rule took',
  retried: 'Messages sent back to be tried again later',
  failed: 'Messages whose handler failed',
  rejected: 'Messages rejected',
  deadLettered: 'Messages dead-lettered',
  tapped: 'Messages seen by the tap',
  publishIn: 'Messages that came in',
  ready: 'Messages ready for delivery',
  unacked: 'Messages delivered and not yet acknowledged',
  consumers: 'Consumers',
};

/** Who knows the number, in a word or two. */
export const SOURCE_NAMES: Record<CounterSource, string> = {
  own: 'Tapline',
  tap: 'tap',
  broker: 'broker',
  sandbox: 'sandbox',
  computed: 'computed',
  inferred: 'inferred',
};

const SOURCES: Record<CounterSource, string> = {
  own: 'Counted by Tapline itself',
  tap: 'Counted by a tap queue',
  broker: 'Read from the broker',
  sandbox: 'Told by the sandbox',
  computed: 'Computed from the bindings, not observed',
  inferred: 'Inferred from what was seen elsewhere',
};

/** The tooltip of a number: what it is, how it is known and when. */
export function describeCounter(
  name: CounterName,
  counter: Counter,
  ratePerSecond: number | null,
  now: number,
): string {
  const { value, source, completeness, asOf } = counter;
  const since = isGauge(name) ? 'now' : 'since watching began';
  const number = value === null ? 'not known' : formatExact(value);
  const known = completeness === 'atLeast' ? `at least ${number}` : number;
  const gap = completeness === 'atLeast' ? ' There was a gap, so the true number may be higher.' : '';
  const rate = ratePerSecond === null ? '' : ` (${formatRate(ratePerSecond)})`;
  return `${MEANINGS[name]} ${since}: ${known}${rate}. ${SOURCES[source]}, ${formatAgo(asOf, now)}.${gap}`;
}
