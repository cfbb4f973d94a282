import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { spotlight } from '@mantine/spotlight';
import { EnvironmentPicker } from '@renderer/environments/EnvironmentPicker';
import { useFlow } from '@renderer/flow/use-flow';
import { useLive } from '@renderer/live/live-store';
import { WatchMenu } from '@renderer/live/WatchMenu';
import { RecordButton } from '@renderer/tape/RecordButton';
import { isTapeOpen, TAPE_REASON, useTape } from '@renderer/tape/tape-store';
import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconCloudUpload,
  IconCommand,
  IconGitCompare,
  IconListCheck,
  IconPlayerPlayFilled,
  IconPlayerStopFilled,
} from '@tabler/icons-react';
import { findCommand } from './commands/commands';
import { FileMenu } from './FileMenu';
import { FlowName } from './FlowName';
import { hotkeyLabel } from './hotkey-label';
import { runCommand } from './run-command';
import { ThemeToggle } from './ThemeToggle';
import classes from './TopBar.module.css';

const run = (id: string) => () => runCommand(findCommand(id));

/** File, environment and the words of the pipeline: Check, Plan, Deploy, Run, Stop, Watch. */
export function TopBar() {
  const isRunning = useLive((state) => state.running);
  const isTape = useTape(isTapeOpen);
  const off = isTape ? { disabled: true, 'aria-description': TAPE_REASON } : {};
  return (
    <header className={classes.bar}>
      <div className={classes.left}>
        <Mark />
        <FileMenu />
        <FlowName />
        <HistoryButtons />
      </div>
      {!isTape && <EnvironmentPicker />}
      {!isTape && <span className={classes.rule} />}
      <div className={classes.actions} role="toolbar" aria-label="Pipeline">
        <Button variant="default" leftSection={<IconListCheck size={15} />} onClick={run('check')} {...off}>
          Check
        </Button>
        <Button variant="default" leftSection={<IconGitCompare size={15} />} onClick={run('plan')} {...off}>
          Plan
        </Button>
        <Button leftSection={<IconCloudUpload size={15} />} onClick={run('deploy')} {...off}>
          Deploy
        </Button>
        <span className={classes.rule} />
        <Button
          variant="default"
          leftSection={<IconPlayerPlayFilled size={13} className={classes.play} />}
          onClick={run('run')}
          disabled={isRunning}
          {...off}
        >
          Run
        </Button>
        <Button
          variant="default"
          leftSection={<IconPlayerStopFilled size={13} className={classes.stop} />}
          onClick={run('stop')}
          disabled={!isRunning}
          {...off}
        >
          Stop
        </Button>
        {!isTape && <WatchMenu />}
        {!isTape && <RecordButton />}
      </div>
      <span className={classes.rule} />
      <Tooltip label={`Commands (${hotkeyLabel('mod+K')})`}>
        <ActionIcon aria-label="Commands" onClick={spotlight.open}>
          <IconCommand size={17} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <ThemeToggle />
    </header>
  );
}

/** Tapline's mark: a line with a tap on it. */
function Mark() {
  return (
    <svg className={classes.mark} width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <rect width="22" height="22" rx="6" fill="var(--tl-accent)" />
      <path d="M4 8h14M11 8v6.5" stroke="#fff" strokeWidth="2" strokeLinecap="round" fill="none" />
      <circle cx="11" cy="15.5" r="2.2" fill="#fff" />
    </svg>
  );
}

function HistoryButtons() {
  const { undo, redo } = useFlow(({ history }) => ({ undo: history.undo.at(-1), redo: history.redo.at(-1) }));
  return (
    <span className={classes.history}>
      <Tooltip label={undo ? `Undo: ${undo.label} (${hotkeyLabel('mod+Z')})` : 'Nothing to undo'}>
        <ActionIcon aria-label="Undo" aria-disabled={!undo} data-off={!undo || undefined} onClick={run('undo')}>
          <IconArrowBackUp size={17} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={redo ? `Redo: ${redo.label} (${hotkeyLabel('mod+Y')})` : 'Nothing to redo'}>
        <ActionIcon aria-label="Redo" aria-disabled={!redo} data-off={!redo || undefined} onClick={run('redo')}>
          <IconArrowForwardUp size={17} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
    </span>
  );
}
