import { SANDBOX_PRODUCT } from '@shared/kinds/rabbitmq/sandbox-gaps';
import type { SandboxBroker } from '../broker/broker';
import type { Exchange } from '../broker/exchange';
import type { Queue } from '../broker/queue';
import type { Vhost } from '../broker/vhost';
import type { FieldTable } from '../codec/table';
import type { Connection } from '../server/connection';
import type { ChannelConsumer } from '../server/consumer';

/** JSON objects as RabbitMQ's management API has them. https://www.rabbitmq.com/docs/http-api-reference */
export type Described = Record<string, unknown>;

const NODE = 'sandbox@localhost';

type ReadDecimal = (decimal: string) => number;

/**
 * Arguments as the HTTP API shows them: typed values lose their type, as they do in RabbitMQ. `readDecimal`: by default as
 * RabbitMQ misreads it.
 */
export function plainArguments(table: FieldTable, readDecimal: ReadDecimal = misreadDecimal): Described {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, plainValue(value, readDecimal)]));
}

function plainValue(value: unknown, readDecimal: ReadDecimal): unknown {
  if (Array.isArray(value)) return value.map((item) => plainValue(item, readDecimal));
  if (typeof value !== 'object' || value === null) return value;
  if ('$type' in value && 'value' in value) {
    const { $type, value: inner } = value as { $type: string; value: string | number | null };
    if ($type === 'bytes') return Buffer.from(String(inner), 'base64').toString();
    if ($type === 'decimal') return readDecimal(String(inner));
    if (typeof inner !== 'string' || Number.isNaN(Number(inner))) return inner;
    return $type === 'long' && !Number.isSafeInteger(Number(inner)) ? BigInt(inner) : Number(inner);
  }
  return plainArguments(value as FieldTable, readDecimal);
}

/** RabbitMQ shows scale and digits with a point between them: 1.25 (125, scale 2) as 2.125. */
function misreadDecimal(decimal: string): number {
  const [, fraction = ''] = decimal.split('.');
  return Number(`${fraction.length}.${decimal.replace('.', '').replace(/^0+(?=\d)/, '')}`);
}

export function describeOverview(broker: SandboxBroker, connections: number): Described {
  const vhosts = [...broker.vhosts.values()];
  const { ready, unacked } = broker.totals();
  return {
    management_version: broker.behaviour.serverVersion,
    rabbitmq_version: broker.behaviour.serverVersion,
    product_name: SANDBOX_PRODUCT,
    product_version: broker.behaviour.serverVersion,
    cluster_name: broker.clusterName,
    node: NODE,
    exchange_types: ['direct', 'fanout', 'headers', 'topic'].map((name) => ({ name, enabled: true })),
    object_totals: {
      connections,
      queues: vhosts.reduce((sum, vhost) => sum + vhost.queues.size, 0),
      exchanges: vhosts.reduce((sum, vhost) => sum + vhost.exchanges.size, 0),
      consumers: vhosts.reduce(
        (sum, vhost) => sum + [...vhost.queues.values()].reduce((n, queue) => n + queue.consumers.length, 0),
        0,
      ),
    },
    queue_totals: { messages: ready + unacked, messages_ready: ready, messages_unacknowledged: unacked },
  };
}

export function describeVhost(vhost: Vhost): Described {
  const queues = [...vhost.queues.values()];
  const ready = queues.reduce((sum, queue) => sum + queue.ready, 0);
  const unacked = queues.reduce((sum, queue) => sum + queue.unacked, 0);
  return {
    name: vhost.name,
    messages: ready + unacked,
    messages_ready: ready,
    messages_unacknowledged: unacked,
    description: '',
    tags: [],
    default_queue_type: 'undefined',
    metadata: { description: '', tags: [] },
    tracing: false,
  };
}

export function describeExchange(vhost: Vhost, exchange: Exchange): Described {
  return {
    name: exchange.name,
    vhost: vhost.name,
    type: exchange.type,
    durable: exchange.durable,
    auto_delete: exchange.autoDelete,
    internal: exchange.internal,
    arguments: plainArguments(exchange.arguments),
    user_who_performed_action: 'rmq-internal',
  };
}

export function describeQueue(vhost: Vhost, queue: Queue): Described {
  return {
    name: queue.name,
    vhost: vhost.name,
    type: queue.isQuorum ? 'quorum' : 'classic',
    durable: queue.durable,
    auto_delete: queue.autoDelete,
    exclusive: queue.owner !== null,
    arguments: plainArguments(queue.arguments),
    state: 'running',
    node: NODE,
    messages: queue.ready + queue.unacked,
    messages_ready: queue.ready,
    messages_unacknowledged: queue.unacked,
    consumers: queue.consumers.length,
  };
}

/** All bindings of a vhost, the implicit ones of the default exchange included. */
export function describeBindings(vhost: Vhost): Described[] {
  const implicit = [...vhost.queues.keys()].map((name) => describeBinding(vhost, '', 'queue', name, name, {}));
  const drawn = [...vhost.exchanges.values()].flatMap((exchange) =>
    [...exchange.bindings.values()].map((binding) =>
      describeBinding(
        vhost,
        exchange.name,
        binding.destinationType,
        binding.destination,
        binding.routingKey,
        binding.arguments,
      ),
    ),
  );
  return [...implicit, ...drawn];
}

function describeBinding(
  vhost: Vhost,
  source: string,
  type: string,
  destination: string,
  key: string,
  args: FieldTable,
): Described {
  return {
    source,
    vhost: vhost.name,
    destination,
    destination_type: type,
    routing_key: key,
    arguments: plainArguments(args),
    properties_key: propertiesKey(key, args),
  };
}

/** How the API names a binding in URLs: its key, and a digest of its arguments when it has some. */
export function propertiesKey(key: string, args: FieldTable): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
  const encoded = encodeURIComponent(key)
    .replace(/[!'()*]/g, hex)
    .replaceAll('%20', '+');
  if (Object.keys(args).length === 0) return encoded || '~';
  return `${encoded}~${Buffer.from(JSON.stringify(args)).toString('base64url').slice(0, 22)}`;
}

export function describeConnection(connection: Connection): Described {
  const { clientProperties } = connection.handshake;
  return {
    name: connection.name,
    user: connection.handshake.user,
    vhost: connection.vhost?.name,
    state: connection.isOpen ? 'running' : 'starting',
    channels: connection.channels.size,
    client_properties: clientProperties,
    user_provided_name: clientProperties.connection_name,
    connected_at: connection.connectedAt,
    protocol: 'AMQP 0-9-1',
    ssl: false,
  };
}

export function describeConsumer(vhost: Vhost, queue: Queue, consumer: ChannelConsumer): Described {
  const { connection, id } = consumer.channel;
  return {
    queue: { name: queue.name, vhost: vhost.name },
    consumer_tag: consumer.tag,
    ack_required: !consumer.noAck,
    exclusive: consumer.exclusive,
    prefetch_count: consumer.prefetch,
    active: true,
    arguments: {},
    channel_details: {
      name: `${connection.name} (${id})`,
      number: id,
      connection_name: connection.name,
      user: connection.handshake.user,
    },
  };
}
