import { Skeleton } from '@mantine/core';
import type { Field } from '@shared/kinds/descriptor';
import { lazy, Suspense } from 'react';
import type { FieldLabels } from './FieldFrame';
import { useForm } from './form-target';

const CodeEditor = lazy(async () => ({ default: (await import('./CodeEditor')).CodeEditor }));

interface Props {
  field: Extract<Field, { control: 'code' }>;
  path: readonly string[];
  labels: FieldLabels;
}

/** Code in an editor that is fetched when the first one is shown. */
export function CodeField({ field, path, labels }: Props) {
  const form = useForm();
  const value = form.read(path);
  return (
    <Suspense fallback={<Skeleton h={92} />}>
      <CodeEditor
        labels={labels}
        language={field.language}
        value={typeof value === 'string' ? value : (field.default ?? '')}
        onChange={(text) => form.write(path, text, field.label)}
      />
    </Suspense>
  );
}
