import { ActionIcon, Tooltip } from '@mantine/core';
import { formatCount, formatNoun } from '@renderer/live/format';
import type { DeadLetterOverview, ListedQueue } from '@shared/dead-letters/redrive';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import classes from './DeadLettersPanel.module.css';
import { refreshDeadLetters } from './dead-letters-actions';
import { chooseQueue, queueKey, totalDepth, useDeadLetters } from './dead-letters-store';

/** The dead-letter queues with how much each holds; one is chosen. */
export function QueueList({ overview }: { overview: DeadLetterOverview }) {
  const chosen = useDeadLetters((state) => state.chosen);
  const total = useDeadLetters(totalDepth);
  const isLoading = useDeadLetters((state) => state.isLoading);
  return (
    <div className={classes.queues}>
      <div className={classes.queuesHead}>
        <span>Dead-letter queues</span>
        <Tooltip label="Count again; reads nothing">
          <ActionIcon aria-label="Count again" loading={isLoading} onClick={() => void refreshDeadLetters()}>
            <IconRefresh size={14} />
          </ActionIcon>
        </Tooltip>
      </div>
      <div className={classes.queueScroller}>
        {overview.queues.length > 1 && (
          <button
            type="button"
            className={classes.queue}
            aria-pressed={chosen === null}
            onClick={() => chooseQueue(null)}
          >
            <span className={classes.queueName}>All queues</span>
            <span className={classes.depth}>{formatCount(total ?? 0)}</span>
          </button>
        )}
        {overview.queues.map((queue) => (
          <QueueRow key={queueKey(queue)} queue={queue} isChosen={queueKey(queue) === chosen} />
        ))}
        {overview.problems.map(({ broker, message }) => (
          <p key={broker} className={classes.problem} role="alert">
            {message}
          </p>
        ))}
      </div>
    </div>
  );
}

function QueueRow({ queue, isChosen }: { queue: ListedQueue; isChosen: boolean }) {
  const { name, depth, problem, because, unfinished } = queue;
  const label = depth === null ? `${name}, ${problem ?? 'not known'}` : `${name}, ${formatNoun(depth, 'message')}`;
  return (
    <button
      type="button"
      className={classes.queue}
      aria-pressed={isChosen}
      aria-label={label}
      title={[...because, ...(problem === undefined ? [] : [problem])].join('\n')}
      onClick={() => chooseQueue(queueKey(queue))}
    >
      <span className={classes.queueName}>{name}</span>
      {unfinished && (
        <IconAlertTriangle size={13} className={classes.warning} aria-label="A redrive ended in the middle" />
      )}
      <span className={classes.depth} data-alarm={(depth ?? 0) > 0 || undefined}>
        {depth === null ? '?' : formatCount(depth)}
      </span>
    </button>
  );
}
