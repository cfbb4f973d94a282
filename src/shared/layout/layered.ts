import type { Flow, Position } from '@shared/flow/schema';
import { CARD_HEIGHT, CARD_WIDTH, drawnId, placeNamedEnds } from '@shared/picture/drawing';
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api';
import { findHubs, type Join } from './hubs';

/** Runs elk on a graph, off the main thread: a worker in the window, a thread in Node. */
export type LayoutRunner = (graph: ElkNode) => Promise<ElkNode>;

/** Places by the id of a node, or of an object that is only named (`ghostId`). */
export type Positions = Record<string, Position>;

/** Places are multiples of it, as on the canvas. */
const GRID = 8;
/** Room between layers: the label of a link fits in. */
export const LAYER_GAP = 176;
export const NODE_GAP = 40;
export const COMPONENT_GAP = 80;

/** Room between hubs and the rest, whose links spread there. */
const HUB_GAP = 480;

/** https://eclipse.dev/elk/reference/algorithms/org-eclipse-elk-layered.html */
const OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.layered.spacing.nodeNodeBetweenLayers': String(LAYER_GAP),
  'elk.spacing.nodeNode': String(NODE_GAP),
  'elk.spacing.componentComponent': String(COMPONENT_GAP),
  'elk.aspectRatio': '1.6',
  'elk.layered.considerModelOrder.strategy': 'PREFER_NODES',
  'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
};

/** Of a cycle, a link of the lowest number is drawn backwards: dead letters go back rather than bindings. */
const FORWARD_PRIORITY: Record<string, number> = { 'dead-letter': 1, alternate: 5 };

/** The graph that elk lays out: these nodes and named objects, and the links among them. */
export function toElkGraph(flow: Flow, ids: ReadonlySet<string>): ElkNode {
  const edges: ElkExtendedEdge[] = Object.entries(flow.links).flatMap(([id, { type, from, to }]) => {
    const [source, target] = [drawnId(from), drawnId(to)];
    if (!ids.has(source) || !ids.has(target)) return [];
    const priority = String(FORWARD_PRIORITY[type] ?? 10);
    return [
      { id, sources: [source], targets: [target], layoutOptions: { 'elk.layered.priority.direction': priority } },
    ];
  });
  const children = [...ids].map((id) => ({ id, width: CARD_WIDTH, height: CARD_HEIGHT }));
  return { id: 'flow', layoutOptions: OPTIONS, children, edges };
}

function snap(value: number): number {
  return Math.round(value / GRID) * GRID;
}

/** The places that elk found, on the grid, from the origin on. */
export function readPositions({ children = [] }: ElkNode): Positions {
  const left = Math.min(...children.map(({ x = 0 }) => x));
  const top = Math.min(...children.map(({ y = 0 }) => y));
  return Object.fromEntries(children.map(({ id, x = 0, y = 0 }) => [id, { x: snap(x - left), y: snap(y - top) }]));
}

/**
 * Lays these nodes and named objects out in layers from left to right. Of a large topology the groups around its hubs are laid
 * out each for itself; hubs that messages come from stand on the left of all, those where they end on the right.
 */
export async function layOutIds(flow: Flow, ids: ReadonlySet<string>, run: LayoutRunner): Promise<Positions> {
  if (ids.size === 0) return {};
  const joins = Object.values(flow.links).map(({ from, to }) => ({ source: drawnId(from), target: drawnId(to) }));
  const hubs = findHubs(ids, joins);
  const others = new Set([...ids].filter((id) => !hubs.has(id)));
  const positions = readPositions(await run(toElkGraph(flow, others)));
  return hubs.size === 0 ? positions : { ...positions, ...placeHubs(hubs, joins, positions) };
}

/** Columns of hubs beside what was laid out, in the middle of its height. */
function placeHubs(hubs: ReadonlySet<string>, joins: readonly Join[], positions: Positions): Positions {
  const places = Object.values(positions);
  const width = Math.max(...places.map(({ x }) => x)) + CARD_WIDTH;
  const height = Math.max(...places.map(({ y }) => y)) + CARD_HEIGHT;
  const isEnd = (hub: string) => {
    const outgoing = joins.filter(({ source }) => source === hub).length;
    return joins.filter(({ target }) => target === hub).length > outgoing;
  };
  const column = (members: string[], x: number) => {
    const step = CARD_HEIGHT + 2 * COMPONENT_GAP;
    const top = (height - (members.length - 1) * step - CARD_HEIGHT) / 2;
    return members.map((id, row) => [id, { x, y: snap(top + row * step) }] as const);
  };
  const ends = [...hubs].filter(isEnd);
  const starts = [...hubs].filter((id) => !ends.includes(id));
  return Object.fromEntries([...column(starts, snap(-HUB_GAP - CARD_WIDTH)), ...column(ends, snap(width + HUB_GAP))]);
}

/** Lays the whole flow out, wherever things were before: places of every node and of every object that is only named. */
export function layOutFlow(flow: Flow, run: LayoutRunner): Promise<Positions> {
  return layOutIds(flow, new Set([...Object.keys(flow.nodes), ...placeNamedEnds(flow).keys()]), run);
}
