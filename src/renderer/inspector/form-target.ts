import { type Item, setValue } from '@renderer/flow/edits';
import { sameJson } from '@shared/flow/diff';
import type { Problem } from '@shared/flow/problem';
import type { Flow, Json } from '@shared/flow/schema';
import type { FieldContext, SettingsRecord } from '@shared/kinds/descriptor';
import { createContext, useContext } from 'react';

/** What a form reads and writes: settings of one item, of several alike, or one row inside a setting. Paths start at the record. */
export interface FormTarget {
  read: (path: readonly string[]) => Json | undefined;
  /** Do several items have different values here? */
  isMixed: (path: readonly string[]) => boolean;
  write: (path: readonly string[], value: Json | undefined, label: string, mergePath?: readonly string[]) => void;
  problemsAt: (path: readonly string[]) => Problem[];
  /** What `appliesTo` decides by. */
  context: FieldContext;
  /** Where this form is within the record, for problems and for focus: `settings.rows.0`. */
  base: readonly string[];
}

const FormContext = createContext<FormTarget | undefined>(undefined);
export const FormProvider = FormContext.Provider;

/** The form a field stands in. @throws outside of one */
export function useForm(): FormTarget {
  const target = useContext(FormContext);
  if (target === undefined) throw new Error('a field outside of a form');
  return target;
}

/** Reads a value inside JSON; arrays are entered by index. */
export function readAt(value: unknown, path: readonly string[]): Json | undefined {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current as Json | undefined;
}

function recordOf(flow: Flow, { type, id }: Item): unknown {
  if (type === 'node') return flow.nodes[id];
  return type === 'link' ? flow.links[id] : flow.brokers[id];
}

/** The form of one item, or of several of the same type. */
export function itemTarget(
  flow: Flow,
  problems: readonly Problem[],
  items: readonly Item[],
  brokerVersion: string | undefined,
): FormTarget {
  const records = items.map((item) => recordOf(flow, item));
  const own = problems.filter(({ subject }) =>
    items.some((item) => subject.type === item.type && 'id' in subject && subject.id === item.id),
  );
  return {
    base: [],
    read: (path) => readAt(records[0], path),
    isMixed: (path) => records.some((record) => !sameJson(readAt(record, path), readAt(records[0], path))),
    write: (path, value, label, mergePath) => setValue(items, path, value, label, mergePath),
    problemsAt: (path) => own.filter(({ field }) => field === path.join('.')),
    context: { settings: (readAt(records[0], ['settings']) ?? {}) as SettingsRecord, brokerVersion },
  };
}

/**
 * The form of one row of a list or table inside a setting: writes replace the whole setting, so that the row stays one fact.
 * `replace` gets the changed row.
 */
export function rowTarget(
  outer: FormTarget,
  path: readonly string[],
  row: Record<string, Json>,
  replace: (row: Record<string, Json>, label: string, mergePath: readonly string[]) => void,
): FormTarget {
  return {
    base: path,
    read: ([, ...inner]) => readAt(row, inner),
    isMixed: () => false,
    write: ([, ...inner], value, label) => replace(setInside(row, inner, value), label, [...path, ...inner]),
    problemsAt: ([, ...inner]) => outer.problemsAt([...path, ...inner]),
    context: { settings: row, brokerVersion: outer.context.brokerVersion },
  };
}

function setInside(
  record: Record<string, Json>,
  [key, ...rest]: readonly string[],
  value: Json | undefined,
): Record<string, Json> {
  if (key === undefined) return record;
  const child = record[key];
  const isTable = typeof child === 'object' && child !== null && !Array.isArray(child);
  const next = rest.length === 0 ? value : setInside(isTable ? child : {}, rest, value);
  const { [key]: _, ...others } = record;
  return next === undefined ? others : { ...record, [key]: next };
}
