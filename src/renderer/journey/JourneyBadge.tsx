import phaseClasses from '@renderer/traffic/PhaseBadge.module.css';
import type { JourneyState, JourneyStepType } from '@shared/journey/journey';

type Tone = 'flow' | 'ok' | 'bad' | 'quiet';

const STATES: Record<JourneyState, Tone> = {
  'in flight': 'flow',
  done: 'ok',
  dead: 'bad',
  lost: 'bad',
  unknown: 'quiet',
};

const STEPS: Record<JourneyStepType, Tone> = {
  published: 'flow',
  arrived: 'flow',
  confirmed: 'quiet',
  routed: 'flow',
  queued: 'quiet',
  delivered: 'flow',
  logged: 'quiet',
  unmatched: 'bad',
  acked: 'ok',
  requeued: 'quiet',
  failed: 'bad',
  rejected: 'bad',
  waiting: 'quiet',
  'dead-lettered': 'bad',
  returned: 'bad',
  expired: 'bad',
  dropped: 'bad',
  redriven: 'flow',
};

/** What became of a message, by word and colour. */
export function StateBadge({ state }: { state: JourneyState }) {
  return (
    <span className={phaseClasses.phase} data-tone={STATES[state]}>
      {state}
    </span>
  );
}

/** What happened at a step, by word and colour; `~` marks what was not observed. */
export function StepBadge({ type, inferred }: { type: JourneyStepType; inferred?: boolean }) {
  return (
    <span
      className={phaseClasses.phase}
      data-tone={STEPS[type]}
      title={inferred ? 'Worked out by Tapline from the drawing, not observed' : undefined}
    >
      {inferred ? '~' : ''}
      {type}
    </span>
  );
}
