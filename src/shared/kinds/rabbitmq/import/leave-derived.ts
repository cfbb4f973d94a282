import { endNode, type Flow, type FlowLink } from '@shared/flow/schema';
import { resolveTopology, topologyKey } from '../resolve';

/**
 * Leaves out of an import what a flow does not draw because its retry policies stand for it: drawn too, it would be there
 * twice, and belong to nobody. Answers the rest of the import and the names of what was left out.
 */
export function leaveDerived(
  imported: Flow,
  into: Flow,
  { broker, defaultVhost }: { broker: string; defaultVhost: string },
): { flow: Flow; left: string[] } {
  const { derived } = resolveTopology(into, broker, { defaultVhost });
  const isDerived = ([, { type, name, settings }]: [string, Flow['nodes'][string]]) => {
    const vhost = typeof settings.vhost === 'string' ? settings.vhost : defaultVhost;
    return derived.has(topologyKey(type.replace('rabbitmq.', ''), vhost, name));
  };
  const left = new Map(Object.entries(imported.nodes).filter(isDerived));
  if (left.size === 0) return { flow: imported, left: [] };
  const endsAtLeft = ({ from, to }: FlowLink) => [from, to].some((end) => left.has(endNode(end) ?? ''));
  const flow = {
    ...imported,
    nodes: Object.fromEntries(Object.entries(imported.nodes).filter(([id]) => !left.has(id))),
    links: Object.fromEntries(Object.entries(imported.links).filter(([, link]) => !endsAtLeft(link))),
  };
  return { flow, left: [...left.values()].map(({ name }) => name) };
}
