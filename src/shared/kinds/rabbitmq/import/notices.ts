/** Names given in full in a notice; the rest are counted. */
const MOST_NAMED = 5;

/** `1 queue`, `3 queues`, `2 policies`. */
export function count(n: number, noun: string): string {
  if (n === 1) return `1 ${noun}`;
  return `${n.toLocaleString('en-US')} ${noun.endsWith('y') ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

/** `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} and ${last}`;
}

/** The first few names and how many more there are. */
export function nameSome(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMED);
  const more = names.length - shown.length;
  return more === 0 ? joinWords(shown) : `${shown.join(', ')} and ${more.toLocaleString('en-US')} more`;
}
