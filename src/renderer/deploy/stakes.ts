import { shownName } from '@shared/deploy/left-over';
import type { Outcome, Plan, Step, StepAction } from '@shared/deploy/plan';

/** Steps by what they do, for headings and summaries. */
export function countActions(steps: readonly Step[]): Record<StepAction, number> {
  const counts: Record<StepAction, number> = { create: 0, change: 0, recreate: 0, delete: 0 };
  for (const { action } of steps) counts[action] += 1;
  return counts;
}

/** What the steps that can lose messages put at risk together. `isCounted` is false when any number is missing. */
export interface Stakes {
  steps: Step[];
  messages: number;
  unacked: number;
  consumers: number;
  isCounted: boolean;
}

export function addStakes(steps: readonly Step[]): Stakes {
  const risky = steps.filter(({ canLoseMessages }) => canLoseMessages);
  const stakes: Stakes = { steps: risky, messages: 0, unacked: 0, consumers: 0, isCounted: true };
  for (const { atStake } of risky) {
    stakes.messages += atStake?.messages ?? 0;
    stakes.unacked += atStake?.unacked ?? 0;
    stakes.consumers += atStake?.consumers ?? 0;
    const isCounted = atStake !== undefined && atStake.messages !== null && atStake.consumers !== null;
    stakes.isCounted = stakes.isCounted && isCounted;
  }
  return stakes;
}

/** `vhost / name`, or only the name in the default vhost. */
export function objectLabel({ objectType, name }: Pick<Step, 'objectType' | 'name'>): string {
  return `${objectType} ${shownName(name)}`;
}

/** A field value in one line, as JSON; strings without quotes, what is not set as `not set`. */
export function formatFieldValue(value: unknown): string {
  if (value === undefined || value === null) return 'not set';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const FAILURES_FIRST: Record<Outcome['outcome'] | 'none', number> = {
  failed: 0,
  skipped: 1,
  none: 2,
  done: 3,
  unchanged: 4,
};

/** Text a step is searched by. */
function stepText(step: Step): string {
  const changes = (step.changes ?? []).map(({ field }) => field);
  return [step.action, step.objectType, step.vhost, step.name, step.reason, ...changes, ...step.notes]
    .join('\n')
    .toLowerCase();
}

/** Steps that contain every word; in the order of the plan, or failures first once the deploy has ended. */
export function listSteps(
  plan: Plan,
  options: { filter: string; outcomes: ReadonlyMap<string, Outcome>; failuresFirst: boolean },
): Step[] {
  const words = options.filter.toLowerCase().split(/\s+/).filter(Boolean);
  const matching = plan.steps.filter((step) => {
    const text = stepText(step);
    return words.every((word) => text.includes(word));
  });
  if (!options.failuresFirst) return matching;
  const rank = ({ id }: Step) => FAILURES_FIRST[options.outcomes.get(id)?.outcome ?? 'none'];
  return matching
    .map((step, index) => ({ step, index }))
    .sort((a, b) => rank(a.step) - rank(b.step) || a.index - b.index)
    .map(({ step }) => step);
}
