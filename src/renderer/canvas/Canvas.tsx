import { drawLink, drawNode, moveLinkEnd, placeNodes } from '@renderer/flow/edits';
import { select } from '@renderer/flow/flow-store';
import { emptySelection } from '@renderer/flow/selection';
import { useFlow } from '@renderer/flow/use-flow';
import { JourneyBanner } from '@renderer/journey/JourneyBanner';
import { useJourneys } from '@renderer/journey/journey-store';
import { LiveOverlay } from '@renderer/live/LiveOverlay';
import { focusRegion } from '@renderer/shell/shell-store';
import { CARD_HEIGHT, CARD_WIDTH } from '@shared/picture/drawing';
import { type DragEvent, useCallback, useRef } from 'react';
import {
  Background,
  BackgroundVariant,
  type Connection,
  type FinalConnectionState,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
} from 'reactflow';
import classes from './Canvas.module.css';
import { CanvasControls } from './CanvasControls';
import { useCanvasBridge } from './canvas-view';
import { EmptyCanvas } from './EmptyCanvas';
import { GhostCard } from './GhostCard';
import { canConnect, canReconnect, type DraggedEnd, explainKept, explainRefusal } from './joining';
import { LinkLine } from './LinkLine';
import type { CanvasLink, CanvasNode } from './model';
import { NodeCard } from './NodeCard';
import { PALETTE_TYPE } from './palette-drag';
import { selectByChanges } from './selecting';
import { useCanvasModel } from './use-canvas-model';
import { useIsFar } from './use-is-far';

const nodeTypes = { card: NodeCard, ghost: GhostCard };
const edgeTypes = { link: LinkLine };
const SNAP: [number, number] = [8, 8];
/** Above so many nodes only those in view are in the document; below, all are, for screen readers and search. */
const MANY_NODES = 300;
const MULTI_SELECT_KEYS = ['Shift', 'Meta', 'Control'];

/** The drawing, controlled: what React Flow says happened becomes a command, and what is drawn follows from the flow. */
export function Canvas() {
  return (
    <ReactFlowProvider>
      <Drawing />
    </ReactFlowProvider>
  );
}

function Drawing() {
  const { nodes, links, applyToNodes } = useCanvasModel();
  const isEmpty = useFlow(({ isLoaded, flow }) => isLoaded && Object.keys(flow.nodes).length === 0);
  const isReadOnly = useFlow((state) => state.isReadOnly);
  const isFar = useIsFar();
  const isLive = useJourneys(({ shown }) => shown === null);
  const { screenToFlowPosition } = useReactFlow();
  const isDragging = useRef(false);
  useCanvasBridge();

  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      selectByChanges('nodes', changes);
      applyToNodes(changes.filter(({ type }) => type === 'dimensions' || type === 'position'));
      const placed = changes.flatMap((change) =>
        change.type === 'position' && change.dragging !== true && change.position
          ? [[change.id, change.position] as const]
          : [],
      );
      if (changes.some((change) => change.type === 'position' && change.dragging === true)) isDragging.current = true;
      if (placed.length === 0) return;
      placeNodes(Object.fromEntries(placed), isDragging.current ? undefined : 'nudge');
      isDragging.current = false;
    },
    [applyToNodes],
  );

  const onConnect = useCallback(({ source, target }: Connection) => {
    drawLink(source, target);
  }, []);

  const draggedEnd = useRef<DraggedEnd>(undefined);
  const onConnectEnd = useCallback((_event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    if (state.isValid !== false || !state.fromNode || !state.toNode) return;
    if (draggedEnd.current) explainKept(draggedEnd.current, state.toNode.id);
    else explainRefusal(state.fromNode.id, state.toNode.id);
  }, []);
  const isAllowed = useCallback(
    (joined: Connection | CanvasLink) =>
      draggedEnd.current ? canReconnect(draggedEnd.current, joined) : canConnect(joined),
    [],
  );
  const onReconnect = useCallback(({ id }: CanvasLink, { source, target }: Connection) => {
    const side = draggedEnd.current?.side;
    if (side) moveLinkEnd(id, side, side === 'from' ? source : target);
  }, []);

  const onDrop = useCallback(
    (event: DragEvent) => {
      const type = event.dataTransfer.getData(PALETTE_TYPE);
      if (type === '') return;
      event.preventDefault();
      const { x, y } = screenToFlowPosition({ x: event.clientX, y: event.clientY });
      drawNode(type, snap({ x: x - CARD_WIDTH / 2, y: y - CARD_HEIGHT / 2 }));
    },
    [screenToFlowPosition],
  );

  return (
    <div className={classes.canvas} data-far={isFar || undefined}>
      <ReactFlow<CanvasNode, CanvasLink>
        nodes={nodes}
        edges={links}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={onNodesChange}
        onEdgesChange={(changes) => selectByChanges('links', changes)}
        onConnect={onConnect}
        onConnectEnd={onConnectEnd}
        onReconnectStart={(_event, { id }, fixed) => {
          draggedEnd.current = { link: id, side: fixed === 'target' ? 'from' : 'to' };
        }}
        onReconnect={onReconnect}
        onReconnectEnd={() => {
          draggedEnd.current = undefined;
        }}
        isValidConnection={isAllowed}
        edgesReconnectable={!isReadOnly}
        reconnectRadius={8}
        onNodeDoubleClick={() => focusRegion('inspector')}
        onPaneClick={() => select(emptySelection)}
        onDragOver={(event) => {
          if (event.dataTransfer.types.includes(PALETTE_TYPE)) event.preventDefault();
        }}
        onDrop={onDrop}
        nodesDraggable={!isReadOnly}
        nodesConnectable={!isReadOnly}
        deleteKeyCode={null}
        multiSelectionKeyCode={MULTI_SELECT_KEYS}
        selectionMode={SelectionMode.Partial}
        connectionRadius={48}
        snapToGrid
        snapGrid={SNAP}
        minZoom={0.04}
        maxZoom={2.5}
        onlyRenderVisibleElements={nodes.length > MANY_NODES}
        elevateEdgesOnSelect
        proOptions={{ hideAttribution: true }}
        aria-label="Canvas"
        tabIndex={-1}
      >
        <Background variant={BackgroundVariant.Dots} gap={16} size={1.2} color="var(--tl-grid)" />
        {isLive && <LiveOverlay />}
        <JourneyBanner />
        <CanvasControls />
      </ReactFlow>
      {isEmpty && <EmptyCanvas />}
    </div>
  );
}

function snap({ x, y }: { x: number; y: number }) {
  return { x: Math.round(x / SNAP[0]) * SNAP[0], y: Math.round(y / SNAP[1]) * SNAP[1] };
}
