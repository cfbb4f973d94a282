import { ActionIcon, Button, Group, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './EnvironmentEditor.module.css';
import type { DraftProblems } from './environment-draft';

interface VariablesFormProps {
  variables: Record<string, string>;
  problems: DraftProblems;
  onChange: (variables: Record<string, string>) => void;
}

type Row = { key: number; name: string; value: string };

/** Names and values that differ between environments. Rows live here while they are typed: two may have one name for a moment. */
export function VariablesForm({ variables, problems, onChange }: VariablesFormProps) {
  const [rows, setRows] = useState<Row[]>(() =>
    Object.entries(variables).map(([name, value], key) => ({ key, name, value })),
  );
  const change = (next: Row[]) => {
    setRows(next);
    onChange(Object.fromEntries(next.filter(({ name }) => name !== '').map(({ name, value }) => [name, value])));
  };
  const set = (key: number, part: Partial<Row>) =>
    change(rows.map((row) => (row.key === key ? { ...row, ...part } : row)));
  const isTwice = (name: string) => rows.filter((row) => row.name === name).length > 1;
  return (
    <section className={classes.section}>
      <h3>Variables</h3>
      <p className={classes.help}>Values that differ from place to place; not for passwords.</p>
      {rows.map(({ key, name, value }) => (
        <Group key={key} gap="xs" align="flex-start" wrap="nowrap" mb={6}>
          <TextInput
            aria-label="Variable name"
            placeholder="NAME"
            value={name}
            error={isTwice(name) ? 'This name is there twice.' : problems[`variable:${name}`]}
            onChange={(event) => set(key, { name: event.currentTarget.value })}
            style={{ flex: 1 }}
          />
          <TextInput
            aria-label={`Value of ${name || 'variable'}`}
            placeholder="value"
            value={value}
            onChange={(event) => set(key, { value: event.currentTarget.value })}
            style={{ flex: 2 }}
          />
          <ActionIcon
            aria-label={`Remove ${name || 'variable'}`}
            onClick={() => change(rows.filter((row) => row.key !== key))}
          >
            <IconX size={14} />
          </ActionIcon>
        </Group>
      ))}
      <Button
        variant="subtle"
        size="compact-xs"
        leftSection={<IconPlus size={13} />}
        onClick={() =>
          setRows([...rows, { key: Math.max(-1, ...rows.map((row) => row.key)) + 1, name: '', value: '' }])
        }
      >
        Add variable
      </Button>
    </section>
  );
}
