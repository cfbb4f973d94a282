import { ActionIcon, Button } from '@mantine/core';
import { sealEdits } from '@renderer/flow/flow-store';
import { slug, uniqueId } from '@shared/flow/ids';
import type { Json } from '@shared/flow/schema';
import type { Field } from '@shared/kinds/descriptor';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { FieldList } from './FieldList';
import { FormProvider, rowTarget, useForm } from './form-target';
import classes from './RowsField.module.css';

type RowField = Extract<Field, { control: 'rows' }>;
type Row = Record<string, Json>;

function isRow(value: Json): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A fresh row: texts are there from the start, the rest are defaults. */
function emptyRow(fields: readonly Field[]): Row {
  const row: Row = {};
  for (const { control, path } of fields) {
    const [key] = path;
    if (key === undefined || path.length > 1) continue;
    if (control === 'text' || control === 'textarea') row[key] = '';
    if (control === 'arguments') row[key] = {};
  }
  return row;
}

/** A list of sub-forms: rows of an array, or of a record when `keyed`. */
export function RowsField({ field, path }: { field: RowField; path: readonly string[] }) {
  const form = useForm();
  const value = form.read(path);
  const container = typeof value === 'object' && value !== null ? value : {};
  const rows = Object.entries(container).filter((entry): entry is [string, Row] => isRow(entry[1]));
  const full = [...form.base, ...(form.base.length > 0 ? field.path : path)];

  const write = (entries: [string, Row][], label: string, mergePath: readonly string[]) =>
    form.write(path, field.keyed ? Object.fromEntries(entries) : entries.map(([, row]) => row), label, mergePath);

  const add = () => {
    const key = uniqueId(slug(field.itemLabel), (candidate) => candidate in container);
    write([...rows, [key, emptyRow(field.fields)]], field.itemLabel, [...path, 'add', String(rows.length)]);
    sealEdits();
  };
  const remove = (key: string) => {
    write(
      rows.filter(([other]) => other !== key),
      field.itemLabel,
      [...path, 'remove', key],
    );
    sealEdits();
  };

  return (
    <div className={classes.rows}>
      {rows.map(([key, row], index) => {
        const target = rowTarget(form, [...full, key], row, (next, label, mergePath) =>
          write(
            rows.map((entry) => (entry[0] === key ? [key, next] : entry)),
            label,
            mergePath,
          ),
        );
        const name = typeof row['name'] === 'string' && row['name'] !== '' ? row['name'] : `${index + 1}`;
        return (
          <fieldset key={key} className={classes.row} aria-label={`${field.itemLabel} ${name}`}>
            {(rows.length > 1 || field.keyed || field.mayBeEmpty) && (
              <div className={classes.head}>
                <span>
                  {field.itemLabel} {name}
                </span>
                <ActionIcon
                  size={22}
                  aria-label={`Remove ${field.itemLabel.toLowerCase()} ${name}`}
                  onClick={() => remove(key)}
                >
                  <IconTrash size={14} stroke={1.6} />
                </ActionIcon>
              </div>
            )}
            <FormProvider value={target}>
              <FieldList fields={field.fields} />
            </FormProvider>
          </fieldset>
        );
      })}
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconPlus size={13} />}
        onClick={add}
        className={classes.add}
      >
        Add {field.itemLabel.toLowerCase()}
      </Button>
    </div>
  );
}
