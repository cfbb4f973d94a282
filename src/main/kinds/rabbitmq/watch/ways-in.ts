import { type FoundTopology, objectKey } from '@shared/kinds/rabbitmq/objects';
import { findEffective, PolicyIndex } from '@shared/kinds/rabbitmq/policies';
import { topologyKey } from '@shared/kinds/rabbitmq/resolve';

/** May an object get messages that the broker's statistics do not count as published to it? */
export type HasOtherWaysIn = (type: 'exchange' | 'queue', vhost: string, name: string) => boolean;

/**
 * The broker counts what clients publish: for an exchange only what is published to itself, not what other exchanges pass on
 * or queues dead-letter; for a queue everything but dead letters, and nothing that a stream client wrote.
 */
export function findOtherWaysIn(found: FoundTopology): HasOtherWaysIn {
  // Dead-letter exchanges may come from policies: where those cannot be read, nothing is sure.
  if (found.policies === null || found.bindings === null) return () => true;
  const policies = new PolicyIndex(found.policies);
  const alternates = new Map<string, string>();
  for (const { vhost, name, arguments: args } of found.exchanges) {
    const policy = policies.find({ vhost, name, objectType: 'exchange' });
    const alternate = findEffective('alternate-exchange', 'exchange', args, policy, undefined)?.value;
    if (typeof alternate === 'string') alternates.set(objectKey(vhost, name), alternate);
  }
  const fed = new Set<string>();
  const onward: { vhost: string; exchange: string }[] = [];
  const feed = (vhost: string, exchange: string) => {
    const key = topologyKey('exchange', vhost, exchange);
    if (fed.has(key)) return;
    fed.add(key);
    onward.push({ vhost, exchange });
  };
  const direct = new Set<string>();
  const anyQueue = new Set<string>();
  for (const { vhost, name, arguments: args } of found.queues) {
    const queueType = String(args['x-queue-type'] ?? 'classic');
    if (queueType === 'stream') direct.add(topologyKey('queue', vhost, name));
    const policy = policies.find({ vhost, name, objectType: 'queue', queueType });
    const effective = (key: string) => findEffective(key, 'queue', args, policy, undefined)?.value;
    const exchange = effective('x-dead-letter-exchange');
    if (typeof exchange !== 'string') continue;
    if (exchange !== '') feed(vhost, exchange);
    else {
      const key = effective('x-dead-letter-routing-key');
      if (typeof key === 'string') direct.add(topologyKey('queue', vhost, key));
      else anyQueue.add(vhost);
    }
  }
  // Dead letters go on to whatever the dead-letter exchange is bound to; messages of clients do so, too, but are counted.
  const byDeath = new Set(direct);
  for (let next = onward.pop(); next; next = onward.pop()) {
    for (const { vhost, source, destination, destinationType } of found.bindings) {
      if (vhost !== next.vhost || source !== next.exchange) continue;
      if (destinationType === 'queue') byDeath.add(topologyKey('queue', vhost, destination));
      else feed(vhost, destination);
    }
    const alternate = alternates.get(objectKey(next.vhost, next.exchange));
    if (alternate !== undefined) feed(next.vhost, alternate);
  }
  for (const { vhost, destination, destinationType } of found.bindings)
    if (destinationType === 'exchange') fed.add(topologyKey('exchange', vhost, destination));
  for (const [key, alternate] of alternates) fed.add(topologyKey('exchange', key.split('\u0000')[0] ?? '', alternate));
  return (type, vhost, name) =>
    type === 'exchange'
      ? fed.has(topologyKey('exchange', vhost, name))
      : anyQueue.has(vhost) || byDeath.has(topologyKey('queue', vhost, name));
}

/** Nothing is known yet: everything may have other ways in. */
export const UNKNOWN_WAYS_IN: HasOtherWaysIn = () => true;
