import { ActionIcon, Button } from '@mantine/core';
import { useNow } from '@renderer/live/use-now';
import { BodySection } from '@renderer/traffic/BodySection';
import { FactTable } from '@renderer/traffic/FactTable';
import { describeHistory } from '@shared/dead-letters/history';
import { IconPencil, IconX } from '@tabler/icons-react';
import { useRedriveDescriptor } from './AddressFields';
import classes from './DeadLettersPanel.module.css';
import { openDialog } from './dead-letters-actions';
import { chosenQueue, type ListedLetter, queueKey, showLetter, useDeadLetters } from './dead-letters-store';

/** One dead letter: what happened to it, where it would go back to, headers, properties, body. */
export function LetterView({ listed }: { listed: ListedLetter }) {
  const now = useNow(10_000);
  const queue = useDeadLetters(chosenQueue);
  const { key, letter } = listed;
  const origin = useDeadLetters(({ overview }) => overview?.queues.find((one) => queueKey(one) === listed.queue));
  const redrive = useRedriveDescriptor(origin);
  const { messageId, type, headers, properties, body, sizeBytes, homes } = letter;
  const way = redrive?.ways.find(({ reach }) => reach === homes[0]?.reach);
  return (
    <section className={classes.view} aria-label="Dead letter">
      <header className={classes.viewHeader}>
        <strong className={classes.viewTitle}>{messageId ?? type ?? 'Message'}</strong>
        {queue && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconPencil size={13} />}
            onClick={() => openDialog({ about: 'edit', queue: queueKey(queue), letter: key })}
          >
            Edit and redrive…
          </Button>
        )}
        <ActionIcon aria-label="Close dead letter" onClick={() => showLetter(null)}>
          <IconX size={15} />
        </ActionIcon>
      </header>
      <div className={classes.content}>
        <ol className={classes.history} aria-label="History, newest first">
          {describeHistory(letter, now).map((sentence) => (
            <li key={sentence} className="selectable">
              {sentence}
            </li>
          ))}
        </ol>
        <p className={classes.homes}>
          {homes[0]
            ? `Goes back to ${way?.noun ?? homes[0].reach} ${homes[0].name}: ${homes[0].why}.`
            : 'Nothing tells where it belongs: give a destination when redriving.'}
        </p>
        {Object.keys(headers).length > 0 && <FactTable title="Headers" facts={headers} showTypes />}
        {Object.keys(properties).length > 0 && <FactTable title="Properties" facts={properties} />}
        <BodySection body={body} sizeBytes={sizeBytes} />
      </div>
    </section>
  );
}
