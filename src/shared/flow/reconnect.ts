import { linkTypesBetween } from '@shared/kinds/registry';
import { connect, ONE_PER_SOURCE, removeItems } from './commands';
import { endNode, type Flow, type FlowLink } from './schema';

/** Which end of a link. */
export type LinkSide = 'from' | 'to';

/** Why an end may not go to a node: links of this type do not join such nodes, or there is one already. */
export type ReconnectRefusal = 'type' | 'taken';

function nodeTypeAt(flow: Flow, link: FlowLink, side: LinkSide): string | undefined {
  const node = endNode(link[side]);
  return node === undefined ? undefined : flow.nodes[node]?.type;
}

/** Another link of the type that a moved one would stand beside, where there may be only one. */
function twinOf(flow: Flow, id: string, moved: FlowLink): string | undefined {
  const isTwin = ([other, link]: [string, FlowLink]) =>
    other !== id &&
    link.type === moved.type &&
    endNode(link.from) !== undefined &&
    endNode(link.from) === endNode(moved.from) &&
    (ONE_PER_SOURCE.has(link.type) || (endNode(link.to) !== undefined && endNode(link.to) === endNode(moved.to)));
  return Object.entries(flow.links).find(isTwin)?.[0];
}

/** Says why an end of a link may not be moved to a node; undefined when it may. */
export function refuseReconnect(flow: Flow, id: string, side: LinkSide, node: string): ReconnectRefusal | undefined {
  const link = flow.links[id];
  if (!link || !flow.nodes[node]) return 'type';
  const moved: FlowLink = { ...link, [side]: { node } };
  const from = nodeTypeAt(flow, moved, 'from');
  const to = nodeTypeAt(flow, moved, 'to');
  // Of an end that is not drawn nothing is known: then the other may go to what is of its own type.
  const mayJoin =
    from !== undefined && to !== undefined
      ? linkTypesBetween(from, to).some(({ type }) => type === link.type)
      : nodeTypeAt(flow, link, side) === flow.nodes[node].type;
  if (!mayJoin) return 'type';
  return link.type !== 'binding' && twinOf(flow, id, moved) !== undefined ? 'taken' : undefined;
}

/**
 * Moves an end of a link to another node; the link keeps its type and settings. A binding that comes to stand beside another
 * becomes rows of that. Answers the flow and the link's id; the flow as it is where that is refused.
 */
export function reconnectLink(flow: Flow, id: string, side: LinkSide, node: string): { flow: Flow; id: string } {
  const link = flow.links[id];
  if (!link || endNode(link[side]) === node || refuseReconnect(flow, id, side, node)) return { flow, id };
  const moved: FlowLink = { ...link, [side]: { node } };
  const twin = twinOf(flow, id, moved);
  if (twin === undefined) return { flow: { ...flow, links: { ...flow.links, [id]: moved } }, id };
  const [from, to] = [endNode(moved.from) ?? '', endNode(moved.to) ?? ''];
  const merged = connect(removeItems(flow, { links: [id] }), { from, to, type: link.type, settings: link.settings });
  return { flow: merged.flow, id: twin };
}
