import { ActionIcon, Tooltip } from '@mantine/core';
import { attempt } from '@renderer/engine/failure';
import { describeNode } from '@renderer/kinds/descriptors';
import { IconFocusCentered, IconLayoutDistributeHorizontal, IconMap, IconMinus, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { MiniMap, Panel, useStore } from 'reactflow';
import { arrangeNodes } from './arrange';
import classes from './CanvasControls.module.css';
import { canvasView } from './canvas-view';
import { accentColor, type CanvasNode } from './model';

/** Above so many nodes the minimap is off until asked for. */
const MINIMAP_LIMIT = 500;

/** Zoom, fit, layout and the minimap, at the foot of the canvas. */
export function CanvasControls() {
  const percent = useStore(({ transform }) => Math.round(transform[2] * 100));
  const count = useStore(({ nodes }) => nodes.length);
  const [wantsMap, setWantsMap] = useState<boolean>();
  const isMapShown = count > 0 && (wantsMap ?? count <= MINIMAP_LIMIT);
  return (
    <>
      <Panel position="bottom-left" className={classes.panel}>
        <Control label="Zoom out" onClick={() => canvasView()?.zoomOut()}>
          <IconMinus size={15} />
        </Control>
        <Tooltip label="Zoom to 100 %">
          <button type="button" className={classes.percent} onClick={() => canvasView()?.zoomToActual()}>
            {percent}%
          </button>
        </Tooltip>
        <Control label="Zoom in" onClick={() => canvasView()?.zoomIn()}>
          <IconPlus size={15} />
        </Control>
        <span className={classes.rule} />
        <Control label="Fit" onClick={() => canvasView()?.fit()}>
          <IconFocusCentered size={15} />
        </Control>
        <Control label="Layout" onClick={() => attempt('Layout', arrangeNodes)}>
          <IconLayoutDistributeHorizontal size={15} />
        </Control>
        <Control label="Minimap" isOn={isMapShown} onClick={() => setWantsMap(!isMapShown)}>
          <IconMap size={15} />
        </Control>
      </Panel>
      {isMapShown && (
        <MiniMap<CanvasNode>
          pannable
          zoomable
          className={classes.map}
          ariaLabel="Minimap"
          nodeColor={(node) =>
            node.type === 'card' ? accentColor(describeNode(node.data.node.type).accent) : 'var(--tl-faint)'
          }
          nodeStrokeWidth={0}
          nodeBorderRadius={8}
          maskColor="color-mix(in srgb, var(--tl-canvas) 70%, transparent)"
          bgColor="var(--tl-panel)"
          style={{ width: 132, height: 76 }}
        />
      )}
    </>
  );
}

function Control(props: { label: string; isOn?: boolean; onClick: () => void; children: React.ReactNode }) {
  const { label, isOn, onClick, children } = props;
  return (
    <Tooltip label={label}>
      <ActionIcon
        aria-label={label}
        aria-pressed={isOn}
        data-on={isOn || undefined}
        className={classes.control}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
