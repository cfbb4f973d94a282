import { Button, Loader } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { openEnvironmentDialog } from '@renderer/environments/environment-actions';
import { useFlow } from '@renderer/flow/use-flow';
import { formatNoun } from '@renderer/live/format';
import { IconAlertTriangle, IconCircleCheck, IconEyeQuestion, IconListCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './PlanPanel.module.css';
import { makePlan, useDeploy } from './plan-actions';

/** What stands where the steps would be: nothing planned yet, planning, failed, in sync. */
export function PlanEmpty() {
  const phase = useDeploy((state) => state.phase);
  const made = useDeploy((state) => state.made);
  const failure = useDeploy((state) => state.failure);
  const brokers = useFlow(({ flow }) => Object.values(flow.brokers).map(({ name }) => name));
  if (phase === 'planning') {
    return <Empty icon={<Loader />} title={`Comparing the flow with ${brokers.join(', ')}…`} />;
  }
  if (failure && !made) {
    return (
      <Empty icon={<IconAlertTriangle size={26} />} tone="error" title={failure.message} text={failure.hint} isAlert>
        <Button variant="default" onClick={() => attempt('Plan', makePlan)}>
          Try again
        </Button>
        <Button variant="subtle" onClick={() => openEnvironmentDialog()}>
          Connections…
        </Button>
      </Empty>
    );
  }
  if (made) {
    const unchanged = made.plan.brokers.reduce((sum, broker) => sum + broker.unchanged, 0);
    if (made.plan.status === 'partial') {
      return (
        <Empty
          icon={<IconEyeQuestion size={26} />}
          tone="warning"
          title="Nothing to change as far as can be seen"
          text="Not everything could be compared, so this is not the same as in sync. What is missing is listed above."
        />
      );
    }
    return (
      <Empty
        icon={<IconCircleCheck size={26} />}
        tone="ok"
        title="In sync"
        text={`${formatNoun(unchanged, 'object')} compared; all that is drawn is there, as it is drawn.`}
      />
    );
  }
  return (
    <Empty
      icon={<IconListCheck size={26} />}
      title="No plan yet"
      text="Plan compares the flow with its brokers and lists what Deploy would change. It changes nothing itself."
    >
      <Button onClick={() => attempt('Plan', makePlan)}>Plan</Button>
    </Empty>
  );
}

interface EmptyProps {
  icon: ReactNode;
  title: string;
  text?: string;
  tone?: 'ok' | 'warning' | 'error';
  isAlert?: boolean;
  children?: ReactNode;
}

function Empty({ icon, title, text, tone, isAlert, children }: EmptyProps) {
  return (
    <div className={classes.empty} role={isAlert ? 'alert' : 'status'}>
      <span className={classes.emptyIcon} data-tone={tone} aria-hidden>
        {icon}
      </span>
      <strong className="selectable">{title}</strong>
      {text && <span className={`${classes.emptyText} selectable`}>{text}</span>}
      {children && <span className={classes.emptyActions}>{children}</span>}
    </div>
  );
}
