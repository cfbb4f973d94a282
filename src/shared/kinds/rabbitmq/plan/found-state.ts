import { canonicalJson, fingerprint } from '@shared/canonical';
import { topologyKey } from '../resolve';
import { bindingIdentity, bindingName, plainTable } from './compare';
import { maskSecrets } from './compare-parameter';
import type { PlanInput } from './plan-topology';

/**
 * A hash of what the broker has of the objects that are drawn or owned, messages apart: it changes when a plan made earlier may
 * no longer say the truth. Other people's objects do not count, but for policies, which reach for ours by name.
 */
export function foundState({ resolved, found, owned }: PlanInput): string {
  const { topology, ownership } = resolved;
  const bindings = new Set(topology.bindings.map(bindingIdentity));
  const isOurs = (key: string) => key in ownership || owned.has(key);
  const lines = [
    ...found.exchanges
      .filter(({ vhost, name }) => isOurs(topologyKey('exchange', vhost, name)))
      .map((item) => ['exchange', { ...item, arguments: plainTable(item.arguments) }]),
    ...found.queues
      .filter(({ vhost, name }) => isOurs(topologyKey('queue', vhost, name)))
      .map((item) => ['queue', { ...item, arguments: plainTable(item.arguments) }]),
    ...(found.bindings ?? [])
      .filter(
        (item) =>
          bindings.has(bindingIdentity(item)) || owned.has(topologyKey('binding', item.vhost, bindingName(item))),
      )
      .map((item) => ['binding', bindingIdentity(item)]),
    ...[...(found.policies ?? []), ...(found.operatorPolicies ?? [])].map((item) => ['policy', item]),
    ...(found.parameters ?? [])
      .filter(({ vhost, component, name }) => isOurs(topologyKey('parameter', vhost, `${component}/${name}`)))
      .map((item) => ['parameter', { ...item, value: maskSecrets(item.value) }]),
    ...(found.vhosts ?? [])
      .filter(({ name }) => isOurs(topologyKey('vhost', name, name)))
      .map((item) => ['vhost', item]),
    ...Object.entries(found.differences),
  ];
  return fingerprint(lines.map(canonicalJson).sort());
}
