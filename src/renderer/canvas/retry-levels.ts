import { isSandboxActive, useEnvironments } from '@renderer/environments/environment-store';
import { completenessMark, formatDelay, formatDuration, formatNoun, spokenMark } from '@renderer/live/format';
import { attemptsStore, metricsStore, readCounter } from '@renderer/live/live-store';
import type { Reading } from '@renderer/live/metrics';
import { useSandbox } from '@renderer/sandbox/sandbox-store';
import type { DerivedGroup } from '@shared/kinds/derived';
import type { NextAttempt } from '@shared/traffic/next-attempts';
import { useStore } from 'zustand';
import { useShallow } from 'zustand/react/shallow';

/** One delay of a retry policy, with what waits for it to be over. */
export interface Level {
  /** Of its queue, among the counters. */
  id: string;
  delayMs: number;
  waiting: Reading | undefined;
  /** Before the number: how sure it is. */
  mark: string;
  /** Until the next attempt: `1.4 s`, `≤ 1.4 s`, `now`; undefined while nothing waits, or it is not known. */
  next: string | undefined;
}

/** The levels of a policy as they are now, the shortest delay first; renewed with the numbers, without a timer of its own. */
export function useLevels(group: DerivedGroup): Level[] {
  const queues = group.objects.filter(({ id, delayMs }) => id !== undefined && delayMs !== undefined);
  const readings = useStore(
    metricsStore,
    useShallow(({ nodes }) => queues.map(({ id = '' }) => nodes[id]?.ready)),
  );
  const isRealTime = useIsRealTime();
  const nexts = useStore(
    attemptsStore,
    useShallow(({ next, at }) =>
      queues.map(({ id = '', delayMs = 0 }) =>
        isRealTime ? formatNext(next(id, delayMs, readCounter(id, 'ready'), at)) : undefined,
      ),
    ),
  );
  return queues
    .map(({ id = '', delayMs = 0 }, index): Level => {
      const waiting = readings[index];
      const mark = waiting ? completenessMark(waiting.completeness, waiting.source) : '';
      return { id, delayMs, waiting, mark, next: nexts[index] };
    })
    .sort((a, b) => a.delayMs - b.delayMs);
}

/** While a sandbox’s time stands still, or goes at another speed, ours says nothing about it. */
function useIsRealTime(): boolean {
  const isSandbox = useEnvironments(isSandboxActive);
  const sandbox = useSandbox();
  return !isSandbox || (sandbox?.running ?? []).every(({ clock }) => !clock || (!clock.paused && clock.speed === 1));
}

function formatNext(next: NextAttempt | undefined): string | undefined {
  if (!next) return undefined;
  const { inMs, isAtMost } = next;
  if (inMs <= 0) return 'now';
  const tenths = Math.ceil(inMs / 100) / 10;
  const text = tenths < 10 ? `${tenths.toFixed(1)} s` : formatDuration(Math.ceil(inMs / 1000) * 1000);
  return isAtMost ? `≤ ${text}` : text;
}

/** `after 2 s: 3 messages wait, the next attempt in 1.4 s`. */
export function describeLevel({ delayMs, waiting, next }: Level, isLive: boolean, hasDelay = true): string {
  const delay = hasDelay ? [`after ${formatDelay(delayMs)}`] : [];
  if (!isLive || !waiting) return delay.join('');
  const { value, completeness, source } = waiting;
  const number =
    value === null
      ? 'an unknown number waits'
      : `${spokenMark(completeness, source)}${formatNoun(value, 'message')} waiting`;
  const attempt = next?.startsWith('≤')
    ? `the next attempt within ${next.slice(2)}`
    : `the next attempt ${next === 'now' ? 'is due' : `in ${next}`}`;
  const known = next === undefined ? number : `${number}, ${attempt}`;
  return [...delay, known].join(': ');
}
