import { nodeDescriptor } from '@shared/kinds/registry';
import { z } from 'zod';
import { slug, uniqueId } from './ids';
import { type Flow, type FlowLink, linkSchema, nodeSchema, positionSchema } from './schema';

/** What Copy puts on the clipboard, as JSON text: nodes, the links between them, and where they stood. */
const clipboardSchema = z.object({
  tapline: z.literal('clipboard'),
  nodes: z.record(z.string(), nodeSchema),
  links: z.record(z.string(), linkSchema),
  positions: z.record(z.string(), positionSchema),
});
type Clipboard = z.infer<typeof clipboardSchema>;

/** Text for the clipboard: the nodes, and every link both of whose ends are among them (or are only named). */
export function copyNodes(flow: Flow, ids: readonly string[]): string {
  const wanted = new Set(ids);
  const isInside = (end: FlowLink['from']) => !('node' in end) || wanted.has(end.node);
  const pick = <T>(record: Record<string, T>) =>
    Object.fromEntries(Object.entries(record).filter(([id]) => wanted.has(id)));
  const links = Object.entries(flow.links).filter(
    ([, link]) => isInside(link.from) && isInside(link.to) && ('node' in link.from || 'node' in link.to),
  );
  const clipboard: Clipboard = {
    tapline: 'clipboard',
    nodes: pick(flow.nodes),
    links: Object.fromEntries(links),
    positions: pick(flow.layout.nodes),
  };
  return JSON.stringify(clipboard);
}

/**
 * Puts copied nodes in, `offset` away from where they stood, with fresh ids; objects of a broker get fresh names, since two of a
 * name would be one object. Undefined when the text is not Tapline's.
 */
export function pasteNodes(
  flow: Flow,
  text: string,
  offset: { x: number; y: number },
): { flow: Flow; ids: string[] } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = clipboardSchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { nodes, links, positions } = parsed.data;
  const next: Flow = {
    ...flow,
    nodes: { ...flow.nodes },
    links: { ...flow.links },
    layout: { ...flow.layout, nodes: { ...flow.layout.nodes } },
  };
  const newIds = new Map<string, string>();
  for (const [id, node] of Object.entries(nodes)) {
    const isTaken = (name: string) =>
      Object.values(next.nodes).some((other) => other.type === node.type && other.name === name);
    const inBroker = nodeDescriptor(node.type)?.inBroker ?? false;
    const name = inBroker ? uniqueId(node.name, isTaken) : node.name;
    const newId = uniqueId(slug(name), (taken) => taken in next.nodes);
    const { formerName: _old, ...rest } = node;
    const broker = node.broker !== undefined && next.brokers[node.broker] ? node.broker : Object.keys(next.brokers)[0];
    next.nodes[newId] = { ...rest, name, ...(inBroker ? { broker } : {}) } as Flow['nodes'][string];
    const position = positions[id] ?? { x: 0, y: 0 };
    next.layout.nodes[newId] = { x: position.x + offset.x, y: position.y + offset.y };
    newIds.set(id, newId);
  }
  const moved = (end: FlowLink['from']): FlowLink['from'] =>
    'node' in end ? { node: newIds.get(end.node) ?? end.node } : end;
  for (const [id, link] of Object.entries(links)) {
    const pasted = { ...link, from: moved(link.from), to: moved(link.to) };
    const isWhole = [pasted.from, pasted.to].every((end) => !('node' in end) || end.node in next.nodes);
    if (isWhole) next.links[uniqueId(id, (taken) => taken in next.links)] = pasted;
  }
  return { flow: next, ids: [...newIds.values()] };
}
