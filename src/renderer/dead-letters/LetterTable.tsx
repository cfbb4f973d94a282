import { Checkbox } from '@mantine/core';
import { useNow } from '@renderer/live/use-now';
import { previewBody } from '@renderer/traffic/body-text';
import { ago } from '@shared/dead-letters/ago';
import { originalKey } from '@shared/dead-letters/filter';
import { describeReason } from '@shared/dead-letters/history';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useRef } from 'react';
import classes from './DeadLettersPanel.module.css';
import { type ListedLetter, showLetter, tick, useDeadLetters } from './dead-letters-store';

const ROW_HEIGHT = 26;
const HEAD_HEIGHT = 25;

/** The letters, in the order of their queue, drawn as far as they are in view. Arrow keys walk, Space ticks, Escape closes the message. */
export function LetterTable({ letters }: { letters: readonly ListedLetter[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const { shown, ticked } = useDeadLetters((state) => state);
  const now = useNow(10_000);
  const rows = useVirtualizer({
    count: letters.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => letters[index]?.key ?? index,
    scrollMargin: HEAD_HEIGHT,
    overscan: 10,
  });
  const keys = letters.map(({ key }) => key);
  const tickedCount = keys.filter((key) => ticked.has(key)).length;

  const onKeyDown = (event: KeyboardEvent) => {
    const at = keys.indexOf(shown ?? '');
    if (event.key === 'Escape') return showLetter(null);
    if (event.key === ' ' && shown !== null && event.target === event.currentTarget) {
      event.preventDefault();
      return tick([shown], !ticked.has(shown));
    }
    const by = { ArrowDown: 1, ArrowUp: -1, Home: -letters.length, End: letters.length }[event.key];
    if (by === undefined || letters.length === 0) return;
    event.preventDefault();
    const next = Math.min(letters.length - 1, Math.max(0, at + by));
    showLetter(keys[next] ?? null);
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
        aria-label="Dead letters"
        aria-rowcount={letters.length + 1}
        aria-activedescendant={shown === null ? undefined : `letter-${shown}`}
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr>
            <th scope="col" className={classes.check}>
              <Checkbox
                size="xs"
                aria-label="Tick all that are listed"
                checked={tickedCount > 0 && tickedCount === letters.length}
                indeterminate={tickedCount > 0 && tickedCount < letters.length}
                onChange={(event) => tick(keys, event.currentTarget.checked)}
              />
            </th>
            <th scope="col" className={classes.when}>
              Died
            </th>
            <th scope="col" className={classes.why}>
              Reason
            </th>
            <th scope="col" className={classes.from}>
              In queue
            </th>
            <th scope="col" className={classes.from}>
              Key
            </th>
            <th scope="col">Message</th>
          </tr>
        </thead>
        <tbody>
          {above > 0 && <tr aria-hidden style={{ height: above }} />}
          {drawn.map(({ index, key }) => {
            const listed = letters[index];
            return listed ? <LetterRow key={key} index={index} listed={listed} now={now} /> : null;
          })}
          {below > 0 && <tr aria-hidden style={{ height: below }} />}
        </tbody>
      </table>
      {letters.length === 0 && <p className={classes.none}>No dead letter matches the filter.</p>}
    </div>
  );
}

function LetterRow({ index, listed, now }: { index: number; listed: ListedLetter; now: number }) {
  const { key, letter } = listed;
  const isShown = useDeadLetters(({ shown }) => shown === key);
  const isTicked = useDeadLetters(({ ticked }) => ticked.has(key));
  const { diedAt, reason, from, body, error, messageId, redriven } = letter;
  return (
    <tr
      id={`letter-${key}`}
      className={classes.row}
      aria-rowindex={index + 2}
      aria-selected={isShown}
      onClick={() => showLetter(key)}
    >
      <td className={classes.check}>
        <Checkbox
          size="xs"
          aria-label={`Tick ${messageId ?? `message ${index + 1}`}`}
          checked={isTicked}
          onClick={(event) => event.stopPropagation()}
          onChange={(event) => tick([key], event.currentTarget.checked)}
        />
      </td>
      <td className={classes.when} title={diedAt === undefined ? undefined : new Date(diedAt).toLocaleString()}>
        {diedAt === undefined ? 'not told' : ago(diedAt, now)}
      </td>
      <td className={classes.why}>
        {error?.type ?? describeReason(reason)}
        {redriven && <span className={classes.again}> again ×{redriven.times}</span>}
      </td>
      <td className={classes.from}>{from ?? 'not told'}</td>
      <td className={classes.from}>{originalKey(letter)}</td>
      <td className={classes.preview}>{error?.message ?? previewBody(body)}</td>
    </tr>
  );
}
