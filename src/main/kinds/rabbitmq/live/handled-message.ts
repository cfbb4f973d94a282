import type { ConsumeMessage } from 'amqplib';
import type { HandledMessage } from '../../message';
import { toJsonTable } from '../../message-details';
import { HandledProperties } from '../exact-copies';
import { firstExchange } from './failures';
import { setProperties } from './properties';

/** A message of RabbitMQ as handlers get it. */
export function handledMessage(
  { fields, properties, content }: ConsumeMessage,
  queue: string,
  attempt: number,
): HandledMessage {
  const headers = toJsonTable(properties.headers ?? {});
  const message: HandledMessage = {
    source: queue,
    exchange: firstExchange({ fields, properties }),
    routingKey: fields.routingKey,
    headers,
    properties: setProperties(properties),
    native: new HandledProperties(properties, headers),
    body: content,
    attempt,
    redelivered: fields.redelivered,
  };
  if (typeof properties.messageId === 'string') message.messageId = properties.messageId;
  if (typeof properties.type === 'string') message.type = properties.type;
  return message;
}
