import type { Field } from '@shared/kinds/descriptor';

/** Path of a field from the record on: settings are inside `settings`. */
export function fieldPath({ scope, path }: Field): string[] {
  return scope === 'entity' ? path : ['settings', ...path];
}
