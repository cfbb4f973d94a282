import type { Flow, LinkEnd, Position } from '@shared/flow/schema';

/** Size of a node card without its live numbers, flow units: the same on the canvas, in layouts and in pictures. */
export const CARD_WIDTH = 208;
export const CARD_HEIGHT = 56;

/** An object that links name and nobody drew: a dangling binding, an `amq.*` exchange, the default exchange. */
export type NamedEnd = Exclude<LinkEnd, { node: string }>;

/** Id in drawings, and in the flow's layout, of an object that is only named by links. */
export function ghostId(end: NamedEnd): string {
  return `ghost:${end.objectType}:${end.vhost ?? ''}:${end.name}`;
}

/** Id in drawings of what a link ends at. */
export function drawnId(end: LinkEnd): string {
  return 'node' in end ? end.node : ghostId(end);
}

/** What an object that is only named is called, and why it is not drawn: `order-dlx`, `exchange · not drawn`. */
export function describeNamed({ name, objectType, vhost }: NamedEnd): { name: string; facts: string } {
  const isDefault = name === '' && objectType === 'exchange';
  const state = isDefault || name.startsWith('amq.') ? 'predeclared' : 'not drawn';
  return {
    name: isDefault ? 'default exchange' : name,
    facts: [objectType, state, ...(vhost === undefined ? [] : [vhost])].join(' · '),
  };
}

/** Distance of an object that was never placed from the node that names it. */
const BESIDE = { x: 320, y: 84 };

/** Objects that are only named by links, by their `ghostId`. One that nobody placed stands beside the first node that names it. */
export function placeNamedEnds(flow: Flow): Map<string, { end: NamedEnd; position: Position }> {
  const named = new Map<string, { end: NamedEnd; position: Position }>();
  const crowd = new Map<string, number>();
  for (const { from, to } of Object.values(flow.links)) {
    for (const [end, other, side] of [
      [from, to, -1],
      [to, from, 1],
    ] as const) {
      if ('node' in end || named.has(ghostId(end))) continue;
      const id = ghostId(end);
      const placed = 'node' in other ? flow.layout.nodes[other.node] : named.get(ghostId(other))?.position;
      const beside = placed ?? { x: 0, y: 0 };
      const place = `${drawnId(other)}:${side}`;
      const row = (crowd.get(place) ?? 0) + 1;
      crowd.set(place, row);
      const position = flow.layout.nodes[id] ?? { x: beside.x + side * BESIDE.x, y: beside.y + row * BESIDE.y };
      named.set(id, { end, position });
    }
  }
  return named;
}
