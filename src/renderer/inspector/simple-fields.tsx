import { Autocomplete, NumberInput, Select, Switch, TagsInput, Textarea, TextInput } from '@mantine/core';
import { sealEdits } from '@renderer/flow/flow-store';
import type { Json } from '@shared/flow/schema';
import type { Field } from '@shared/kinds/descriptor';
import { useState } from 'react';
import type { FieldLabels } from './FieldFrame';
import { type FormTarget, useForm } from './form-target';

type FieldOf<C extends Field['control']> = Extract<Field, { control: C }>;

interface Props<C extends Field['control']> {
  field: FieldOf<C>;
  path: readonly string[];
  labels: FieldLabels;
}

/** A value without its chosen AMQP type: `{ $type: 'int', value: 5 }` reads as 5. */
function plain(value: Json | undefined): Json | undefined {
  const isTyped = typeof value === 'object' && value !== null && !Array.isArray(value) && '$type' in value;
  return isTyped ? value['value'] : value;
}

function readPlain(form: FormTarget, path: readonly string[]): Json | undefined {
  return form.isMixed(path) ? undefined : plain(form.read(path));
}

function placeholderOf(form: FormTarget, path: readonly string[], field: Field): string | undefined {
  if (form.isMixed(path)) return 'mixed';
  if (field.placeholder !== undefined) return field.placeholder;
  return 'default' in field && field.default !== undefined ? String(field.default) : undefined;
}

/** Text of one or several lines. Empty means “not set”, except in rows, whose cells always have a text. */
export function TextField({ field, path, labels }: Props<'text' | 'textarea'>) {
  const form = useForm();
  const value = readPlain(form, path);
  const text = typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
  const isRequired = form.base.length > 0 || field.scope === 'entity';
  const bytes = field.maxBytes === undefined ? 0 : new TextEncoder().encode(text).length;
  const isLong = field.maxBytes !== undefined && bytes > field.maxBytes;
  const shared = {
    ...labels,
    value: text,
    placeholder: placeholderOf(form, path, field),
    error: isLong && `${bytes} of at most ${field.maxBytes} bytes`,
    onBlur: sealEdits,
  };
  const write = (next: string) => form.write(path, next === '' && !isRequired ? undefined : next, field.label);
  if (field.control === 'textarea') {
    return <Textarea {...shared} autosize minRows={2} maxRows={8} onChange={(event) => write(event.target.value)} />;
  }
  return <TextInput {...shared} spellCheck={false} onChange={(event) => write(event.target.value)} />;
}

/** A number with its unit; empty means “not set”. Out of range is kept and shown as a problem, not silently clamped. */
export function NumberField({ field, path, labels }: Props<'number'>) {
  const form = useForm();
  const value = readPlain(form, path);
  // What is no number yet, such as a lone minus.
  const [begun, setBegun] = useState<string>();
  const isRange = (number: number) =>
    (field.min === undefined || number >= field.min) && (field.max === undefined || number <= field.max);
  return (
    <NumberInput
      {...labels}
      value={begun ?? (typeof value === 'number' || typeof value === 'string' ? value : '')}
      placeholder={placeholderOf(form, path, field)}
      min={field.min}
      max={field.max}
      allowDecimal={!field.integer}
      clampBehavior="none"
      step={field.max !== undefined && field.max <= 1 ? 0.05 : 1}
      decimalScale={6}
      rightSection={field.unit && <span style={{ color: 'var(--tl-faint)', fontSize: 11 }}>{field.unit}</span>}
      rightSectionWidth={field.unit ? field.unit.length * 6.4 + 16 : undefined}
      rightSectionPointerEvents={field.unit ? 'none' : undefined}
      error={typeof value === 'number' && !isRange(value) && rangeSentence(field)}
      onChange={(next) => {
        const isNumber = Number.isFinite(Number(next));
        setBegun(isNumber ? undefined : String(next));
        if (isNumber) form.write(path, next === '' ? undefined : Number(next), field.label);
      }}
      onBlur={() => {
        setBegun(undefined);
        sealEdits();
      }}
    />
  );
}

function rangeSentence({ min, max }: FieldOf<'number'>): string {
  if (min !== undefined && max !== undefined) return `Between ${min} and ${max}`;
  return min !== undefined ? `At least ${min}` : `At most ${max}`;
}

/** Short texts, each of its own; none means “not set”. */
export function TextsField({ field, path, labels }: Props<'texts'>) {
  const form = useForm();
  const value = form.isMixed(path) ? [] : form.read(path);
  const texts = Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
  return (
    <TagsInput
      {...labels}
      value={texts}
      placeholder={texts.length > 0 ? undefined : placeholderOf(form, path, field)}
      acceptValueOnBlur
      onChange={(next) => {
        form.write(path, next.length > 0 ? next : undefined, field.label);
        sealEdits();
      }}
    />
  );
}

export function SwitchField({ field, path, labels }: Props<'switch'>) {
  const form = useForm();
  const value = readPlain(form, path);
  return (
    <Switch
      {...labels}
      checked={typeof value === 'boolean' ? value : (field.default ?? false)}
      onChange={(event) => {
        form.write(path, event.currentTarget.checked, field.label);
        sealEdits();
      }}
    />
  );
}

/** A choice; with `allowOther` any text. Clearing goes back to the default. */
export function SelectField({ field, path, labels }: Props<'select'>) {
  const form = useForm();
  const raw = readPlain(form, path);
  const value = typeof raw === 'string' ? raw : undefined;
  const write = (next: string | undefined) => form.write(path, next, field.label);
  const helps = new Map(field.options.map((option) => [option.value, option]));
  const renderOption = ({ option }: { option: { value: string } }) => {
    const known = helps.get(option.value);
    return (
      <div>
        <div>{known?.label ?? option.value}</div>
        {known?.help && <div style={{ fontSize: 11, color: 'var(--tl-muted)' }}>{known.help}</div>}
      </div>
    );
  };
  const placeholder = form.isMixed(path)
    ? 'mixed'
    : (field.placeholder ?? helps.get(field.default ?? '')?.label ?? 'not set');
  if (field.allowOther) {
    return (
      <Autocomplete
        {...labels}
        data={field.options.map((option) => option.value)}
        value={value ?? ''}
        placeholder={placeholder}
        renderOption={renderOption}
        // Everything is offered while the value is a listed one; typing narrows.
        filter={({ options, search }) =>
          helps.has(search) ? options : options.filter((option) => 'value' in option && option.value.includes(search))
        }
        onChange={(next) => write(next === '' ? undefined : next)}
        onBlur={sealEdits}
      />
    );
  }
  const isUnlisted = value !== undefined && !helps.has(value);
  return (
    <Select
      {...labels}
      data={[
        ...field.options.map((option) => ({ value: option.value, label: option.label })),
        ...(isUnlisted ? [{ value, label: value }] : []),
      ]}
      value={value ?? (form.isMixed(path) ? null : (field.default ?? null))}
      placeholder={placeholder}
      renderOption={renderOption}
      allowDeselect={false}
      clearable={value !== undefined && value !== field.default}
      clearButtonProps={{ 'aria-label': `Clear ${field.label}` }}
      onChange={(next) => {
        write(next ?? undefined);
        sealEdits();
      }}
    />
  );
}
