import { UnstyledButton } from '@mantine/core';
import { showSubject } from '@renderer/canvas/show-subject';
import { formatNoun } from '@renderer/live/format';
import { shownName } from '@shared/deploy/left-over';
import type { AtStake, FieldChange, Outcome, Step } from '@shared/deploy/plan';
import {
  IconAlertTriangle,
  IconArrowNarrowRight,
  IconCheck,
  IconEqual,
  IconPlayerSkipForward,
  IconX,
} from '@tabler/icons-react';
import { memo, type Ref } from 'react';
import { AcceptButton } from './AcceptButton';
import { ActionBadge } from './ActionBadge';
import classes from './StepTable.module.css';
import { formatFieldValue, objectLabel } from './stakes';

interface StepRowProps {
  ref: Ref<HTMLTableRowElement>;
  /** Position in the list shown, from 0. */
  index: number;
  step: Step;
  outcome: Outcome | undefined;
  isRunning: boolean;
  /** Given when the plan has several brokers. */
  brokerName: string | undefined;
}

/** One step: what, where, why, what is at stake, and what became of it. The name leads to the drawing. */
export const StepRow = memo(function StepRow({ ref, index, step, outcome, isRunning, brokerName }: StepRowProps) {
  const {
    action,
    objectType,
    vhost,
    name,
    reason,
    subject,
    changes = [],
    atStake,
    notes,
    canLoseMessages,
    unsupported,
  } = step;
  const place = [brokerName, vhost].filter(Boolean).join(' · ');
  return (
    <tr ref={ref} className={classes.row} data-index={index} aria-rowindex={index + 2} data-outcome={outcome?.outcome}>
      <td>
        <ActionBadge action={action} />
      </td>
      <td className={classes.object}>
        {objectType}
        <span className={classes.vhost} title={vhost === '' ? undefined : `Virtual host ${vhost}`}>
          {place}
        </span>
      </td>
      <td className={classes.name}>
        {subject ? (
          <UnstyledButton
            className={classes.jump}
            title={name}
            aria-label={`Show ${objectLabel(step)}`}
            onClick={() => showSubject(subject)}
          >
            {shownName(name)}
          </UnstyledButton>
        ) : (
          <span title={`${name} (not drawn)`}>{shownName(name)}</span>
        )}
      </td>
      <td className={`${classes.why} selectable`}>
        <span>{reason}</span>
        {changes.map((change) => (
          <Change key={change.field} change={change} />
        ))}
        {changes.length > 0 && (
          <div>
            <AcceptButton step={step} />
          </div>
        )}
        {canLoseMessages && atStake && <AtStakeLine atStake={atStake} />}
        {unsupported !== undefined && !outcome && <span className={classes.error}>{unsupported}</span>}
        {notes.map((note) => (
          <span key={note} className={classes.note}>
            {note}
          </span>
        ))}
        {outcome?.error && (
          <span className={classes.error}>
            {outcome.error.message}
            {outcome.error.hint && <span className={classes.note}>{outcome.error.hint}</span>}
          </span>
        )}
      </td>
      <td className={classes.outcome}>
        <OutcomeMark outcome={outcome} isRunning={isRunning} />
      </td>
    </tr>
  );
});

function Change({ change: { field, from, to } }: { change: FieldChange }) {
  return (
    <span className={classes.change}>
      <code>{field}</code>
      <del>{formatFieldValue(from)}</del>
      <IconArrowNarrowRight size={14} aria-label="becomes" />
      <ins>{formatFieldValue(to)}</ins>
    </span>
  );
}

function AtStakeLine({ atStake: { messages, unacked, consumers } }: { atStake: AtStake }) {
  const parts = [
    messages === 0 ? 'no messages now' : formatNoun(messages, 'message'),
    ...(unacked ? [`${unacked} unacked`] : []),
    ...(consumers === 0 ? [] : [formatNoun(consumers, 'consumer')]),
  ];
  return (
    <span className={classes.stake}>
      <IconAlertTriangle size={13} aria-hidden />
      At stake: {parts.join(', ')}
    </span>
  );
}

const MARKS = {
  done: { Icon: IconCheck, word: 'done' },
  unchanged: { Icon: IconEqual, word: 'unchanged' },
  failed: { Icon: IconX, word: 'failed' },
  skipped: { Icon: IconPlayerSkipForward, word: 'skipped' },
} as const;

function OutcomeMark({ outcome, isRunning }: { outcome: Outcome | undefined; isRunning: boolean }) {
  if (!outcome) return isRunning ? <span className={classes.waiting}>waiting</span> : null;
  const { Icon, word } = MARKS[outcome.outcome];
  return (
    <span className={classes.mark}>
      <Icon size={14} aria-hidden />
      {word}
    </span>
  );
}
