import { randomUUID } from 'node:crypto';
import type { DeployJob } from '@shared/api/contract';
import type { Plan } from '@shared/deploy/plan';
import { Failure } from '@shared/failure';
import { applyPlan, checkEnvironment } from './deployer';
import { createNews } from './news';
import { checkUnchanged, type DeployContext, type PlannedDeploy, planFlow } from './planner';

export interface StartRequest {
  planId: string;
  allowDataLoss: boolean;
  confirmation?: string;
  stepIds?: string[];
}

/** Plans and deploys of the open document that run while views look at them. */
export interface DeployJobs {
  plan: (prune: boolean, signal?: AbortSignal) => Promise<{ planId: string; plan: Plan }>;
  /** Looks again whether the plan still holds, then carries it out in the background. @throws Failure; then nothing was changed */
  start: (request: StartRequest) => Promise<DeployJob>;
  /** Resolves as soon as there is more than `seen` outcomes or the job ends, at the latest after `timeoutMs`. */
  progress: (jobId: string, seen: number, timeoutMs: number, signal?: AbortSignal) => Promise<DeployJob>;
  /** Steps that have not begun are skipped. */
  cancel: (jobId: string) => void;
  /** Cancels what runs and waits for its end. */
  close: () => Promise<void>;
}

/** Plans and finished jobs are kept for views that come late; the oldest are forgotten. */
const MOST_KEPT = 8;
/** News is gathered for so long, so that a fast deploy does not send its list of outcomes thousands of times. */
const GATHER_MS = 80;

interface Running {
  job: DeployJob;
  cancel: AbortController;
  ended: Promise<void>;
  /** Why it could not be carried out as a whole. */
  failed?: unknown;
}

function keep<T>(map: Map<string, T>, id: string, value: T, mayForget: (old: T) => boolean): void {
  map.set(id, value);
  for (const [oldId, old] of map) {
    if (map.size <= MOST_KEPT) return;
    if (oldId !== id && mayForget(old)) map.delete(oldId);
  }
}

const isEnded = ({ job }: Running) => job.state === 'finished' || job.state === 'cancelled';

export function createDeployJobs(contextNow: () => Promise<DeployContext>): DeployJobs {
  const plans = new Map<string, PlannedDeploy>();
  const jobs = new Map<string, Running>();
  const news = createNews();

  function jobOf(jobId: string): Running {
    const running = jobs.get(jobId);
    if (!running)
      throw new Failure('deploy/unknown-job', 'This deploy is not known any more; Tapline was started again since.');
    return running;
  }

  async function run(context: DeployContext, planned: PlannedDeploy, request: StartRequest, running: Running) {
    const { job, cancel } = running;
    try {
      job.summary = await applyPlan(context, planned, {
        ...request,
        signal: cancel.signal,
        onOutcome: (outcome) => {
          job.outcomes.push(outcome);
          news.announce();
        },
        onVerifying: () => {
          job.state = 'verifying';
          news.announce();
        },
      });
    } catch (error) {
      running.failed = error;
    } finally {
      job.state = cancel.signal.aborted ? 'cancelled' : 'finished';
      news.announce();
    }
  }

  return {
    async plan(prune, signal) {
      const planned = await planFlow(await contextNow(), { prune, signal });
      const planId = randomUUID();
      keep(plans, planId, planned, () => true);
      return { planId, plan: planned.plan };
    },
    async start(request) {
      const earlier = plans.get(request.planId);
      if (!earlier)
        throw new Failure('deploy/unknown-plan', 'This plan is not known any more.', { hint: 'Plan again.' });
      if ([...jobs.values()].some((running) => !isEnded(running))) {
        throw new Failure('deploy/busy', 'A deploy is running already.', { hint: 'Wait for its end, or cancel it.' });
      }
      const context = await contextNow();
      const planned = await planFlow(context, earlier.options);
      checkUnchanged(earlier.plan, planned.plan);
      checkEnvironment(context, planned.plan, request.confirmation);
      const total = request.stepIds?.length ?? planned.plan.steps.length;
      const job: DeployJob = { jobId: randomUUID(), state: 'running', total, outcomes: [] };
      const running: Running = { job, cancel: new AbortController(), ended: Promise.resolve() };
      running.ended = run(context, planned, request, running);
      keep(jobs, job.jobId, running, isEnded);
      return structuredClone(job);
    },
    async progress(jobId, seen, timeoutMs, signal) {
      const running = jobOf(jobId);
      const { state } = running.job;
      const deadline = Date.now() + timeoutMs;
      const isNews = () => running.job.outcomes.length > seen || running.job.state !== state || isEnded(running);
      while (!isNews() && !signal?.aborted && Date.now() < deadline) await news.wait(deadline - Date.now(), signal);
      if (!isEnded(running))
        await Promise.race([running.ended, new Promise((resolve) => setTimeout(resolve, GATHER_MS))]);
      if (running.failed !== undefined) throw running.failed;
      return structuredClone(running.job);
    },
    cancel(jobId) {
      jobOf(jobId).cancel.abort();
    },
    async close() {
      for (const running of jobs.values()) running.cancel.abort();
      await Promise.all([...jobs.values()].map(({ ended }) => ended));
    },
  };
}
