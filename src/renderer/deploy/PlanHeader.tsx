import { Button, Checkbox, Progress, TextInput, Tooltip } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { activeEnvironment, useEnvironments } from '@renderer/environments/environment-store';
import { formatDuration, formatTime } from '@renderer/live/format';
import type { DeploySummary, StepAction } from '@shared/deploy/plan';
import { IconSearch } from '@tabler/icons-react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { ActionBadge } from './ActionBadge';
import { isBusy } from './deploy-store';
import classes from './PlanPanel.module.css';
import { cancelDeploy, deployPlan, makePlan, setPrune, useDeploy } from './plan-actions';
import { countActions } from './stakes';

/** What the steps are filtered by; session state. */
export const stepFilterStore = createStore<{ text: string }>(() => ({ text: '' }));

/** Above the steps: what the plan amounts to, filter, Plan and Deploy; while deploying progress and Cancel; then the summary. */
export function PlanHeader() {
  const phase = useDeploy((state) => state.phase);
  const isRunning = phase === 'starting' || phase === 'deploying' || phase === 'verifying';
  return <div className={classes.header}>{isRunning ? <RunningHeader /> : <RestingHeader />}</div>;
}

function RestingHeader() {
  const state = useDeploy((deploy) => deploy);
  const { made, phase, summary, prune } = state;
  const filter = useStore(stepFilterStore, ({ text }) => text);
  const environment = useEnvironments(activeEnvironment);
  const steps = made?.plan.steps ?? [];
  const hasEnded = phase === 'finished' || phase === 'cancelled';
  const whyNot = whyNoDeploy(steps.length, hasEnded, environment?.protection === 'read-only', environment?.name);
  return (
    <>
      <div className={classes.facts} role="status">
        {hasEnded && summary ? <Summary summary={summary} isCancelled={phase === 'cancelled'} /> : <Counts />}
      </div>
      {steps.length > 0 && (
        <TextInput
          className={classes.filter}
          value={filter}
          onChange={(event) => stepFilterStore.setState({ text: event.currentTarget.value })}
          leftSection={<IconSearch size={14} />}
          placeholder="Filter steps"
          aria-label="Filter steps"
        />
      )}
      <Tooltip label="Also delete what Tapline made here earlier and is no longer drawn" openDelay={600}>
        <Checkbox
          label="Prune"
          checked={prune}
          disabled={isBusy(state)}
          onChange={(event) => {
            const isOn = event.currentTarget.checked;
            void attempt('Plan', () => setPrune(isOn));
          }}
        />
      </Tooltip>
      <Button
        variant="default"
        loading={phase === 'planning'}
        onClick={() => attempt('Plan', makePlan)}
        aria-label={made ? 'Plan again' : 'Make a plan'}
      >
        {made ? 'Plan again' : 'Plan'}
      </Button>
      {made && steps.length > 0 && !hasEnded && (
        <Tooltip label={whyNot} disabled={whyNot === undefined}>
          <Button
            data-disabled={whyNot !== undefined || undefined}
            aria-disabled={whyNot !== undefined || undefined}
            disabled={isBusy(state)}
            aria-label="Deploy this plan"
            onClick={() => whyNot === undefined && attempt('Deploy', deployPlan)}
          >
            Deploy
          </Button>
        </Tooltip>
      )}
    </>
  );
}

function whyNoDeploy(steps: number, hasEnded: boolean, isReadOnly: boolean, name = ''): string | undefined {
  if (isReadOnly) return `The environment ${name} is read-only`;
  if (hasEnded) return 'Plan again first';
  return steps === 0 ? 'There is nothing to deploy' : undefined;
}

const ACTIONS: readonly StepAction[] = ['create', 'change', 'recreate', 'delete'];

function Counts() {
  const made = useDeploy((state) => state.made);
  if (!made) return <span className={classes.dim}>Nothing planned</span>;
  const counts = countActions(made.plan.steps);
  const unchanged = made.plan.brokers.reduce((sum, broker) => sum + broker.unchanged, 0);
  return (
    <>
      {ACTIONS.filter((action) => counts[action] > 0).map((action) => (
        <ActionBadge key={action} action={action} count={counts[action]} />
      ))}
      <span className={classes.dim}>
        {unchanged} unchanged · {made.plan.brokers.map(describeCluster).join(', ')} ·{' '}
        {formatTime(made.madeAt).slice(0, 8)}
      </span>
    </>
  );
}

function describeCluster({
  clusterName,
  version,
  broker,
}: {
  clusterName: string | null;
  version: string | null;
  broker: string;
}) {
  return `${clusterName ?? broker}${version === null ? '' : ` (${version})`}`;
}

function Summary({ summary, isCancelled }: { summary: DeploySummary; isCancelled: boolean }) {
  const { done, unchanged, failed, skipped, remaining, status, planMs, applyMs, verifyMs } = summary;
  const isClean = failed === 0 && remaining === 0 && status === 'in-sync';
  const parts: [number, string, string | undefined][] = [
    [failed, 'failed', 'error'],
    [done, 'done', 'ok'],
    [unchanged, 'unchanged', undefined],
    [skipped, 'skipped', 'warning'],
    [remaining, 'still to do', 'warning'],
  ];
  return (
    <>
      <strong data-tone={isClean ? 'ok' : failed > 0 ? 'error' : 'warning'} className={classes.verdict}>
        {isCancelled ? 'Cancelled' : isClean ? 'In sync' : failed > 0 ? 'Deployed with failures' : 'Deployed'}
      </strong>
      {parts
        .filter(([count]) => count > 0)
        .map(([count, word, tone]) => (
          <span key={word} data-tone={tone} className={classes.count}>
            {count} {word}
          </span>
        ))}
      {status === 'partial' && (
        <span className={classes.dim} title={summary.notVerified}>
          {summary.notVerified === undefined
            ? 'not everything could be verified'
            : `not verified: ${summary.notVerified}`}
        </span>
      )}
      <span className={classes.dim} title="Planning, applying, verifying">
        plan {formatDuration(planMs)} · apply {formatDuration(applyMs)} · verify {formatDuration(verifyMs)}
      </span>
    </>
  );
}

function RunningHeader() {
  const { phase, outcomes, total, isCancelling } = useDeploy((state) => state);
  const ended = outcomes.size;
  const failed = [...outcomes.values()].filter(({ outcome }) => outcome === 'failed').length;
  const label = phase === 'verifying' ? 'Verifying: inspecting the broker again' : `Deploying ${ended} of ${total}`;
  return (
    <>
      <div className={classes.running} role="status" aria-live="polite">
        <span>{isCancelling ? 'Cancelling: what has begun is finished' : label}</span>
        {failed > 0 && (
          <span className={classes.count} data-tone="error">
            {failed} failed
          </span>
        )}
      </div>
      <Progress.Root className={classes.progress} size="sm">
        <Progress.Section
          value={phase === 'verifying' ? 100 : total === 0 ? 0 : (100 * ended) / total}
          animated={phase === 'verifying'}
          color={failed > 0 ? 'red' : undefined}
          aria-label="Deploy progress"
        />
      </Progress.Root>
      <Button
        variant="default"
        disabled={isCancelling || phase === 'verifying'}
        onClick={() => attempt('Cancel', cancelDeploy)}
      >
        Cancel
      </Button>
    </>
  );
}
