import type { Json } from '@shared/flow/schema';
import { z } from 'zod';

/** How a value of the body is compared. */
export const COMPARISONS = [
  { value: 'equals', label: 'is' },
  { value: 'not-equals', label: 'is not' },
  { value: 'less', label: 'is less than' },
  { value: 'at-most', label: 'is at most' },
  { value: 'greater', label: 'is greater than' },
  { value: 'at-least', label: 'is at least' },
  { value: 'contains', label: 'contains' },
  { value: 'starts-with', label: 'starts with' },
  { value: 'ends-with', label: 'ends with' },
  { value: 'exists', label: 'is there' },
  { value: 'missing', label: 'is not there' },
] as const;

const comparison = z.enum(COMPARISONS.map(({ value }) => value));
export type Comparison = z.infer<typeof comparison>;

/** One condition on a JSON body. */
export const bodyTestSchema = z.looseObject({
  /** `order.lines[0].sku`, `["a.b"]` for keys with dots; empty or `$` is the whole body. */
  path: z.string().default(''),
  is: comparison.default('equals'),
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]).default(''),
});

/** Does a body (undefined when it is not JSON) meet the condition? */
export type BodyTest = (body: Json | undefined) => boolean;

const STEP = /\.?(?:([^.[\]]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\])/y;

/** The keys of a path, or undefined when it cannot be read. */
export function parseBodyPath(path: string): string[] | undefined {
  const rest = path.trim().replace(/^\$(?=$|[.[])/, '');
  const keys: string[] = [];
  STEP.lastIndex = 0;
  while (STEP.lastIndex < rest.length) {
    const step = STEP.exec(rest);
    if (!step) return undefined;
    keys.push(step[1] ?? step[2] ?? (step[3] ?? '').replace(/\\(.)/g, '$1'));
  }
  return keys;
}

function valueAt(body: Json | undefined, keys: readonly string[]): Json | undefined {
  let value = body;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, Json>)[key];
  }
  return value;
}

function toNumber(value: Json): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Negative, zero or positive as `a` stands to `b`; undefined when they have no order: a number and a word, a list, a table. */
function order(a: Json, b: string): number | undefined {
  const [x, y] = [toNumber(a), toNumber(b)];
  if (x !== undefined && y !== undefined) return x - y;
  if (typeof a !== 'string' || x !== undefined || y !== undefined) return undefined;
  return a < b ? -1 : a > b ? 1 : 0;
}

function equals(a: Json, text: string): boolean {
  if (typeof a === 'number') return toNumber(text) === a;
  return typeof a === 'object' && a !== null ? JSON.stringify(a) === text : String(a) === text;
}

function contains(a: Json, text: string): boolean {
  if (Array.isArray(a)) return a.some((item) => equals(item, text));
  return typeof a === 'string' && a.includes(text);
}

/**
 * Prepares a condition. The value is written as text, so `1000` equals the number and the text alike; order is by number
 * where both are numbers (`"9.50"` too), else by character, which suits ISO dates. A value that is not there equals nothing. A
 * path that cannot be read finds nothing.
 */
export function compileBodyTest({ path, is, value }: z.infer<typeof bodyTestSchema>): BodyTest {
  const keys = parseBodyPath(path);
  const text = String(value);
  const compare = compileComparison(is, text);
  return (body) => compare(keys && valueAt(body, keys));
}

function compileComparison(is: Comparison, text: string): (found: Json | undefined) => boolean {
  const ordered = (holds: (order: number) => boolean) => (found: Json | undefined) => {
    const by = found === undefined ? undefined : order(found, text);
    return by !== undefined && holds(by);
  };
  switch (is) {
    case 'equals':
      return (found) => found !== undefined && equals(found, text);
    case 'not-equals':
      return (found) => found === undefined || !equals(found, text);
    case 'less':
      return ordered((by) => by < 0);
    case 'at-most':
      return ordered((by) => by <= 0);
    case 'greater':
      return ordered((by) => by > 0);
    case 'at-least':
      return ordered((by) => by >= 0);
    case 'contains':
      return (found) => found !== undefined && contains(found, text);
    case 'starts-with':
      return (found) => typeof found === 'string' && found.startsWith(text);
    case 'ends-with':
      return (found) => typeof found === 'string' && found.endsWith(text);
    case 'exists':
      return (found) => found !== undefined;
    case 'missing':
      return (found) => found === undefined;
  }
}
