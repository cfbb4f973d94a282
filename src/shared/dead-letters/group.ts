import type { DeadLetter } from './dead-letter';

/** By what dead letters are put together. */
export type GroupBy = 'reason' | 'from' | 'exception' | 'type';

/** Dead letters that have something in common. */
export interface DeadLetterGroup {
  /** The common value; null for those that do not tell. */
  value: string | null;
  letters: DeadLetter[];
}

function commonValue(letter: DeadLetter, by: GroupBy): string | null {
  switch (by) {
    case 'reason':
      return letter.reason;
    case 'from':
      return letter.from ?? null;
    case 'exception':
      return letter.error?.type ?? null;
    case 'type':
      return letter.type ?? null;
  }
}

/** Groups in order of size, the largest first; every letter is in exactly one. */
export function groupDeadLetters(letters: readonly DeadLetter[], by: GroupBy): DeadLetterGroup[] {
  const groups = new Map<string | null, DeadLetter[]>();
  for (const letter of letters) {
    const value = commonValue(letter, by);
    const group = groups.get(value);
    if (group) group.push(letter);
    else groups.set(value, [letter]);
  }
  return [...groups]
    .map(([value, members]) => ({ value, letters: members }))
    .sort((a, b) => b.letters.length - a.letters.length);
}
