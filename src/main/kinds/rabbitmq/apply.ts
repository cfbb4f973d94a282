import type { Outcome, Step } from '@shared/deploy/plan';
import { Failure } from '@shared/failure';
import type { StepObject } from '@shared/kinds/rabbitmq/plan/payload';
import type { ApplyRequest, ConnectionTarget } from '../driver';
import { applyOverAmqp } from './apply-amqp';
import { applyOverHttp } from './apply-http';
import { findManagement } from './management';

/** A step of this kind, its payload typed. Plans that were saved to a file come back through the same shape. */
export type RabbitStep = Step & { object: StepObject };

/** Tells what became of a step; called exactly once for each. */
export type Settle = (step: RabbitStep, outcome: Outcome['outcome'], error?: Outcome['error']) => void;

/** Channels that work side by side: amqplib waits for each reply on a channel, so only more channels keep the broker busy. */
const LANES = 16;

export const CANCELLED = { code: 'deploy/cancelled', message: 'The deploy was cancelled before this step.' };

export function errorOf({ code, message, hint }: Failure): NonNullable<Outcome['error']> {
  return { code, message, ...(hint ? { hint } : {}) };
}

/**
 * Carries out steps in order, phase by phase; within a phase many at a time. A failure stops nothing that does not depend on it.
 * Every step gets exactly one outcome, when cancelled `skipped`.
 */
export async function applySteps(target: ConnectionTarget, { steps, onOutcome, signal }: ApplyRequest): Promise<void> {
  const missing = new Map<string, string>();
  const settle: Settle = (step, outcome, error) => {
    const isMissing = step.action !== 'delete' && (outcome === 'failed' || outcome === 'skipped');
    if (isMissing)
      missing.set(dependencyKey(step.objectType, step.vhost, step.name), `${step.objectType} “${step.name}”`);
    onOutcome({ stepId: step.id, outcome, ...(error ? { error } : {}) });
  };
  for (const phase of phasesOf(steps)) {
    const ready: RabbitStep[] = [];
    for (const step of phase.steps) {
      const dependency = missingDependency(step, missing);
      if (signal?.aborted) settle(step, 'skipped', CANCELLED);
      else if (step.unsupported !== undefined)
        settle(step, 'skipped', { code: 'deploy/unsupported', message: step.unsupported });
      else if (dependency)
        settle(step, 'skipped', { code: 'deploy/depends', message: `The ${dependency} could not be made.` });
      else ready.push(step);
    }
    if (ready.length === 0) continue;
    if (phase.requires === 'amqp') await applyOverAmqp(target, { ...phase, steps: ready }, settle, signal);
    else await applyOverManagement(target, ready, settle, signal);
  }
}

/** Steps of one object type and direction: they do not depend on one another, later phases may depend on them. */
interface Phase {
  requires: Step['requires'];
  steps: RabbitStep[];
  /**
   * How many at a time. Objects are recreated one by one: two that are bound to each other would else look for bindings' ends while
   * these are gone.
   */
  lanes: number;
}

function phasesOf(steps: readonly Step[]): Phase[] {
  const phases = new Map<string, Phase>();
  for (const step of steps as readonly RabbitStep[]) {
    const { action, objectType, requires } = step;
    const key = `${action === 'change' ? 'create' : action}/${objectType}/${requires}`;
    const phase = phases.get(key) ?? { requires, lanes: action === 'recreate' ? 1 : LANES, steps: [] };
    phase.steps.push(step);
    phases.set(key, phase);
  }
  return [...phases.values()];
}

function dependencyKey(objectType: string, vhost: string, name: string): string {
  return `${objectType}\u0000${vhost}\u0000${name}`;
}

/** An object that the step needs and that could not be made: it is skipped with that reason rather than tried. */
function missingDependency({ object, vhost }: RabbitStep, missing: ReadonlyMap<string, string>): string | undefined {
  if (object.type === 'vhost' || missing.size === 0) return undefined;
  const needed = [dependencyKey('vhost', vhost, vhost)];
  if (object.type === 'binding') {
    const { source, destination, destinationType } = object.binding;
    needed.push(dependencyKey('exchange', vhost, source), dependencyKey(destinationType, vhost, destination));
  }
  return needed.map((key) => missing.get(key)).find((label) => label !== undefined);
}

async function applyOverManagement(
  target: ConnectionTarget,
  steps: RabbitStep[],
  settle: Settle,
  signal?: AbortSignal,
): Promise<void> {
  const management = await findManagement(target, signal);
  if (!management.client) {
    const error = {
      code: 'deploy/needs-management',
      message: `This needs the management API. ${management.reason}`,
      hint: 'Give its URL with the connection.',
    };
    for (const step of steps) settle(step, 'skipped', error);
    return;
  }
  try {
    for (const step of steps) {
      if (signal?.aborted) {
        settle(step, 'skipped', CANCELLED);
        continue;
      }
      try {
        await applyOverHttp(management.client, step, target);
        settle(step, 'done');
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        settle(step, 'failed', errorOf(error));
      }
    }
  } finally {
    management.client.close();
  }
}
