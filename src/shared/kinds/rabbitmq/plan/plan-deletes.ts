import type { QueueObject } from '../objects';
import { topologyKey } from '../resolve';
import { bindingIdentity, bindingName, queueTypeOf } from './compare';
import type { StepObject } from './payload';
import { emptyPlan } from './plan-objects';
import type { PartialPlan, PlanInput } from './plan-topology';
import { hasMessages, makeStep, stakeOf } from './step';

/** Deletes what the ledger says is ours: what is no longer drawn, or all of it for `destroy`. Never anything else. */
export function planDeletes(input: PlanInput): PartialPlan {
  const { broker, resolved, found, owned, destroy } = input;
  const { topology } = resolved;
  const plan = emptyPlan();
  const drawnBindings = new Set(topology.bindings.map(bindingIdentity));
  // What is drawn as somebody else's is left alone even if Tapline made it once.
  const isDrawn = (key: string) => {
    const ownership = resolved.ownership[key];
    return destroy ? ownership === 'referenced' || ownership === 'ignored' : ownership !== undefined;
  };
  const reason = destroy
    ? 'Tapline made it for this flow.'
    : 'Tapline made it for this flow, and it is no longer drawn.';
  const remove = (
    vhost: string,
    name: string,
    object: StepObject,
    extra: { notes?: string[]; canLoseMessages?: boolean } = {},
  ) => plan.steps.push(makeStep({ broker, action: 'delete', vhost, name, object, reason, ...extra }));

  for (const binding of found.bindings ?? []) {
    const name = bindingName(binding);
    const isWanted = !destroy && drawnBindings.has(bindingIdentity(binding));
    if (owned.has(topologyKey('binding', binding.vhost, name)) && !isWanted)
      remove(binding.vhost, name, { type: 'binding', binding });
  }
  for (const queue of found.queues) {
    const { vhost, name } = queue;
    const key = topologyKey('queue', vhost, name);
    if (!owned.has(key) || isDrawn(key)) continue;
    const atStake = stakeOf(found, vhost, name);
    const canLoseMessages = hasMessages(atStake);
    plan.steps.push(
      makeStep({
        broker,
        action: 'delete',
        vhost,
        name,
        object: { type: 'queue', queue: withType(input, queue) },
        reason,
        atStake,
        canLoseMessages,
      }),
    );
  }
  for (const type of ['policy', 'operator-policy'] as const) {
    for (const policy of (type === 'policy' ? found.policies : found.operatorPolicies) ?? []) {
      const key = topologyKey(type, policy.vhost, policy.name);
      if (owned.has(key) && !isDrawn(key)) remove(policy.vhost, policy.name, { type, policy });
    }
  }
  for (const { vhost, component, name } of found.parameters ?? []) {
    const key = topologyKey('parameter', vhost, `${component}/${name}`);
    if (owned.has(key) && !isDrawn(key))
      remove(vhost, `${component}/${name}`, { type: 'parameter', vhost, component, name, value: null });
  }
  for (const exchange of found.exchanges) {
    const { vhost, name } = exchange;
    const key = topologyKey('exchange', vhost, name);
    if (!owned.has(key) || isDrawn(key)) continue;
    const foreign = (found.bindings ?? []).filter(
      (b) => b.vhost === vhost && b.source === name && !owned.has(topologyKey('binding', vhost, bindingName(b))),
    );
    const notes =
      foreign.length > 0
        ? [`${foreign.length} binding${foreign.length === 1 ? '' : 's'} that Tapline did not make go with it.`]
        : [];
    remove(vhost, name, { type: 'exchange', exchange }, { notes });
  }
  planVhostDeletes(input, plan, reason);
  return plan;
}

/** With the type written out, as far as it can be seen: classic queues can be deleted on the condition that they are empty. */
function withType({ found }: PlanInput, queue: QueueObject): QueueObject {
  if (found.visibility === 'partial') return queue;
  return { ...queue, arguments: { ...queue.arguments, 'x-queue-type': queueTypeOf(queue, found.facts) } };
}

/** A vhost goes only when nothing is left in it that Tapline did not make. */
function planVhostDeletes(
  { broker, found, owned, destroy, resolved }: PlanInput,
  plan: PartialPlan,
  reason: string,
): void {
  const leaving = new Set(plan.steps.map((step) => topologyKey(step.objectType, step.vhost, step.name)));
  for (const vhost of found.vhosts ?? []) {
    const { name } = vhost;
    const key = topologyKey('vhost', name, name);
    const isUsed =
      !destroy &&
      (key in resolved.ownership ||
        [...resolved.topology.queues, ...resolved.topology.exchanges].some((object) => object.vhost === name));
    if (!owned.has(key) || isUsed) continue;
    const stays = [
      ...found.queues
        .filter((queue) => queue.vhost === name && !leaving.has(topologyKey('queue', name, queue.name)))
        .map((queue) => `queue ${queue.name}`),
      ...found.exchanges
        .filter(
          (exchange) =>
            exchange.vhost === name &&
            exchange.name !== '' &&
            !exchange.name.startsWith('amq.') &&
            !leaving.has(topologyKey('exchange', name, exchange.name)),
        )
        .map((exchange) => `exchange ${exchange.name}`),
      ...(found.policies ?? [])
        .filter((policy) => policy.vhost === name && !leaving.has(topologyKey('policy', name, policy.name)))
        .map((policy) => `policy ${policy.name}`),
    ];
    if (stays.length > 0)
      plan.warnings.push(
        `The vhost “${name}” stays: ${stays.slice(0, 5).join(', ')} in it ${stays.length === 1 ? 'is' : 'are'} not Tapline’s.`,
      );
    else
      plan.steps.push(
        makeStep({ broker, action: 'delete', vhost: name, name, object: { type: 'vhost', vhost }, reason }),
      );
  }
}
