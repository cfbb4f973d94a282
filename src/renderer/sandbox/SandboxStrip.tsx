import { Button, Tooltip } from '@mantine/core';
import { deployPlan } from '@renderer/deploy/plan-actions';
import { attempt } from '@renderer/engine/failure';
import { isSandboxActive, useEnvironments } from '@renderer/environments/environment-store';
import { useFlow } from '@renderer/flow/use-flow';
import { CopyText } from '@renderer/traffic/CopyText';
import type { RunningSandbox } from '@shared/api/sandbox';
import { nodeDescriptor } from '@shared/kinds/registry';
import { IconBox } from '@tabler/icons-react';
import { useEffect } from 'react';
import { ClockControl } from './ClockControl';
import classes from './Sandbox.module.css';
import { followSandbox, resetSandbox, useSandbox } from './sandbox-store';

const PURPOSE = 'For designing, trying, teaching and testing, not for production: a crash can lose the last seconds.';

/** Under the top bar while the sandbox is the target: what it is, where it is, its clock and its reset. */
export function SandboxStrip() {
  const isActive = useEnvironments(isSandboxActive);
  const state = useSandbox();
  useEffect(() => (isActive ? followSandbox() : undefined), [isActive]);
  if (!isActive) return null;
  const running = state?.running ?? [];
  const clock = running.find((sandbox) => sandbox.clock !== null)?.clock;
  return (
    <section className={classes.strip} aria-label="Sandbox">
      <IconBox size={15} aria-hidden />
      <strong>Sandbox</strong>
      <span className={classes.what} title={PURPOSE}>
        {PURPOSE}
      </span>
      <NotDeployed running={running} />
      {state?.failure && <span className={classes.failure}>{state.failure}</span>}
      {running
        .flatMap(({ remarks }) => remarks)
        .map((remark) => (
          <span key={remark} className={classes.remark} role="status" title={remark}>
            {remark}
          </span>
        ))}
      {running.map((sandbox) => (
        <SandboxUrl key={sandbox.broker} sandbox={sandbox} isNamed={running.length > 1} />
      ))}
      {clock && <ClockControl clock={clock} />}
      {running.length > 0 && (
        <Tooltip label="Drop all its objects and messages">
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => attempt('Reset', resetSandbox)}>
            Reset…
          </Button>
        </Tooltip>
      )}
    </section>
  );
}

/** Nothing of what is drawn is there yet: says so, with the way on. */
function NotDeployed({ running }: { running: readonly RunningSandbox[] }) {
  const empty = running.filter(({ holds }) => holds.every(({ count }) => count === 0)).map(({ broker }) => broker);
  const isMissed = useFlow(({ flow }) =>
    Object.values(flow.nodes).some(
      ({ broker, type }) => broker !== undefined && empty.includes(broker) && !nodeDescriptor(type)?.isFleeting,
    ),
  );
  if (!isMissed) return null;
  return (
    <span className={classes.url} role="status">
      The flow is not deployed to it yet.
      <Button size="compact-xs" variant="light" onClick={() => attempt('Deploy', deployPlan)}>
        Deploy to the sandbox
      </Button>
    </span>
  );
}

/** The password stays out of sight; copying takes it along. */
export function SandboxUrl({ sandbox, isNamed }: { sandbox: RunningSandbox; isNamed: boolean }) {
  const name = useFlow(({ flow }) => flow.brokers[sandbox.broker]?.name) ?? sandbox.broker;
  return (
    <span className={classes.url}>
      {isNamed && `${name}: `}
      <code>{sandbox.url.replace(/:[^:@/]+@/, ':•••@')}</code>
      <CopyText text={sandbox.url} label={`Copy the URL of ${name}, with its password, for your own services`} />
    </span>
  );
}
