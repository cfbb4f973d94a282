import { isUtf8 } from 'node:buffer';
import { badRequest, type JsonResponse, ok } from '../../local-json-server';
import { type AmqpError, notFound, refused } from '../broker/errors';
import { Message, type QueueEntry } from '../broker/message';
import type { Queue } from '../broker/queue';
import type { Vhost } from '../broker/vhost';
import { describeProperties, encodeProperties } from '../codec/properties';
import { type Described, plainArguments } from './describe';
import { importPlainTable } from './plain-table';

/** Who the trace says it was. */
const CLIENT = 'management API';
const MOST_MESSAGES = 10_000;

/** `POST /api/exchanges/VHOST/NAME/publish`: `{properties, routing_key, payload, payload_encoding}` → `{routed}`. */
export function publishMessage(vhost: Vhost, exchangeName: string, wanted: Record<string, unknown>): JsonResponse {
  const { routing_key: routingKey, payload, payload_encoding: encoding = 'string' } = wanted;
  if (typeof routingKey !== 'string') return badRequest('key_missing: routing_key');
  if (typeof payload !== 'string') return badRequest('key_missing: payload');
  if (encoding !== 'string' && encoding !== 'base64') return badRequest(`unsupported_encoding: ${String(encoding)}`);
  const exchange = vhost.exchanges.get(exchangeName);
  if (!exchange) return channelRefusal(notFound('exchange', exchangeName, vhost.name));
  if (exchange.internal)
    return channelRefusal(refused(`cannot publish to internal exchange '${exchangeName}' in vhost '${vhost.name}'`));
  const { broker } = vhost;
  const properties = encodeProperties(fromSnakeCase(importPlainTable(wanted.properties)));
  const body = Buffer.from(payload, encoding === 'base64' ? 'base64' : 'utf8');
  const refusal = broker.refusal(body.length + properties.length);
  if (refusal) return badRequest(refusal);
  const message = new Message(exchangeName, routingKey, properties, body, undefined, broker.nextMessageId());
  broker.observe?.({ type: 'published', vhost: vhost.name, message, mandatory: true, client: CLIENT });
  const { routed, message: sent } = vhost.publish(exchange, message);
  if (!routed) broker.observe?.({ type: 'returned', vhost: vhost.name, message: sent });
  return ok({ routed });
}

/** RabbitMQ publishes on a channel of its own, and passes on how that was closed. */
function channelRefusal(error: AmqpError): JsonResponse {
  return badRequest(`${error.replyCode} ${error.message}`);
}

/**
 * `POST /api/queues/VHOST/NAME/get`: `{count, ackmode, encoding}` → messages. All are taken first; those to be requeued go back
 * together, as redelivered.
 */
export function getMessages(queue: Queue, wanted: Record<string, unknown>): JsonResponse {
  const { ackmode = 'ack_requeue_true', encoding = 'auto' } = wanted;
  const count = Number(wanted.count);
  if (!Number.isInteger(count) || count < 0) return badRequest('count is a whole number of messages');
  if (typeof ackmode !== 'string' || !ACK_MODES.includes(ackmode))
    return badRequest(`ackmode is ${ACK_MODES.join(', ')}`);
  const taken: QueueEntry[] = [];
  const described: Described[] = [];
  while (described.length < Math.min(count, MOST_MESSAGES)) {
    const entry = queue.get(ackmode === 'ack_requeue_false');
    if (!entry) break;
    const { vhost } = queue;
    const { message, redelivered } = entry;
    vhost.broker.observe?.({
      type: 'delivered',
      vhost: vhost.name,
      queue: queue.name,
      message,
      client: CLIENT,
      redelivered,
      mode: ackmode === 'ack_requeue_false' ? 'get_no_ack' : 'get',
    });
    described.push(describeMessage(queue, entry, encoding === 'base64'));
    if (ackmode === 'ack_requeue_false') continue;
    queue.hold(entry);
    taken.push(entry);
  }
  if (ackmode === 'reject_requeue_false') for (const entry of taken) queue.reject(entry);
  else queue.requeue(taken, 'client');
  return ok(described);
}

const ACK_MODES = ['ack_requeue_true', 'ack_requeue_false', 'reject_requeue_true', 'reject_requeue_false'];

function describeMessage(queue: Queue, { message, redelivered }: QueueEntry, asBase64: boolean): Described {
  const isText = !asBase64 && isUtf8(message.body);
  return {
    payload_bytes: message.body.length,
    redelivered,
    exchange: message.exchange,
    routing_key: message.routingKey,
    message_count: queue.ready,
    properties: toSnakeCase(message),
    payload: message.body.toString(isText ? 'utf8' : 'base64'),
    payload_encoding: isText ? 'string' : 'base64',
  };
}

/** RabbitMQ writes an empty list where there are no properties. */
function toSnakeCase(message: Message): Described | [] {
  const entries = Object.entries(describeProperties(message.properties)).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    typeof value === 'object' ? plainArguments(value) : value,
  ]);
  return entries.length === 0 ? [] : Object.fromEntries(entries);
}

function fromSnakeCase(properties: Described): Described {
  const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [camel(name), value]));
}
