import type { Json } from '@shared/flow/schema';

/** AMQP field types as the table editor offers them; `table` and `array` are written as JSON. */
export const ARGUMENT_TYPES = [
  { value: 'string', label: 'string' },
  { value: 'boolean', label: 'boolean' },
  { value: 'long', label: 'long (64 bit)' },
  { value: 'int', label: 'int (32 bit)' },
  { value: 'short', label: 'short (16 bit)' },
  { value: 'byte', label: 'byte (8 bit)' },
  { value: 'double', label: 'double' },
  { value: 'float', label: 'float' },
  { value: 'decimal', label: 'decimal' },
  { value: 'timestamp', label: 'timestamp' },
  { value: 'bytes', label: 'bytes (base64)' },
  { value: 'void', label: 'void' },
  { value: 'array', label: 'array (JSON)' },
  { value: 'table', label: 'table (JSON)' },
] as const;
export type EditableType = (typeof ARGUMENT_TYPES)[number]['value'];

type TypedValue = { $type: string; value: Json };

function isTyped(value: Json): value is TypedValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value['$type'] === 'string';
}

/** The AMQP type a stored argument stands for. */
export function typeOfArgument(value: Json): EditableType {
  if (value === null) return 'void';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'boolean';
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'double';
  if (Array.isArray(value)) return 'array';
  if (!isTyped(value)) return 'table';
  const known = ARGUMENT_TYPES.find((type) => type.value === value.$type);
  return known?.value ?? 'table';
}

/** A stored argument as text to edit. */
export function textOfArgument(value: Json): string {
  if (value === null) return '';
  if (isTyped(value)) return value.value === null ? '' : String(value.value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const INTEGER_BITS: Partial<Record<EditableType, number>> = { byte: 8, short: 16, int: 32, long: 64 };

function parseInteger(type: EditableType, text: string, bits: number): Json | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const number = BigInt(text);
  const limit = 2n ** BigInt(bits - 1);
  if (number < -limit || number >= limit) return undefined;
  const isSafe = number >= BigInt(Number.MIN_SAFE_INTEGER) && number <= BigInt(Number.MAX_SAFE_INTEGER);
  const value = isSafe ? Number(number) : String(number);
  // A whole number without a type is a long already.
  return type === 'long' && isSafe ? value : { $type: type, value };
}

function parseJson(text: string, isRight: (value: Json) => boolean): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isRight(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What to store for a text of a type; undefined when the text is not of that type. */
export function parseArgument(type: EditableType, text: string): Json | undefined {
  const trimmed = text.trim();
  const bits = INTEGER_BITS[type];
  if (bits !== undefined) return parseInteger(type, trimmed, bits);
  switch (type) {
    case 'string':
      return text;
    case 'boolean':
      return trimmed === 'true';
    case 'void':
      return null;
    case 'double':
    case 'float': {
      const number = trimmed === '' ? Number.NaN : Number(trimmed);
      if (!Number.isFinite(number)) return undefined;
      return type === 'double' && !Number.isInteger(number) ? number : { $type: type, value: number };
    }
    case 'decimal':
      return /^[+-]?\d+(\.\d+)?$/.test(trimmed) ? { $type: type, value: trimmed } : undefined;
    case 'timestamp':
      return /^\d+$/.test(trimmed) ? { $type: type, value: Number(trimmed) } : undefined;
    case 'bytes':
      return /^[A-Za-z0-9+/]*={0,2}$/.test(trimmed) && trimmed.length % 4 === 0
        ? { $type: type, value: trimmed }
        : undefined;
    case 'array':
      return parseJson(trimmed, Array.isArray);
    case 'table':
      return parseJson(trimmed, (value) => typeof value === 'object' && value !== null && !Array.isArray(value));
    default:
      return undefined;
  }
}

/** A stored value turned into another type, as well as it can be. */
export function convertArgument(value: Json, type: EditableType): Json {
  const empty: Partial<Record<EditableType, string>> = { array: '[]', table: '{}', bytes: '', string: '' };
  return parseArgument(type, textOfArgument(value)) ?? parseArgument(type, empty[type] ?? '0') ?? '';
}
