import { Button, Select, TextInput } from '@mantine/core';
import { formatNoun } from '@renderer/live/format';
import type { DeadLetterGroup, GroupBy } from '@shared/dead-letters/group';
import { describeReason } from '@shared/dead-letters/history';
import { IconArrowBackUp, IconEye, IconSearch } from '@tabler/icons-react';
import classes from './DeadLettersPanel.module.css';
import { openDialog } from './dead-letters-actions';
import {
  chooseGroup,
  chooseGroupBy,
  chosenQueue,
  type ListedLetter,
  queueKey,
  setText,
  useDeadLetters,
} from './dead-letters-store';

const GROUPINGS: { value: GroupBy; label: string }[] = [
  { value: 'reason', label: 'By reason' },
  { value: 'from', label: 'By queue' },
  { value: 'exception', label: 'By exception' },
  { value: 'type', label: 'By message type' },
];

/** Filter, groups, and what can be done with the queue chosen or the letters ticked. */
export function LettersHeader({ shown, groups }: { shown: ListedLetter[]; groups: DeadLetterGroup[] }) {
  const { text, groupBy, group, ticked, job } = useDeadLetters((state) => state);
  const queue = useDeadLetters(chosenQueue);
  const isBusy = job !== null && job.state !== 'ended';
  const isEmpty = !queue?.depth;
  const redrive = () => {
    if (!queue) return;
    const ids = shown.filter(({ key }) => ticked.has(key)).map(({ letter }) => letter.id);
    openDialog({ about: 'redrive', queue: queueKey(queue), ...(ids.length > 0 ? { ids } : {}) });
  };
  const count = shown.filter(({ key }) => ticked.has(key)).length;
  return (
    <div className={classes.headerFrame}>
      <div className={classes.header}>
        <TextInput
          className={classes.filter}
          aria-label="Filter dead letters"
          placeholder="Body, header, id…"
          leftSection={<IconSearch size={13} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          aria-label="Group dead letters"
          className={classes.grouping}
          data={GROUPINGS}
          value={groupBy}
          onChange={(value) => value && chooseGroupBy(value as GroupBy)}
          allowDeselect={false}
        />
        <fieldset className={classes.groups} aria-label="Groups" data-empty={groups.length === 0 || undefined}>
          {groups.map(({ value, letters }) => (
            <button
              key={value ?? ''}
              type="button"
              className={classes.group}
              aria-pressed={group === value}
              onClick={() => chooseGroup(group === value ? undefined : value)}
            >
              {nameOf(value, groupBy)} <b>{letters.length}</b>
            </button>
          ))}
        </fieldset>
        <Button
          variant="default"
          leftSection={<IconEye size={14} />}
          disabled={isEmpty || isBusy || queue?.terms.refused !== undefined}
          onClick={() => queue && openDialog({ about: 'read', queues: [queueKey(queue)] })}
        >
          Read…
        </Button>
        <Button
          leftSection={<IconArrowBackUp size={14} />}
          disabled={isEmpty || isBusy}
          title={queue ? undefined : 'Choose one queue first'}
          onClick={redrive}
        >
          {count > 0 ? `Redrive ${formatNoun(count, 'message')}…` : 'Redrive all…'}
        </Button>
      </div>
    </div>
  );
}

function nameOf(value: string | null, by: GroupBy): string {
  if (value === null) return 'not told';
  return by === 'reason' ? describeReason(value) : value;
}
