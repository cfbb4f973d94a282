import type { Protection } from '@shared/api/environment';
import type { Plan, PlanStatus } from '@shared/deploy/plan';
import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import type { ConnectionTarget, PlanRequest } from '../kinds/driver';
import type { AuditLog } from './audit';
import { urlAddress } from './connection-url';
import { type Drivers, driverOf } from './kinds';
import type { Ledger, LedgerKey } from './ledger';

/** What a deploy works on and with. */
export interface DeployContext {
  flow: Flow;
  /** By broker id. Brokers without one are an error if anything is drawn in them. */
  targets: Record<string, ConnectionTarget>;
  drivers: Drivers;
  ledger: Ledger;
  audit: AuditLog;
  /** Holds the leases. */
  dataFolder: string;
  environment: { name: string; protection: Protection; expectedCluster?: string };
}

export interface PlanOptions {
  /** Also delete what the ledger says is ours and is no longer drawn. */
  prune?: boolean;
  /** Delete all that is ours instead. */
  destroy?: boolean;
  signal?: AbortSignal;
}

/** A plan with what is needed to carry it out. */
export interface PlannedDeploy {
  plan: Plan;
  options: { prune: boolean; destroy: boolean };
  planMs: number;
}

/** Flows are known by the id given at birth, hand-written ones by their name. */
export function flowIdentity(flow: Flow): string {
  return flow.id ?? `name:${flow.name}`;
}

/** Which brokers these targets are, whatever the environment is called. */
export function targetsIdentity(targets: Record<string, ConnectionTarget>): string {
  return Object.values(targets)
    .map((target) => `${target.broker}=${urlAddress(target.url)}`)
    .sort()
    .join(' ');
}

/** Is there anything of the flow in this broker? Only then it needs a connection. */
export function isDrawn(flow: Flow, broker: string): boolean {
  const settings = Object.values(flow.brokers[broker]?.settings ?? {});
  const hasSettings = settings.some(
    (value) => typeof value === 'object' && value !== null && Object.keys(value).length > 0,
  );
  return hasSettings || Object.values(flow.nodes).some((node) => node.broker === broker);
}

/** The brokers to look at: all that have a connection. @throws Failure `deploy/no-connection` */
function brokersOf({ flow, targets, environment }: DeployContext): [string, ConnectionTarget][] {
  const found: [string, ConnectionTarget][] = [];
  for (const [id, broker] of Object.entries(flow.brokers)) {
    const target = targets[id];
    if (target) found.push([id, target]);
    else if (isDrawn(flow, id)) {
      throw new Failure(
        'deploy/no-connection',
        `${environment.name} has no connection for the broker "${id}" (${broker.name}).`,
        { hint: `Add one in the connection dialog, or give --connect ${id}=URL.`, object: id },
      );
    }
  }
  return found;
}

async function ledgerKeyOf(context: DeployContext, broker: string, target: ConnectionTarget, signal?: AbortSignal) {
  const flow = flowIdentity(context.flow);
  const key: LedgerKey = { flow, address: urlAddress(target.url), clusterName: null };
  if (!(await context.ledger.knows(flow))) return key;
  const driver = driverOf(context.drivers, context.flow.brokers[broker]?.kind ?? '', broker);
  return { ...key, clusterName: (await driver.facts(target, signal)).clusterName ?? null };
}

/** Inspects every broker of the flow and compares; changes nothing. @throws Failure when one cannot be reached */
export async function planFlow(context: DeployContext, options: PlanOptions = {}): Promise<PlannedDeploy> {
  const { flow, ledger, drivers } = context;
  const { prune = false, destroy = false, signal } = options;
  const startedAt = performance.now();
  const parts = await Promise.all(
    brokersOf(context).map(async ([broker, target]) => {
      const driver = driverOf(drivers, flow.brokers[broker]?.kind ?? '', broker);
      const owned = await ledger.owned(await ledgerKeyOf(context, broker, target, signal));
      const request: PlanRequest = { flow, owned, prune, destroy, signal };
      return driver.plan(target, request);
    }),
  );
  const brokers = parts.map(({ brokerPlan }) => brokerPlan);
  const steps = parts.flatMap((part) => part.steps);
  const isPartial = brokers.some(({ cannotSee }) => cannotSee.length > 0);
  const status: PlanStatus = isPartial ? 'partial' : steps.length > 0 ? 'changes' : 'in-sync';
  return {
    plan: { format: 1, flowName: flow.name, status, brokers, steps },
    options: { prune, destroy },
    planMs: performance.now() - startedAt,
  };
}

/** Refuses when a plan made earlier no longer says the truth. @throws Failure `deploy/changed-since-plan` */
export function checkUnchanged(earlier: Plan, now: Plan): void {
  const hint = 'Plan again, look at the difference, and deploy that.';
  for (const broker of now.brokers) {
    const before = earlier.brokers.find((candidate) => candidate.broker === broker.broker);
    if (before?.foundFingerprint !== broker.foundFingerprint) {
      throw new Failure(
        'deploy/changed-since-plan',
        `The broker "${broker.broker}" was changed since the plan was made.`,
        {
          hint,
          object: broker.broker,
        },
      );
    }
  }
  const ids = (plan: Plan) => plan.steps.map(({ id }) => id).join('\n');
  if (ids(earlier) !== ids(now)) {
    throw new Failure('deploy/changed-since-plan', `The flow "${now.flowName}" was changed since the plan was made.`, {
      hint,
    });
  }
}
