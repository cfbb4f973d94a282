import type { FieldChange, Step } from '@shared/deploy/plan';
import type { BindingObject, ExchangeObject, QueueObject } from '../objects';
import { topologyKey } from '../resolve';
import type { PlanInput } from './plan-topology';
import { makeStep, stakeOf } from './step';

/** Applications that declare what they use themselves will be refused afterwards. */
const REDECLARE_NOTE =
  'Applications that declare it with the old settings will be refused with 406 PRECONDITION_FAILED.';

/** An exchange or queue to be made anew. */
export type Recreated = { type: 'exchange'; wanted: ExchangeObject } | { type: 'queue'; wanted: QueueObject };

/** `durable, x-max-length` */
export function listFields(changes: readonly FieldChange[]): string {
  return changes.map(({ field }) => field.replace(/^arguments\./, '')).join(', ');
}

/**
 * Deletes, declares and binds again, as one step that says what is at stake. Without the management API the difference is a
 * sentence of the broker's, and bindings that are not drawn cannot be seen.
 */
export function recreate(input: PlanInput, object: Recreated, changes: FieldChange[], notes: string[] = []): Step {
  const { type, wanted } = object;
  const { vhost, name } = wanted;
  const isBlind = input.found.bindings === null;
  const rebind = isBlind ? [] : bindingsAt(input, type, vhost, name);
  const hold = autoDeleteSources(input, name, rebind);
  const atStake = stakeOf(input.found, vhost, name);
  return makeStep({
    broker: input.broker,
    action: 'recreate',
    vhost,
    name,
    subject: input.resolved.origins[topologyKey(type, vhost, name)],
    object:
      type === 'queue' ? { type, queue: object.wanted, rebind, hold } : { type, exchange: object.wanted, rebind, hold },
    ...(isBlind ? {} : { changes }),
    reason: isBlind
      ? `The broker says: ${listFields(changes)}`
      : `${listFields(changes)} cannot be changed after ${type === 'queue' ? 'a queue' : 'an exchange'} was made.`,
    ...(type === 'queue' ? { atStake } : {}),
    canLoseMessages: true,
    notes: [
      ...notes,
      type === 'queue'
        ? 'Its messages are lost, and its consumers are cut off.'
        : 'Between deleting and making it again, publishes to it fail and the messages are lost.',
      isBlind
        ? 'Bindings that are not drawn are lost: without the management API they cannot be seen.'
        : `${rebind.length} binding${rebind.length === 1 ? ' is' : 's are'} made again.`,
      REDECLARE_NOTE,
    ],
  });
}

/** All bindings that vanish with an object, whoever made them. */
function bindingsAt({ found }: PlanInput, type: 'exchange' | 'queue', vhost: string, name: string): BindingObject[] {
  return (found.bindings ?? []).filter(
    (binding) =>
      binding.vhost === vhost &&
      binding.source !== '' &&
      ((binding.destinationType === type && binding.destination === name) ||
        (type === 'exchange' && binding.source === name)),
  );
}

/** Exchanges that vanish with their last binding, of those that lose one for a moment: they must be held meanwhile. */
function autoDeleteSources({ found }: PlanInput, self: string, rebind: readonly BindingObject[]): string[] {
  const vhost = rebind[0]?.vhost;
  const sources = new Set(rebind.map(({ source }) => source).filter((source) => source !== self));
  return found.exchanges
    .filter((exchange) => exchange.autoDelete && exchange.vhost === vhost && sources.has(exchange.name))
    .map(({ name }) => name);
}
