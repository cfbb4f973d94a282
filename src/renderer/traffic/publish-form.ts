import type { FlowNode, Json } from '@shared/flow/schema';
import type { PublishInput } from './publish-actions';

/** The form as it is typed. */
export interface PublishFields {
  count: number | string;
  routingKey: string;
  body: string;
  /** JSON object. */
  headers: string;
}

export const MAX_COUNT = 100_000;

/** What the publisher itself would send. */
export function fieldsOf(node: FlowNode | undefined): PublishFields {
  const settings = node?.settings ?? {};
  const { routingKey, body, headers } = settings;
  return {
    count: 1,
    routingKey: typeof routingKey === 'string' ? routingKey : '',
    body: typeof body === 'string' ? body : '{\n  "id": "{{seq}}"\n}',
    headers: headers && Object.keys(headers).length > 0 ? JSON.stringify(headers, null, 2) : '',
  };
}

/** Every problem of the form, by field; empty when it can be sent. */
export function checkFields({ count, headers }: PublishFields): Partial<Record<keyof PublishFields, string>> {
  const errors: Partial<Record<keyof PublishFields, string>> = {};
  const isWhole = typeof count === 'number' && Number.isInteger(count) && count >= 1 && count <= MAX_COUNT;
  if (!isWhole) errors.count = 'A whole number from 1 to 100,000';
  if (readHeaders(headers) === null) errors.headers = 'A JSON object, such as { "tenant": "acme" }';
  return errors;
}

function readHeaders(text: string): Record<string, Json> | null {
  if (text.trim() === '') return {};
  try {
    const value: Json = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** The request: only what differs from the publisher's own settings is sent along. */
export function toRequest(node: string, fields: PublishFields, own: PublishFields): PublishInput {
  return {
    node,
    count: Number(fields.count),
    ...(fields.body === own.body ? {} : { body: fields.body }),
    ...(fields.routingKey === own.routingKey ? {} : { routingKey: fields.routingKey }),
    ...(fields.headers === own.headers ? {} : { headers: readHeaders(fields.headers) ?? {} }),
  };
}
