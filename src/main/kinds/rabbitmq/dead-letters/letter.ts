import { createHash } from 'node:crypto';
import type { DeadLetter, DeadLetterQueue } from '@shared/dead-letters/dead-letter';
import type { Json } from '@shared/flow/schema';
import { isDeliveryHeader, readRedriven, textHeader } from '@shared/kinds/rabbitmq/death/headers';
import { findHomes } from '@shared/kinds/rabbitmq/death/homes';
import { firstRealDeath, readDeaths, readError, readReason } from '@shared/kinds/rabbitmq/death/read-deaths';
import type { Message } from 'amqplib';
import { showBody } from '../../message-details';
import { toJson } from './header-values';

const PROPERTIES = {
  contentType: 'content_type',
  contentEncoding: 'content_encoding',
  deliveryMode: 'delivery_mode',
  priority: 'priority',
  correlationId: 'correlation_id',
  replyTo: 'reply_to',
  expiration: 'expiration',
  messageId: 'message_id',
  timestamp: 'timestamp',
  type: 'type',
  userId: 'user_id',
  appId: 'app_id',
} as const;

/** A message as its queue delivered it, told and dated. */
export function toDeadLetter(message: Message, queue: DeadLetterQueue): DeadLetter {
  const { fields, content } = message;
  const headers = headersOf(message);
  const properties = propertiesOf(message);
  const deaths = readDeaths(headers);
  const error = readError(headers);
  const death = firstRealDeath(deaths, headers);
  const diedAt = deaths[0]?.lastAt ?? deaths[0]?.firstAt ?? faultTime(headers);
  const type = messageType(message, headers);
  const messageId = message.properties.messageId as string | undefined;
  return {
    id: fingerprint(message, headers, properties),
    ...(messageId === undefined ? {} : { messageId }),
    ...(type === undefined ? {} : { type }),
    exchange: fields.exchange,
    routingKey: fields.routingKey,
    sizeBytes: content.length,
    body: showBody(content, false),
    headers,
    properties,
    deaths,
    reason: readReason(headers, deaths, queue.name),
    ...(death ? { from: death.queue } : {}),
    ...(diedAt === undefined ? {} : { diedAt }),
    ...(error ? { error } : {}),
    redriven: readRedriven(headers),
    homes: findHomes(headers, deaths, { queue: queue.name, sources: queue.sources, routingKey: fields.routingKey }),
  };
}

function headersOf({ properties }: Message): Record<string, Json> {
  return Object.fromEntries(Object.entries(properties.headers ?? {}).map(([name, value]) => [name, toJson(value)]));
}

function propertiesOf({ properties }: Message): Record<string, Json> {
  const set: Record<string, Json> = {};
  for (const [key, name] of Object.entries(PROPERTIES)) {
    const value: unknown = properties[key as keyof typeof PROPERTIES];
    if (value !== undefined) set[name] = toJson(value);
  }
  return set;
}

/** What a message is, whichever delivery brought it: counters that brokers add are left out. */
function fingerprint(message: Message, headers: Record<string, Json>, properties: Record<string, Json>): string {
  const lasting = Object.entries(headers)
    .filter(([name]) => !isDeliveryHeader(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const { exchange, routingKey } = message.fields;
  return createHash('sha256')
    .update(JSON.stringify([exchange, routingKey, properties, lasting]))
    .update(message.content)
    .digest('base64url')
    .slice(0, 24);
}

function faultTime(headers: Record<string, Json>): number | undefined {
  const at = Date.parse(textHeader(headers, 'MT-Fault-Timestamp') ?? '');
  return Number.isNaN(at) ? undefined : at;
}

/** `type`, what MassTransit notes, or the first of an envelope's `messageType` URNs. */
function messageType({ properties, content }: Message, headers: Record<string, Json>): string | undefined {
  if (typeof properties.type === 'string' && properties.type !== '') return properties.type;
  const noted = textHeader(headers, 'MT-Fault-MessageType') ?? textHeader(headers, 'NServiceBus.EnclosedMessageTypes');
  if (noted !== undefined) return noted.replace(/^urn:message:/, '');
  if (properties.contentType !== 'application/vnd.masstransit+json') return undefined;
  try {
    const { messageType: urns } = JSON.parse(content.toString()) as { messageType?: unknown };
    const [first] = Array.isArray(urns) ? urns : [];
    return typeof first === 'string' ? first.replace(/^urn:message:/, '') : undefined;
  } catch {
    return undefined;
  }
}
