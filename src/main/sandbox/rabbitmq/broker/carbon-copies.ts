import { joinProperties } from '../../../amqp/raw-properties';
import { joinHeaders, splitHeaders } from '../codec/properties';
import { precondition } from './errors';
import { Message } from './message';
import { typeName } from './queue-arguments';

/**
 * The message as it is routed: CC and BCC add routing keys, and BCC is taken out of what consumers get.
 * https://www.rabbitmq.com/docs/sender-selected
 */
export function withCarbonCopies(message: Message): Message {
  const { CC, BCC } = message.headers;
  if (CC === undefined && BCC === undefined) return message;
  const keys = [message.routingKey];
  for (const [header, value] of [
    ['CC', CC],
    ['BCC', BCC],
  ] as const) {
    if (value === undefined) continue;
    if (!Array.isArray(value))
      throw precondition(`invalid message: {unacceptable_type_in_header,"${header}",${typeName(value)}}`);
    keys.push(...value.filter((key) => typeof key === 'string'));
  }
  let { properties } = message;
  if (BCC !== undefined) {
    const headers = splitHeaders(message.raw.headers);
    headers.delete('BCC');
    properties = joinProperties({ ...message.raw, headers: joinHeaders(headers) });
  }
  return new Message(message.exchange, message.routingKey, properties, message.body, keys, message.id);
}
