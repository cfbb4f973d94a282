import type { FieldTable } from '../codec/table';
import { precondition } from './errors';

/** AMQP type names as RabbitMQ's sentences have them. */
export function typeName(value: unknown): string {
  if (value === null) return 'void';
  if (typeof value === 'string') return 'longstr';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'long' : 'double';
  if (Array.isArray(value)) return 'array';
  const type = (value as { $type?: string }).$type;
  if (type === undefined) return 'table';
  return type === 'int' ? 'signedint' : type === 'bytes' ? 'binary' : type;
}

const INTEGER_TYPES = new Set(['byte', 'short', 'signedint', 'long']);

/** The number of a whole-number argument of any width, or undefined. */
export function integerOf(value: unknown): number | undefined {
  if (value === undefined || !INTEGER_TYPES.has(typeName(value))) return undefined;
  return typeof value === 'number' ? value : Number((value as { value: string | number }).value);
}

/** A value as RabbitMQ's sentences have it. */
export function plain(value: unknown): string {
  if (typeof value === 'object' && value !== null && '$type' in value)
    return String((value as unknown as { value: unknown }).value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What follows the colon in "invalid arg 'x' for queue …:", or null when the value is fine. */
type Validator = (value: unknown, all: FieldTable) => string | null;

const integer =
  (check: (value: number) => string | null): Validator =>
  (value) => {
    const number = integerOf(value);
    return number === undefined ? `"expected integer, got ${typeName(value)}"` : check(number);
  };
/** Ten years: RabbitMQ's bound for times in milliseconds. */
export const MAX_EXPIRY_MS = 315_360_000_000;
const tooLarge = (n: number) => (n > MAX_EXPIRY_MS ? `{value_too_large,${n}}` : null);
const milliseconds = integer((n) => (n < 0 ? `{value_negative,${n}}` : tooLarge(n)));
const positiveMilliseconds = integer((n) =>
  n < 0 ? `{value_negative,${n}}` : n === 0 ? `{value_zero,${n}}` : tooLarge(n),
);
const nonNegative = integer((n) => (n < 0 ? `{value_negative,${n}}` : null));
const positive = integer((n) => (n < 0 ? `{value_negative,${n}}` : n === 0 ? `{value_zero,${n}}` : null));
const priority = integer((n) => (n < 0 ? `{value_negative,${n}}` : n > 255 ? `{max_value_exceeded,${n}}` : null));
const text =
  (allowed: readonly string[], otherwise: (value: string) => string): Validator =>
  (value) =>
    typeof value !== 'string'
      ? `{unacceptable_type,${typeName(value)}}`
      : allowed.includes(value)
        ? null
        : otherwise(value);
const flag: Validator = (value) => (typeof value === 'boolean' ? null : `{unacceptable_type,${typeName(value)}}`);
const anything: Validator = () => null;

interface ArgumentRule {
  name: string;
  validate: Validator;
  queueTypes: ('classic' | 'quorum')[];
}

const BOTH: ArgumentRule['queueTypes'] = ['classic', 'quorum'];

/** Arguments RabbitMQ 3.10 and 4.0 look at, in the order in which they check them. Unknown ones are accepted and ignored. */
const RULES: ArgumentRule[] = [
  { name: 'x-expires', validate: positiveMilliseconds, queueTypes: BOTH },
  { name: 'x-message-ttl', validate: milliseconds, queueTypes: BOTH },
  { name: 'x-dead-letter-exchange', validate: anything, queueTypes: BOTH },
  {
    name: 'x-dead-letter-routing-key',
    validate: (value, all) =>
      typeof value !== 'string'
        ? `{unacceptable_type,${typeName(value)}}`
        : all['x-dead-letter-exchange'] === undefined
          ? 'routing_key_but_no_dlx_defined'
          : null,
    queueTypes: BOTH,
  },
  {
    name: 'x-dead-letter-strategy',
    validate: text(['at-most-once', 'at-least-once'], () => 'invalid_dlx_strategy'),
    queueTypes: ['quorum'],
  },
  { name: 'x-max-length', validate: nonNegative, queueTypes: BOTH },
  { name: 'x-max-length-bytes', validate: nonNegative, queueTypes: BOTH },
  { name: 'x-single-active-consumer', validate: flag, queueTypes: BOTH },
  { name: 'x-max-priority', validate: priority, queueTypes: ['classic'] },
  {
    name: 'x-overflow',
    validate: text(['drop-head', 'reject-publish', 'reject-publish-dlx'], () => 'invalid_overflow'),
    queueTypes: BOTH,
  },
  {
    name: 'x-queue-mode',
    validate: text(['default', 'lazy'], (mode) => `"unsupported queue mode '${mode}'"`),
    queueTypes: ['classic'],
  },
  {
    name: 'x-queue-version',
    validate: integer((n) =>
      n < 0 ? `{value_negative,${n}}` : n === 1 || n === 2 ? null : `"unsupported queue version '${n}'"`,
    ),
    queueTypes: ['classic'],
  },
  {
    name: 'x-queue-type',
    validate: text(['classic', 'quorum'], (type) => `"unsupported queue type '${type}'"`),
    queueTypes: BOTH,
  },
  { name: 'x-delivery-limit', validate: anything, queueTypes: ['quorum'] },
  { name: 'x-quorum-initial-group-size', validate: positive, queueTypes: ['quorum'] },
  { name: 'x-max-age', validate: anything, queueTypes: [] },
];

/** Refuses arguments as RabbitMQ does, first offence first; `where` is `queue 'name' in vhost '/'`. */
export function validateQueueArguments(args: FieldTable, name: string, vhost: string): void {
  const where = `queue '${name}' in vhost '${vhost}'`;
  const queueType = args['x-queue-type'] ?? 'classic';
  const typeRule = RULES.find((rule) => rule.name === 'x-queue-type');
  const typeError = args['x-queue-type'] === undefined ? null : typeRule?.validate(queueType, args);
  if (typeError) throw precondition(`invalid arg 'x-queue-type' for ${where}: ${typeError}`);
  for (const rule of RULES) {
    if (args[rule.name] !== undefined && !rule.queueTypes.includes(queueType as 'classic' | 'quorum'))
      throw precondition(`invalid arg '${rule.name}' for ${where} of queue type rabbit_${queueType}_queue`);
  }
  const deadLetterExchange = args['x-dead-letter-exchange'];
  if (deadLetterExchange !== undefined && typeof deadLetterExchange !== 'string')
    throw precondition(
      `invalid type '${typeName(deadLetterExchange)}' for arg 'x-dead-letter-exchange' in queue '${name}' in vhost '${vhost}'`,
    );
  for (const rule of RULES) {
    const value = args[rule.name];
    const error = value === undefined ? null : rule.validate(value, args);
    if (error) throw precondition(`invalid arg '${rule.name}' for ${where}: ${error}`);
  }
}
