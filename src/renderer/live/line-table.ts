/** A drawn line as points at equal distances, so that a place on it is one look-up. Flow coordinates. */
export interface LineTable {
  length: number;
  /** x0, y0, x1, y1, … */
  points: Float32Array;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** One point for about so many flow units. */
const SPACING = 14;
const MAX_SEGMENTS = 160;

/** Measures a line; `pointAt` is `getPointAtLength` of an SVG path. */
export function createLineTable(length: number, pointAt: (distance: number) => { x: number; y: number }): LineTable {
  const segments = Math.min(MAX_SEGMENTS, Math.max(2, Math.ceil(length / SPACING)));
  const points = new Float32Array((segments + 1) * 2);
  const table: LineTable = { length, points, left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
  for (let index = 0; index <= segments; index++) {
    const { x, y } = pointAt((index / segments) * length);
    points[2 * index] = x;
    points[2 * index + 1] = y;
    table.left = Math.min(table.left, x);
    table.right = Math.max(table.right, x);
    table.top = Math.min(table.top, y);
    table.bottom = Math.max(table.bottom, y);
  }
  return table;
}

/** The place so far along the line. */
export function placeOn({ points, length }: LineTable, distance: number): [x: number, y: number] {
  const segments = points.length / 2 - 1;
  const exact = length > 0 ? Math.min(Math.max(distance / length, 0), 1) * segments : 0;
  const index = Math.min(Math.floor(exact), segments - 1);
  const share = exact - index;
  const at = (offset: number) => points[2 * index + offset] ?? 0;
  return [at(0) * (1 - share) + at(2) * share, at(1) * (1 - share) + at(3) * share];
}

/** Screen = flow × zoom + offset. */
export interface View {
  x: number;
  y: number;
  zoom: number;
  width: number;
  height: number;
}

/** Is any of the line's box in view? */
export function isInView(line: LineTable, view: View): boolean {
  return (
    line.right * view.zoom + view.x >= 0 &&
    line.left * view.zoom + view.x <= view.width &&
    line.bottom * view.zoom + view.y >= 0 &&
    line.top * view.zoom + view.y <= view.height
  );
}
