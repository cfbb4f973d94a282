import { flowStore, select } from '@renderer/flow/flow-store';
import type { EdgeChange, NodeChange } from 'reactflow';
import type { CanvasLink, CanvasNode } from './model';

/** Puts React Flow's selection changes into the store. */
export function selectByChanges(
  part: 'nodes' | 'links',
  changes: readonly (NodeChange<CanvasNode> | EdgeChange<CanvasLink>)[],
): void {
  const { selection } = flowStore.getState();
  const ids = new Set(selection[part]);
  let isChanged = false;
  for (const change of changes) {
    if (change.type !== 'select') continue;
    isChanged = true;
    if (change.selected) ids.add(change.id);
    else ids.delete(change.id);
  }
  if (isChanged) select({ nodes: selection.nodes, links: selection.links, [part]: ids });
}
