/**
 * Waits until `check` gives a truthy value and returns it; fails with `what` after `timeoutMs`, also while `check` itself does not
 * answer. Tests wait for conditions, never for time.
 */
export async function until<T>(what: string, check: () => T | Promise<T>, timeoutMs = 90_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let timer: NodeJS.Timeout | undefined;
  const gaveUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`gave up waiting until ${what}`)), timeoutMs);
  });
  try {
    while (Date.now() <= deadline) {
      const value = await Promise.race([check(), gaveUp]);
      if (value) return value as NonNullable<T>;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return await gaveUp;
  } finally {
    clearTimeout(timer);
  }
}
