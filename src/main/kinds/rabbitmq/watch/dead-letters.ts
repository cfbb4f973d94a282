import { type FoundTopology, objectKey } from '@shared/kinds/rabbitmq/objects';
import { findEffective, PolicyIndex } from '@shared/kinds/rabbitmq/policies';

/** Where queues send their dead letters. Keys are `objectKey(vhost, queue)`. */
export interface DeadLetterExchanges {
  /** Name by queue; `""` is the default exchange. Queues without one are absent. */
  byQueue: ReadonlyMap<string, string>;
  /** Do the dead letters of this queue arrive at that exchange? A queue that is not known may be any. */
  leads: (queueKey: string, exchange: string) => boolean;
}

/** Dead-letter exchanges in effect, from arguments and policies. */
export function findDeadLetterExchanges({ queues, policies }: FoundTopology): DeadLetterExchanges {
  const index = new PolicyIndex(policies ?? []);
  const known = new Set<string>();
  const byQueue = new Map<string, string>();
  for (const { vhost, name, arguments: args } of queues) {
    const key = objectKey(vhost, name);
    known.add(key);
    const queueType = String(args['x-queue-type'] ?? 'classic');
    const policy = index.find({ vhost, name, objectType: 'queue', queueType });
    const exchange = findEffective('x-dead-letter-exchange', 'queue', args, policy, undefined)?.value;
    if (typeof exchange === 'string') byQueue.set(key, exchange);
  }
  return {
    byQueue,
    // Where policies cannot be read, a queue without the argument may still have one.
    leads: (queueKey, exchange) =>
      byQueue.get(queueKey) === exchange || (!byQueue.has(queueKey) && (policies === null || !known.has(queueKey))),
  };
}
