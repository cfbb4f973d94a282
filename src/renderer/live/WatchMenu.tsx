import { Button, Menu, Text } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { isSandboxActive, useEnvironments } from '@renderer/environments/environment-store';
import { useFlow } from '@renderer/flow/use-flow';
import { brokerKinds } from '@renderer/kinds/descriptors';
import type { KindDescriptor } from '@shared/kinds/descriptor';
import type { WatchMode } from '@shared/traffic/frame';
import { IconCheck, IconChevronDown, IconEye, IconEyeOff } from '@tabler/icons-react';
import { Fragment } from 'react';
import { chooseWatchMode } from './live-actions';
import { useLive } from './live-store';
import classes from './WatchMenu.module.css';

interface Mode {
  mode: WatchMode;
  label: string;
  /** What is read and what that costs; several where the flow has brokers of several kinds. */
  terms: { kind?: string; what: string; cost: string }[];
}

/** The modes with what each costs brokers of these kinds. */
function modesFor(kinds: readonly KindDescriptor[]): Mode[] {
  const terms = (mode: 'counters' | 'tap') =>
    kinds.flatMap(({ label, watching }) =>
      watching ? [{ ...watching[mode], ...(kinds.length > 1 ? { kind: label } : {}) }] : [],
    );
  return [
    { mode: 'off', label: 'Off', terms: [{ what: 'Nothing is read from the brokers.', cost: 'Costs nothing.' }] },
    { mode: 'counters', label: 'Counters', terms: terms('counters') },
    { mode: 'tap', label: 'Tap', terms: terms('tap') },
  ];
}

/** A sandbox tells of every message by itself. */
const SANDBOX_MODES: readonly Mode[] = [
  { mode: 'off', label: 'Off', terms: [{ what: 'Nothing is read from the sandbox.', cost: 'Costs nothing.' }] },
  {
    mode: 'counters',
    label: 'Everything',
    terms: [
      {
        what: 'Every number is exact and every message is seen: the sandbox tells what it does.',
        cost: 'Costs nothing worth mentioning.',
      },
    ],
  },
];

/** Top bar: how the brokers are watched, and at what cost. */
export function WatchMenu() {
  const watch = useLive((state) => state.watch);
  const isSandbox = useEnvironments(isSandboxActive);
  const drawn = useFlow(({ flow }) => Object.values(flow.brokers).map(({ kind }) => kind));
  const modes = isSandbox ? SANDBOX_MODES : modesFor(brokerKinds.filter(({ kind }) => drawn.includes(kind)));
  const current = modes.find(({ mode }) => mode === watch);
  const isOn = watch !== 'off';
  return (
    <Menu width={340}>
      <Menu.Target>
        <Button
          aria-label="Watch"
          aria-description={current?.label}
          variant={isOn ? 'light' : 'default'}
          leftSection={isOn ? <IconEye size={15} /> : <IconEyeOff size={15} />}
          rightSection={<IconChevronDown size={13} />}
        >
          {isOn ? `Watch: ${(current?.label ?? watch).toLowerCase()}` : 'Watch'}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {modes.map(({ mode, label, terms }) => (
          <Menu.Item
            key={mode}
            aria-label={`Watch ${label.toLowerCase()}`}
            leftSection={<IconCheck size={14} className={classes.check} data-chosen={mode === watch || undefined} />}
            onClick={() => attempt('Watch', () => chooseWatchMode(mode))}
          >
            <Text fz="sm" fw={600}>
              {label}
            </Text>
            {terms.map(({ kind, what, cost }) => (
              <Fragment key={kind ?? ''}>
                <Text fz="xs">{kind === undefined ? what : `${kind}: ${what}`}</Text>
                <Text fz="xs" c="dimmed">
                  {cost}
                </Text>
              </Fragment>
            ))}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
