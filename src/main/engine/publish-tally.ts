import type { PublishReport } from '@shared/api/contract';
import type { SendResult } from '../kinds/message';

/** Without a word from the broker for so long, what is not confirmed is given up. */
const PATIENCE_MS = 30_000;
/** After an interruption, confirms that are under way may still come. */
const AFTER_ABORT_MS = 2000;

/** Sentences kept of what failed. */
const MAX_ERRORS = 20;

/** Counts what becomes of messages; holds no message. */
export function createTally() {
  const report: PublishReport & { failed: number } = { published: 0, confirmed: 0, returned: 0, failed: 0, errors: [] };
  let open = 0;
  let newsAt = performance.now();
  let onSettled: () => void = () => {};
  let giveUp: () => void = () => {};
  const givenUp = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  const take = (result: SendResult) => {
    open -= 1;
    newsAt = performance.now();
    if (result.state !== 'failed') report.confirmed += 1;
    if (result.state === 'returned') report.returned += 1;
    if (result.state === 'failed') report.failed += 1;
    if (result.state === 'failed' && !report.errors.includes(result.reason) && report.errors.length < MAX_ERRORS)
      report.errors.push(result.reason);
    if (open === 0) onSettled();
  };
  return {
    expect(sent: Promise<SendResult>) {
      open += 1;
      report.published += 1;
      if (open === 1) newsAt = performance.now();
      void sent.then(take);
    },
    lastNewsAt: () => (open === 0 ? performance.now() : newsAt),
    giveUp: () => giveUp(),
    givenUp,
    settled: () => (open === 0 ? Promise.resolve() : new Promise<void>((resolve) => (onSettled = resolve))),
    report: () => report,
  };
}

/** A signal that follows `from`, and aborts when the broker says nothing for too long; then the rest is given up. */
export function keepPatience(
  tally: ReturnType<typeof createTally>,
  from: AbortSignal | undefined,
): { signal: AbortSignal; end: () => void } {
  const stop = new AbortController();
  const onAbort = () => stop.abort();
  if (from?.aborted) stop.abort();
  from?.addEventListener('abort', onAbort);
  const watchdog = setInterval(() => {
    const patienceMs = stop.signal.aborted ? AFTER_ABORT_MS : PATIENCE_MS;
    if (performance.now() - tally.lastNewsAt() < patienceMs) return;
    stop.abort();
    tally.giveUp();
  }, 500);
  return {
    signal: stop.signal,
    end() {
      clearInterval(watchdog);
      from?.removeEventListener('abort', onAbort);
    },
  };
}
