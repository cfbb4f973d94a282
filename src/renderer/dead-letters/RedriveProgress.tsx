import { ActionIcon, Button, Progress } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { formatNoun } from '@renderer/live/format';
import type { RedriveJob, RedriveSummary } from '@shared/dead-letters/redrive';
import { IconPlayerPause, IconPlayerPlay, IconX } from '@tabler/icons-react';
import classes from './DeadLettersPanel.module.css';
import { cancelRedrive, dismissJob, pauseRedrive } from './dead-letters-actions';
import { useDeadLetters } from './dead-letters-store';

/** The redrive under way, or what became of the last one. */
export function RedriveProgress() {
  const job = useDeadLetters((state) => state.job);
  if (!job) return null;
  return job.summary ? <Ended job={job} summary={job.summary} /> : <Going job={job} />;
}

function Going({ job }: { job: RedriveJob }) {
  const { state, total, looked, redriven, returned, queue } = job;
  const isPaused = state === 'paused';
  const percent = total === 0 ? 0 : (looked / total) * 100;
  return (
    <section className={classes.job} aria-label="Redrive">
      <span className={classes.jobText}>
        {isPaused ? 'Paused' : state === 'cancelling' ? 'Ending' : 'Redriving'} {queue.name}:{' '}
        {redriven.toLocaleString('en')} of {total.toLocaleString('en')} redriven
        {returned > 0 && `, ${returned.toLocaleString('en')} returned`}
      </span>
      <Progress className={classes.jobBar} value={percent} aria-label="Redriven" />
      <Button
        size="compact-xs"
        variant="default"
        disabled={state === 'cancelling'}
        leftSection={isPaused ? <IconPlayerPlay size={13} /> : <IconPlayerPause size={13} />}
        onClick={() => attempt('Pause', () => pauseRedrive(job))}
      >
        {isPaused ? 'Go on' : 'Pause'}
      </Button>
      <Button
        size="compact-xs"
        variant="default"
        disabled={state === 'cancelling'}
        onClick={() => attempt('Cancel', () => cancelRedrive(job))}
      >
        Cancel
      </Button>
    </section>
  );
}

function Ended({ job, summary }: { job: RedriveJob; summary: RedriveSummary }) {
  const hasFailed = summary.ended === 'lost' || summary.returned + summary.failed + summary.homeless > 0;
  return (
    <section className={classes.job} aria-label="Redrive" role="status" data-failed={hasFailed || undefined}>
      <span className={classes.jobText}>
        {job.queue.name}: {describeSummary(summary)}
      </span>
      <ActionIcon aria-label="Dismiss" onClick={dismissJob}>
        <IconX size={14} />
      </ActionIcon>
    </section>
  );
}

/** What became of a redrive, in a line. */
export function describeSummary(summary: RedriveSummary): string {
  const { redriven, returned, failed, left, skipped, homeless, alreadySent, maybeTwice, ended, error } = summary;
  const parts = [`${formatNoun(redriven, 'message')} redriven`];
  if (returned > 0) parts.push(`${returned} returned, since no queue takes them, and put back`);
  if (failed > 0) parts.push(`${failed} refused by the broker and put back`);
  if (homeless > 0) parts.push(`${homeless} left, since nothing tells where they belong`);
  if (skipped > homeless) parts.push(`${skipped - homeless} not meant`);
  if (alreadySent > 0) parts.push(`${alreadySent} had been sent before and were only taken out`);
  if (maybeTwice > 0) parts.push(`${maybeTwice} may arrive twice`);
  if (left !== null) parts.push(`${left.toLocaleString('en')} in the queue now`);
  const end = ended === 'cancelled' ? 'Cancelled. ' : ended === 'lost' ? `${error?.message ?? 'It ended early.'} ` : '';
  return `${end}${parts.join('; ')}.`;
}
