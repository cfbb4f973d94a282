import { Button, Menu, Text } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { useEngineStatus } from '@renderer/engine/use-engine-status';
import { useFlow } from '@renderer/flow/use-flow';
import { BrokerDot, describeStatus } from '@renderer/live/BrokerDot';
import { useLive } from '@renderer/live/live-store';
import { type Environment, type Protection, SANDBOX_ENVIRONMENT } from '@shared/api/environment';
import type { BrokerStatus } from '@shared/traffic/frame';
import { IconCheck, IconChevronDown, IconLock, IconPlus, IconSettings, IconShieldCheck } from '@tabler/icons-react';
import { useEffect } from 'react';
import classes from './EnvironmentPicker.module.css';
import { addEnvironment, openEnvironmentDialog } from './environment-actions';
import { activeEnvironment, loadEnvironments, selectEnvironment, useEnvironments } from './environment-store';

const WORST: readonly BrokerStatus['state'][] = [
  'failed',
  'blocked',
  'reconnecting',
  'connecting',
  'connected',
  'idle',
];

/** The state that needs attention most. */
export function worstStatus(statuses: readonly BrokerStatus[]): BrokerStatus | undefined {
  return [...statuses].sort((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state))[0];
}

/** Top bar: which environment is active, and how its brokers are doing. */
export function EnvironmentPicker() {
  const { environments, active } = useEnvironments((state) => state);
  const current = useEnvironments(activeEnvironment);
  const statuses = useLive((state) => state.brokers);
  const { state } = useEngineStatus();
  useEffect(() => {
    // The engine may be another process now, with other environments.
    if (state === 'connected') void attempt('Environments', loadEnvironments);
  }, [state]);
  const hasConnections = current !== undefined && Object.keys(current.connections).length > 0;
  return (
    <Menu width={300} position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          className={classes.target}
          leftSection={<BrokerDot status={worstStatus(Object.values(statuses))} />}
          rightSection={<IconChevronDown size={13} />}
          aria-label={`Environment ${current?.name ?? 'none'}`}
        >
          <span className={classes.name}>{current?.name ?? 'No environment'}</span>
          {current && <ProtectionMark protection={current.protection} />}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Environment</Menu.Label>
        {environments.map((environment) => (
          <Menu.Item
            key={environment.id}
            leftSection={
              <IconCheck size={14} className={classes.check} data-chosen={environment.id === active || undefined} />
            }
            rightSection={<ProtectionMark protection={environment.protection} />}
            onClick={() => attempt('Environment', () => selectEnvironment(environment.id))}
          >
            {environment.name}
            <Text fz="xs" c="dimmed">
              {describeConnections(environment)}
            </Text>
          </Menu.Item>
        ))}
        <BrokerList statuses={statuses} />
        <Menu.Divider />
        <Menu.Item leftSection={<IconSettings size={14} />} onClick={() => openEnvironmentDialog()}>
          {hasConnections ? 'Connections…' : 'Add a connection…'}
        </Menu.Item>
        <Menu.Item leftSection={<IconPlus size={14} />} onClick={addEnvironment}>
          New environment…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function BrokerList({ statuses }: { statuses: Record<string, BrokerStatus> }) {
  const brokers = useFlow(({ flow }) => flow.brokers);
  return (
    <>
      <Menu.Divider />
      <Menu.Label>Brokers of this flow</Menu.Label>
      {Object.entries(brokers).map(([id, { name }]) => (
        <Menu.Item key={id} leftSection={<BrokerDot status={statuses[id]} />} onClick={() => openEnvironmentDialog(id)}>
          {name}
          <Text span fz="xs" c="dimmed" ml={6}>
            {describeStatus(statuses[id])}
          </Text>
        </Menu.Item>
      ))}
    </>
  );
}

const PROTECTION_WORDS: Record<Exclude<Protection, 'open'>, string> = {
  confirm: 'Protected: changes need its name typed',
  'read-only': 'Read-only: nothing is changed',
};

function ProtectionMark({ protection }: { protection: Protection }) {
  if (protection === 'open') return null;
  const Icon = protection === 'confirm' ? IconShieldCheck : IconLock;
  return (
    <span title={PROTECTION_WORDS[protection]} className={classes.protection}>
      <Icon size={14} aria-label={PROTECTION_WORDS[protection]} />
    </span>
  );
}

function describeConnections({ id, connections }: Environment): string {
  if (id === SANDBOX_ENVIRONMENT) return 'built in, nothing to install';
  const urls = Object.values(connections).map(({ url }) => url.replace(/^[a-z]+:\/\/(?:[^@/]*@)?/i, ''));
  return urls.length === 0 ? 'no connection yet' : urls.join(', ');
}
