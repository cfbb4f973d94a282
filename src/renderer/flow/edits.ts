import { describeLink, describeNode } from '@renderer/kinds/descriptors';
import { copyNodes, pasteNodes } from '@shared/flow/clipboard';
import {
  addNode,
  connect,
  moveNodes,
  removeItems,
  renameNode,
  setBrokerName,
  setBrokerSetting,
  setLinkSetting,
  setNodeProperty,
  setNodeSetting,
} from '@shared/flow/commands';
import { type LinkSide, reconnectLink } from '@shared/flow/reconnect';
import type { Flow, Json, Position } from '@shared/flow/schema';
import { edit, flowStore, select } from './flow-store';
import { selectLinks, selectNodes } from './selection';

/** A node, link or broker of the flow. */
export type Item = { type: 'node' | 'link' | 'broker'; id: string };

/** Puts a fresh node onto the canvas and selects it. Answers its id. */
export function drawNode(type: string, position: Position): string {
  const { flow, id } = addNode(flowStore.getState().flow, { type, position });
  edit(() => flow, { label: `Add ${describeNode(type).noun}` });
  select(selectNodes(id));
  return id;
}

/** Joins two nodes and selects the link. Answers its id, undefined when they cannot be joined (that way). */
export function drawLink(
  from: string,
  to: string,
  options: { type?: string; settings?: Record<string, Json> } = {},
): string | undefined {
  const { flow, id } = connect(flowStore.getState().flow, { from, to, ...options });
  if (id === undefined) return undefined;
  edit(() => flow, { label: `Connect (${describeLink(flow.links[id]?.type ?? '').label.toLowerCase()})` });
  select(selectLinks(id));
  return id;
}

/** Moves an end of a link to another node, where its type may end there, and selects the link. */
export function moveLinkEnd(id: string, side: LinkSide, node: string): void {
  const moved = reconnectLink(flowStore.getState().flow, id, side, node);
  if (moved.flow === flowStore.getState().flow) return;
  edit(() => moved.flow, { label: 'Reconnect link' });
  select(selectLinks(moved.id));
}

/** Moves nodes to where they were put. */
export function placeNodes(positions: Record<string, Position>, mergeKey?: string): void {
  const count = Object.keys(positions).length;
  edit((flow) => moveNodes(flow, positions), { label: count === 1 ? 'Move' : `Move ${count} nodes`, mergeKey });
}

/** Removes what is selected, with the links of removed nodes. */
export function removeSelection(label = 'Delete'): void {
  const { nodes, links } = flowStore.getState().selection;
  if (nodes.size + links.size === 0) return;
  edit((flow) => removeItems(flow, { nodes: [...nodes], links: [...links] }), { label });
}

/** Selected nodes with the links among them as clipboard text; undefined when no node is selected. */
export function copySelectedNodes(): string | undefined {
  const { flow, selection } = flowStore.getState();
  return selection.nodes.size === 0 ? undefined : copyNodes(flow, [...selection.nodes]);
}

/** Adds copied nodes as one undo step and selects them. False when the text is not Tapline's. */
export function pasteCopied(text: string, offset: { x: number; y: number }, label = 'Paste'): boolean {
  const pasted = pasteNodes(flowStore.getState().flow, text, offset);
  if (pasted === undefined) return false;
  if (edit(() => pasted.flow, { label })) select({ nodes: new Set(pasted.ids), links: new Set() });
  return true;
}

/** Repeats what is selected beside itself. */
export function duplicateSelection(): void {
  const text = copySelectedNodes();
  if (text !== undefined) pasteCopied(text, { x: 32, y: 32 }, 'Duplicate');
}

/**
 * Sets one value of items; the path starts at the record (`['settings', 'durable']`, `['name']`). Undefined removes it.
 * `mergePath` tells one field from another where several are written through one path (cells of a table).
 */
export function setValue(
  items: readonly Item[],
  path: readonly string[],
  value: Json | undefined,
  label: string,
  mergePath: readonly string[] = path,
): void {
  edit((flow) => items.reduce((next, item) => setIn(next, item, path, value), flow), {
    label: `Change ${label.toLowerCase()}`,
    mergeKey: `${items.map(({ type, id }) => `${type}:${id}`).join()}:${mergePath.join('.')}`,
  });
}

function setIn(flow: Flow, { type, id }: Item, [head, ...rest]: readonly string[], value: Json | undefined): Flow {
  if (head === 'settings') {
    if (type === 'node') return setNodeSetting(flow, id, rest, value);
    return type === 'link' ? setLinkSetting(flow, id, rest, value) : setBrokerSetting(flow, id, rest, value);
  }
  if (head === 'name') {
    const name = typeof value === 'string' ? value : '';
    return type === 'node' ? renameNode(flow, id, name) : setBrokerName(flow, id, name);
  }
  const isProperty = head === 'notes' || head === 'ownership' || head === 'broker';
  return type === 'node' && isProperty
    ? setNodeProperty(flow, id, head, typeof value === 'string' ? value : undefined)
    : flow;
}

/** Makes a link one of another type between the same nodes; its settings begin anew. Selects it. */
export function changeLinkType(id: string, type: string): void {
  const { flow } = flowStore.getState();
  const link = flow.links[id];
  if (link === undefined || !('node' in link.from) || !('node' in link.to)) return;
  const without = removeItems(flow, { links: [id] });
  const joined = connect(without, { from: link.from.node, to: link.to.node, type });
  if (joined.id === undefined) return;
  edit(() => joined.flow, { label: 'Change link type' });
  select(selectLinks(joined.id));
}
