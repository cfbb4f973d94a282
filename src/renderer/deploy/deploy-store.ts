import type { ReadableFailure } from '@renderer/engine/failure';
import type { DeployJob } from '@shared/api/contract';
import type { DeploySummary, Outcome, Plan } from '@shared/deploy/plan';
import { sameJson } from '@shared/flow/diff';
import type { Flow } from '@shared/flow/schema';
import { createStore, type StoreApi } from 'zustand/vanilla';

/** A plan as it was made, and for what. */
export interface MadePlan {
  planId: string;
  plan: Plan;
  prune: boolean;
  /** Epoch milliseconds. */
  madeAt: number;
  /** What it was made for: another drawing or environment makes the plan stale. */
  context: PlanContext;
}

/** What a plan depends on; where things stand on the canvas is no part of it. */
export interface PlanContext {
  drawn: Pick<Flow, 'brokers' | 'nodes' | 'links'>;
  environment: string;
}

/** Was the plan made for this drawing and environment? */
export function isSameContext(a: PlanContext, b: PlanContext): boolean {
  return (
    a.environment === b.environment &&
    sameJson(a.drawn.nodes, b.drawn.nodes) &&
    sameJson(a.drawn.links, b.drawn.links) &&
    sameJson(a.drawn.brokers, b.drawn.brokers)
  );
}

export type DeployPhase =
  | 'none'
  | 'planning'
  | 'planned'
  | 'starting'
  | 'deploying'
  | 'verifying'
  | 'finished'
  | 'cancelled';

/** Plan and deploy as the panel shows them. */
export interface DeployState {
  phase: DeployPhase;
  made: MadePlan | null;
  /** Set when planning failed. */
  failure: ReadableFailure | null;
  jobId: string | null;
  /** Steps the running or last deploy carries out; fewer than the plan's when some were left out. */
  total: number;
  outcomes: ReadonlyMap<string, Outcome>;
  summary: DeploySummary | null;
  isCancelling: boolean;
  /** Should Plan also list owned objects that are no longer drawn, as deletes? */
  prune: boolean;
}

const NO_OUTCOMES: ReadonlyMap<string, Outcome> = new Map();

export function initialDeployState(): DeployState {
  return {
    phase: 'none',
    made: null,
    failure: null,
    jobId: null,
    total: 0,
    outcomes: NO_OUTCOMES,
    summary: null,
    isCancelling: false,
    prune: false,
  };
}

/** Is a deploy under way? Then nothing else may be planned or started from this window. */
export function isBusy({ phase }: DeployState): boolean {
  return phase === 'planning' || phase === 'starting' || phase === 'deploying' || phase === 'verifying';
}

/** The part of the engine that plans and deploys. */
export interface DeployPort {
  plan: (input: { prune: boolean }) => Promise<{ planId: string; plan: Plan }>;
  start: (input: {
    planId: string;
    allowDataLoss: boolean;
    confirmation?: string;
    stepIds?: string[];
  }) => Promise<DeployJob>;
  progress: (input: { jobId: string; seen: number }) => Promise<DeployJob>;
  cancel: (input: { jobId: string }) => Promise<unknown>;
}

export interface StartOptions {
  allowDataLoss: boolean;
  confirmation?: string;
  stepIds?: string[];
}

export interface DeployStore {
  store: StoreApi<DeployState>;
  /** Makes a plan; what fails is kept in `failure` and thrown on. */
  plan: (context: PlanContext, now: number) => Promise<MadePlan>;
  /** Carries out the plan; resolves when the job has ended. */
  start: (options: StartOptions) => Promise<void>;
  cancel: () => Promise<void>;
}

/** Makes the store of plans and deploys over an engine. */
export function createDeployStore(port: DeployPort, read: (error: unknown) => ReadableFailure): DeployStore {
  const store = createStore<DeployState>(initialDeployState);
  const { getState, setState } = store;

  const takeJob = (job: DeployJob) =>
    setState(({ outcomes }) => {
      const merged = new Map(outcomes);
      for (const outcome of job.outcomes) merged.set(outcome.stepId, outcome);
      const phase = job.state === 'running' ? 'deploying' : job.state;
      return { jobId: job.jobId, phase, total: job.total, outcomes: merged, summary: job.summary ?? null };
    });

  async function follow(first: DeployJob): Promise<void> {
    let job = first;
    takeJob(job);
    while (job.state === 'running' || job.state === 'verifying') {
      job = await port.progress({ jobId: job.jobId, seen: getState().outcomes.size });
      takeJob(job);
    }
  }

  return {
    store,
    async plan(context, now) {
      const { prune } = getState();
      setState({ phase: 'planning', failure: null });
      try {
        const { planId, plan } = await port.plan({ prune });
        const made: MadePlan = { planId, plan, prune, madeAt: now, context };
        setState({ ...initialDeployState(), prune, phase: 'planned', made });
        return made;
      } catch (error) {
        setState(({ made }) => ({ failure: read(error), phase: made ? 'planned' : 'none' }));
        throw error;
      }
    },
    async start(options) {
      const { made } = getState();
      if (!made) return;
      const total = options.stepIds?.length ?? made.plan.steps.length;
      setState({ phase: 'starting', outcomes: NO_OUTCOMES, summary: null, failure: null, isCancelling: false, total });
      try {
        await follow(await port.start({ planId: made.planId, ...options }));
      } catch (error) {
        // What was carried out before the engine went away stays on view; the plan itself is old now.
        setState({ failure: read(error), phase: getState().outcomes.size > 0 ? 'cancelled' : 'planned' });
        throw error;
      } finally {
        setState({ isCancelling: false });
      }
    },
    async cancel() {
      const { jobId } = getState();
      if (jobId === null) return;
      setState({ isCancelling: true });
      await port.cancel({ jobId });
    },
  };
}
