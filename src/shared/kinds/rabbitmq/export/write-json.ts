import type { Json } from '@shared/flow/schema';

/** JSON text of a value with exact numbers: `{$type: 'long', value: '9007199254740993'}` is written as its digits. */
export function writeJson(value: Json, indent = ''): string {
  const exact = exactNumber(value);
  if (exact !== undefined) return exact;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((item) => writeJson(item, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${writeJson(item, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  if (parts.length === 0) return `${open}${close}`;
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${indent}${close}`;
}

/** A number that JavaScript does not hold as it is meant: too large, or `1.0`, which RabbitMQ tells from `1`. */
function exactNumber(value: Json): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const { $type, value: inner } = value;
  if (Object.keys(value).length !== 2) return undefined;
  if ($type === 'long' && /^-?\d+$/.test(String(inner))) return String(inner);
  if ($type !== 'double' || typeof inner !== 'number' || !Number.isFinite(inner)) return undefined;
  const text = String(inner);
  return Number.isInteger(inner) && /^-?\d+$/.test(text) ? `${text}.0` : text;
}
