import { setTimeout as sleep, setImmediate as yieldOnce } from 'node:timers/promises';

export interface PaceOptions {
  /** Absent: as fast as `send` takes them. */
  ratePerSecond?: number;
  /** Sent at once per beat; the rate counts messages, not beats. Default 1. */
  burst?: number;
  /** Stop after so many; absent: until aborted. */
  count?: number;
  signal: AbortSignal;
  /** Sends one; a promise when the next has to wait. */
  send: () => Promise<void> | undefined;
}

/** Without a rate others get their turn after so many. */
const UNPACED_BATCH = 100;

/**
 * Sends at an even rate, from less than one to tens of thousands a second: what is due is counted from the clock, never from
 * timers that come late. What could not be sent for more than a second is not made up for: no storm follows a pause.
 */
export async function keepPace({ ratePerSecond, burst = 1, count, signal, send }: PaceOptions): Promise<void> {
  const most = count ?? Number.POSITIVE_INFINITY;
  const beatMs = ratePerSecond === undefined ? 0 : (burst / ratePerSecond) * 1000;
  let startedAt = performance.now();
  for (let sent = 0; sent < most && !signal.aborted; ) {
    const elapsedBeats = beatMs === 0 ? 0 : Math.floor((performance.now() - startedAt) / beatMs);
    const due = beatMs === 0 ? sent + UNPACED_BATCH : (elapsedBeats + 1) * burst;
    while (sent < Math.min(due, most) && !signal.aborted) {
      const full = send();
      sent += 1;
      if (full) await full;
    }
    if (beatMs === 0) {
      await yieldOnce();
      continue;
    }
    const behindMs = performance.now() - (startedAt + (sent / burst) * beatMs);
    if (behindMs > Math.max(1000, beatMs)) startedAt += behindMs;
    if (sent >= most) return;
    await sleep(Math.max(0, -behindMs), undefined, { signal }).catch(() => {});
  }
}
