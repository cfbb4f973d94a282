import { MAX_SNAPSHOT_BYTES, type SnapshotSource } from '../snapshot-file';
import type { SandboxBroker } from './broker/broker';
import { Message, type QueueEntry } from './broker/message';
import type { Queue } from './broker/queue';
import type { Vhost } from './broker/vhost';
import type { FieldTable } from './codec/table';

interface SavedMessage {
  exchange: string;
  routingKey: string;
  properties: Uint8Array;
  body: Uint8Array;
  keys?: readonly string[];
  hasDied: boolean;
  redelivered: boolean;
  deliveryCount: number;
}

interface SavedVhost {
  name: string;
  exchanges: { name: string; type: string; autoDelete: boolean; internal: boolean; arguments: FieldTable }[];
  queues: { name: string; autoDelete: boolean; arguments: FieldTable; messages: SavedMessage[] }[];
  bindings: {
    source: string;
    destinationType: 'queue' | 'exchange';
    destination: string;
    routingKey: string;
    arguments: FieldTable;
  }[];
}

/** Unacknowledged entries of all channels, by queue: they would return to their queue if the sandbox ended now. */
export type UnackedEntries = () => Map<Queue, QueueEntry[]>;

/**
 * Durable objects and the persistent messages of durable queues, those that consumers hold unacknowledged included. One that is
 * too large keeps the objects and leaves the messages of the last queues out.
 */
export function rabbitSnapshot(
  broker: SandboxBroker,
  unacked: UnackedEntries,
  maxBytes = MAX_SNAPSHOT_BYTES,
): SnapshotSource<SavedVhost[]> {
  return {
    take: () => takeSnapshot(broker, unacked(), maxBytes),
    restore(content) {
      for (const saved of content) restoreVhost(broker.addVhost(saved.name), saved);
    },
    clear() {
      for (const vhost of broker.vhosts.values()) vhost.clear();
    },
  };
}

function takeSnapshot(
  broker: SandboxBroker,
  unacked: Map<Queue, QueueEntry[]>,
  maxBytes: number,
): { content: SavedVhost[]; leftOut: number } {
  let budget = maxBytes;
  let leftOut = 0;
  const content = [...broker.vhosts.values()].map((vhost): SavedVhost => {
    const queues = [...vhost.queues.values()].filter((queue) => queue.durable && !queue.owner);
    const names = new Set(queues.map((queue) => queue.name));
    const exchanges = [...vhost.exchanges.values()].filter((exchange) => exchange.durable);
    const isKept = (type: string, name: string) =>
      type === 'queue' ? names.has(name) : vhost.exchanges.get(name)?.durable === true;
    return {
      name: vhost.name,
      exchanges: exchanges
        .filter(({ name }) => name !== '' && !name.startsWith('amq.'))
        .map(({ name, type, autoDelete, internal, arguments: args }) => ({
          name,
          type,
          autoDelete,
          internal,
          arguments: args,
        })),
      queues: queues.map((queue) => ({
        name: queue.name,
        autoDelete: queue.autoDelete,
        arguments: queue.arguments,
        messages: [...heldEntries(unacked.get(queue)), ...queue.persistentEntries()].flatMap(
          (entry): SavedMessage[] => {
            const { message, redelivered, deliveryCount } = entry;
            budget -= message.body.length + message.properties.length;
            if (budget < 0) {
              leftOut++;
              return [];
            }
            const { exchange, routingKey, properties, body, keys, hasDied } = message;
            return [{ exchange, routingKey, properties, body, keys, hasDied, redelivered, deliveryCount }];
          },
        ),
      })),
      bindings: exchanges.flatMap((exchange) =>
        [...exchange.bindings.values()]
          .filter((binding) => isKept(binding.destinationType, binding.destination))
          .map((binding) => ({ source: exchange.name, ...binding })),
      ),
    };
  });
  return { content, leftOut };
}

/** As they would come back: in order, redelivered, one delivery more. */
function heldEntries(entries: QueueEntry[] = []): QueueEntry[] {
  return entries
    .filter((entry) => entry.message.isPersistent)
    .sort((a, b) => a.sequence - b.sequence)
    .map((entry) => ({ ...entry, redelivered: true, deliveryCount: entry.deliveryCount + 1 }));
}

function restoreVhost(vhost: Vhost, saved: SavedVhost): void {
  const { broker } = vhost;
  for (const exchange of saved.exchanges) vhost.declareExchange({ ...exchange, durable: true });
  for (const { messages, ...declaration } of saved.queues) {
    const queue = vhost.declareQueue({ ...declaration, durable: true, owner: null }, { exclusiveQueues: new Set() });
    for (const item of messages) {
      const { exchange, routingKey, keys, hasDied } = item;
      const message = new Message(
        exchange,
        routingKey,
        Buffer.from(item.properties),
        Buffer.from(item.body),
        keys,
        broker.nextMessageId(),
        hasDied,
      );
      queue.restore(message, item.redelivered, item.deliveryCount);
    }
  }
  for (const { source, destinationType, destination, routingKey, arguments: args } of saved.bindings) {
    const exchange = vhost.exchanges.get(source);
    if (exchange) vhost.bind(exchange, destinationType, destination, routingKey, args);
  }
  // Only now can what dies reach where dead letters go.
  for (const queue of vhost.queues.values()) queue.expireHead();
}
