import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core';
import { engine } from '@renderer/engine/client';
import { attempt } from '@renderer/engine/failure';
import type { ClockState } from '@shared/api/sandbox';
import { IconCheck, IconClock, IconPlayerPause, IconPlayerPlay, IconPlayerTrackNext } from '@tabler/icons-react';
import classes from './Sandbox.module.css';
import { changeSandbox } from './sandbox-store';

const SPEEDS: readonly { speed: number; label: string }[] = [
  { speed: 0.1, label: '10× slower' },
  { speed: 0.5, label: '2× slower' },
  { speed: 1, label: 'Real time' },
  { speed: 4, label: '4× faster' },
  { speed: 20, label: '20× faster' },
];
const STEP_MS = 1000;

const speedLabel = (speed: number) => SPEEDS.find((known) => known.speed === speed)?.label ?? `${speed}×`;

/** The sandbox's time: times to live and the waits of retries follow it; deliveries, publishers and handlers do not. */
export function ClockControl({ clock }: { clock: ClockState }) {
  const { paused, speed } = clock;
  const isNormal = !paused && speed === 1;
  const change = (part: { paused?: boolean; speed?: number }) =>
    attempt('Clock', () => changeSandbox(() => engine.sandbox.setClock(part)));
  return (
    <span className={classes.clock} data-normal={isNormal || undefined}>
      <Tooltip label={paused ? 'Let time go on' : 'Stop time: TTLs and retry delays stand still'}>
        <ActionIcon
          size={20}
          aria-label={paused ? 'Let the sandbox’s time go on' : 'Stop the sandbox’s time'}
          onClick={() => change({ paused: !paused })}
        >
          {paused ? <IconPlayerPlay size={13} /> : <IconPlayerPause size={13} />}
        </ActionIcon>
      </Tooltip>
      {paused && (
        <Tooltip label="Move time on by one second">
          <ActionIcon
            size={20}
            aria-label="Move the sandbox’s time on by one second"
            onClick={() => attempt('Clock', () => changeSandbox(() => engine.sandbox.step({ ms: STEP_MS })))}
          >
            <IconPlayerTrackNext size={13} />
          </ActionIcon>
        </Tooltip>
      )}
      <Menu width={250}>
        <Menu.Target>
          <Button
            size="compact-xs"
            variant="subtle"
            color="gray"
            leftSection={<IconClock size={13} />}
            aria-label={`Time in the sandbox: ${paused ? 'stopped' : speedLabel(speed)}`}
          >
            {paused ? `Stopped at ${new Date(clock.now).toLocaleTimeString('en-GB')}` : speedLabel(speed)}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Time in the sandbox</Menu.Label>
          {SPEEDS.map((choice) => (
            <Menu.Item
              key={choice.speed}
              leftSection={
                <IconCheck size={14} className={classes.check} data-chosen={choice.speed === speed || undefined} />
              }
              onClick={() => change({ speed: choice.speed })}
            >
              {choice.label}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <p className={classes.note}>
            For times to live, queues that expire and the waits of retries. Publishers and handlers keep real time.
          </p>
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}
