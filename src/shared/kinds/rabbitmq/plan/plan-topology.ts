import type { LeftOver, Step } from '@shared/deploy/plan';
import type { FoundTopology } from '../objects';
import type { ResolvedTopology } from '../resolve';
import { findSandboxGap, findVhostGap, isSandbox } from '../sandbox-gaps';
import { foundState } from './found-state';
import type { StepObject } from './payload';
import { planBindings } from './plan-bindings';
import { planDeletes } from './plan-deletes';
import { planExchanges, planQueues } from './plan-objects';
import { planBrokerSettings } from './plan-settings';
import { planVhosts } from './plan-vhosts';
import { orderSteps } from './step';

export interface PlanInput {
  broker: string;
  resolved: ResolvedTopology;
  found: FoundTopology;
  /** What Tapline made here for this flow: `objectType\0vhost\0name`. */
  owned: ReadonlySet<string>;
  /** Also delete owned objects that are no longer drawn. */
  prune: boolean;
  /** Delete everything owned, and nothing else. */
  destroy: boolean;
  /** Names that drawn objects had before, by their resolved key. */
  formerNames: ReadonlyMap<string, string>;
}

/** Steps of one kind of object, with how many were compared and found equal. */
export interface PartialPlan {
  steps: Step[];
  unchanged: number;
  /** Sentences on what is not as the flow presumes and is not Tapline's to change: referenced objects that are missing or differ. */
  warnings: string[];
}

export interface TopologyPlan extends PartialPlan {
  leftOver: LeftOver[];
  /** Hash of the state of all drawn and owned objects. */
  fingerprint: string;
}

/** Compares wanted with found. Pure: says what to do, does nothing. */
export function planTopology(given: PlanInput): TopologyPlan {
  const isForSandbox = isSandbox(given.found.facts);
  const input = isForSandbox ? withoutVhostSettings(given) : given;
  const gaps = isForSandbox ? given.resolved.topology.vhosts.flatMap((vhost) => findVhostGap(vhost) ?? []) : [];
  const parts = input.destroy
    ? [planDeletes(input)]
    : [
        planVhosts(input),
        planExchanges(input),
        planBrokerSettings(input),
        planQueues(input),
        planBindings(input),
        ...(input.prune ? [planDeletes(input)] : []),
      ];
  const isKept = !input.destroy && !input.prune;
  return {
    leftOver: isKept
      ? planDeletes(input).steps.map(({ objectType, vhost, name }) => ({ objectType, vhost, name }))
      : [],
    steps: orderSteps(parts.flatMap(({ steps }) => (isForSandbox ? steps.map(markGap) : steps))),
    unchanged: parts.reduce((sum, { unchanged }) => sum + unchanged, 0),
    warnings: [...gaps, ...parts.flatMap(({ warnings }) => warnings)],
    fingerprint: foundState(input),
  };
}

/** Says of a step that the sandbox cannot have its object. */
function markGap(step: Step): Step {
  const unsupported = findSandboxGap(step.object as StepObject);
  return unsupported === undefined ? step : { ...step, unsupported };
}

/** The sandbox has virtual hosts by name only. */
function withoutVhostSettings(input: PlanInput): PlanInput {
  const { topology } = input.resolved;
  const vhosts = topology.vhosts.map(({ name }) => ({ name }));
  return { ...input, resolved: { ...input.resolved, topology: { ...topology, vhosts } } };
}
