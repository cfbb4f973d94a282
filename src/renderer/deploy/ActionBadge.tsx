import type { StepAction } from '@shared/deploy/plan';
import classes from './ActionBadge.module.css';

const SIGNS: Record<StepAction, string> = { create: '+', change: '~', recreate: '↻', delete: '−' };

/** What a step does, by sign, word and colour. */
export function ActionBadge({ action, count }: { action: StepAction; count?: number }) {
  return (
    <span className={classes.badge} data-action={action}>
      <span aria-hidden className={classes.sign}>
        {SIGNS[action]}
      </span>
      {count === undefined ? action : `${count} ${action}`}
    </span>
  );
}
