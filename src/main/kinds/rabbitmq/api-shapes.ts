import type { Json } from '@shared/flow/schema';
import type {
  ArgumentTable,
  BindingObject,
  ConsumerInfo,
  ExchangeObject,
  PolicyObject,
  PolicyTarget,
  QueueObject,
  QueueStats,
  VhostObject,
} from '@shared/kinds/rabbitmq/objects';

/** Shapes of the management API, as far as they are read. https://www.rabbitmq.com/docs/http-api-reference */

export interface ApiOverview {
  rabbitmq_version?: string;
  product_name?: string;
  product_version?: string;
  cluster_name?: string;
  exchange_types?: { name: string; enabled?: boolean }[];
}
export interface ApiVhost {
  name: string;
  description?: string;
  tags?: string[] | string;
  default_queue_type?: string;
  metadata?: { description?: string; tags?: string[]; default_queue_type?: string };
}
export interface ApiVhostLimits {
  vhost: string;
  value: Record<string, Json>;
}
interface ApiObject {
  vhost: string;
  name: string;
  durable: boolean;
  auto_delete: boolean;
  arguments?: ArgumentTable;
}
export type ApiExchange = ApiObject & { type: string; internal?: boolean };
export type ApiQueue = ApiObject & {
  exclusive?: boolean;
  type?: string;
  messages_ready?: number;
  messages_unacknowledged?: number;
};
export interface ApiBinding {
  vhost: string;
  source: string;
  destination: string;
  destination_type: 'queue' | 'exchange';
  routing_key: string;
  /** Names this binding among those between its two ends. */
  properties_key: string;
  arguments?: ArgumentTable;
}
export interface ApiPolicy {
  vhost: string;
  name: string;
  pattern: string;
  'apply-to'?: PolicyTarget;
  priority?: number;
  definition?: Record<string, Json>;
}
export interface ApiConsumer {
  queue: { name: string; vhost: string };
  consumer_tag: string;
  channel_details?: { connection_name?: string; user?: string };
}
export interface ApiFeatureFlag {
  name: string;
  state: string;
}

export function toVhost(
  { name, description, tags, default_queue_type: direct, metadata }: ApiVhost,
  limits: Record<string, Json> | undefined,
): VhostObject {
  const type = metadata?.default_queue_type ?? direct;
  const list = metadata?.tags ?? (typeof tags === 'string' ? tags.split(',').filter(Boolean) : tags);
  return {
    name,
    description: metadata?.description ?? description ?? '',
    tags: list ?? [],
    ...(type && type !== 'undefined' ? { defaultQueueType: type } : {}),
    ...(limits ? { limits } : {}),
  };
}

export function toExchange(exchange: ApiExchange): ExchangeObject {
  const { vhost, name, type, durable, auto_delete: autoDelete, internal = false, arguments: args = {} } = exchange;
  return { vhost, name, type, durable, autoDelete, internal, arguments: args };
}

export function toQueue(queue: ApiQueue, defaultType = 'classic'): QueueObject {
  const { vhost, name, type = defaultType, durable, auto_delete: autoDelete, arguments: args = {} } = queue;
  // One that names no type, made before its vhost had another default, would else be taken for that.
  const named = type === defaultType ? args : { 'x-queue-type': type, ...args };
  return { vhost, name, durable, autoDelete, exclusive: false, arguments: named };
}

export function toBinding(binding: ApiBinding): BindingObject {
  const { vhost, source, destination, destination_type: destinationType, routing_key: routingKey } = binding;
  return { vhost, source, destination, destinationType, routingKey, arguments: readArguments(binding.arguments ?? {}) };
}

/** The API writes a void value, which asks for presence only, as the text `undefined`. */
function readArguments(table: ArgumentTable): ArgumentTable {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, value === 'undefined' ? null : value]));
}

export function toPolicy({ vhost, name, pattern, priority, definition, 'apply-to': applyTo }: ApiPolicy): PolicyObject {
  return { vhost, name, pattern, applyTo: applyTo ?? 'all', priority: priority ?? 0, definition: definition ?? {} };
}

export function toStats(
  { messages_ready: ready = 0, messages_unacknowledged: unacked = 0 }: ApiQueue,
  consumers: number,
): QueueStats {
  return { messages: ready + unacked, ready, unacked, consumers };
}

export function toConsumer({ queue, consumer_tag: tag, channel_details: channel }: ApiConsumer): ConsumerInfo {
  return {
    vhost: queue.vhost,
    queue: queue.name,
    tag,
    connectionName: channel?.connection_name ?? '',
    user: channel?.user ?? '',
  };
}
