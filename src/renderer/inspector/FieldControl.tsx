import type { Field } from '@shared/kinds/descriptor';
import { ArgumentsField } from './ArgumentsField';
import { AttemptsChart } from './AttemptsChart';
import { CodeField } from './CodeField';
import { FieldFrame } from './FieldFrame';
import { fieldPath } from './field-path';
import { useForm } from './form-target';
import { RowsField } from './RowsField';
import { NumberField, SelectField, SwitchField, TextField, TextsField } from './simple-fields';

/** One field of a form, whatever its control. */
export function FieldControl({ field }: { field: Field }) {
  const form = useForm();
  const path = fieldPath(field);
  const problems = form.problemsAt(path);
  return (
    <FieldFrame field={field} path={[...form.base, ...(form.base.length > 0 ? field.path : path)]} problems={problems}>
      {(labels) => {
        switch (field.control) {
          case 'text':
          case 'textarea':
            return <TextField field={field} path={path} labels={labels} />;
          case 'number':
            return <NumberField field={field} path={path} labels={labels} />;
          case 'switch':
            return <SwitchField field={field} path={path} labels={labels} />;
          case 'select':
            return <SelectField field={field} path={path} labels={labels} />;
          case 'texts':
            return <TextsField field={field} path={path} labels={labels} />;
          case 'attempts':
            return <AttemptsChart path={path} />;
          case 'arguments':
            return <ArgumentsField field={field} path={path} />;
          case 'rows':
            return <RowsField field={field} path={path} />;
          case 'code':
            return <CodeField field={field} path={path} labels={labels} />;
        }
      }}
    </FieldFrame>
  );
}
