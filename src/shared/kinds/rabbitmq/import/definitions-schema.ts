import { holdsPassword } from '@shared/flow/parse';
import type { Json } from '@shared/flow/schema';
import { z } from 'zod';
import { plainArgument } from '../argument-values';

/** Longest name a flow holds; RabbitMQ allows 255 bytes, which the check tells. */
const MAX_NAME = 2000;

const optional = <T extends z.ZodType>(schema: T) => z.preprocess((value) => value ?? undefined, schema.optional());

/** Text that identifies an object. It cannot be replaced by a placeholder, so it may not hold a password. */
const identity = z
  .string()
  .max(MAX_NAME, `is longer than ${MAX_NAME} characters`)
  .refine((text) => !holdsPassword(text), 'holds a URL with a password, which a flow never does');
const whole = z.preprocess((value) => plainArgument(value as Json), z.int());
const flag = optional(z.boolean());
/** Anything: it was JSON. */
const anything = z.custom<Json>((value) => value !== undefined, { error: 'is missing' });
/** A table; RabbitMQ writes an empty one as `[]` at times. */
const table = z.preprocess(
  (value) => (value === undefined || value === null || (Array.isArray(value) && value.length === 0) ? {} : value),
  z.custom<Record<string, Json>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'must be an object',
  }),
);
const list = <T extends z.ZodType>(item: T) => z.preprocess((value) => value ?? undefined, z.array(item).optional());

const policyBody = {
  pattern: optional(identity),
  'apply-to': optional(z.enum(['all', 'exchanges', 'queues', 'classic_queues', 'quorum_queues', 'streams'])),
  priority: optional(whole),
  definition: table,
};

/** Value of an `operator_policy` parameter. */
export const operatorPolicySchema = z.looseObject(policyBody);

const queueSchema = z.looseObject({
  name: identity,
  vhost: optional(identity),
  type: optional(z.string()),
  durable: flag,
  auto_delete: flag,
  exclusive: flag,
  arguments: table,
});

const exchangeSchema = z.looseObject({
  name: identity,
  vhost: optional(identity),
  type: optional(identity.min(1)),
  durable: flag,
  auto_delete: flag,
  internal: flag,
  arguments: table,
});

const bindingSchema = z.looseObject({
  source: identity,
  vhost: optional(identity),
  destination: identity,
  destination_type: optional(z.enum(['queue', 'exchange'])),
  routing_key: optional(identity),
  arguments: table,
});

/** Descriptions of a vhost stand beside its name or, since 3.10, in `metadata`. */
const vhostText = {
  description: optional(z.string()),
  tags: optional(z.union([z.string(), z.array(z.string())])),
  default_queue_type: optional(z.string()),
};

const vhostSchema = z.looseObject({
  name: identity,
  ...vhostText,
  limits: table,
  metadata: optional(z.looseObject(vhostText)),
});

const parameterSchema = z.looseObject({
  vhost: optional(identity),
  component: identity,
  name: identity,
  value: anything,
});
const policySchema = z.looseObject({ vhost: optional(identity), name: identity, ...policyBody });

export type QueueEntry = z.infer<typeof queueSchema>;
export type ExchangeEntry = z.infer<typeof exchangeSchema>;
export type VhostEntry = z.infer<typeof vhostSchema>;
export type ParameterEntry = z.infer<typeof parameterSchema>;
export type PolicyBody = z.infer<typeof operatorPolicySchema>;

/**
 * RabbitMQ definitions of any release and flavour: every key may be missing.
 * Source: https://www.rabbitmq.com/docs/definitions and `rabbit_definitions.erl`.
 */
export const definitionsSchema = z.looseObject({
  users: list(anything),
  permissions: list(anything),
  topic_permissions: list(anything),
  vhosts: list(vhostSchema),
  parameters: list(z.looseObject({ vhost: optional(identity), component: identity, name: identity, value: anything })),
  global_parameters: list(z.looseObject({ name: identity, value: anything })),
  policies: list(policySchema),
  queues: list(queueSchema),
  exchanges: list(exchangeSchema),
  bindings: list(bindingSchema),
});
export type Definitions = z.infer<typeof definitionsSchema>;

/** The keys of which a definitions file has at least one. */
export const DEFINITION_LISTS = Object.keys(definitionsSchema.shape);

const NOUNS: Record<string, string> = {
  vhosts: 'virtual host',
  parameters: 'parameter',
  global_parameters: 'global parameter',
  policies: 'policy',
  queues: 'queue',
  exchanges: 'exchange',
  bindings: 'binding',
};

const EXPECTED: Record<string, string> = {
  string: 'text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

/** What a fault of a definitions file is, as a sentence: `The “durable” of queue “orders” must be true or false.` */
export function describeFault(issue: z.core.$ZodIssue, document: Json): string {
  const [listKey, index, ...rest] = issue.path.map(String);
  const field = rest.join('.');
  if (listKey === undefined) return 'RabbitMQ definitions are a JSON object.';
  if (index === undefined) return `“${listKey}” ${faultOf(issue)}.`;
  const item = itemName(document, listKey, index);
  if (field === '') return `${item.charAt(0).toUpperCase()}${item.slice(1)} ${faultOf(issue)}.`;
  return `The “${field}” of ${item} ${faultOf(issue)}.`;
}

function itemName(document: Json, listKey: string, index: string): string {
  const noun = NOUNS[listKey] ?? `entry of “${listKey}”`;
  const items = typeof document === 'object' && document !== null && !Array.isArray(document) ? document[listKey] : [];
  const item = Array.isArray(items) ? items[Number(index)] : undefined;
  const name = typeof item === 'object' && item !== null && !Array.isArray(item) ? item.name : undefined;
  const isShown = typeof name === 'string' && name.length <= 80 && !holdsPassword(name);
  return isShown ? `${noun} “${name}”` : `${noun} ${Number(index) + 1}`;
}

function faultOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined && issue.path.length > 1
        ? 'is missing'
        : `must be ${EXPECTED[issue.expected] ?? `a ${issue.expected}`}`;
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`;
    case 'invalid_union':
      return 'must be text or a list of texts';
    case 'too_small':
      return 'must not be empty';
    default:
      return issue.message;
  }
}
