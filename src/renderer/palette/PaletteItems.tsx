import { Tooltip } from '@mantine/core';
import { canvasView } from '@renderer/canvas/canvas-view';
import { findFreePlace } from '@renderer/canvas/free-place';
import { accentColor } from '@renderer/canvas/model';
import { PALETTE_TYPE } from '@renderer/canvas/palette-drag';
import { drawNode } from '@renderer/flow/edits';
import { flowStore } from '@renderer/flow/flow-store';
import { useFlow } from '@renderer/flow/use-flow';
import { linksBetween, paletteKinds } from '@renderer/kinds/descriptors';
import { KindIcon } from '@renderer/kinds/icons';
import type { KindDescriptor, NodeDescriptor } from '@shared/kinds/descriptor';
import { CARD_WIDTH } from '@shared/picture/drawing';
import classes from './PaletteItems.module.css';

/** How far apart neighbours are put: room for a label between columns. */
const COLUMN = CARD_WIDTH + 128;
const ROW = 136;

/** Adds a node beside the selected one (to its right if a link may go there, else below), or to the middle of what is seen. */
function addNearby(type: string): void {
  const { flow, selection } = flowStore.getState();
  const [selected] = selection.nodes;
  const node = selection.nodes.size === 1 && selected !== undefined ? flow.nodes[selected] : undefined;
  const place = selected === undefined ? undefined : flow.layout.nodes[selected];
  const isNext = node !== undefined && linksBetween(node.type, type).length > 0;
  const wanted =
    node && place
      ? { x: place.x + (isNext ? COLUMN : 0), y: place.y + (isNext ? 0 : ROW) }
      : (canvasView()?.middle() ?? { x: 0, y: 0 });
  const id = drawNode(type, findFreePlace(flow, wanted));
  canvasView()?.revealIfHidden(id);
}

/** What can be put on the canvas: dragged, or added by Enter or a click. */
export function PaletteItems() {
  const drawnKinds = useFlow(({ flow }) => [...new Set(Object.values(flow.brokers).map((broker) => broker.kind))]);
  // What this flow can use at once comes first.
  const isUsed = ({ kind, nodes }: KindDescriptor) =>
    drawnKinds.includes(kind) || nodes.every(({ inBroker }) => !inBroker);
  const ordered = [...paletteKinds.filter(isUsed), ...paletteKinds.filter((kind) => !isUsed(kind))];
  return (
    <section className={classes.section} data-region="palette" aria-label="Palette">
      {ordered.map(({ kind, label, nodes }) => (
        <div key={kind}>
          <h2 className={classes.heading}>{label}</h2>
          <ul className={classes.items}>
            {nodes.map((node) => (
              <li key={node.type}>
                <PaletteItem node={node} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}

function PaletteItem({ node: { type, noun, label, description, icon, accent } }: { node: NodeDescriptor }) {
  return (
    <Tooltip label={`${description} Drag it onto the canvas, or press Enter.`} position="right" multiline maw={260}>
      <button
        type="button"
        className={classes.item}
        aria-label={`Add ${noun}`}
        draggable
        style={{ '--kind': accentColor(accent) }}
        onClick={() => addNearby(type)}
        onDragStart={(event) => {
          event.dataTransfer.setData(PALETTE_TYPE, type);
          event.dataTransfer.effectAllowed = 'copy';
        }}
      >
        <span className={classes.icon}>
          <KindIcon name={icon} size={16} />
        </span>
        {label}
      </button>
    </Tooltip>
  );
}
