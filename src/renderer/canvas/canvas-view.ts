import { flowStore } from '@renderer/flow/flow-store';
import { useFlow } from '@renderer/flow/use-flow';
import { CARD_HEIGHT, CARD_WIDTH } from '@shared/picture/drawing';
import { useEffect, useLayoutEffect, useRef } from 'react';
import {
  type ReactFlowInstance,
  useNodesInitialized,
  useReactFlow,
  useStore,
  useStoreApi,
  type Viewport,
} from 'reactflow';
import type { CanvasLink, CanvasNode } from './model';

/** What the rest of the window may ask of the canvas. */
export interface CanvasView {
  fit: () => void;
  zoomIn: () => void;
  zoomOut: () => void;
  zoomToActual: () => void;
  /** Brings nodes into view, without zooming in further. */
  reveal: (ids: readonly string[]) => void;
  /** Brings a node into view if no part of it is seen. */
  revealIfHidden: (id: string) => void;
  /** Where a node put into the middle of what is seen has its corner. */
  middle: () => { x: number; y: number };
  /** Gives a node or link the keyboard focus. */
  focus: (id: string) => void;
  /** Gives the canvas the keyboard focus, if nothing on it has it already. */
  focusCanvas: () => void;
}

let view: CanvasView | undefined;

/** The canvas, once it is there. */
export function canvasView(): CanvasView | undefined {
  return view;
}

/** Room around what is fitted; more below, where the controls and the minimap are. */
const FIT = { padding: { top: '24px', x: '24px', bottom: '104px' }, maxZoom: 1.1 } as const;

/** A movement of so many milliseconds, none for those who want no motion. */
function glide(ms: number): { duration: number } {
  return { duration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : ms };
}

const REVEAL_MARGIN = 24;

function makeView(
  flow: ReactFlowInstance<CanvasNode, CanvasLink>,
  size: () => { width: number; height: number; domNode: HTMLElement | null },
): CanvasView {
  return {
    fit: () => void flow.fitView({ ...FIT, ...glide(220) }),
    zoomIn: () => void flow.zoomIn(glide(120)),
    zoomOut: () => void flow.zoomOut(glide(120)),
    zoomToActual: () => void flow.zoomTo(1, glide(160)),
    reveal: (ids) =>
      void flow.fitView({
        ...FIT,
        ...glide(220),
        nodes: ids.map((id) => ({ id })),
        maxZoom: Math.max(flow.getZoom(), 0.8),
      }),
    revealIfHidden: (id) => {
      const position = flowStore.getState().flow.layout.nodes[id];
      const { width, height, domNode } = size();
      if (!position || !domNode) return;
      const { left, top } = domNode.getBoundingClientRect();
      const { x, y } = flow.flowToScreenPosition(position);
      const zoom = flow.getZoom();
      const isSeen =
        x >= left + REVEAL_MARGIN &&
        y >= top + REVEAL_MARGIN &&
        x + CARD_WIDTH * zoom <= left + width - REVEAL_MARGIN &&
        y + CARD_HEIGHT * zoom <= top + height - REVEAL_MARGIN;
      if (!isSeen)
        void flow.setCenter(position.x + CARD_WIDTH / 2, position.y + CARD_HEIGHT / 2, { zoom, ...glide(220) });
    },
    middle: () => {
      const { width, height, domNode } = size();
      const box = domNode?.getBoundingClientRect() ?? { left: 0, top: 0 };
      const { x, y } = flow.screenToFlowPosition({ x: box.left + width / 2, y: box.top + height / 2 });
      return { x: Math.round((x - CARD_WIDTH / 2) / 8) * 8, y: Math.round((y - CARD_HEIGHT / 2) / 8) * 8 };
    },
    focus: (id) => {
      const element = size().domNode?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`);
      (element ?? size().domNode)?.focus({ preventScroll: true });
    },
    focusCanvas: () => {
      const { domNode } = size();
      if (!domNode?.contains(document.activeElement)) domNode?.focus({ preventScroll: true });
    },
  };
}

/** Makes the canvas known to the window, and fits another document into view once its nodes are measured, until it is moved. */
export function useCanvasBridge(): void {
  const instance = useReactFlow<CanvasNode, CanvasLink>();
  const store = useStoreApi<CanvasNode, CanvasLink>();
  const opened = useFlow(({ openedCount }) => openedCount);
  const isMeasured = useNodesInitialized();

  useEffect(() => {
    view = makeView(instance, () => store.getState());
    return () => {
      view = undefined;
    };
  }, [instance, store]);

  const fitted = useRef<Viewport>(undefined);
  const fitAll = async () => {
    await instance.fitView(FIT);
    fitted.current = instance.getViewport();
  };

  // A document opened empty is not moved about when its first node is drawn.
  const awaitsFit = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per document opened
  useLayoutEffect(() => {
    awaitsFit.current = Object.keys(flowStore.getState().flow.nodes).length > 0;
    if (!awaitsFit.current) void instance.setViewport({ x: 0, y: 0, zoom: 1 });
  }, [opened]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: tried once per document opened, and again once it is measured
  useEffect(() => {
    if (!isMeasured || !awaitsFit.current) return;
    awaitsFit.current = false;
    void fitAll();
  }, [opened, isMeasured]);

  // What was fitted, and not moved since, stays fitted when the canvas gets another size.
  const size = useStore(({ width, height }) => `${width}×${height}`);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per size
  useEffect(() => {
    const before = fitted.current;
    const now = instance.getViewport();
    if (before && before.x === now.x && before.y === now.y && before.zoom === now.zoom) void fitAll();
  }, [size]);
}
