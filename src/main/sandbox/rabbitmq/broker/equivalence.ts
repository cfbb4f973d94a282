import type { FieldTable } from '../codec/table';
import { precondition } from './errors';
import { integerOf, plain, typeName } from './queue-arguments';

function sameArgument(a: unknown, b: unknown): boolean {
  const left = integerOf(a);
  const right = integerOf(b);
  if (left !== undefined && right !== undefined) return left === right;
  return typeName(a) === typeName(b) && plain(a) === plain(b);
}

function assertSameArgument(
  kind: string,
  name: string,
  vhost: string,
  key: string,
  current: unknown,
  received: unknown,
): void {
  if (current === undefined ? received === undefined : received !== undefined && sameArgument(current, received))
    return;
  const described = (value: unknown) =>
    value === undefined ? 'none' : `the value '${plain(value)}' of type '${typeName(value)}'`;
  const difference =
    current !== undefined && received !== undefined
      ? `received '${plain(received)}' but current is '${plain(current)}'`
      : `received ${described(received)} but current is ${described(current)}`;
  throw precondition(`inequivalent arg '${key}' for ${kind} '${name}' in vhost '${vhost}': ${difference}`);
}

const LENGTH_LIMITS = ['x-max-length', 'x-max-length-bytes'];

/** The arguments that must not differ, in the order in which RabbitMQ 3.10 and 4.0 name the first that does. */
const COMPARED: Record<'classic' | 'quorum', string[]> = {
  classic: [
    'x-expires',
    'x-message-ttl',
    'x-dead-letter-exchange',
    'x-dead-letter-routing-key',
    ...LENGTH_LIMITS,
    'x-max-priority',
    'x-overflow',
    'x-queue-mode',
    'x-queue-version',
    'x-single-active-consumer',
    'x-queue-type',
    'x-queue-master-locator',
  ],
  quorum: [
    'x-dead-letter-exchange',
    'x-dead-letter-routing-key',
    'x-dead-letter-strategy',
    'x-expires',
    ...LENGTH_LIMITS,
    'x-overflow',
    'x-single-active-consumer',
    'x-queue-type',
    'x-quorum-initial-group-size',
    'x-delivery-limit',
    'x-message-ttl',
    'x-queue-leader-locator',
  ],
};

/**
 * Refuses a redeclaration whose arguments differ. `x-queue-type: classic` equals none; `fillsInQueueType` names it in
 * the sentence even where it was not given.
 */
export function assertSameQueueArguments(
  name: string,
  vhost: string,
  current: FieldTable,
  received: FieldTable,
  fillsInQueueType: boolean,
): void {
  for (const key of COMPARED[current['x-queue-type'] === 'quorum' ? 'quorum' : 'classic']) {
    const isType = key === 'x-queue-type';
    const byDefault = isType && fillsInQueueType ? 'classic' : undefined;
    const was = current[key] ?? byDefault;
    const is = received[key] ?? byDefault;
    const bothClassic = isType && (was ?? 'classic') === (is ?? 'classic');
    if (!bothClassic) assertSameArgument('queue', name, vhost, key, was, is);
  }
}

/** Refuses a redeclaration of an exchange whose arguments differ; only the alternate exchange counts. */
export function assertSameExchangeArguments(
  name: string,
  vhost: string,
  current: FieldTable,
  received: FieldTable,
): void {
  assertSameArgument(
    'exchange',
    name,
    vhost,
    'alternate-exchange',
    current['alternate-exchange'],
    received['alternate-exchange'],
  );
}

/** Refuses a redeclaration whose flag differs. */
export function assertSameFlag(
  kind: 'queue' | 'exchange',
  name: string,
  vhost: string,
  flagName: string,
  current: unknown,
  received: unknown,
): void {
  if (current !== received)
    throw precondition(
      `inequivalent arg '${flagName}' for ${kind} '${name}' in vhost '${vhost}': received '${received}' but current is '${current}'`,
    );
}
