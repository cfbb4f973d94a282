import { ActionIcon, Button, Progress } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { formatNoun } from '@renderer/live/format';
import type { ReplayJob } from '@shared/api/tapes';
import { SKIP_SENTENCES, type SkipReason } from '@shared/tape/pick';
import { IconX } from '@tabler/icons-react';
import { useStore } from 'zustand';
import { cancelReplay, dismissReplay, replayStore } from './replay-actions';
import classes from './Tape.module.css';

/** The replay under way, or what became of the last one. */
export function ReplayProgress() {
  const job = useStore(replayStore, (state) => state.job);
  if (!job) return null;
  if (job.state === 'ended') {
    return (
      <section className={classes.job} aria-label="Replay" role="status">
        <span className={classes.told}>{describeEnd(job)}</span>
        <ActionIcon aria-label="Dismiss" onClick={dismissReplay}>
          <IconX size={14} />
        </ActionIcon>
      </section>
    );
  }
  const { total, published, confirmed, state } = job;
  return (
    <section className={classes.job} aria-label="Replay">
      <span className={classes.jobText}>
        {state === 'cancelling' ? 'Ending' : 'Replaying'}: {published.toLocaleString('en')} of{' '}
        {formatNoun(total, 'message')}, {confirmed.toLocaleString('en')} confirmed
      </span>
      <Progress
        className={classes.jobBar}
        value={total === 0 ? 0 : (published / total) * 100}
        aria-label="Messages published"
      />
      <Button
        size="compact-xs"
        variant="default"
        disabled={state === 'cancelling'}
        onClick={() => attempt('Cancel', () => cancelReplay(job))}
      >
        Cancel
      </Button>
    </section>
  );
}

/** What became of a replay, in a line. */
function describeEnd({ summary, error, published, confirmed }: ReplayJob): string {
  if (!summary)
    return [error?.message ?? 'The replay broke off.', `${published} published, ${confirmed} confirmed.`].join(' ');
  const { ended, returned, failed, total, skipped, errors } = summary;
  const parts = [`${formatNoun(published, 'message')} replayed`, `${confirmed.toLocaleString('en')} confirmed`];
  if (returned > 0) parts.push(`${returned} returned, since no queue takes them`);
  if (failed > 0) parts.push(`${failed} failed`);
  if (total > published) parts.push(`${total - published} not published`);
  for (const [reason, count] of Object.entries(skipped) as [SkipReason, number][])
    parts.push(`${count} skipped, ${SKIP_SENTENCES[reason]}`);
  const begin = ended === 'cancelled' ? 'Cancelled. ' : ended === 'lost' ? 'Given up. ' : '';
  return `${begin}${parts.join('; ')}.${errors.length > 0 ? ` ${errors.join(' ')}` : ''}`;
}
