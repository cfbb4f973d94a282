import { randomUUID } from 'node:crypto';
import type { DeadLetter } from '@shared/dead-letters/dead-letter';
import type {
  DeadLetterOverview,
  QueueRef,
  ReadLetters,
  RedriveJob,
  RedriveOrder,
  RedrivePreview,
} from '@shared/dead-letters/redrive';
import { Failure } from '@shared/failure';
import { type DeadLetterContext, listDeadLetters, maskLetters, readDeadLetters } from './dead-letters';
import { createNews } from './news';
import { checkProtection } from './protection';
import { runRedrive } from './redrive';
import { previewRedrive } from './redrive-preview';

/** Dead letters of the open document, as views look at them. */
export interface DeadLetterService {
  list: (signal?: AbortSignal) => Promise<DeadLetterOverview>;
  read: (request: { queue: QueueRef; limit: number }, signal?: AbortSignal) => Promise<ReadLetters>;
  preview: (order: RedriveOrder) => Promise<RedrivePreview>;
  /** Begins in the background. @throws Failure when it is refused; then nothing was changed */
  start: (order: RedriveOrder, confirmation: string | undefined) => Promise<RedriveJob>;
  /** Resolves when the job's version differs from `seen` or it ends, at the latest after `timeoutMs`. */
  progress: (jobId: string, seen: number, timeoutMs: number, signal?: AbortSignal) => Promise<RedriveJob>;
  pause: (jobId: string, paused: boolean) => void;
  /** What is under way is finished, the rest stays. */
  cancel: (jobId: string) => void;
  close: () => Promise<void>;
}

/** Jobs kept for views that come late. */
const MOST_KEPT = 8;

interface Running {
  job: RedriveJob;
  cancel: AbortController;
  ended: Promise<void>;
  resume: () => void;
  going: Promise<void>;
}

export function createDeadLetterService(contextNow: () => Promise<DeadLetterContext>): DeadLetterService {
  const jobs = new Map<string, Running>();
  /** Letters of the last read by queue, for previews; what was read is forgotten when the queue is redriven. */
  const known = new Map<string, DeadLetter[]>();
  /** Queues whose next read would make them give messages up. */
  const worn = new Set<string>();
  const news = createNews();
  const keyOf = (context: DeadLetterContext, { broker, vhost, name }: QueueRef) =>
    JSON.stringify([context.targets[broker]?.url, vhost, name]);

  function change(job: RedriveJob, changed: Partial<RedriveJob>): void {
    Object.assign(job, changed, { version: job.version + 1 });
    news.announce();
  }

  function jobOf(jobId: string): Running {
    const running = jobs.get(jobId);
    if (!running)
      throw new Failure('redrive/unknown-job', 'This redrive is not known any more; Tapline was started again since.', {
        hint: 'Redrive again: it goes on where it was.',
      });
    return running;
  }

  /** Resolves once it is certain that the run may go on, or why not. */
  function begin(
    context: DeadLetterContext,
    order: RedriveOrder,
    confirmation: string | undefined,
  ): Promise<RedriveJob> {
    const job: RedriveJob = {
      jobId: randomUUID(),
      queue: order.queue,
      state: 'running',
      version: 0,
      total: 0,
      looked: 0,
      redriven: 0,
      returned: 0,
      failed: 0,
      skipped: 0,
    };
    const cancel = new AbortController();
    const running: Running = { job, cancel, ended: Promise.resolve(), resume: () => {}, going: Promise.resolve() };
    return new Promise((resolve, reject) => {
      running.ended = runRedrive(context, order, {
        confirmation,
        signal: cancel.signal,
        mayGoOn: () => running.going,
        onBegin: (total) => {
          job.total = total;
          jobs.set(job.jobId, running);
          forgetOldest();
          known.delete(keyOf(context, order.queue));
          worn.delete(keyOf(context, order.queue));
          resolve(structuredClone(job));
        },
        onProgress: ({ looked, redriven, returned, failed, skipped }) =>
          change(job, { looked, redriven, returned, failed, skipped }),
      }).then(
        (summary) => change(job, { state: 'ended', summary }),
        (error: unknown) => {
          reject(error);
          const message = error instanceof Failure ? error.message : 'Something inside Tapline went wrong.';
          const code = error instanceof Failure ? error.code : 'redrive/bug';
          const { redriven, returned, failed, skipped } = job;
          const counts = {
            redriven,
            returned,
            failed,
            skipped,
            left: null,
            homeless: 0,
            alreadySent: 0,
            maybeTwice: 0,
          };
          change(job, { state: 'ended', summary: { ...counts, ended: 'lost', error: { code, message } } });
        },
      );
    });
  }

  function forgetOldest(): void {
    for (const [id, { job }] of jobs) {
      if (jobs.size <= MOST_KEPT) return;
      if (job.state === 'ended') jobs.delete(id);
    }
  }

  return {
    list: async (signal) => listDeadLetters(await contextNow(), signal),
    async read({ queue, limit }, signal) {
      const context = await contextNow();
      const key = keyOf(context, queue);
      if (worn.has(key))
        throw new Failure(
          'dead-letters/worn',
          `Messages of ${queue.name} are at their delivery limit: one more read would make the queue give them up.`,
          { hint: 'Redrive them; a redriven message begins anew.', object: queue.name },
        );
      const { letters, notices, mayReadAgain } = await readDeadLetters(context, { ref: queue, limit, signal });
      known.set(key, letters);
      if (!mayReadAgain) worn.add(key);
      return { letters: maskLetters(letters, context), notices, readAt: Date.now() };
    },
    async preview(order) {
      const context = await contextNow();
      return previewRedrive(context, order, known.get(keyOf(context, order.queue)) ?? [], Date.now());
    },
    async start(order, confirmation) {
      const context = await contextNow();
      checkProtection(context.environment, confirmation);
      return begin(context, order, confirmation);
    },
    async progress(jobId, seen, timeoutMs, signal) {
      const { job } = jobOf(jobId);
      const deadline = Date.now() + timeoutMs;
      const isNews = () => job.version !== seen || job.state === 'ended';
      while (!isNews() && !signal?.aborted && Date.now() < deadline) await news.wait(deadline - Date.now(), signal);
      return structuredClone(job);
    },
    pause(jobId, paused) {
      const running = jobOf(jobId);
      const { job } = running;
      if (job.state !== (paused ? 'running' : 'paused')) return;
      if (paused) {
        running.going = new Promise((resolve) => {
          running.resume = resolve;
        });
      } else running.resume();
      change(job, { state: paused ? 'paused' : 'running' });
    },
    cancel(jobId) {
      const { job, cancel, resume } = jobOf(jobId);
      if (job.state === 'ended') return;
      cancel.abort();
      resume();
      change(job, { state: 'cancelling' });
    },
    async close() {
      for (const { cancel, resume } of jobs.values()) {
        cancel.abort();
        resume();
      }
      await Promise.all([...jobs.values()].map(({ ended }) => ended));
    },
  };
}
