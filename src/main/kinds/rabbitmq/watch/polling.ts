import { setTimeout as delay } from 'node:timers/promises';

/** A poll takes at most this share of the time, so that a slow broker is asked less often … */
const MAX_SHARE = 0.2;
/** … but never less often than so: a tap key must not outlive its binding for long. */
const MAX_REST_MS = 10_000;

/**
 * Does `work` again and again, `everyMs` apart, or further where it is slow, until `signal` ends it; the first round begins at once.
 * Resolves when the last round has ended. A round that rejects is given to `onError`, and the next one follows all the same.
 */
export async function poll(
  everyMs: number,
  signal: AbortSignal,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    const startedAt = performance.now();
    await work().catch((error: unknown) => {
      if (!signal.aborted) onError(error);
    });
    const tookMs = performance.now() - startedAt;
    const slowRestMs = Math.min(tookMs / MAX_SHARE - tookMs, MAX_REST_MS);
    const restMs = Math.max(everyMs - tookMs, slowRestMs);
    await delay(restMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
