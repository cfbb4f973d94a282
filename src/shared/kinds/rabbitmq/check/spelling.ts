/** How many letters must be added, dropped or changed to get from one word to the other; more than `limit` gives `limit + 1`. */
function countEdits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      current.push(Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost));
    }
    previous = current;
  }
  return previous[b.length] ?? limit + 1;
}

/** The known name that was probably meant: the same without or with `x-`, in other case or spelling, or two letters off. */
export function findClosest(written: string, known: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replaceAll('_', '-').replace(/^x-/, '');
  const exact = known.find((name) => plain(name) === plain(written));
  if (exact) return exact;
  return written.startsWith('x-') ? known.find((name) => countEdits(name, written, 2) <= 2) : undefined;
}
