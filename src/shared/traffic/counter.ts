/** How a number came to be known. */
export type CounterSource = 'own' | 'tap' | 'broker' | 'sandbox' | 'computed' | 'inferred';
/** `atLeast`: a gap happened (overflow, reconnect, rebind); the true number is this or more. */
export type Completeness = 'exact' | 'atLeast' | 'unknown';

/** A number that says how it is known. `value` is null only when `completeness` is `unknown`. */
export interface Counter {
  value: number | null;
  source: CounterSource;
  completeness: Completeness;
  /** Epoch milliseconds of the observation. */
  asOf: number;
}

/**
 * Names of counters. Totals since watching began: published, confirmed, returned, routed, unroutable, delivered, acked,
 * redelivered, unmatched, retried, failed, rejected, deadLettered, tapped. Gauges (now): ready, unacked, consumers. `publishIn` is the broker's own total.
 */
export type CounterName =
  | 'published'
  | 'confirmed'
  | 'returned'
  | 'routed'
  | 'unroutable'
  | 'delivered'
  | 'acked'
  | 'redelivered'
  | 'unmatched'
  | 'retried'
  | 'failed'
  | 'rejected'
  | 'deadLettered'
  | 'tapped'
  | 'publishIn'
  | 'ready'
  | 'unacked'
  | 'consumers';

export type CounterSet = Partial<Record<CounterName, Counter>>;

/** All counters of a flow, by node id and link id. */
export interface Counters {
  nodes: Record<string, CounterSet>;
  links: Record<string, CounterSet>;
}
