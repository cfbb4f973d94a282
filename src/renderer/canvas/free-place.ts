import type { Flow, Position } from '@shared/flow/schema';
import { CARD_HEIGHT, CARD_WIDTH } from '@shared/picture/drawing';

const GAP_X = 72;
const GAP_Y = 32;

/** The place nearest to `wanted` where a card covers no other: looks in growing rings, on a grid of cards. */
export function findFreePlace(flow: Flow, wanted: Position): Position {
  const taken = Object.keys(flow.nodes).flatMap((id) => flow.layout.nodes[id] ?? []);
  const isFree = ({ x, y }: Position) =>
    taken.every((other) => Math.abs(other.x - x) >= CARD_WIDTH + 16 || Math.abs(other.y - y) >= CARD_HEIGHT + 16);
  for (let ring = 0; ring < 40; ring++) {
    for (const [column, row] of ringCells(ring)) {
      const place = { x: wanted.x + column * (CARD_WIDTH + GAP_X), y: wanted.y + row * (CARD_HEIGHT + GAP_Y) };
      if (isFree(place)) return place;
    }
  }
  return wanted;
}

/** Cells of a square ring; those to the right and below come first, since flows run left to right. */
function ringCells(ring: number): [number, number][] {
  if (ring === 0) return [[0, 0]];
  const cells: [number, number][] = [];
  for (let column = ring; column >= -ring; column--) {
    for (let row = ring; row >= -ring; row--) {
      if (Math.max(Math.abs(column), Math.abs(row)) === ring) cells.push([column, row]);
    }
  }
  return cells.sort(([a, b], [c, d]) => Math.abs(b) - Math.abs(d) || c - a || d - b);
}
