import { randomUUID } from 'node:crypto';
import type { ReplayJob } from '@shared/api/tapes';
import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import type { ReplayOptions, ReplayPreview } from '@shared/tape/replay';
import type { Environments } from '../environments';
import type { LiveService } from '../live';
import { createNews } from '../news';
import { previewReplay } from './replay';

export interface ReplayOrder extends ReplayOptions {
  /** The tape's file. */
  path: string;
  /** Default: the active one. */
  environment?: string;
  /** The environment's name as typed; needed where its protection is `confirm`. */
  confirmation?: string;
}

/** Replays of tapes into the open document, in the background. */
export interface ReplayJobs {
  preview: (order: ReplayOrder) => Promise<ReplayPreview>;
  /** Resolves once it is certain that it begins. @throws Failure when it is refused; then nothing was published */
  start: (order: ReplayOrder) => Promise<ReplayJob>;
  /** Resolves when the job's version differs from `seen` or it ends, at the latest after `timeoutMs`. */
  progress: (jobId: string, seen: number, timeoutMs: number, signal?: AbortSignal) => Promise<ReplayJob>;
  cancel: (jobId: string) => void;
  close: () => Promise<void>;
}

/** Jobs kept for views that come late. */
const MOST_KEPT = 8;

/** A live session that can publish; `close` ends one that was opened for it. */
type Session = Pick<LiveService, 'replay'> & { close?: () => Promise<void> };

export interface ReplayJobsOptions {
  flow: () => Flow;
  environments: Environments;
  live: Pick<LiveService, 'replay'>;
  /** A live session in another environment than the active one. */
  openIn: (environment: string) => Promise<Session>;
}

export function createReplayJobs({ flow, environments, live, openIn }: ReplayJobsOptions): ReplayJobs {
  const jobs = new Map<string, { job: ReplayJob; cancel: AbortController; ended: Promise<void> }>();
  const news = createNews();

  function change(job: ReplayJob, changed: Partial<ReplayJob>): void {
    Object.assign(job, changed, { version: job.version + 1 });
    news.announce();
  }

  function find(jobId: string) {
    const found = jobs.get(jobId);
    if (found) return found;
    throw new Failure('replay/unknown-job', 'This replay is not known any more; Tapline was started again since.');
  }

  async function sessionFor(environment: string | undefined): Promise<Session> {
    const isActive = environment === undefined || environment === (await environments.active()).id;
    return isActive ? { replay: live.replay } : openIn(environment);
  }

  async function start({ environment, ...order }: ReplayOrder): Promise<ReplayJob> {
    const session = await sessionFor(environment);
    const cancel = new AbortController();
    const counts = { total: 0, published: 0, confirmed: 0, returned: 0, failed: 0 };
    const job: ReplayJob = { jobId: randomUUID(), state: 'running', version: 0, ...counts };
    return new Promise((resolve, reject) => {
      let isBegun = false;
      const ended = session
        .replay({
          ...order,
          signal: cancel.signal,
          onProgress(progress) {
            change(job, progress);
            if (isBegun) return;
            isBegun = true;
            jobs.set(job.jobId, { job, cancel, ended });
            for (const [id, { job: old }] of jobs) if (jobs.size > MOST_KEPT && old.state === 'ended') jobs.delete(id);
            resolve(structuredClone(job));
          },
        })
        .then(
          (summary) => change(job, { state: 'ended', summary }),
          (error: unknown) => {
            reject(error);
            const isFailure = error instanceof Failure;
            const message = isFailure ? error.message : 'Something inside Tapline went wrong.';
            change(job, {
              state: 'ended',
              error: { message, ...(isFailure && error.hint ? { hint: error.hint } : {}) },
            });
          },
        )
        .finally(() => session.close?.());
    });
  }

  return {
    preview: (order) => previewReplay(flow(), order),
    start,
    async progress(jobId, seen, timeoutMs, signal) {
      const { job } = find(jobId);
      const deadline = Date.now() + timeoutMs;
      const isNews = () => job.version !== seen || job.state === 'ended';
      while (!isNews() && !signal?.aborted && Date.now() < deadline) await news.wait(deadline - Date.now(), signal);
      return structuredClone(job);
    },
    cancel(jobId) {
      const { job, cancel } = find(jobId);
      if (job.state === 'ended') return;
      cancel.abort();
      change(job, { state: 'cancelling' });
    },
    async close() {
      for (const { cancel } of jobs.values()) cancel.abort();
      await Promise.all([...jobs.values()].map(({ ended }) => ended));
    },
  };
}
