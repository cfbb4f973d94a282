import { Select, TextInput } from '@mantine/core';
import { sealEdits } from '@renderer/flow/flow-store';
import type { Json } from '@shared/flow/schema';
import { useState } from 'react';
import { type EditableType, parseArgument, textOfArgument } from './argument-values';

interface Props {
  name: string;
  type: EditableType;
  value: Json;
  onChange: (value: Json) => void;
}

/** The value of an argument, edited as its type asks. Text that is not of the type is shown as wrong and not stored. */
export function ArgumentValueInput({ name, type, value, onChange }: Props) {
  const [draft, setDraft] = useState<string>();
  const label = `Value of ${name}`;
  if (type === 'void') return <TextInput aria-label={label} value="" placeholder="no value" disabled />;
  if (type === 'boolean') {
    return (
      <Select
        aria-label={label}
        data={['true', 'false']}
        value={String(value)}
        allowDeselect={false}
        onChange={(next) => onChange(next === 'true')}
      />
    );
  }
  const text = draft ?? textOfArgument(value);
  return (
    <TextInput
      aria-label={label}
      value={text}
      spellCheck={false}
      error={parseArgument(type, text) === undefined && `Not ${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`}
      onChange={(event) => {
        const next = event.target.value;
        const parsed = parseArgument(type, next);
        setDraft(parsed === undefined ? next : undefined);
        if (parsed !== undefined) onChange(parsed);
      }}
      onBlur={() => {
        setDraft(undefined);
        sealEdits();
      }}
    />
  );
}
