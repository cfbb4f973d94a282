import type { Json } from '@shared/flow/schema';
import { isDeathField } from '@shared/kinds/redis/death-fields';
import type { OutgoingMessage } from '../message';

/** Field that holds the body of what Tapline adds to a stream. */
export const BODY = 'body';
/** Fields that stand for properties, by the property's name. */
const PROPERTY_FIELDS = {
  'message-id': 'messageId',
  'correlation-id': 'correlationId',
  'content-type': 'contentType',
  type: 'type',
  key: 'routingKey',
} as const;
/** Headers are fields of their own, so that every client can read them; text as it is, anything else as JSON. */
export const HEADER = 'header:';

/** An entry of a stream as handlers get it. */
export interface EntryMessage {
  messageId?: string;
  type?: string;
  routingKey: string;
  headers: Record<string, Json>;
  properties: Record<string, Json>;
  body: Buffer;
}

/** Fields for `XADD`: name, value, name, value … */
export function toFields({ body, headers, properties, routingKey }: OutgoingMessage): (string | Buffer)[] {
  const fields: (string | Buffer)[] = [BODY, body];
  for (const [field, property] of Object.entries(PROPERTY_FIELDS)) {
    const value = property === 'routingKey' ? routingKey : properties[property];
    if (value !== undefined && value !== '') fields.push(field, String(value));
  }
  for (const [name, value] of Object.entries(headers)) {
    fields.push(`${HEADER}${name}`, headerText(value));
  }
  return fields;
}

/** A header's value as a field holds it. */
export function headerText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Is this field a header of an entry that has a body: neither the body nor a property? */
export function isHeaderField(name: string): boolean {
  return name !== BODY && !Object.hasOwn(PROPERTY_FIELDS, name);
}

/** Reads fields, ours or anybody's. Without a field `body` all of them together are the body, as a JSON object; those of a death are headers always. */
export function fromFields(fields: readonly Buffer[]): EntryMessage {
  const headers: Record<string, Json> = {};
  const properties: Record<string, Json> = {};
  const others: Record<string, string> = {};
  let body: Buffer | undefined;
  let routingKey = '';
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const name = fields[index]?.toString() ?? '';
    const value = fields[index + 1] ?? Buffer.alloc(0);
    const property = PROPERTY_FIELDS[name as keyof typeof PROPERTY_FIELDS];
    if (name === BODY) body = value;
    else if (name.startsWith(HEADER)) headers[name.slice(HEADER.length)] = headerValue(value.toString());
    else if (isDeathField(name)) headers[name] = value.toString();
    else if (property === 'routingKey') routingKey = value.toString();
    else if (property) properties[property] = value.toString();
    else others[name] = value.toString();
  }
  if (body) Object.assign(headers, others);
  const { messageId, type } = properties;
  return {
    ...(typeof messageId === 'string' ? { messageId } : {}),
    ...(typeof type === 'string' ? { type } : {}),
    routingKey,
    headers,
    properties: body ? properties : {},
    body: body ?? Buffer.from(JSON.stringify({ ...stringsOf(properties), ...others })),
  };
}

const stringsOf = (properties: Record<string, Json>) =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, String(value)]));

/** Only what is plainly no text is read as JSON: numbers in particular may be names that look like one. */
function headerValue(text: string): Json {
  if (!/^(true|false|null|[[{].*[\]}])$/s.test(text)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
