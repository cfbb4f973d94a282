import { useFlow } from '@renderer/flow/use-flow';
import { describeKind } from '@renderer/kinds/descriptors';
import type { Flow } from '@shared/flow/schema';
import type { TrafficEvent } from '@shared/traffic/event';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useLayoutEffect, useRef } from 'react';
import { EventRow } from './EventRow';
import classes from './EventTable.module.css';
import { showMessage, useTraffic } from './traffic-store';

const ROW_HEIGHT = 24;
const HEAD_HEIGHT = 25;
const COLUMNS = ['time', 'phase', 'node', 'exchange', 'key', 'size', 'preview'] as const;
const HEADINGS = {
  time: 'Time',
  phase: 'Phase',
  node: 'Node',
  key: 'Routing key',
  size: 'Size',
  preview: 'Message',
};

/** What messages go to and come from, as the kinds of the flow's brokers call it. */
function placeLabelOf({ brokers }: Flow): string {
  const labels = new Set(Object.values(brokers).flatMap(({ kind }) => describeKind(kind)?.placeLabel ?? []));
  return labels.size === 1 ? [...labels].join() : 'Place';
}

/** How far a key moves the choice; undefined for keys that do not. */
function step(key: string, page: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -Number.MAX_SAFE_INTEGER,
    End: Number.MAX_SAFE_INTEGER,
  };
  return steps[key];
}

/** The messages, newest first, drawn as far as they are in view. Arrow keys walk, Escape closes the message view. */
export function EventTable({ events }: { events: readonly TrafficEvent[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const selected = useTraffic((state) => state.selected);
  const nodes = useFlow(({ flow }) => flow.nodes);
  const place = useFlow(({ flow }) => placeLabelOf(flow));
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => events[index]?.seq ?? index,
    scrollMargin: HEAD_HEIGHT,
    overscan: 10,
  });
  useStillWhileReading(scroller, events);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return showMessage(null);
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2);
    const by = step(event.key, page);
    if (by === undefined || events.length === 0) return;
    event.preventDefault();
    const at = selected ? events.findIndex(({ seq }) => seq === selected.seq) : -1;
    const next = Math.min(events.length - 1, Math.max(0, at + by));
    showMessage(events[next] ?? null);
    rows.scrollToIndex(next);
  };

  const drawn = rows.getVirtualItems();
  const above = (drawn[0]?.start ?? HEAD_HEIGHT) - HEAD_HEIGHT;
  const below = rows.getTotalSize() - ((drawn.at(-1)?.end ?? HEAD_HEIGHT) - HEAD_HEIGHT);
  return (
    <div ref={scroller} className={classes.scroller}>
      <table
        className={classes.table}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are chosen with arrow keys, as in a grid
        role="grid"
        tabIndex={0}
        aria-label="Messages"
        aria-rowcount={events.length + 1}
        aria-activedescendant={selected ? `message-${selected.seq}` : undefined}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr>
            {COLUMNS.map((column) => (
              <th key={column} scope="col" className={classes[column]}>
                {column === 'exchange' ? place : HEADINGS[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden style={{ height: above }} />}
          {drawn.map(({ index, key }) => {
            const event = events[index];
            if (!event) return null;
            const { name } = nodes[event.node] ?? { name: event.node };
            const isChosen = event.seq === selected?.seq;
            return <EventRow key={key} index={index} event={event} nodeName={name} isChosen={isChosen} />;
          })}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
        </tbody>
      </table>
      {events.length === 0 && <p className={classes.none}>No message matches the filters.</p>}
    </div>
  );
}

/** New messages come in at the top: who has scrolled down keeps what they are reading in place. */
function useStillWhileReading(scroller: { current: HTMLDivElement | null }, events: readonly TrafficEvent[]): void {
  const before = useRef(events);
  useLayoutEffect(() => {
    const element = scroller.current;
    const newest = before.current[0]?.seq;
    before.current = events;
    if (!element || newest === undefined || element.scrollTop < ROW_HEIGHT) return;
    const added = events.findIndex(({ seq }) => seq <= newest);
    if (added > 0) element.scrollTop += added * ROW_HEIGHT;
  }, [events, scroller]);
}
