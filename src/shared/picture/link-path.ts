/** A point on the canvas, in flow units. */
export interface Point {
  x: number;
  y: number;
}

/** The line of a link: an SVG path, and where its label stands. */
export interface LinkPath {
  path: string;
  label: Point;
}

/** Units between the lanes of parallel links. */
const LANE = 26;
/** How far a line that goes back stands off the nodes it leaves and enters. */
const STAND_OFF = 26;
/** Half the height of a node: lines that go back pass below it. */
const HALF_NODE = 34;
const CORNER = 12;

/**
 * Draws a link from the right side of one node to the left side of another. `lane` keeps parallel links apart: 0 is the
 * straight way, ±1, ±2 … bow to either side. Links that go back (a dead-letter loop) pass below the nodes in rounded corners.
 */
export function drawLinkPath(source: Point, target: Point, lane = 0): LinkPath {
  return target.x - source.x >= STAND_OFF ? drawForward(source, target, lane) : drawBack(source, target, lane);
}

function drawForward(source: Point, target: Point, lane: number): LinkPath {
  const dx = target.x - source.x;
  const reach = Math.max(dx * 0.45, 24);
  const bow = lane * LANE * (4 / 3);
  const c1 = { x: source.x + reach, y: source.y + bow };
  const c2 = { x: target.x - reach, y: target.y + bow };
  return {
    path: `M${source.x},${source.y} C${c1.x},${c1.y} ${c2.x},${c2.y} ${target.x},${target.y}`,
    label: { x: (source.x + target.x) / 2, y: (source.y + target.y) / 2 + lane * LANE },
  };
}

function drawBack(source: Point, target: Point, lane: number): LinkPath {
  const offset = STAND_OFF + Math.abs(lane) * 10;
  const gap = Math.abs(target.y - source.y);
  const between = gap > 2 * HALF_NODE + 24;
  const y = between
    ? (source.y + target.y) / 2 + lane * LANE
    : Math.max(source.y, target.y) + HALF_NODE + 20 + Math.abs(lane) * LANE;
  const right = source.x + offset;
  const left = target.x - offset;
  const down = Math.sign(y - source.y) || 1;
  const up = Math.sign(y - target.y) || 1;
  const first = Math.min(CORNER, Math.abs(y - source.y) / 2);
  const last = Math.min(CORNER, Math.abs(y - target.y) / 2);
  const path = [
    `M${source.x},${source.y}`,
    `L${right - first},${source.y} Q${right},${source.y} ${right},${source.y + down * first}`,
    `L${right},${y - down * first} Q${right},${y} ${right - first},${y}`,
    `L${left + last},${y} Q${left},${y} ${left},${y - up * last}`,
    `L${left},${target.y + up * last} Q${left},${target.y} ${left + last},${target.y}`,
    `L${target.x},${target.y}`,
  ].join(' ');
  return { path, label: { x: (left + right) / 2, y } };
}

/**
 * Lanes of links that join the same pair, whichever way: by link id, 0 for a link that is alone, else spread around 0.
 * Links that go the other way bow to the other side by themselves, so only those of one direction are spread.
 */
export function assignLanes(links: readonly { id: string; source: string; target: string }[]): Map<string, number> {
  const byPair = new Map<string, string[]>();
  for (const { id, source, target } of links) {
    const pair = `${source}\u0000${target}`;
    const ids = byPair.get(pair);
    if (ids) ids.push(id);
    else byPair.set(pair, [id]);
  }
  const lanes = new Map<string, number>();
  for (const ids of byPair.values()) {
    for (const [index, id] of ids.entries()) lanes.set(id, index - (ids.length - 1) / 2);
  }
  return lanes;
}
