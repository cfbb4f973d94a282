import type { Field } from '@shared/kinds/descriptor';
import { IconChevronRight } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { FieldControl } from './FieldControl';
import classes from './FieldList.module.css';
import { fieldPath } from './field-path';
import { useWantedField } from './focus-field';
import { type FormTarget, useForm } from './form-target';

interface Group {
  label: string;
  fields: Field[];
}

/** Fields that apply, those without a group first. */
function groupFields(fields: readonly Field[], form: FormTarget): { loose: Field[]; groups: Group[] } {
  const shown = fields.filter(({ appliesTo }) => appliesTo?.(form.context) !== false);
  const groups = new Map<string, Group>();
  for (const field of shown) {
    if (field.group === undefined) continue;
    const group = groups.get(field.group) ?? { label: field.group, fields: [] };
    group.fields.push(field);
    groups.set(field.group, group);
  }
  return { loose: shown.filter(({ group }) => group === undefined), groups: [...groups.values()] };
}

/** A form drawn from a descriptor's fields. */
export function FieldList({ fields, after }: { fields: readonly Field[]; after?: ReactNode }) {
  const form = useForm();
  const { loose, groups } = groupFields(fields, form);
  return (
    <>
      {(loose.length > 0 || after) && (
        <div className={classes.loose}>
          {loose.map((field) => (
            <FieldControl key={fieldPath(field).join('.')} field={field} />
          ))}
          {after}
        </div>
      )}
      {groups.map((group) => (
        <FieldGroup key={group.label} {...group} />
      ))}
    </>
  );
}

/** Groups the user opened or closed, by heading: the same for the next node of the kind. */
const chosen = new Map<string, boolean>();

function isSet(value: unknown, field: Field): boolean {
  if (value === undefined || value === '' || field.control === 'attempts') return false;
  if (field.control === 'arguments') {
    const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
    return names.some((name) => !field.hideKeys?.includes(name));
  }
  return !('default' in field) || value !== field.default;
}

/** A heading that opens: closed while nothing in it is set and nothing in it is wrong. */
function FieldGroup({ label, fields }: Group) {
  const form = useForm();
  const wanted = useWantedField();
  const count = fields.filter((field) => isSet(form.read(fieldPath(field)), field)).length;
  const isWrong = fields.some((field) => form.problemsAt(fieldPath(field)).length > 0);
  const [choice, setChoice] = useState(chosen.get(label));
  const isWanted = wanted !== undefined && fields.some((field) => wanted.startsWith(fieldPath(field).join('.')));
  useEffect(() => {
    if (isWanted) setChoice(true);
  }, [isWanted]);
  const isOpen = choice ?? (count > 0 || isWrong);
  const toggle = () => {
    chosen.set(label, !isOpen);
    setChoice(!isOpen);
  };
  return (
    <section className={classes.group}>
      <button type="button" className={classes.heading} aria-expanded={isOpen} onClick={toggle}>
        <IconChevronRight size={14} className={classes.chevron} aria-hidden />
        {label}
        {count > 0 && <span className={classes.count}>{count} set</span>}
      </button>
      {isOpen && (
        <div className={classes.fields}>
          {fields.map((field) => (
            <FieldControl key={fieldPath(field).join('.')} field={field} />
          ))}
        </div>
      )}
    </section>
  );
}
