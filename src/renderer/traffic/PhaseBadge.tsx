import type { Phase } from '@shared/traffic/event';
import classes from './PhaseBadge.module.css';

const TONES: Record<Phase, 'flow' | 'ok' | 'bad' | 'quiet'> = {
  published: 'flow',
  confirmed: 'quiet',
  returned: 'bad',
  routed: 'flow',
  delivered: 'flow',
  logged: 'quiet',
  unmatched: 'bad',
  acked: 'ok',
  failed: 'bad',
  retried: 'quiet',
  rejected: 'bad',
  requeued: 'quiet',
  'dead-lettered': 'bad',
  expired: 'bad',
  dropped: 'bad',
};

/** All phases in the order of a message's life. */
export const PHASES = Object.keys(TONES) as Phase[];

/** What happened to a message, by word and colour. */
export function PhaseBadge({ phase, inferred }: { phase: Phase; inferred?: boolean }) {
  return (
    <span
      className={classes.phase}
      data-tone={TONES[phase]}
      title={inferred ? 'Worked out by Tapline, not observed' : undefined}
    >
      {inferred ? '~' : ''}
      {phase}
    </span>
  );
}
