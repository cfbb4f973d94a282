import { endNode, type Flow } from '@shared/flow/schema';
import type { DerivedGroup, DerivedObject } from '@shared/kinds/derived';
import { derivedId } from '@shared/traffic/derived-id';
import type { QueueObject } from './objects';
import { resolveTopology, topologyKey } from './resolve';

/** Time that messages wait in a queue made for a retry policy; undefined for that of dead letters. */
function delayOf({ arguments: args }: QueueObject): number | undefined {
  const ttl = args['x-message-ttl'];
  return typeof ttl === 'number' ? ttl : undefined;
}

/** Id, among the counters of nodes, of a queue that a retry policy on `link` is made of. */
export function derivedQueueId(link: string, queue: QueueObject): string {
  return derivedId(link, delayOf(queue) ?? 'dead-letters');
}

function describeQueue(link: string, queue: QueueObject): DerivedObject {
  const delayMs = delayOf(queue);
  const type = String(queue.arguments['x-queue-type'] ?? 'classic');
  const facts = delayMs === undefined ? `${type} · dead letters` : `${type} · holds messages ${delayMs / 1000} s`;
  return {
    noun: 'queue',
    name: queue.name,
    facts,
    id: derivedQueueId(link, queue),
    ...(delayMs === undefined ? {} : { delayMs }),
  };
}

/** What the flow's retry policies are made of, by consume link, shown at its queue. */
export function derivedRabbit(flow: Flow): DerivedGroup[] {
  const hasRetries = Object.values(flow.links).some(({ type, settings }) => type === 'consume' && settings.retry);
  if (!hasRetries) return [];
  const groups = new Map<string, DerivedGroup>();
  for (const [broker, { kind }] of Object.entries(flow.brokers)) {
    if (kind !== 'rabbitmq') continue;
    const { topology, origins, derived } = resolveTopology(flow, broker, { defaultVhost: '/' });
    const add = (type: string, vhost: string, name: string, describe: (link: string) => DerivedObject) => {
      const key = topologyKey(type, vhost, name);
      const origin = derived.has(key) ? origins[key] : undefined;
      const from = origin?.type === 'link' ? flow.links[origin.id]?.from : undefined;
      const node = from && endNode(from);
      if (origin?.type !== 'link' || node === undefined) return;
      const group = groups.get(origin.id) ?? { link: origin.id, node, objects: [] };
      groups.set(origin.id, group);
      group.objects.push(describe(origin.id));
    };
    for (const { vhost, name, type } of topology.exchanges)
      add('exchange', vhost, name, () => ({ noun: 'exchange', name, facts: type }));
    for (const queue of topology.queues) add('queue', queue.vhost, queue.name, (link) => describeQueue(link, queue));
  }
  return [...groups.values()];
}
