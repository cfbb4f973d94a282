import type { Flow, Position } from '@shared/flow/schema';
import { CARD_HEIGHT, CARD_WIDTH, drawnId, placeNamedEnds } from '@shared/picture/drawing';
import { groupJoined } from './hubs';
import { COMPONENT_GAP, LAYER_GAP, type LayoutRunner, layOutIds, NODE_GAP, type Positions } from './layered';

/** A group of new nodes that are joined with each other, as they were laid out. */
interface Block {
  positions: Positions;
  width: number;
  height: number;
}

/**
 * Places for nodes that have none; every placed one stays where it is. Nodes joined with what is drawn come to stand beside it,
 * where nothing else is; those joined with nothing that is drawn come below the drawing.
 */
export async function placeNewNodes(flow: Flow, run: LayoutRunner): Promise<Positions> {
  const fresh = new Set(Object.keys(flow.nodes).filter((id) => !flow.layout.nodes[id]));
  if (fresh.size === 0) return {};
  const named = placeNamedEnds(flow);
  for (const { from, to } of Object.values(flow.links)) {
    const ends = [drawnId(from), drawnId(to)];
    const isBesideNew = ends.some((id) => fresh.has(id));
    if (isBesideNew) for (const id of ends) if (named.has(id) && !flow.layout.nodes[id]) fresh.add(id);
  }
  const positions = await layOutIds(flow, fresh, run);
  const taken = new Map<string, Position>();
  for (const id of Object.keys(flow.nodes)) if (flow.layout.nodes[id]) taken.set(id, flow.layout.nodes[id]);
  for (const [id, { position }] of named) if (!fresh.has(id)) taken.set(id, position);
  if (taken.size === 0) return positions;
  return placeBlocks(flow, positions, taken);
}

/** Moves groups of laid out nodes to places beside what they are joined with. */
function placeBlocks(flow: Flow, positions: Positions, taken: Map<string, Position>): Positions {
  const placed: Positions = {};
  const put = (block: Block, corner: Position) => {
    for (const [id, { x, y }] of Object.entries(block.positions)) {
      const place = { x: corner.x + x, y: corner.y + y };
      placed[id] = place;
      taken.set(id, place);
    }
  };
  const neighbours = neighboursOf(flow, positions, taken);
  const detached: string[] = [];
  const joins = Object.values(flow.links).map(({ from, to }) => ({ source: drawnId(from), target: drawnId(to) }));
  for (const ids of groupJoined(Object.keys(positions), joins)) {
    const near = ids.flatMap((id) => neighbours.get(id) ?? []);
    if (near.length === 0) {
      detached.push(...ids);
      continue;
    }
    const block = blockOf(ids, positions);
    put(block, findRoom(block, wantedCorner(block, near), taken));
  }
  if (detached.length > 0) {
    const corners = [...taken.values()];
    const left = Math.min(...corners.map(({ x }) => x));
    const bottom = Math.max(...corners.map(({ y }) => y)) + CARD_HEIGHT;
    put(blockOf(detached, positions), { x: left, y: bottom + COMPONENT_GAP });
  }
  return placed;
}

interface Neighbour {
  position: Position;
  /** Does the link come from it? Then it stands on the left. */
  isSource: boolean;
}

/** Placed nodes that new ones are joined with. */
function neighboursOf(flow: Flow, positions: Positions, taken: ReadonlyMap<string, Position>) {
  const neighbours = new Map<string, Neighbour[]>();
  const add = (id: string, other: string, isSource: boolean) => {
    const position = taken.get(other);
    if (position && positions[id]) neighbours.set(id, [...(neighbours.get(id) ?? []), { position, isSource }]);
  };
  for (const { from, to } of Object.values(flow.links)) {
    add(drawnId(to), drawnId(from), true);
    add(drawnId(from), drawnId(to), false);
  }
  return neighbours;
}

function blockOf(ids: readonly string[], positions: Positions): Block {
  const places = ids.flatMap((id) => (positions[id] ? [[id, positions[id]] as const] : []));
  const left = Math.min(...places.map(([, { x }]) => x));
  const top = Math.min(...places.map(([, { y }]) => y));
  return {
    positions: Object.fromEntries(places.map(([id, { x, y }]) => [id, { x: x - left, y: y - top }])),
    width: Math.max(...places.map(([, { x }]) => x)) - left + CARD_WIDTH,
    height: Math.max(...places.map(([, { y }]) => y)) - top + CARD_HEIGHT,
  };
}

/** Right of what leads there, else left of where it leads; on its level. */
function wantedCorner({ width, height }: Block, near: readonly Neighbour[]): Position {
  const sources = near.filter(({ isSource }) => isSource);
  const beside = sources.length > 0 ? sources : near;
  const xs = beside.map(({ position }) => position.x);
  const x = sources.length > 0 ? Math.max(...xs) + CARD_WIDTH + LAYER_GAP : Math.min(...xs) - LAYER_GAP - width;
  const middle = beside.reduce((sum, { position }) => sum + position.y, 0) / beside.length;
  return { x, y: Math.round((middle - (height - CARD_HEIGHT) / 2) / 8) * 8 };
}

/** The wanted place, or the first below it where the block covers no card. */
function findRoom({ width, height }: Block, { x, y }: Position, taken: ReadonlyMap<string, Position>): Position {
  let free = y;
  // In the order of their tops: all cards are of one height, so that a card once passed is never met again.
  for (const card of [...taken.values()].sort((a, b) => a.y - b.y)) {
    const isBeside = card.x + CARD_WIDTH + NODE_GAP > x && card.x < x + width + NODE_GAP;
    const isLevel = card.y + CARD_HEIGHT + NODE_GAP > free && card.y < free + height + NODE_GAP;
    if (isBeside && isLevel) free = card.y + CARD_HEIGHT + NODE_GAP;
  }
  return { x, y: free };
}
