import type { FieldChange } from '@shared/deploy/plan';
import { sameJson } from '@shared/flow/diff';
import type { VhostObject } from '../objects';
import { topologyKey } from '../resolve';
import { emptyPlan, ownershipOf, warnAboutReference } from './plan-objects';
import type { PartialPlan, PlanInput } from './plan-topology';
import { makeStep } from './step';

const VHOST_FIELDS = ['description', 'defaultQueueType', 'tags', 'limits'] as const;

/** Vhosts: those kept in the flow, and those that drawn objects need. */
export function planVhosts(input: PlanInput): PartialPlan {
  const { broker, resolved, found } = input;
  const plan = emptyPlan();
  if (!found.vhosts) return plan;
  const existing = new Map(found.vhosts.map((vhost) => [vhost.name, vhost]));
  const { topology, ownership } = resolved;
  const needed = new Map<string, VhostObject>(topology.vhosts.map((vhost) => [vhost.name, vhost]));
  for (const [objectType, objects] of [
    ['exchange', topology.exchanges],
    ['queue', topology.queues],
  ] as const) {
    for (const { vhost, name } of objects) {
      const isManaged = ownership[topologyKey(objectType, vhost, name)] === 'managed';
      if (isManaged && !needed.has(vhost)) needed.set(vhost, { name: vhost });
    }
  }
  for (const vhost of needed.values()) {
    const { name } = vhost;
    const key = topologyKey('vhost', name, name);
    const subject = resolved.origins[key];
    const draft = { broker, vhost: name, name, subject, object: { type: 'vhost', vhost } as const };
    const old = existing.get(name);
    if (ownershipOf(input, key) !== 'managed') {
      warnAboutVhost(plan, input, vhost, old);
      continue;
    }
    if (!old) {
      plan.steps.push(
        makeStep({ ...draft, action: 'create', reason: 'Drawn objects live in it, and it is not on the broker yet.' }),
      );
      continue;
    }
    const changes = compareVhost(old, vhost);
    if (changes.length === 0) plan.unchanged += subject ? 1 : 0;
    else
      plan.steps.push(
        makeStep({
          ...draft,
          action: 'change',
          changes,
          // What the flow does not say stays as it is; the broker would reset what it is not told.
          object: { type: 'vhost', vhost: { ...old, ...definedOf(vhost) } },
          reason: `Its ${changes.map(({ field }) => field).join(', ')} differ.`,
        }),
      );
  }
  return plan;
}

/** What the flow says and the broker has otherwise. */
function compareVhost(found: VhostObject, wanted: VhostObject): FieldChange[] {
  return VHOST_FIELDS.filter((field) => wanted[field] !== undefined && !sameJson(wanted[field], found[field])).map(
    (field) => ({ field, from: found[field], to: wanted[field] }),
  );
}

function warnAboutVhost(
  plan: PartialPlan,
  input: PlanInput,
  wanted: VhostObject,
  found: VhostObject | undefined,
): void {
  if (ownershipOf(input, topologyKey('vhost', wanted.name, wanted.name)) === 'ignored') return;
  const changes = found && compareVhost(found, wanted);
  warnAboutReference(plan, `vhost “${wanted.name}”`, changes);
}

function definedOf(vhost: VhostObject): VhostObject {
  return Object.fromEntries(Object.entries(vhost).filter(([, value]) => value !== undefined)) as unknown as VhostObject;
}
