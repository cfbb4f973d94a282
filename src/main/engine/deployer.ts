import type { DeploySummary, Outcome, Plan, Step } from '@shared/deploy/plan';
import { Failure } from '@shared/failure';
import { urlAddress } from './connection-url';
import { driverOf } from './kinds';
import { acquireLease } from './lease';
import type { LedgerKey } from './ledger';
import {
  checkUnchanged,
  type DeployContext,
  flowIdentity,
  type PlannedDeploy,
  type PlanOptions,
  planFlow,
  targetsIdentity,
} from './planner';
import { checkProtection } from './protection';

export interface ApplyOptions {
  /** Covers steps that can lose messages; without it they are skipped, with the counts. */
  allowDataLoss?: boolean;
  /** The environment's name as typed; needed where its protection is `confirm`. */
  confirmation?: string;
  /** Only these steps. */
  stepIds?: string[];
  /** Called once per step, in the order in which they end. */
  onOutcome?: (outcome: Outcome) => void;
  /** Called when all steps have ended and the second inspection begins. */
  onVerifying?: () => void;
  signal?: AbortSignal;
}

/** Refuses what the environment forbids. @throws Failure */
export function checkEnvironment({ environment }: DeployContext, plan: Plan, confirmation: string | undefined): void {
  const { name, expectedCluster } = environment;
  checkProtection(environment, confirmation);
  for (const { broker, clusterName } of expectedCluster ? plan.brokers : []) {
    if (clusterName === expectedCluster) continue;
    throw new Failure(
      'environment/other-cluster',
      `${name} expects the cluster "${expectedCluster}", but the broker "${broker}" ${clusterName ? `is "${clusterName}"` : 'does not say which it is'}.`,
      { hint: 'Check the connection, or change the expected cluster of the environment.', object: broker },
    );
  }
}

/** What a step puts at risk, in words after “it holds”: `3 messages`, `an unknown number of messages`. */
function stakeOf({ atStake }: Step): string {
  const { messages, unacked } = atStake ?? { messages: null, unacked: null };
  if (messages === null || unacked === null) return 'an unknown number of messages';
  const total = messages + unacked;
  if (total === 0) return 'none now, but may get some meanwhile';
  return total === 1 ? '1 message' : `${total} messages`;
}

function refusedForLoss(step: Step): Outcome {
  const isQueue = step.objectType === 'queue';
  return {
    stepId: step.id,
    outcome: 'skipped',
    error: {
      code: 'deploy/would-lose-messages',
      message: `To ${step.action} the ${step.objectType} "${step.name}" can lose messages: ${isQueue ? `it holds ${stakeOf(step)}` : 'what is published to it meanwhile'}.`,
      hint: `${isQueue ? 'Drain it' : 'Stop its publishers'} first, or allow data loss (--allow-data-loss).`,
    },
  };
}

/**
 * Carries out a plan and inspects again. Each step gets exactly one outcome; a failed one stops no other.
 * @throws Failure when the environment forbids it or another process deploys the flow there; then nothing was changed
 */
export async function applyPlan(
  context: DeployContext,
  planned: PlannedDeploy,
  options: ApplyOptions = {},
): Promise<DeploySummary> {
  const { flow, targets, audit, dataFolder, environment } = context;
  checkEnvironment(context, planned.plan, options.confirmation);
  const lease = await acquireLease({
    dataFolder,
    activity: 'deploy',
    flow: flowIdentity(flow),
    flowName: flow.name,
    where: targetsIdentity(targets),
  });
  const about = { flow: flow.name, environment: environment.name };
  try {
    const wanted = options.stepIds ? new Set(options.stepIds) : null;
    const chosen = planned.plan.steps.filter((step) => wanted?.has(step.id) ?? true);
    await audit.write({ event: 'deploy-started', ...about, steps: chosen.length, ...planned.options });
    const summary = await carryOut(context, planned, chosen, options);
    await audit.write({ event: 'deploy-ended', ...about, summary });
    return summary;
  } finally {
    await lease.release();
  }
}

async function carryOut(
  context: DeployContext,
  planned: PlannedDeploy,
  chosen: Step[],
  options: ApplyOptions,
): Promise<DeploySummary> {
  const outcomes = new Map<string, Outcome>();
  const writes: Promise<void>[] = [];
  const record = (step: Step, outcome: Outcome) => {
    if (outcomes.has(step.id)) return;
    outcomes.set(step.id, outcome);
    writes.push(context.audit.write(auditStep(context, planned.plan, step, outcome)));
    options.onOutcome?.(outcome);
  };
  const allowed: Step[] = [];
  for (const step of chosen) {
    if (step.canLoseMessages && !options.allowDataLoss) record(step, refusedForLoss(step));
    else allowed.push(step);
  }
  const applied = planned.plan.brokers.map(({ broker, clusterName }) => ({
    broker,
    key: keyOf(context, broker, clusterName),
    steps: allowed.filter((step) => step.broker === broker),
  }));
  for (const { key, steps } of applied) if (steps.length > 0) await context.ledger.begin(key, steps);

  const startedAt = performance.now();
  await Promise.all(applied.map(({ broker, steps }) => applyTo(context, broker, steps, record, options.signal)));
  const applyMs = performance.now() - startedAt;

  options.onVerifying?.();
  const verified = await verify(context, planned);
  const done = new Set([...outcomes.values()].filter(({ outcome }) => outcome === 'done').map(({ stepId }) => stepId));
  for (const { broker, key, steps } of applied) {
    await context.ledger.end(key, { steps, done, verified: verdictOf(verified, planned, broker) });
  }
  await Promise.all(writes);
  return summarise(planned, [...outcomes.values()], verified, applyMs);
}

type Verified = { planned: PlannedDeploy; ms: number } | { error: string; ms: number };

async function verify(context: DeployContext, planned: PlannedDeploy): Promise<Verified> {
  const startedAt = performance.now();
  try {
    const again = await planFlow(context, planned.options);
    return { planned: again, ms: performance.now() - startedAt };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { error: error.message, ms: performance.now() - startedAt };
  }
}

function verdictOf(verified: Verified, { options }: PlannedDeploy, broker: string) {
  if ('error' in verified) return null;
  const { steps, brokers } = verified.planned.plan;
  const left = steps.filter((step) => step.broker === broker);
  const sawAll = brokers.find((candidate) => candidate.broker === broker)?.cannotSee.length === 0;
  const sawDeletes = sawAll && (options.prune || options.destroy);
  return { steps: left, sawDeletes, allGone: sawAll && options.destroy && left.length === 0 };
}

function keyOf(context: DeployContext, broker: string, clusterName: string | null): LedgerKey {
  return { flow: flowIdentity(context.flow), address: urlAddress(context.targets[broker]?.url ?? ''), clusterName };
}

/** Steps of one broker. Whatever the driver leaves without an outcome, because it gave up as a whole, failed for that reason. */
async function applyTo(
  context: DeployContext,
  broker: string,
  steps: Step[],
  record: (step: Step, outcome: Outcome) => void,
  signal?: AbortSignal,
): Promise<void> {
  const target = context.targets[broker];
  if (steps.length === 0 || !target) return;
  const byId = new Map(steps.map((step) => [step.id, step]));
  const settle = (outcome: Outcome) => {
    const step = byId.get(outcome.stepId);
    if (step) record(step, outcome);
  };
  const driver = driverOf(context.drivers, context.flow.brokers[broker]?.kind ?? '', broker);
  try {
    await driver.apply(target, { steps, signal, onOutcome: settle });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const failed = { code: error.code, message: error.message, ...(error.hint ? { hint: error.hint } : {}) };
    for (const step of steps) record(step, { stepId: step.id, outcome: 'failed', error: failed });
  }
}

function auditStep(context: DeployContext, plan: Plan, step: Step, { outcome, error }: Outcome) {
  return {
    event: 'step' as const,
    flow: context.flow.name,
    environment: context.environment.name,
    broker: step.broker,
    cluster: plan.brokers.find(({ broker }) => broker === step.broker)?.clusterName ?? null,
    action: step.action,
    objectType: step.objectType,
    vhost: step.vhost,
    name: step.name,
    ...(step.atStake ? { atStake: step.atStake } : {}),
    outcome,
    ...(error ? { error: error.message } : {}),
  };
}

function summarise(planned: PlannedDeploy, outcomes: Outcome[], verified: Verified, applyMs: number): DeploySummary {
  const of = (state: Outcome['outcome']) => outcomes.filter(({ outcome }) => outcome === state).length;
  const untouched = planned.plan.brokers.reduce((sum, { unchanged }) => sum + unchanged, 0);
  const seen = 'error' in verified ? null : verified.planned.plan;
  return {
    done: of('done'),
    unchanged: of('unchanged') + untouched,
    failed: of('failed'),
    skipped: of('skipped'),
    remaining: seen ? seen.steps.length : planned.plan.steps.length - of('done'),
    status: seen ? seen.status : 'partial',
    ...('error' in verified ? { notVerified: verified.error } : {}),
    planMs: planned.planMs,
    applyMs,
    verifyMs: verified.ms,
  };
}

/** Plans and carries out in one go. With `earlier`, only if that plan still holds. @throws Failure */
export async function deployFlow(
  context: DeployContext,
  options: PlanOptions & ApplyOptions & { earlier?: Plan } = {},
): Promise<DeploySummary> {
  const planned = await planFlow(context, options);
  if (options.earlier) checkUnchanged(options.earlier, planned.plan);
  return applyPlan(context, planned, options);
}
