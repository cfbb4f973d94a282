import type { Json } from '@shared/flow/schema';
import type { Body, TrafficEvent } from '@shared/traffic/event';
import { type OutgoingMessage, type OutgoingProperties, TEXT_PROPERTIES } from '../../kinds/message';

/** A broker refuses the user id of somebody else. */
const TEXTS = TEXT_PROPERTIES.filter((name) => name !== 'userId');

/** A message on a tape as it is published again. */
export function outgoing({ body, headers = {}, properties = {}, routingKey = '' }: TrafficEvent): OutgoingMessage {
  return { routingKey, body: bytesOf(body), headers, properties: propertiesOf(properties) };
}

function bytesOf(body: Body | undefined): Buffer {
  if (!body || body.format === 'masked') return Buffer.alloc(0);
  return Buffer.from(body.text, body.format === 'hex' ? 'hex' : 'utf8');
}

function propertiesOf(properties: Record<string, Json>): OutgoingProperties {
  const kept: OutgoingProperties = {};
  for (const name of TEXTS) {
    const value = properties[name];
    if (typeof value === 'string') kept[name] = value;
  }
  const { deliveryMode, priority, timestamp } = properties;
  if (typeof deliveryMode === 'number') kept.persistent = deliveryMode === 2;
  if (typeof priority === 'number') kept.priority = priority;
  // On the tape as AMQP has it: seconds.
  if (typeof timestamp === 'number') kept.timestamp = timestamp * 1000;
  return kept;
}
