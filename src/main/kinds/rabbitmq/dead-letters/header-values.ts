import type { Json } from '@shared/flow/schema';
import { isBytes } from '../../message-details';

/** A value as amqplib decodes it, as JSON: what JSON cannot tell keeps its AMQP type as `{$type, value}`. */
export function toJson(value: unknown): Json {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint')
    return Number.isSafeInteger(Number(value)) ? Number(value) : { $type: 'long', value: value.toString() };
  if (isBytes(value)) return { $type: 'bytes', value: value.toString('base64') };
  if (Array.isArray(value)) return value.map(toJson);
  return typedToJson(value) ?? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}

/** Undefined for a table that only looks alike. */
function typedToJson(typed: { '!'?: unknown; value?: unknown }): Json | undefined {
  const { '!': type, value } = typed;
  if (type === 'timestamp' && typeof value === 'number') return { $type: 'timestamp', value };
  if (type !== 'decimal' || typeof value !== 'object' || value === null) return undefined;
  const { places, digits } = value as { places?: unknown; digits?: unknown };
  if (typeof places !== 'number' || typeof digits !== 'number') return undefined;
  const text = String(digits).padStart(places + 1, '0');
  const point = text.length - places;
  return { $type: 'decimal', value: places === 0 ? text : `${text.slice(0, point)}.${text.slice(point)}` };
}
