import { engine } from '@renderer/engine/client';
import { readFailure } from '@renderer/engine/failure';
import { documentSync } from '@renderer/flow/document';
import type { RedriveJob, RedriveRequestInput } from '@shared/dead-letters/redrive';
import { createStore } from 'zustand/vanilla';
import { chooseQueue, deadLettersStore, queueKey } from './dead-letters-store';

/** What a dialog of the panel is open for. */
export type DeadLettersDialog =
  | { about: 'read'; queues: string[] }
  | { about: 'redrive'; queue: string; ids?: string[] }
  | { about: 'edit'; queue: string; letter: string };

export const dialogStore = createStore<{ dialog: DeadLettersDialog | null }>(() => ({ dialog: null }));

export function openDialog(dialog: DeadLettersDialog): void {
  dialogStore.setState({ dialog });
}

export function closeDialog(): void {
  dialogStore.setState({ dialog: null });
}

/** Looks how many dead letters there are; reads none. What fails is shown in the panel. */
export async function refreshDeadLetters(): Promise<void> {
  const { setState } = deadLettersStore;
  setState({ isLoading: true });
  try {
    await documentSync.flush();
    const overview = await engine.deadLetters.list();
    setState(({ chosen }) => {
      const isThere = overview.queues.some((queue) => queueKey(queue) === chosen);
      return { overview, failure: null, ...(isThere ? {} : { chosen: null }) };
    });
    const [only, ...others] = overview.queues;
    if (only && others.length === 0 && deadLettersStore.getState().chosen === null) chooseQueue(queueKey(only));
  } catch (error) {
    setState({ failure: readFailure(error) });
  } finally {
    setState({ isLoading: false });
  }
}

/** Takes the first messages of queues out, shows them and puts them back. */
export async function readQueues(keys: readonly string[], limit: number): Promise<void> {
  const queues = deadLettersStore.getState().overview?.queues ?? [];
  for (const queue of queues.filter((candidate) => keys.includes(queueKey(candidate)))) {
    const { broker, vhost, name } = queue;
    const read = await engine.deadLetters.read({ queue: { broker, vhost, name }, limit });
    deadLettersStore.setState(({ reads }) => ({
      reads: new Map(reads).set(queueKey(queue), read),
      ticked: new Set(),
      shown: null,
    }));
  }
  await refreshDeadLetters();
}

/** Begins a redrive and follows it to its end. */
export async function startRedrive(order: RedriveRequestInput, confirmation: string | undefined): Promise<void> {
  const job = await engine.deadLetters.redrive({ order, ...(confirmation === undefined ? {} : { confirmation }) });
  // What was read is no longer what is there.
  deadLettersStore.setState(({ reads }) => {
    const left = new Map(reads);
    left.delete(queueKey(order.queue));
    return { job, reads: left, ticked: new Set(), shown: null };
  });
  void follow(job).catch((error: unknown) => deadLettersStore.setState({ job: null, failure: readFailure(error) }));
}

async function follow(first: RedriveJob): Promise<void> {
  let job = first;
  while (job.state !== 'ended') {
    job = await engine.deadLetters.progress({ jobId: job.jobId, seen: job.version });
    deadLettersStore.setState({ job });
  }
  await refreshDeadLetters();
}

export async function pauseRedrive({ jobId, state }: RedriveJob): Promise<void> {
  await engine.deadLetters.pause({ jobId, paused: state === 'running' });
}

export async function cancelRedrive({ jobId }: RedriveJob): Promise<void> {
  await engine.deadLetters.cancel({ jobId });
}

/** Puts the summary of the last redrive away. */
export function dismissJob(): void {
  deadLettersStore.setState({ job: null });
}
