import { canonicalJson } from '@shared/canonical';
import type { FieldChange } from '@shared/deploy/plan';
import { sameJson } from '@shared/flow/diff';
import type { Json } from '@shared/flow/schema';
import { plainArgument } from '../argument-values';
import type {
  ArgumentTable,
  BindingObject,
  ExchangeObject,
  PolicyObject,
  QueueObject,
  RabbitFacts,
  TypedArgument,
} from '../objects';

/**
 * Arguments as the management API shows them: widths gone, typed values plain, bytes as text, void as `undefined`, all the way
 * down. RabbitMQ compares numbers of arguments by value, whatever their width, and so do headers exchanges.
 */
export function plainTable(table: ArgumentTable): Record<string, Json> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue(value: Json): Json {
  if (value === null) return 'undefined';
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === 'number') return Number.isInteger(value) ? plainInteger(value) : value;
  if (typeof value !== 'object') return value;
  return typeof value.$type === 'string' ? plainTyped(value as unknown as TypedArgument) : plainTable(value);
}

function plainTyped({ $type, value }: TypedArgument): Json {
  switch ($type) {
    case 'void':
      return 'undefined';
    case 'bytes':
      return textOf(String(value ?? ''));
    case 'float':
      return Math.fround(Number(value));
    case 'double':
      return Number(value);
    case 'decimal': {
      // The API takes AMQP's scale and digits for what stands before and after the point: 1.25 (scale 2, digits 125) is shown as 2.125.
      const [whole = '0', fraction = ''] = String(value ?? 0).split('.');
      return Number(`${fraction.length}.${Number(whole + fraction)}`);
    }
    case 'byte':
    case 'short':
    case 'int':
    case 'long':
    case 'timestamp':
      return plainInteger(value ?? 0);
    default:
      return { $type, value };
  }
}

/** Numbers that JavaScript cannot hold exactly stay exact as text. */
function plainInteger(value: number | string): Json {
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  return { $type: 'long', value: typeof value === 'string' ? value : BigInt(value).toString() };
}

/** The queue type in effect: that of the arguments, else the vhost's default. */
export function queueTypeOf({ vhost, arguments: args }: QueueObject, { defaultQueueTypes }: RabbitFacts): string {
  const own = plainArgument(args['x-queue-type']);
  return typeof own === 'string' ? own : (defaultQueueTypes?.[vhost] ?? 'classic');
}

function textOf(base64: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
  } catch {
    return base64;
  }
}

/** Identity of a binding, whatever notation its arguments have. */
export function bindingIdentity({
  vhost,
  source,
  destinationType,
  destination,
  routingKey,
  arguments: args,
}: BindingObject): string {
  return [vhost, source, destinationType, destination, routingKey, canonicalJson(plainTable(args))].join('\u0000');
}

/** How plans and ledger name a binding: `orders → email, order.*`. Unique within a vhost: names that could be misread are quoted. */
export function bindingName({
  source,
  destinationType,
  destination,
  routingKey,
  arguments: args,
}: BindingObject): string {
  const target = destinationType === 'exchange' ? `${quoteName(destination)} (exchange)` : quoteName(destination);
  const table = Object.keys(args).length > 0 ? ` ${canonicalJson(plainTable(args))}` : '';
  return `${quoteName(source)} → ${target}, ${quoteName(routingKey)}${table}`;
}

function quoteName(name: string): string {
  return /[→,"{]|\(exchange\)$/.test(name) ? JSON.stringify(name) : name;
}

function changesOf(fields: [field: string, from: unknown, to: unknown][]): FieldChange[] {
  return fields.filter(([, from, to]) => !sameJson(from, to)).map(([field, from, to]) => ({ field, from, to }));
}

function tableChanges(found: Record<string, Json>, wanted: Record<string, Json>): FieldChange[] {
  const keys = [...new Set([...Object.keys(found), ...Object.keys(wanted)])].sort();
  return changesOf(keys.map((key) => [`arguments.${key}`, found[key], wanted[key]]));
}

/** Fields of an exchange that differ; none of them can be changed in place. */
export function compareExchange(found: ExchangeObject, wanted: ExchangeObject): FieldChange[] {
  return [
    ...changesOf([
      ['type', found.type, wanted.type],
      ['durable', found.durable, wanted.durable],
      ['autoDelete', found.autoDelete, wanted.autoDelete],
      ['internal', found.internal, wanted.internal],
    ]),
    ...tableChanges(plainTable(found.arguments), plainTable(wanted.arguments)),
  ];
}

/**
 * Fields of a queue that differ; none of them can be changed in place. RabbitMQ fills in `x-queue-type` from the vhost's
 * default, so a queue that names no type equals one of that type.
 */
export function compareQueue(found: QueueObject, wanted: QueueObject, facts: RabbitFacts): FieldChange[] {
  const withType = (queue: QueueObject) => ({
    ...plainTable(queue.arguments),
    'x-queue-type': queueTypeOf(queue, facts),
  });
  return [
    ...changesOf([
      ['durable', found.durable, wanted.durable],
      ['autoDelete', found.autoDelete, wanted.autoDelete],
    ]),
    ...tableChanges(withType(found), withType(wanted)),
  ];
}

/** Fields of a policy that differ; all can be changed in place. */
export function comparePolicy(found: PolicyObject, wanted: PolicyObject): FieldChange[] {
  return changesOf([
    ['pattern', found.pattern, wanted.pattern],
    ['applyTo', found.applyTo, wanted.applyTo],
    ['priority', found.priority, wanted.priority],
    ['definition', found.definition, wanted.definition],
  ]);
}
