import { sameJson } from './diff';
import { uniqueId } from './ids';
import type { Flow, FlowLink, FlowNode, LinkEnd } from './schema';

/** What a merge of two flows did. */
export interface MergedFlow {
  flow: Flow;
  /** Nodes and links that were there already, and were kept as they were drawn. */
  kept: number;
}

/**
 * Brings another flow into one that is drawn. What both have stays as it is drawn here: brokers of one id and kind, objects of one
 * type, broker, vhost and name, links of one type between the same ends. Places come along where the drawing has room for all.
 */
export function mergeFlows(current: Flow, other: Flow): MergedFlow {
  const brokers = { ...current.brokers };
  const brokerIds = new Map<string, string>();
  for (const [id, broker] of Object.entries(other.brokers)) {
    const isSame = brokers[id] === undefined || brokers[id].kind === broker.kind;
    const newId = isSame ? id : uniqueId(id, (taken) => Object.hasOwn(brokers, taken));
    brokers[newId] ??= broker;
    brokerIds.set(id, newId);
  }
  const brokerOf = (id: string | undefined) => (id === undefined ? {} : { broker: brokerIds.get(id) ?? id });
  const nodes = { ...current.nodes };
  const known = new Map(Object.entries(nodes).map(([id, node]) => [identityOf(node), id]));
  const nodeIds = new Map<string, string>();
  let kept = 0;
  for (const [id, node] of Object.entries(other.nodes)) {
    const next: FlowNode = { ...node, ...brokerOf(node.broker) };
    const same = known.get(identityOf(next));
    if (same !== undefined) kept++;
    const newId = same ?? uniqueId(id, (taken) => Object.hasOwn(nodes, taken));
    nodes[newId] ??= next;
    nodeIds.set(id, newId);
  }
  const endOf = (end: LinkEnd): LinkEnd => ('node' in end ? { node: nodeIds.get(end.node) ?? end.node } : end);
  const links = { ...current.links };
  const drawn = Object.values(links);
  for (const [id, link] of Object.entries(other.links)) {
    const next: FlowLink = { ...link, from: endOf(link.from), to: endOf(link.to), ...brokerOf(link.broker) };
    const isDrawn = drawn.some(
      ({ type, from, to }) => type === next.type && sameJson(from, next.from) && sameJson(to, next.to),
    );
    if (isDrawn) kept++;
    else links[uniqueId(id, (taken) => Object.hasOwn(links, taken))] = next;
  }
  const isEmpty = Object.keys(current.nodes).length === 0;
  return { flow: { ...current, brokers, nodes, links, ...(isEmpty ? { layout: other.layout } : {}) }, kept };
}

/** What makes two drawn nodes one thing: kind of object, broker, vhost and name. */
function identityOf({ type, broker, name, settings }: FlowNode): string {
  return JSON.stringify([type, broker ?? '', settings.vhost ?? '', name]);
}
