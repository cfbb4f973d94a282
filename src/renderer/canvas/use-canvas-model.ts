import { useFlow } from '@renderer/flow/use-flow';
import { useCallback, useMemo, useRef, useState } from 'react';
import { applyNodeChanges, type NodeChange } from 'reactflow';
import { buildLinks, buildNodes, type CanvasLink, type CanvasNode, markProblems } from './model';

/**
 * React Flow's nodes and edges for the flow. Measured sizes and positions during a drag are the canvas's own and are applied
 * through `applyToNodes`; everything else follows from the store.
 */
export function useCanvasModel() {
  const { flow, selection, problems } = useFlow(({ flow, selection, problems }) => ({ flow, selection, problems }));
  const marks = useMemo(() => markProblems(problems), [problems]);
  const [ownNodes, setOwnNodes] = useState<CanvasNode[]>([]);
  const nodes = useMemo(
    () => buildNodes(flow, selection.nodes, marks, ownNodes),
    [flow, selection.nodes, marks, ownNodes],
  );
  const latest = useRef(nodes);
  latest.current = nodes;

  const applyToNodes = useCallback((changes: NodeChange<CanvasNode>[]) => {
    if (changes.length === 0) return;
    latest.current = applyNodeChanges(changes, latest.current);
    setOwnNodes(latest.current);
  }, []);

  const previousLinks = useRef<CanvasLink[]>([]);
  const links = useMemo(() => {
    previousLinks.current = buildLinks(flow, selection.links, marks, previousLinks.current);
    return previousLinks.current;
  }, [flow, selection.links, marks]);

  return { nodes, links, applyToNodes };
}
