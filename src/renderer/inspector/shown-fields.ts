import type { Problem, Subject } from '@shared/flow/problem';
import type { Field } from '@shared/kinds/descriptor';
import { fieldPath } from './field-path';
import type { FormTarget } from './form-target';

/** Problems of an item that none of its shown fields tells: they stand at the head of the form. */
export function looseProblems(
  problems: readonly Problem[],
  subject: Subject,
  fields: readonly Field[],
  form: FormTarget,
): Problem[] {
  const shown = fields.filter(({ appliesTo }) => appliesTo?.(form.context) !== false);
  const tells = (path: string) =>
    shown.some((field) => {
      const own = fieldPath(field).join('.');
      // Rows and code tell what is inside of them; a table shows its own path only.
      return own === path || (field.control === 'rows' && path.startsWith(`${own}.`));
    });
  return problems.filter(
    (problem) =>
      problem.subject.type === subject.type &&
      ('id' in problem.subject && 'id' in subject ? problem.subject.id === subject.id : true) &&
      (problem.field === undefined || !tells(problem.field)),
  );
}
