import { nameLink, nameNode } from '@renderer/flow/names';
import { describeLink, describeNode } from '@renderer/kinds/descriptors';
import type { Problem, Severity } from '@shared/flow/problem';
import type { Flow, FlowLink, FlowNode, Position } from '@shared/flow/schema';
import { CARD_HEIGHT, CARD_WIDTH, drawnId, type NamedEnd, placeNamedEnds } from '@shared/picture/drawing';
import { assignLanes } from '@shared/picture/link-path';
import { type Edge, MarkerType, type Node } from 'reactflow';

/** Worst problem of a node or link, and how many it has. */
export interface ProblemMark {
  severity: Severity;
  count: number;
  /** The sentences, for the tooltip. */
  messages: string[];
}

/** A drawn node. */
export type NodeCardData = { node: FlowNode; mark: ProblemMark | undefined };
/** An object that links name but nobody drew. */
export type GhostData = { end: NamedEnd };
export type CanvasNode = Node<NodeCardData, 'card'> | Node<GhostData, 'ghost'>;

export type LinkData = { link: FlowLink; label: string; lane: number; mark: ProblemMark | undefined };
export type CanvasLink = Edge<LinkData, 'link'>;

const RANK: Record<Severity, number> = { error: 2, warning: 1, hint: 0 };

/** Problems by what they are about: keys `node:ID`, `link:ID`, `broker:ID`, `flow:`. */
export function markProblems(problems: readonly Problem[]): Map<string, ProblemMark> {
  const marks = new Map<string, ProblemMark>();
  for (const { subject, severity, message } of problems) {
    const key = `${subject.type}:${'id' in subject ? subject.id : ''}`;
    const known = marks.get(key);
    if (known === undefined) marks.set(key, { severity, count: 1, messages: [message] });
    else {
      known.count += 1;
      known.messages.push(message);
      if (RANK[severity] > RANK[known.severity]) known.severity = severity;
    }
  }
  return marks;
}

function sameMark(a: ProblemMark | undefined, b: ProblemMark | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.messages.join() === b.messages.join());
}

/** React Flow's nodes for a flow; those that did not change keep their identity, so that only changed cards are drawn again. */
export function buildNodes(
  flow: Flow,
  selected: ReadonlySet<string>,
  marks: ReadonlyMap<string, ProblemMark>,
  previous: readonly CanvasNode[],
): CanvasNode[] {
  const known = new Map(previous.map((node) => [node.id, node]));
  const cards = Object.entries(flow.nodes).map(([id, node]): CanvasNode => {
    const position = flow.layout.nodes[id] ?? { x: 0, y: 0 };
    const mark = marks.get(`node:${id}`);
    const old = known.get(id);
    const isSelected = selected.has(id);
    if (old?.type === 'card' && old.data.node === node && sameMark(old.data.mark, mark)) {
      if (old.selected === isSelected && samePlace(old, position)) return old;
      return { ...old, selected: isSelected, position: old.dragging ? old.position : position };
    }
    return {
      id,
      type: 'card',
      position: old?.dragging ? old.position : position,
      data: { node, mark },
      selected: isSelected,
      ariaLabel: nameNode(node),
      domAttributes: { 'aria-roledescription': describeNode(node.type).noun },
      initialWidth: CARD_WIDTH,
      initialHeight: CARD_HEIGHT,
      ...(old ? { measured: old.measured, dragging: old.dragging } : {}),
    };
  });
  const ghosts = [...placeNamedEnds(flow)].map(([id, { end, position }]): CanvasNode => {
    const old = known.get(id);
    if (old?.type === 'ghost' && samePlace(old, position)) return old;
    return {
      id,
      type: 'ghost',
      position,
      data: { end },
      selectable: false,
      draggable: false,
      focusable: false,
      ariaLabel: `${end.objectType} ${end.name}, not drawn`,
      initialWidth: CARD_WIDTH,
      initialHeight: CARD_HEIGHT,
      ...(old ? { measured: old.measured } : {}),
    };
  });
  return [...cards, ...ghosts];
}

function samePlace(node: CanvasNode, position: Position): boolean {
  return node.dragging === true || (node.position.x === position.x && node.position.y === position.y);
}

/** Mantine's colour for an accent, readable on both themes. */
export function accentColor(accent: string): string {
  return `var(--tl-kind-${accent}, var(--mantine-color-${accent}-6))`;
}

/** React Flow's edges for a flow; those that did not change keep their identity. */
export function buildLinks(
  flow: Flow,
  selected: ReadonlySet<string>,
  marks: ReadonlyMap<string, ProblemMark>,
  previous: readonly CanvasLink[],
): CanvasLink[] {
  const known = new Map(previous.map((link) => [link.id, link]));
  const ends = Object.entries(flow.links).map(([id, { from, to }]) => ({
    id,
    source: drawnId(from),
    target: drawnId(to),
  }));
  const lanes = assignLanes(ends);
  return ends.flatMap(({ id, source, target }) => {
    const link = flow.links[id];
    if (link === undefined) return [];
    const lane = lanes.get(id) ?? 0;
    const mark = marks.get(`link:${id}`);
    const isSelected = selected.has(id);
    const ariaLabel = nameLink(flow, link);
    const old = known.get(id);
    const isSame =
      old?.data?.link === link &&
      old.data.lane === lane &&
      old.selected === isSelected &&
      old.ariaLabel === ariaLabel &&
      sameMark(old.data.mark, mark);
    if (old && isSame) return [old];
    const { accent, summary } = describeLink(link.type);
    return [
      {
        id,
        type: 'link' as const,
        source,
        target,
        selected: isSelected,
        ariaLabel,
        data: { link, label: summary(link.settings), lane, mark },
        markerEnd: {
          type: MarkerType.ArrowClosed,
          color: isSelected ? 'var(--tl-accent)' : accentColor(accent),
          markerUnits: 'userSpaceOnUse',
          width: 22,
          height: 22,
        },
        domAttributes: { 'aria-roledescription': 'link' },
      },
    ];
  });
}
