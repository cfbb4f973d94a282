import { ActionIcon, Button, Select, TextInput } from '@mantine/core';
import { sealEdits } from '@renderer/flow/flow-store';
import type { Json } from '@shared/flow/schema';
import type { Field } from '@shared/kinds/descriptor';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './ArgumentsField.module.css';
import { ArgumentValueInput } from './ArgumentValueInput';
import { ARGUMENT_TYPES, convertArgument, type EditableType, typeOfArgument } from './argument-values';
import { useForm } from './form-target';

interface Props {
  field: Extract<Field, { control: 'arguments' }>;
  path: readonly string[];
}

function tableOf(value: Json | undefined): Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

/** A typed AMQP table: name, type and value of each entry. Entries that have a field of their own are left out, but kept. */
export function ArgumentsField({ field, path }: Props) {
  const form = useForm();
  const [hasDraft, setDraft] = useState(false);
  const table = tableOf(form.read(path));
  const hidden = new Set(field.hideKeys);
  const shown = Object.entries(table).filter(([name]) => !hidden.has(name));

  const write = (entries: [string, Json][], cell: string) =>
    form.write(path, Object.fromEntries(entries), field.label, [...path, cell]);
  const replace = (name: string, next: [string, Json], cell: string) =>
    write(
      Object.entries(table).map((entry) => (entry[0] === name ? next : entry)),
      cell,
    );

  return (
    <div className={classes.table}>
      {shown.map(([name, value], index) => (
        <Entry
          // By place: the name is what is being typed.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          key={index}
          name={name}
          value={value}
          isTaken={(candidate) => candidate !== name && candidate in table}
          onRename={(next) => replace(name, [next, value], `${index}.name`)}
          onChange={(next) => replace(name, [name, next], `${index}.value`)}
          onRemove={() => {
            write(
              Object.entries(table).filter(([other]) => other !== name),
              `${name}.remove`,
            );
            sealEdits();
          }}
        />
      ))}
      {hasDraft && (
        <Entry
          key="draft"
          name=""
          value=""
          isFresh
          isTaken={(candidate) => candidate in table}
          onRename={(name) => {
            setDraft(false);
            write([...Object.entries(table), [name, '']], `${shown.length}.name`);
          }}
          onChange={() => undefined}
          onRemove={() => setDraft(false)}
        />
      )}
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        justify="start"
        leftSection={<IconPlus size={13} />}
        onClick={() => setDraft(true)}
        disabled={hasDraft}
      >
        Add to {field.label.toLowerCase()}
      </Button>
    </div>
  );
}

interface EntryProps {
  name: string;
  value: Json;
  /** Not in the table yet: it gets there with its name. */
  isFresh?: boolean;
  isTaken: (name: string) => boolean;
  onRename: (name: string) => void;
  onChange: (value: Json) => void;
  onRemove: () => void;
}

function Entry({ name, value, isFresh, isTaken, onRename, onChange, onRemove }: EntryProps) {
  const [draft, setDraft] = useState<string>();
  const shownName = draft ?? name;
  const fault = isTaken(shownName) ? 'There is one of that name.' : undefined;
  const commit = () => {
    if (draft !== undefined && draft !== '' && draft !== name && !isTaken(draft)) onRename(draft);
    setDraft(undefined);
    sealEdits();
  };
  const type = typeOfArgument(value);
  return (
    <div className={classes.entry} data-fresh={isFresh || undefined}>
      <TextInput
        aria-label="Name"
        placeholder="name"
        value={shownName}
        error={fault}
        spellCheck={false}
        autoFocus={isFresh}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => event.key === 'Enter' && commit()}
      />
      {!isFresh && (
        <>
          <div>
            <Select
              aria-label={`Type of ${name}`}
              data={ARGUMENT_TYPES.map((option) => ({ ...option }))}
              value={type}
              allowDeselect={false}
              comboboxProps={{ width: 150, position: 'bottom-end' }}
              onChange={(next) => next && onChange(convertArgument(value, next as EditableType))}
            />
          </div>
          <div className={classes.value}>
            <ArgumentValueInput name={name} type={type} value={value} onChange={onChange} />
          </div>
        </>
      )}
      <ActionIcon
        size={24}
        aria-label={name ? `Remove ${name}` : 'Remove'}
        className={classes.remove}
        onClick={onRemove}
      >
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}
