import { engine } from '@renderer/engine/client';
import { readFailure, showFailure } from '@renderer/engine/failure';
import type { ReplayJob } from '@shared/api/tapes';
import { createStore } from 'zustand/vanilla';
import { tapeStore } from './tape-store';

/** The replay that goes on, or what became of the last one; outlives the tape. */
export const replayStore = createStore<{ job: ReplayJob | null }>(() => ({ job: null }));

/** How the open tape is replayed, as `tapes.preview` and `tapes.replay` take it. */
export interface ReplayChoices {
  environment?: string;
  speed: number;
  limit?: number;
  maskedBodies: boolean;
}

/** Begins; resolves when it is certain that it does. @throws what the engine refuses */
export async function startReplay(choices: ReplayChoices, confirmation: string | undefined): Promise<void> {
  const { tape } = tapeStore.getState();
  if (!tape) return;
  const job = await engine.tapes.replay({ tapeId: tape.tapeId, ...choices, confirmation });
  replayStore.setState({ job });
  void follow(job);
}

async function follow(job: ReplayJob): Promise<void> {
  let now = job;
  try {
    while (now.state !== 'ended') {
      now = await engine.tapes.progress({ jobId: job.jobId, seen: now.version });
      if (replayStore.getState().job?.jobId !== job.jobId) return;
      replayStore.setState({ job: now });
    }
  } catch (error) {
    replayStore.setState({ job: { ...now, state: 'ended', error: { message: readFailure(error).message } } });
    showFailure('Replay', error);
  }
}

export async function cancelReplay({ jobId }: ReplayJob): Promise<void> {
  await engine.tapes.cancel({ jobId });
}

export function dismissReplay(): void {
  replayStore.setState({ job: null });
}
