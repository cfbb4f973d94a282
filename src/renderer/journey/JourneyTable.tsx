import { attempt } from '@renderer/engine/failure';
import { formatDuration, formatTime } from '@renderer/live/format';
import tableClasses from '@renderer/traffic/EventTable.module.css';
import type { JourneySummary } from '@shared/journey/journey';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useRef } from 'react';
import { StateBadge } from './JourneyBadge';
import classes from './JourneyPanel.module.css';
import { openJourney, showJourney, useJourneys } from './journey-store';

const ROW_HEIGHT = 24;
const HEAD_HEIGHT = 25;
const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8, Home: -1e9, End: 1e9 };

const open = (id: string) => void attempt('Follow', () => openJourney(id));

/** The journeys, newest first, drawn as far as they are in view. Arrow keys walk, Escape goes back to live. */
export function JourneyTable({ journeys, isSearched }: { journeys: readonly JourneySummary[]; isSearched: boolean }) {
  const scroller = useRef<HTMLDivElement>(null);
  const chosen = useJourneys(({ shown }) => shown?.id);
  const rows = useVirtualizer({
    count: journeys.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => journeys[index]?.id ?? index,
    scrollMargin: HEAD_HEIGHT,
    overscan: 10,
  });
  const at = journeys.findIndex(({ id }) => id === chosen);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return showJourney(null);
    const by = STEPS[event.key];
    if (by === undefined || journeys.length === 0) return;
    event.preventDefault();
    const next = Math.min(journeys.length - 1, Math.max(0, at + by));
    const journey = journeys[next];
    if (journey) open(journey.id);
    rows.scrollToIndex(next);
  };

  const drawn = rows.getVirtualItems();
  const above = (drawn[0]?.start ?? HEAD_HEIGHT) - HEAD_HEIGHT;
  const below = rows.getTotalSize() - ((drawn.at(-1)?.end ?? HEAD_HEIGHT) - HEAD_HEIGHT);
  return (
    <div ref={scroller} className={tableClasses.scroller}>
      <table
        className={tableClasses.table}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: rows are chosen with arrow keys, as in a grid
        role="grid"
        tabIndex={0}
        aria-label="Journeys"
        aria-rowcount={journeys.length + 1}
        aria-activedescendant={at >= 0 ? `journey-${at}` : undefined}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr>
            <th scope="col" className={tableClasses.time}>
              Begun
            </th>
            <th scope="col" className={classes.state}>
              State
            </th>
            <th scope="col" className={`${tableClasses.key} ${classes.key}`}>
              Routing key
            </th>
            <th scope="col" className={classes.number}>
              Steps
            </th>
            <th scope="col" className={classes.number}>
              Took
            </th>
            <th scope="col" className={`${tableClasses.preview} ${classes.id}`}>
              Id
            </th>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden style={{ height: above }} />}
          {drawn.map(({ index, key }) => {
            const journey = journeys[index];
            return journey && <JourneyRow key={key} index={index} journey={journey} isChosen={index === at} />;
          })}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
        </tbody>
      </table>
      {journeys.length === 0 && (
        <p className={tableClasses.none}>{isSearched ? 'No journey matches the search.' : 'No journey yet.'}</p>
      )}
    </div>
  );
}

function JourneyRow({ index, journey, isChosen }: { index: number; journey: JourneySummary; isChosen: boolean }) {
  const { id, startedAt, endedAt, state, routingKey, steps, attempts, inferred, isWhole } = journey;
  return (
    <tr
      id={`journey-${index}`}
      className={tableClasses.row}
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      onClick={() => open(id)}
    >
      <td className={tableClasses.time}>{formatTime(startedAt)}</td>
      <td className={classes.state}>
        <StateBadge state={state} />
        {attempts > 1 && <span className={classes.faint}> {attempts} attempts</span>}
      </td>
      <td className={`${tableClasses.key} ${classes.key}`} title={routingKey}>
        {routingKey}
      </td>
      <td className={classes.number} title={isWhole ? undefined : 'Its beginning was not seen'}>
        {isWhole ? '' : '≥'}
        {steps}
      </td>
      <td className={classes.number}>{formatDuration(endedAt - startedAt)}</td>
      <td className={`${tableClasses.preview} ${classes.id}`} title={inferred ?? id}>
        {inferred === undefined ? '' : '~'}
        {id}
      </td>
    </tr>
  );
}
