/** How often a broker is asked, and how much a tap may hold. Milliseconds. */
export interface WatchLimits {
  /** Ready and unacknowledged messages: as the queues themselves know them, about 60 ms old. */
  depthsEveryMs: number;
  consumersEveryMs: number;
  /** Totals of the statistics; the broker renews them every 5 s by default. */
  totalsEveryMs: number;
  alarmsEveryMs: number;
  /** Bindings while tapping: so long may a tap key outlive its binding. */
  bindingsEveryMs: number;
  /** The rest of the topology while tapping: exchanges, policies, limits. */
  topologyEveryMs: number;
  /** A management API that failed is tried again after this. */
  managementRetryMs: number;
  /** Counts are handed on so often. */
  flushEveryMs: number;
  /** A tap ends by itself after this. */
  tapForMs: number;
  /** A tap ends when more than this is seen … */
  maxTapRatePerSecond: number;
  /** … for so long. */
  maxTapRateForMs: number;
  /** A tap queue holds at most so much and then drops its oldest. */
  maxTapMessages: number;
  maxTapBytes: number;
  /** Waits between attempts to connect again; the last one repeats. */
  reconnectAfterMs: readonly number[];
}

export const WATCH_LIMITS: WatchLimits = {
  depthsEveryMs: 1000,
  consumersEveryMs: 2000,
  totalsEveryMs: 2500,
  alarmsEveryMs: 2500,
  bindingsEveryMs: 1000,
  topologyEveryMs: 10_000,
  managementRetryMs: 15_000,
  flushEveryMs: 100,
  tapForMs: 15 * 60_000,
  maxTapRatePerSecond: 30_000,
  maxTapRateForMs: 5000,
  maxTapMessages: 20_000,
  maxTapBytes: 64 * 1024 * 1024,
  reconnectAfterMs: [500, 1000, 2000, 4000, 8000, 15_000],
};
