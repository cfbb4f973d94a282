/** Waits out what is left of the time that so many messages may take; returns at once without a rate, or when aborted. */
export function keepRate(
  { ratePerSecond, signal }: { ratePerSecond?: number; signal: AbortSignal },
  sent: number,
  tookMs: number,
): Promise<void> {
  const restMs = ratePerSecond === undefined ? 0 : (sent / ratePerSecond) * 1000 - tookMs;
  if (restMs <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, restMs);
    signal.addEventListener('abort', done, { once: true });
  });
}
