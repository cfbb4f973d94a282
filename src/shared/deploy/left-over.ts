import type { LeftOver } from './plan';

const MOST_NAMED = 3;

/** What a plan without prune leaves behind, in one sentence; of an old binding it matters: it goes on routing. Null for nothing. */
export function describeLeftOver(left: readonly LeftOver[]): string | null {
  if (left.length === 0) return null;
  const named = left.slice(0, MOST_NAMED).map(({ objectType, name }) => `${objectType} ${shownName(name)}`);
  const others = left.length > MOST_NAMED ? ` and ${left.length - MOST_NAMED} more` : '';
  const them = left.length === 1 ? 'it' : 'them';
  return `Made by Tapline, no longer drawn, and still there: ${named.join('; ')}${others}. Prune deletes ${them}.`;
}

/** A name as it is shown: that of a binding without a key ends in no comma. */
export function shownName(name: string): string {
  return name.replace(/, $/, '');
}
