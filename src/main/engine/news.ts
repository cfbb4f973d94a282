/** Wakes those who wait for a change; the base of every long poll. */
export interface News {
  /** Wakes everyone who waits now. */
  announce: () => void;
  /** Resolves at the next announcement, after `timeoutMs`, or when `signal` aborts; never rejects. */
  wait: (timeoutMs: number, signal?: AbortSignal) => Promise<void>;
}

export function createNews(): News {
  const waiting = new Set<() => void>();
  return {
    announce() {
      for (const wake of [...waiting]) wake();
    },
    wait(timeoutMs, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          waiting.delete(wake);
          clearTimeout(timer);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, timeoutMs);
        timer.unref();
        waiting.add(wake);
        signal?.addEventListener('abort', wake);
      });
    },
  };
}
