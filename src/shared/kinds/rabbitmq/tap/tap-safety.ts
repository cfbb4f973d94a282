import type { ExchangeObject, PolicyObject, RabbitFacts } from '../objects';
import { PolicyIndex } from '../policies';

/** Names of tap queues begin so. Bindings to them are nobody's topology. */
export const TAP_PREFIX = 'tapline.tap.';

/** May an exchange be tapped, and if not, why not. */
export type TapVerdict = { allowed: true } | { allowed: false; reason: string };

/** Types whose bindings each decide for themselves, so that one more takes nothing from the others. */
const TAPPABLE_TYPES = new Set(['direct', 'fanout', 'topic', 'headers']);
const HASH_TYPES = new Set(['x-consistent-hash', 'x-modulus-hash', 'x-random']);

/**
 * May a queue of Tapline's be bound to this exchange beside those that are, without changing what happens to any message?
 * `found` is the exchange as it is in the broker, not as it is drawn.
 */
export function tapSafety(found: ExchangeObject, facts: RabbitFacts): TapVerdict {
  const { name, type, autoDelete } = found;
  const no = (reason: string): TapVerdict => ({ allowed: false, reason });
  if (name === '') return no('Nothing can be bound to the default exchange.');
  if (HASH_TYPES.has(type)) return no(`A tap would take its share of the messages of an exchange of type ${type}.`);
  if (!TAPPABLE_TYPES.has(type)) return no(`How a tap would affect an exchange of type ${type} is not known.`);
  if (autoDelete) return no('It deletes itself when the last binding goes: a tap that leaves could be that.');
  return federationSafety(found, facts) ?? overflowSafety(found, facts) ?? { allowed: true };
}

/** Federation passes bindings on to other brokers, which then send more. */
function federationSafety(found: ExchangeObject, facts: RabbitFacts): TapVerdict | undefined {
  const { vhost, name, arguments: args } = found;
  if (args['x-internal-purpose'] !== undefined)
    return { allowed: false, reason: 'It was made by the broker for purposes of its own.' };
  if (facts.policies === undefined) {
    // The plugin brings an exchange type: without it nothing is federated.
    if (facts.exchangeTypes && !facts.exchangeTypes.includes('x-federation-upstream')) return undefined;
    return {
      allowed: false,
      reason:
        'Whether it is federated is not known: the user may not read policies, which needs the tag “policymaker” or “monitoring”.',
    };
  }
  const policy = new PolicyIndex(facts.policies).find({ vhost, name, objectType: 'exchange' });
  return policy && isFederating(policy)
    ? {
        allowed: false,
        reason: `It is federated by the policy “${policy.name}”: bindings are passed on to other brokers.`,
      }
    : undefined;
}

function isFederating({ definition }: PolicyObject): boolean {
  return 'federation-upstream' in definition || 'federation-upstream-set' in definition;
}

/** Operator policies beat arguments: one that made a full tap queue refuse messages would reach publishers. */
function overflowSafety({ vhost }: ExchangeObject, facts: RabbitFacts): TapVerdict | undefined {
  const policy = new PolicyIndex(facts.operatorPolicies ?? []).find({
    vhost,
    name: `${TAP_PREFIX}x`,
    objectType: 'queue',
    queueType: 'classic',
  });
  const overflow = policy?.definition['overflow'];
  return overflow === undefined || overflow === 'drop-head'
    ? undefined
    : {
        allowed: false,
        reason: `The operator policy “${policy?.name}” would make a full tap queue refuse messages of publishers.`,
      };
}
