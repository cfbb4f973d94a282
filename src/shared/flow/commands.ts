import { kindOf, linkTypesBetween, nodeDescriptor } from '@shared/kinds/registry';
import { slug, uniqueId } from './ids';
import type { Broker, Flow, FlowLink, FlowNode, Json, LinkEnd, Position } from './schema';

/** Edits of a flow. Each takes the flow as it is and answers the flow as it becomes; records that are not touched keep their identity. */

type Settings = Record<string, Json>;

/** Links of which a source can have only one: drawing a second one moves the first. */
export const ONE_PER_SOURCE = new Set(['dead-letter', 'alternate']);

/** Where an added node comes to stand. */
export interface NewNode {
  type: string;
  position: Position;
  /** For nodes that live in a broker; default the first of the flow. */
  broker?: string;
  name?: string;
  settings?: Settings;
}

/** A name that no node of the same type has: `orders`, `orders-2`, … */
function uniqueName(flow: Flow, type: string, wanted: string): string {
  const taken = new Set(
    Object.values(flow.nodes)
      .filter((node) => node.type === type)
      .map((node) => node.name),
  );
  return uniqueId(wanted, (name) => taken.has(name));
}

/** The first broker that can hold a type of node; one is added where the flow has none of its kind. */
function brokerFor(flow: Flow, type: string): { flow: Flow; id: string | undefined } {
  const kind = kindOf(type);
  const id = Object.keys(flow.brokers).find((each) => kind === undefined || flow.brokers[each]?.kind === kind.kind);
  if (id !== undefined || kind === undefined) return { flow, id };
  return addBroker(flow, { kind: kind.kind, name: kind.label, settings: {} });
}

/** Adds a node of a known type, and a broker for it if there is none yet; answers the flow and the node's id. */
export function addNode(flow: Flow, { type, position, broker, name, settings }: NewNode): { flow: Flow; id: string } {
  const descriptor = nodeDescriptor(type);
  const fresh = descriptor?.create() ?? { name: type, settings: {} };
  const nodeName = name ?? uniqueName(flow, type, fresh.name);
  const id = uniqueId(slug(nodeName), (taken) => taken in flow.nodes);
  const place = descriptor?.inBroker && broker === undefined ? brokerFor(flow, type) : { flow, id: broker };
  const node: FlowNode = {
    type,
    name: nodeName,
    ...(descriptor?.inBroker ? { broker: place.id } : {}),
    settings: settings ?? (fresh.settings as Settings),
  };
  return { flow: withPosition({ ...place.flow, nodes: { ...flow.nodes, [id]: node } }, { [id]: position }), id };
}

/** Removes nodes with every link that ends at them, and links. */
export function removeItems(flow: Flow, ids: { nodes?: readonly string[]; links?: readonly string[] }): Flow {
  const goneNodes = new Set(ids.nodes ?? []);
  const goneLinks = new Set(ids.links ?? []);
  const isGone = (end: LinkEnd) => 'node' in end && goneNodes.has(end.node);
  const links = Object.entries(flow.links).filter(
    ([id, link]) => !goneLinks.has(id) && !isGone(link.from) && !isGone(link.to),
  );
  const positions = Object.entries(flow.layout.nodes).filter(([id]) => !goneNodes.has(id));
  return {
    ...flow,
    nodes: Object.fromEntries(Object.entries(flow.nodes).filter(([id]) => !goneNodes.has(id))),
    links: Object.fromEntries(links),
    layout: { ...flow.layout, nodes: Object.fromEntries(positions) },
  };
}

export function moveNodes(flow: Flow, positions: Record<string, Position>): Flow {
  return withPosition(flow, positions);
}

function withPosition(flow: Flow, positions: Record<string, Position>): Flow {
  return { ...flow, layout: { ...flow.layout, nodes: { ...flow.layout.nodes, ...positions } } };
}

/** Puts a value at a path of a JSON object; undefined removes it, and objects that become empty below the root stay. */
export function setAtPath(object: Settings, path: readonly string[], value: Json | undefined): Settings {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  const next = { ...object };
  if (rest.length > 0) {
    const child = next[key];
    const isObject = typeof child === 'object' && child !== null && !Array.isArray(child);
    if (!isObject && value === undefined) return object;
    next[key] = setAtPath(isObject ? child : {}, rest, value);
  } else if (value === undefined) delete next[key];
  else next[key] = value;
  return next;
}

function updateNode(flow: Flow, id: string, change: (node: FlowNode) => FlowNode): Flow {
  const node = flow.nodes[id];
  return node ? { ...flow, nodes: { ...flow.nodes, [id]: change(node) } } : flow;
}

function updateLink(flow: Flow, id: string, change: (link: FlowLink) => FlowLink): Flow {
  const link = flow.links[id];
  return link ? { ...flow, links: { ...flow.links, [id]: change(link) } } : flow;
}

/** Sets one setting of a node; undefined takes it away, so that its default counts. */
export function setNodeSetting(flow: Flow, id: string, path: readonly string[], value: Json | undefined): Flow {
  return updateNode(flow, id, (node) => ({ ...node, settings: setAtPath(node.settings, path, value) }));
}

/** Sets `notes`, `ownership` or `broker` of a node. Names go through `renameNode`. */
export function setNodeProperty(
  flow: Flow,
  id: string,
  key: 'notes' | 'ownership' | 'broker',
  value: string | undefined,
): Flow {
  return updateNode(flow, id, (node) => setAtPath(node as Settings, [key], value) as FlowNode);
}

/**
 * Renames a node. Of an object in a broker the old name is kept as `formerName`, since a rename is a new object there and
 * the messages stay behind; going back to it forgets it again.
 */
export function renameNode(flow: Flow, id: string, name: string): Flow {
  return updateNode(flow, id, (node) => {
    const { formerName, ...rest } = node;
    if (!nodeDescriptor(node.type)?.inBroker) return { ...rest, name } as FlowNode;
    const former = formerName ?? node.name;
    return { ...rest, name, ...(former === name || former === '' ? {} : { formerName: former }) } as FlowNode;
  });
}

export function setLinkSetting(flow: Flow, id: string, path: readonly string[], value: Json | undefined): Flow {
  return updateLink(flow, id, (link) => ({ ...link, settings: setAtPath(link.settings, path, value) }));
}

/** Turns a link round, where its type allows that. */
export function reverseLink(flow: Flow, id: string): Flow {
  const link = flow.links[id];
  if (!link) return flow;
  const reversed = { ...link, from: link.to, to: link.from };
  return mayJoin(flow, reversed) ? { ...flow, links: { ...flow.links, [id]: reversed } } : flow;
}

function mayJoin(flow: Flow, link: FlowLink): boolean {
  if (!('node' in link.from) || !('node' in link.to)) return false;
  const from = flow.nodes[link.from.node];
  const to = flow.nodes[link.to.node];
  return (
    from !== undefined &&
    to !== undefined &&
    linkTypesBetween(from.type, to.type).some(({ type }) => type === link.type)
  );
}

export interface Connection {
  from: string;
  to: string;
  /** Default: the usual type for the pair. */
  type?: string;
  settings?: Settings;
}

/**
 * Joins two nodes. All bindings of one pair are rows of one link: connecting again adds a row. Answers the link's id, or
 * none when no link may join these nodes.
 */
export function connect(flow: Flow, { from, to, type, settings }: Connection): { flow: Flow; id: string | undefined } {
  const source = flow.nodes[from];
  const target = flow.nodes[to];
  if (!source || !target) return { flow, id: undefined };
  const allowed = linkTypesBetween(source.type, target.type);
  const descriptor = type === undefined ? allowed[0] : allowed.find((candidate) => candidate.type === type);
  if (!descriptor) return { flow, id: undefined };
  const wanted = settings ?? (descriptor.create() as Settings);
  const isSource = (link: FlowLink) => link.type === descriptor.type && 'node' in link.from && link.from.node === from;
  const existing = Object.entries(flow.links).find(
    ([, link]) => isSource(link) && (ONE_PER_SOURCE.has(link.type) || ('node' in link.to && link.to.node === to)),
  );
  if (existing) return joinExisting(flow, existing, to, wanted);
  const id = uniqueId(
    slug(`${from}-${descriptor.type === 'binding' ? '' : `${descriptor.type}-`}${to}`),
    (taken) => taken in flow.links,
  );
  const link: FlowLink = { type: descriptor.type, from: { node: from }, to: { node: to }, settings: wanted };
  return { flow: { ...flow, links: { ...flow.links, [id]: link } }, id };
}

function joinExisting(
  flow: Flow,
  [id, link]: [string, FlowLink],
  to: string,
  wanted: Settings,
): { flow: Flow; id: string } {
  if (ONE_PER_SOURCE.has(link.type)) return { flow: updateLink(flow, id, (old) => ({ ...old, to: { node: to } })), id };
  const rows = Array.isArray(link.settings.rows) ? link.settings.rows : [];
  const added = Array.isArray(wanted.rows) ? wanted.rows : [];
  const isNew = added.filter((row) => !rows.some((old) => JSON.stringify(old) === JSON.stringify(row)));
  if (link.type !== 'binding' || isNew.length === 0) return { flow, id };
  return { flow: setLinkSetting(flow, id, ['rows'], [...rows, ...isNew]), id };
}

export function setFlowProperty(flow: Flow, key: 'name' | 'description', value: string): Flow {
  return { ...flow, [key]: value };
}

/** Adds a broker; answers the flow and its id. */
export function addBroker(flow: Flow, broker: Broker): { flow: Flow; id: string } {
  const id = uniqueId(slug(broker.name), (taken) => taken in flow.brokers);
  return { flow: { ...flow, brokers: { ...flow.brokers, [id]: broker } }, id };
}

export function setBrokerName(flow: Flow, id: string, name: string): Flow {
  const broker = flow.brokers[id];
  return broker ? { ...flow, brokers: { ...flow.brokers, [id]: { ...broker, name } } } : flow;
}

export function setBrokerSetting(flow: Flow, id: string, path: readonly string[], value: Json | undefined): Flow {
  const broker = flow.brokers[id];
  if (!broker) return flow;
  return {
    ...flow,
    brokers: { ...flow.brokers, [id]: { ...broker, settings: setAtPath(broker.settings, path, value) } },
  };
}

/** Removes a broker with every node that lives in it. */
export function removeBroker(flow: Flow, id: string): Flow {
  const nodes = Object.entries(flow.nodes).flatMap(([nodeId, node]) => (node.broker === id ? [nodeId] : []));
  const links = Object.entries(flow.links).flatMap(([linkId, link]) => (link.broker === id ? [linkId] : []));
  const { [id]: _gone, ...brokers } = flow.brokers;
  return { ...removeItems(flow, { nodes, links }), brokers };
}
