import type { Frame } from '@shared/traffic/frame';

/** How the stream of frames stands. `away`: the last attempt failed; the next is due at `nextAttemptAt` (epoch milliseconds). */
export type FrameLink =
  | { state: 'starting' }
  | { state: 'live' }
  | { state: 'away'; attempt: number; nextAttemptAt: number; message: string };

/** What pulling needs of the world; time comes in, so that tests need none. */
export interface FrameLoopPort {
  /** Asks the engine; the caller sends back what the last frame said. */
  pull: (last: { epoch: string; cursor: number }) => Promise<Frame>;
  /** Waits so long, or until there is a reason to hurry. */
  wait: (delayMs: number) => Promise<void>;
  now: () => number;
  isHidden: () => boolean;
  onFrame: (frame: Frame) => void;
  onLink: (link: FrameLink) => void;
  /** The sentence shown while the engine is away. */
  describe: (error: unknown) => string;
}

/** At most ten frames a second: the contract of `traffic.frame`. */
export const BUSY_DELAY_MS = 100;
/** Watching or running, but nothing is happening. */
export const QUIET_DELAY_MS = 250;
/** Nothing is watched, nothing runs: only the brokers' state may change. */
export const IDLE_DELAY_MS = 1000;
/** The window is not seen: counters stay right, fewer frames carry them. */
export const HIDDEN_DELAY_MS = 2000;
/** Delays after failures, the last one repeats. */
export const RETRY_DELAYS_MS = [250, 500, 1000, 2000, 5000];

/** How long to wait before the next frame. Never below BUSY_DELAY_MS. */
export function nextDelay(frame: Frame, isHidden: boolean): number {
  if (isHidden) return HIDDEN_DELAY_MS;
  if (frame.events.length > 0 || frame.notSampled > 0) return BUSY_DELAY_MS;
  const isCalm = Object.values(frame.brokers).every(({ state }) => state === 'idle' || state === 'connected');
  return frame.watch === 'off' && !frame.running && isCalm ? IDLE_DELAY_MS : QUIET_DELAY_MS;
}

/** Pulls frames, one request in flight, until the signal aborts. Backs off while the engine does not answer, and says so. */
export async function pullFrames(port: FrameLoopPort, signal: AbortSignal): Promise<void> {
  let last = { epoch: '', cursor: 0 };
  let failures = 0;
  while (!signal.aborted) {
    let delayMs: number;
    try {
      const frame = await port.pull(last);
      if (signal.aborted) return;
      last = { epoch: frame.epoch, cursor: frame.cursor };
      failures = 0;
      port.onLink({ state: 'live' });
      port.onFrame(frame);
      delayMs = nextDelay(frame, port.isHidden());
    } catch (error) {
      if (signal.aborted) return;
      delayMs = RETRY_DELAYS_MS[Math.min(failures, RETRY_DELAYS_MS.length - 1)] ?? HIDDEN_DELAY_MS;
      failures += 1;
      const nextAttemptAt = port.now() + delayMs;
      port.onLink({ state: 'away', attempt: failures, nextAttemptAt, message: port.describe(error) });
    }
    await port.wait(delayMs);
  }
}
