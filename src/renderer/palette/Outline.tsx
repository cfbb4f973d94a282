import { CloseButton, TextInput } from '@mantine/core';
import { canvasView } from '@renderer/canvas/canvas-view';
import { accentColor, markProblems } from '@renderer/canvas/model';
import { flowStore, select } from '@renderer/flow/flow-store';
import { emptySelection, selectNodes } from '@renderer/flow/selection';
import { useFlow } from '@renderer/flow/use-flow';
import { KindIcon } from '@renderer/kinds/icons';
import { SeverityIcon } from '@renderer/problems/SeverityIcon';
import { IconSearch, IconServer } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import classes from './Outline.module.css';
import { type OutlineRow, outlineRows } from './outline-rows';

const ROW_HEIGHT = 28;

function selectRow(row: OutlineRow, isAdding: boolean): void {
  if (row.type === 'heading') return;
  if (row.type === 'broker') return select({ ...emptySelection, broker: row.id });
  const { selection } = flowStore.getState();
  if (!isAdding) select(selectNodes(row.id));
  else {
    const nodes = new Set(selection.nodes);
    if (!nodes.delete(row.id)) nodes.add(row.id);
    select({ nodes, links: selection.links });
  }
  canvasView()?.revealIfHidden(row.id);
}

/** Everything drawn as a list: the way through a flow for keys and screen readers, and a filter for big ones. */
export function Outline() {
  const { flow, selection, problems } = useFlow(({ flow, selection, problems }) => ({ flow, selection, problems }));
  const [filter, setFilter] = useState('');
  const [activeKey, setActiveKey] = useState<string>();
  const rows = useMemo(() => outlineRows(flow, filter), [flow, filter]);
  const marks = useMemo(() => markProblems(problems), [problems]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const isSelected = (row: OutlineRow) =>
    row.type === 'node' ? selection.nodes.has(row.id) : row.type === 'broker' && selection.broker === row.id;
  const activeIndex = rows.findIndex((row) => keyOf(row) === activeKey);

  const activate = (index: number, isAdding = false) => {
    const row = rows[index];
    if (row === undefined) return;
    setActiveKey(keyOf(row));
    selectRow(row, isAdding);
    virtual.scrollToIndex(index);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const selectable = rows.flatMap((row, index) => (row.type === 'heading' ? [] : [index]));
    const at = selectable.indexOf(activeIndex >= 0 ? activeIndex : rows.findIndex(isSelected));
    const steps: Record<string, number | undefined> = {
      ArrowDown: selectable[Math.min(at + 1, selectable.length - 1)],
      ArrowUp: selectable[Math.max(at - 1, 0)],
      Home: selectable[0],
      End: selectable.at(-1),
    };
    const row = rows[activeIndex];
    if (steps[event.key] !== undefined) activate(steps[event.key] ?? 0, event.shiftKey);
    else if (event.key === ' ' && activeIndex >= 0) activate(activeIndex, true);
    else if (event.key === 'Enter' && row?.type === 'node') canvasView()?.focus(row.id);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <section className={classes.section} data-region="outline" aria-label="Outline">
      <div className={classes.head}>
        <TextInput
          aria-label="Find in outline"
          placeholder="Find"
          size="xs"
          leftSection={<IconSearch size={14} />}
          rightSection={filter && <CloseButton size="xs" aria-label="Clear" onClick={() => setFilter('')} />}
          value={filter}
          onChange={({ currentTarget }) => setFilter(currentTarget.value)}
        />
      </div>
      <div
        ref={scroller}
        className={classes.list}
        role="listbox"
        aria-label="Outline"
        aria-multiselectable
        tabIndex={0}
        data-region-focus
        aria-activedescendant={activeIndex >= 0 ? `outline-${rowId(rows[activeIndex])}` : undefined}
        onKeyDown={onKeyDown}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <div
                key={keyOf(row)}
                role="presentation"
                className={classes.slot}
                style={{ transform: `translateY(${start}px)`, height: ROW_HEIGHT }}
              >
                <Row
                  row={row}
                  isSelected={isSelected(row)}
                  isActive={index === activeIndex}
                  severity={row.type === 'node' ? marks.get(`node:${row.id}`)?.severity : undefined}
                  onSelect={(isAdding) => activate(index, isAdding)}
                />
              </div>
            );
          })}
        </div>
        {rows.length === 0 && (
          <p className={classes.none}>{filter ? 'Nothing has that name.' : 'Nothing is drawn yet.'}</p>
        )}
      </div>
    </section>
  );
}

function rowId(row: OutlineRow | undefined): string {
  return row === undefined || row.type === 'heading' ? '' : `${row.type}-${row.id}`;
}

function keyOf(row: OutlineRow): string {
  return row.type === 'heading' ? `heading:${row.label}` : `${row.type}:${row.id}`;
}

interface RowProps {
  row: OutlineRow;
  isSelected: boolean;
  isActive: boolean;
  severity: 'error' | 'warning' | 'hint' | undefined;
  onSelect: (isAdding: boolean) => void;
}

function Row({ row, isSelected, isActive, severity, onSelect }: RowProps) {
  if (row.type === 'heading') {
    return (
      <div className={classes.heading} role="presentation">
        {row.label} <span>{row.count}</span>
      </div>
    );
  }
  const isNode = row.type === 'node';
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the listbox's, which keeps the focus
    <div
      id={`outline-${rowId(row)}`}
      className={classes.row}
      role="option"
      aria-selected={isSelected}
      aria-label={isNode ? `${row.noun} ${row.name}` : `broker ${row.name}`}
      tabIndex={-1}
      data-active={isActive || undefined}
      onClick={(event) => onSelect(event.shiftKey || event.metaKey || event.ctrlKey)}
      onDoubleClick={() => isNode && canvasView()?.reveal([row.id])}
      style={{ '--kind': isNode ? accentColor(row.accent) : 'var(--tl-muted)' }}
    >
      <span className={classes.icon}>
        {isNode ? <KindIcon name={row.icon} size={15} /> : <IconServer size={15} stroke={1.75} />}
      </span>
      <span className={classes.name}>{row.name || 'unnamed'}</span>
      {severity && <SeverityIcon severity={severity} size={14} />}
    </div>
  );
}
