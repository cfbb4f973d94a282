import { isUint8Array } from 'node:util/types';
import type { Json } from '@shared/flow/schema';
import type { Body } from '@shared/traffic/event';

/** Bytes of a body that are shown; its full size is always told beside it. */
const MAX_SHOWN_BYTES = 16 * 1024;
/** Characters that text has and other bytes seldom: tab, line feed, carriage return, and all from the space on. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they tell text from other bytes
const BINARY = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/;

/** A body as it can be shown: JSON, text or hex, cut when it is long. Masked bodies are not read at all. */
export function showBody(body: Buffer, isMasked: boolean): Body {
  if (isMasked) return { format: 'masked' };
  const cut = body.length > MAX_SHOWN_BYTES;
  const shown = cut ? body.subarray(0, MAX_SHOWN_BYTES) : body;
  // A character may be cut in the middle at the end; anything else that is not UTF-8 is no text.
  const text = shown.toString('utf8');
  const whole = cut ? text.replace(/\ufffd+$/, '') : text;
  if (BINARY.test(whole)) return { format: 'hex', text: shown.toString('hex'), cut };
  return {
    format: /^\s*[{["\d-]|^\s*(true|false|null)\s*$/.test(whole) && (cut || isJson(whole)) ? 'json' : 'text',
    text: whole,
    cut,
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A table of a message as JSON, but for the keys of `without`: bytes become base64, times ISO text, and whole numbers past 2⁵³ decimal text. */
export function toJsonTable(table: object, without?: ReadonlySet<string>): Record<string, Json> {
  const fields = table as Readonly<Record<string, unknown>>;
  const result: Record<string, Json> = {};
  // Not `for … in`: amqplib makes a header `__proto__` the prototype of its table.
  for (const key of Object.keys(fields))
    if (fields[key] !== undefined && !without?.has(key)) result[key] = toJson(fields[key]);
  return result;
}

function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (isBytes(value)) return value.toString('base64');
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'object') return fromTyped(value) ?? toJsonTable(value);
  return String(value);
}

/** A Buffer, and no table with a header `__proto__` of bytes. */
export function isBytes(value: unknown): value is Buffer {
  return Buffer.isBuffer(value) && isUint8Array(value);
}

/** amqplib gives some field types as `{'!': type, value}`, and takes all so; undefined for a table that only looks alike. */
function fromTyped(typed: { '!'?: unknown; value?: unknown }): Json | undefined {
  const { '!': type, value } = typed;
  if (type === 'timestamp' && typeof value === 'number') {
    const time = new Date(value * 1000);
    return Number.isNaN(time.getTime()) ? String(value) : time.toISOString();
  }
  if (type === 'decimal' && typeof value === 'object' && value !== null) {
    const { digits, places } = value as { digits?: unknown; places?: unknown };
    if (typeof digits === 'number' && typeof places === 'number') return String(digits / 10 ** places);
  }
  return typeof type === 'string' && (typeof value === 'number' || typeof value === 'bigint')
    ? toJson(value)
    : undefined;
}
