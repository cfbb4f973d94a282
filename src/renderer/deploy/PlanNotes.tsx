import { Button } from '@mantine/core';
import { attempt, type ReadableFailure } from '@renderer/engine/failure';
import { activeEnvironment, useEnvironments } from '@renderer/environments/environment-store';
import { useFlow } from '@renderer/flow/use-flow';
import { describeLeftOver } from '@shared/deploy/left-over';
import { IconAlertTriangle, IconEyeQuestion, IconLock, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { isBusy, type MadePlan } from './deploy-store';
import classes from './PlanPanel.module.css';
import { isStale, makePlan, setPrune, useDeploy } from './plan-actions';

/** What must be known before reading the steps: old plan, partial sight, read-only environment, a deploy that broke off. */
export function PlanNotes({ made, failure }: { made: MadePlan; failure: ReadableFailure | null }) {
  const names = useFlow(({ flow }) => flow.brokers);
  const environment = useEnvironments(activeEnvironment);
  // Read so that the note comes and goes with edits.
  useFlow(({ flow }) => [flow.nodes, flow.links, flow.brokers]);
  const isIdle = useDeploy((state) => !isBusy(state) && state.phase === 'planned');
  const isOld = isIdle && isStale(made);
  const hasSteps = made.plan.steps.length > 0;
  return (
    <>
      {failure && (
        <Note tone="error" icon={<IconAlertTriangle size={15} />}>
          {failure.message} {failure.hint}
        </Note>
      )}
      {isOld && (
        <Note
          tone="warning"
          icon={<IconRefresh size={15} />}
          action={
            <Button size="compact-xs" variant="default" onClick={() => attempt('Plan', makePlan)}>
              Plan again
            </Button>
          }
        >
          The flow or the environment has changed since this plan was made.
        </Note>
      )}
      {hasSteps && environment?.protection === 'read-only' && (
        <Note tone="warning" icon={<IconLock size={15} />}>
          The environment {environment.name} is read-only: nothing can be deployed to it.
        </Note>
      )}
      <LeftOvers made={made} isIdle={isIdle} />
      {made.plan.brokers.flatMap(({ broker, cannotSee, warnings }) =>
        [...cannotSee, ...warnings].map((sentence, index) => (
          <Note
            key={`${broker}:${sentence}`}
            tone="warning"
            icon={index < cannotSee.length ? <IconEyeQuestion size={15} /> : <IconAlertTriangle size={15} />}
          >
            {made.plan.brokers.length > 1 && <strong>{names[broker]?.name ?? broker}: </strong>}
            {sentence}
          </Note>
        )),
      )}
    </>
  );
}

/** What stays without prune, with a way to plan its end. */
function LeftOvers({ made, isIdle }: { made: MadePlan; isIdle: boolean }) {
  const left = made.plan.brokers.flatMap(({ leftOver }) => leftOver);
  const sentence = describeLeftOver(left);
  if (sentence === null) return null;
  return (
    <Note
      tone="warning"
      icon={<IconAlertTriangle size={15} />}
      action={
        isIdle && (
          <Button size="compact-xs" variant="default" onClick={() => attempt('Plan', () => setPrune(true))}>
            Plan with prune
          </Button>
        )
      }
    >
      {sentence}
    </Note>
  );
}

function Note(props: { tone: 'warning' | 'error'; icon: ReactNode; action?: ReactNode; children: ReactNode }) {
  return (
    <div className={classes.note} data-tone={props.tone} role={props.tone === 'error' ? 'alert' : 'note'}>
      <span className={classes.noteIcon} aria-hidden>
        {props.icon}
      </span>
      <span className={`${classes.noteText} selectable`}>{props.children}</span>
      {props.action}
    </div>
  );
}
