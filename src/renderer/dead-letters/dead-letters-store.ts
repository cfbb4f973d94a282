import type { ReadableFailure } from '@renderer/engine/failure';
import type { DeadLetter } from '@shared/dead-letters/dead-letter';
import { compileFilter } from '@shared/dead-letters/filter';
import { type DeadLetterGroup, type GroupBy, groupDeadLetters } from '@shared/dead-letters/group';
import type { DeadLetterOverview, ListedQueue, QueueRef, ReadLetters, RedriveJob } from '@shared/dead-letters/redrive';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** A letter in the list, with the queue it lies in. */
export interface ListedLetter {
  /** Tells it from equal ones: queue and place in the last read. */
  key: string;
  /** Key of the queue it lies in. */
  queue: string;
  letter: DeadLetter;
}

/** Dead letters as the panel shows them. */
export interface DeadLettersState {
  overview: DeadLetterOverview | null;
  isLoading: boolean;
  failure: ReadableFailure | null;
  /** Key of the queue chosen; null: all of them. */
  chosen: string | null;
  /** What was read, by queue. */
  reads: ReadonlyMap<string, ReadLetters>;
  text: string;
  groupBy: GroupBy;
  /** The group chosen; undefined: all. */
  group: string | null | undefined;
  /** Keys of letters that are ticked. */
  ticked: ReadonlySet<string>;
  /** Key of the letter shown beside the list. */
  shown: string | null;
  job: RedriveJob | null;
}

const NONE: ReadonlySet<string> = new Set();

export const deadLettersStore = createStore<DeadLettersState>(() => ({
  overview: null,
  isLoading: false,
  failure: null,
  chosen: null,
  reads: new Map(),
  text: '',
  groupBy: 'reason',
  group: undefined,
  ticked: NONE,
  shown: null,
  job: null,
}));

/** Reads the store in React. */
export function useDeadLetters<T>(selector: (state: DeadLettersState) => T): T {
  return useStore(deadLettersStore, selector);
}

/** One text for a queue. */
export function queueKey({ broker, vhost, name }: QueueRef): string {
  return JSON.stringify([broker, vhost, name]);
}

/** Messages in all dead-letter queues, as of the last look; null before the first. */
export function totalDepth({ overview }: DeadLettersState): number | null {
  return overview ? overview.queues.reduce((sum, { depth }) => sum + (depth ?? 0), 0) : null;
}

/** The queue chosen in the list. */
export function chosenQueue({ overview, chosen }: DeadLettersState): ListedQueue | undefined {
  return overview?.queues.find((queue) => queueKey(queue) === chosen);
}

/** Letters of the queue chosen (or of all) that were read. */
export function readLetters({ overview, reads, chosen }: DeadLettersState): ListedLetter[] {
  return (overview?.queues ?? []).flatMap((queue) => {
    const key = queueKey(queue);
    if (chosen !== null && chosen !== key) return [];
    const letters = reads.get(key)?.letters ?? [];
    return letters.map((letter, index) => ({ key: `${key}#${index}`, queue: key, letter }));
  });
}

/** What remains of letters after filter and group, with the groups that there are. */
export function filterLetters(
  letters: readonly ListedLetter[],
  { text, groupBy, group }: Pick<DeadLettersState, 'text' | 'groupBy' | 'group'>,
  now: number,
): { shown: ListedLetter[]; groups: DeadLetterGroup[] } {
  const matches = compileFilter(text === '' ? {} : { text }, now);
  const found = letters.filter(({ letter }) => matches(letter));
  const groups = groupDeadLetters(
    found.map(({ letter }) => letter),
    groupBy,
  );
  const members = group === undefined ? undefined : new Set(groups.find(({ value }) => value === group)?.letters);
  return { shown: members ? found.filter(({ letter }) => members.has(letter)) : found, groups };
}

export function chooseQueue(chosen: string | null): void {
  deadLettersStore.setState({ chosen, group: undefined, ticked: NONE, shown: null });
}

export function chooseGroupBy(groupBy: GroupBy): void {
  deadLettersStore.setState({ groupBy, group: undefined });
}

export function chooseGroup(group: string | null | undefined): void {
  deadLettersStore.setState({ group });
}

export function setText(text: string): void {
  deadLettersStore.setState({ text });
}

export function showLetter(shown: string | null): void {
  deadLettersStore.setState({ shown });
}

/** Ticks letters or takes the tick away. */
export function tick(keys: readonly string[], isTicked: boolean): void {
  deadLettersStore.setState(({ ticked }) => {
    const next = new Set(ticked);
    for (const key of keys) {
      if (isTicked) next.add(key);
      else next.delete(key);
    }
    return { ticked: next };
  });
}
