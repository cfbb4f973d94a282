import type { FieldTable } from '../codec/table';

/** Arguments from a JSON body; anything that is not an object counts as none. */
export function importPlainTable(value: unknown): FieldTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as FieldTable) : {};
}

/** A flag of a JSON body; tools write it as text, too. */
export function importFlag(value: unknown, byDefault: boolean): boolean {
  return value === undefined ? byDefault : value === true || value === 'true';
}
