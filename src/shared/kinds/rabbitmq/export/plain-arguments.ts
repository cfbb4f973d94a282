import type { Json } from '@shared/flow/schema';
import type { ArgumentTable } from '../objects';

/** Arguments as definitions can say them, and whether something was lost on the way. */
export interface PlainArguments {
  table: Record<string, Json>;
  /** Typed values of which definitions cannot say the type. */
  lost: string[];
}

/**
 * JSON has no AMQP types: RabbitMQ reads whole numbers as long and others as double. Widths, timestamps and bytes are written as
 * RabbitMQ writes them, `void` as its `undefined`, since it refuses a file with null (`null_not_allowed`, 3.10).
 */
export function plainArguments(table: ArgumentTable): PlainArguments {
  const lost: string[] = [];
  const entries = Object.entries(table).map(([key, value]): [string, Json] => [
    key,
    plain(value, () => lost.push(key)),
  ]);
  return { table: Object.fromEntries(entries), lost: [...new Set(lost)] };
}

function plain(value: Json, lose: () => void): Json {
  if (value === null) {
    lose();
    return 'undefined';
  }
  if (Array.isArray(value)) return value.map((item) => plain(item, lose));
  if (typeof value !== 'object') return value;
  if (!isTyped(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, lose)]));
  const { $type, value: inner = null } = value;
  if ($type === 'long' || $type === 'double') return inner === null ? 0 : value;
  lose();
  switch ($type) {
    case 'void':
      return 'undefined';
    case 'bytes':
      return textOf(String(inner ?? ''));
    case 'float':
    case 'decimal':
      return { $type: 'double', value: Number(inner) };
    default:
      return { $type: 'long', value: String(inner ?? 0) };
  }
}

const TYPES = new Set(['byte', 'short', 'int', 'long', 'float', 'double', 'decimal', 'bytes', 'timestamp', 'void']);

function isTyped(value: { [key: string]: Json }): boolean {
  return TYPES.has(String(value.$type)) && Object.keys(value).every((key) => key === '$type' || key === 'value');
}

function textOf(base64: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    return base64;
  }
}
