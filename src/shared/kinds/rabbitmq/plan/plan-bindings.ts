import type { BindingObject } from '../objects';
import { bindingKey, topologyKey } from '../resolve';
import { bindingIdentity, bindingName } from './compare';
import { emptyPlan, ownershipOf } from './plan-objects';
import type { PartialPlan, PlanInput } from './plan-topology';
import { makeStep } from './step';

/** Bindings: create what is missing. A binding has nothing to change; another key is another binding. */
export function planBindings(input: PlanInput): PartialPlan {
  const { broker, resolved, found } = input;
  const plan = emptyPlan();
  const existing = found.bindings && new Set(found.bindings.map(bindingIdentity));
  const objects = namesOf(input);
  const planned = new Set<string>();
  for (const wanted of resolved.topology.bindings) {
    const identity = bindingIdentity(wanted);
    const key = bindingKey(wanted);
    const ownership = ownershipOf(input, key);
    if (planned.has(identity) || ownership === 'ignored') continue;
    planned.add(identity);
    if (existing?.has(identity)) {
      plan.unchanged++;
      continue;
    }
    const { vhost } = wanted;
    const name = bindingName(wanted);
    if (ownership === 'referenced') {
      if (existing)
        plan.warnings.push(`The binding “${name}” in vhost “${vhost}” is only referred to and not on the broker.`);
      continue;
    }
    const reason = existing
      ? 'It is not on the broker yet.'
      : 'Bindings cannot be seen without the management API; making one again changes nothing.';
    plan.steps.push(
      makeStep({
        broker,
        action: 'create',
        vhost,
        name,
        subject: resolved.origins[key],
        object: { type: 'binding', binding: wanted },
        reason,
        notes: missingEnds(objects, wanted),
      }),
    );
  }
  return plan;
}

/** Keys of all exchanges and queues that are on the broker or about to be made. */
function namesOf(input: PlanInput): ReadonlySet<string> {
  const { found, resolved } = input;
  const keysOf = (type: string, list: readonly { vhost: string; name: string }[]) =>
    list.map(({ vhost, name }) => topologyKey(type, vhost, name));
  const drawn = [...keysOf('exchange', resolved.topology.exchanges), ...keysOf('queue', resolved.topology.queues)];
  return new Set([
    ...keysOf('exchange', found.exchanges),
    ...keysOf('queue', found.queues),
    ...drawn.filter((key) => ownershipOf(input, key) === 'managed'),
  ]);
}

/** Ends that are not there and not Tapline's to make: the step will fail, so say so first. */
function missingEnds(
  objects: ReadonlySet<string>,
  { vhost, source, destination, destinationType }: BindingObject,
): string[] {
  const ends = [
    ['exchange', source],
    [destinationType, destination],
  ] as const;
  return ends
    .filter(([type, name]) => !objects.has(topologyKey(type, vhost, name)) && !name.startsWith('amq.'))
    .map(([type, name]) => `The ${type} “${name}” is not on the broker and not Tapline’s to make: this will fail.`);
}
