import { Tooltip } from '@mantine/core';
import { SeverityIcon } from '@renderer/problems/SeverityIcon';
import type { ProblemMark } from './model';
import classes from './ProblemBadge.module.css';

/** Worst problem of a node or link, with the sentences on hover. */
export function ProblemBadge({ mark, className }: { mark: ProblemMark; className?: string }) {
  const shown = mark.messages.slice(0, 4);
  const hidden = mark.messages.length - shown.length;
  const label = (
    <ul className={classes.messages}>
      {shown.map((message) => (
        <li key={message}>{message}</li>
      ))}
      {hidden > 0 && <li>and {hidden} more</li>}
    </ul>
  );
  return (
    <Tooltip label={label} multiline maw={340}>
      <span
        className={`${classes.badge} ${className ?? ''}`}
        data-severity={mark.severity}
        role="img"
        aria-label={`${mark.count} ${mark.count === 1 ? 'problem' : 'problems'}, worst: ${mark.severity}`}
      >
        <SeverityIcon severity={mark.severity} size={16} />
      </span>
    </Tooltip>
  );
}
