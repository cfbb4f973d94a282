import { formatBytes, formatTime } from '@renderer/live/format';
import type { TrafficEvent } from '@shared/traffic/event';
import { memo } from 'react';
import { previewBody } from './body-text';
import classes from './EventTable.module.css';
import { PhaseBadge } from './PhaseBadge';
import { showMessage } from './traffic-store';

interface EventRowProps {
  /** Position in the list, from 0. */
  index: number;
  event: TrafficEvent;
  nodeName: string;
  isChosen: boolean;
}

/** One observation in one line. */
export const EventRow = memo(function EventRow({ index, event, nodeName, isChosen }: EventRowProps) {
  const { seq, at, phase, inferred, exchange, queue, routingKey, sizeBytes, body, reason } = event;
  const place = queue ?? (exchange === '' ? '(default)' : exchange) ?? '';
  return (
    <tr
      id={`message-${seq}`}
      className={classes.row}
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      onClick={() => showMessage(event)}
    >
      <td className={classes.time}>{formatTime(at)}</td>
      <td className={classes.phase}>
        <PhaseBadge phase={phase} inferred={inferred} />
      </td>
      <td className={classes.node} title={nodeName}>
        {nodeName}
      </td>
      <td className={classes.exchange} title={place}>
        {place}
      </td>
      <td className={classes.key} title={routingKey}>
        {routingKey}
      </td>
      <td className={classes.size}>{formatBytes(sizeBytes)}</td>
      <td className={classes.preview}>
        {reason && <span className={classes.reason}>{reason} </span>}
        {previewBody(body)}
      </td>
    </tr>
  );
});
