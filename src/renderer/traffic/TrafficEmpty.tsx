import { Button } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { isSandboxActive, useEnvironments } from '@renderer/environments/environment-store';
import { chooseWatchMode, startRun } from '@renderer/live/live-actions';
import { useLive } from '@renderer/live/live-store';
import { isTapeOpen, useTape } from '@renderer/tape/tape-store';
import { IconActivity, IconPlugConnectedX } from '@tabler/icons-react';
import classes from './TrafficPanel.module.css';

/** What stands where the messages would be, and what to do next. */
export function TrafficEmpty() {
  const { watch, running, link } = useLive((state) => state);
  const isTape = useTape(isTapeOpen);
  const isSandbox = useEnvironments(isSandboxActive);
  const seesMessages = watch === 'tap' || (isSandbox && watch === 'counters');
  if (isTape) {
    return (
      <div className={classes.empty} role="status">
        <IconActivity size={26} aria-hidden />
        <strong>No messages on the tape until this moment</strong>
        <span>Play it, or move the slider on. Where bars stand above it, messages were seen.</span>
      </div>
    );
  }
  if (link.state === 'away') {
    return (
      <div className={classes.empty} role="alert">
        <IconPlugConnectedX size={26} aria-hidden />
        <strong>No news from the engine</strong>
        <span>{link.message}</span>
      </div>
    );
  }
  return (
    <div className={classes.empty} role="status">
      <IconActivity size={26} aria-hidden />
      <strong>{running || seesMessages ? 'Waiting for messages' : 'No messages yet'}</strong>
      <span>{nextStep(watch, running, isSandbox)}</span>
      {!running && (
        <span className={classes.emptyActions}>
          <Button variant="default" onClick={() => attempt('Run', startRun)}>
            Run the flow
          </Button>
          {!seesMessages && (
            <Button
              variant="default"
              onClick={() => attempt('Watch', () => chooseWatchMode(isSandbox ? 'counters' : 'tap'))}
            >
              {isSandbox ? 'Watch' : 'Watch with a tap'}
            </Button>
          )}
        </span>
      )}
    </div>
  );
}

function nextStep(watch: string, running: boolean, isSandbox: boolean): string {
  if (running) return 'The flow is running; what its publishers send and its handlers get appears here.';
  if (isSandbox && watch === 'counters')
    return 'Run publishes and handles messages with what is drawn. What your own services send to the sandbox appears here, too.';
  if (watch === 'tap') return 'Messages published through a tapped exchange appear here.';
  if (watch === 'counters') return 'Counters show how many messages there are, not the messages. A tap shows them too.';
  return `Run publishes and handles messages with what is drawn. ${isSandbox ? 'Watch' : 'A tap'} shows what your own services send.`;
}
