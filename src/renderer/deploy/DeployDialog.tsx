import { Button, Checkbox, Group, Modal, Stack, Text } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { activeEnvironment, useEnvironments } from '@renderer/environments/environment-store';
import { ProtectionQuestion, useProtectionGate } from '@renderer/environments/ProtectionGate';
import { useFlow } from '@renderer/flow/use-flow';
import { formatNoun } from '@renderer/live/format';
import type { StepAction } from '@shared/deploy/plan';
import { useState } from 'react';
import { useStore } from 'zustand';
import { ActionBadge } from './ActionBadge';
import type { MadePlan } from './deploy-store';
import { deployDialogStore, startDeploy, useDeploy } from './plan-actions';
import { StakesTable } from './StakesTable';
import { addStakes, countActions, type Stakes } from './stakes';

const close = () => deployDialogStore.setState({ isOpen: false });

/** What must be asked before a deploy; mounted once, opened by `deployPlan`. */
export function DeployDialog() {
  const isOpen = useStore(deployDialogStore, (state) => state.isOpen);
  const made = useDeploy((state) => state.made);
  const environment = useEnvironments(activeEnvironment);
  return (
    <Modal
      opened={isOpen && made !== null}
      onClose={close}
      title={`Deploy to ${environment?.name ?? 'the broker'}`}
      size="lg"
    >
      {made && <Confirmation key={made.planId} made={made} />}
    </Modal>
  );
}

const ACTIONS: readonly StepAction[] = ['create', 'change', 'recreate', 'delete'];

function Confirmation({ made }: { made: MadePlan }) {
  const [allowsLoss, setAllowsLoss] = useState(false);
  const environment = useEnvironments(activeEnvironment);
  const brokers = useFlow(({ flow }) => flow.brokers);
  const { steps } = made.plan;
  const stakes = addStakes(steps);
  const safe = steps.filter(({ canLoseMessages }) => !canLoseMessages);
  const carried = allowsLoss ? steps : safe;
  const counts = countActions(steps);
  const gate = useProtectionGate(environment);
  const deploy = () =>
    attempt('Deploy', () =>
      startDeploy({
        allowDataLoss: allowsLoss,
        ...(gate.confirmation === undefined ? {} : { confirmation: gate.confirmation }),
      }),
    );
  const clusters = made.plan.brokers.map(({ broker, clusterName }) => {
    const name = brokers[broker]?.name ?? broker;
    return clusterName === null ? name : `${name} (${clusterName})`;
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (gate.isOpen && carried.length > 0) void deploy();
      }}
    >
      <Stack gap="md">
        <Group gap="xs">
          {ACTIONS.filter((action) => counts[action] > 0).map((action) => (
            <ActionBadge key={action} action={action} count={counts[action]} />
          ))}
          <Text size="sm" c="dimmed">
            on {clusters.join(', ')}
          </Text>
        </Group>
        {made.plan.status === 'partial' && (
          <Text size="sm" c="yellow">
            Not everything could be seen: steps that need what is missing are skipped, and said so.
          </Text>
        )}
        {stakes.steps.length > 0 && <LossQuestion stakes={stakes} allowsLoss={allowsLoss} onChange={setAllowsLoss} />}
        <ProtectionQuestion
          environment={environment}
          gate={gate}
          consequence="nothing can be deployed to it"
          hasFocus
        />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            color={allowsLoss ? 'red' : undefined}
            disabled={!gate.isOpen || carried.length === 0}
            data-autofocus={gate.confirmation === undefined || undefined}
          >
            {buttonText(carried.length, steps.length)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function buttonText(carried: number, all: number): string {
  if (carried === 0) return 'Deploy';
  const steps = formatNoun(carried, 'step');
  return carried < all ? `Deploy ${steps}, skip ${all - carried}` : `Deploy ${steps}`;
}

interface LossQuestionProps {
  stakes: Stakes;
  allowsLoss: boolean;
  onChange: (allowsLoss: boolean) => void;
}

function LossQuestion({ stakes, allowsLoss, onChange }: LossQuestionProps) {
  const { messages, unacked, consumers, isCounted } = stakes;
  const total = messages + unacked;
  const lost = isCounted
    ? formatNoun(total, 'message')
    : `${formatNoun(total, 'message')}, and what could not be counted,`;
  return (
    <Stack gap="xs">
      <Text size="sm">
        {formatNoun(stakes.steps.length, 'step')} can lose messages.{' '}
        {consumers > 0 && `${formatNoun(consumers, 'consumer')} will be cut off. `}
        The counts are those of the plan; messages may have come since.
      </Text>
      <StakesTable steps={stakes.steps} />
      <Checkbox
        size="sm"
        color="red"
        checked={allowsLoss}
        onChange={(event) => onChange(event.currentTarget.checked)}
        label={`Carry these out too: ${lost} may be lost`}
        description="Without this they are skipped, and the rest is deployed."
      />
    </Stack>
  );
}
