import { createLineTable, type LineTable } from './line-table';

interface DrawnLine {
  path: SVGPathElement;
  shape: string;
  table: LineTable;
}

/**
 * Lines of links as React Flow drew them, whatever shape its edges have: measured from the SVG path itself, again only when
 * the path changed. Links off screen have no path (`onlyRenderVisibleElements`), so they are culled for free.
 */
export function createDrawnLines(root: () => ParentNode | null) {
  const lines = new Map<string, DrawnLine>();

  const findPath = (linkId: string): SVGPathElement | null =>
    root()?.querySelector<SVGPathElement>(
      `.react-flow__edge[data-id="${CSS.escape(linkId)}"] .react-flow__edge-path`,
    ) ?? null;

  return {
    line(linkId: string): LineTable | undefined {
      const known = lines.get(linkId);
      const path = known?.path.isConnected ? known.path : findPath(linkId);
      if (!path) {
        lines.delete(linkId);
        return undefined;
      }
      const shape = path.getAttribute('d') ?? '';
      if (known?.path === path && known.shape === shape) return known.table;
      if (shape === '') return undefined;
      const table = createLineTable(path.getTotalLength(), (distance) => path.getPointAtLength(distance));
      lines.set(linkId, { path, shape, table });
      return table;
    },
  };
}
