import { joinProperties } from '../../../amqp/raw-properties';
import type { QueueEntry } from '../broker/message';
import type { Queue } from '../broker/queue';
import { joinHeaders, splitHeaders } from '../codec/properties';
import { encodeValue } from '../codec/table';

/**
 * Quorum queues tell how often a message came back in the header `x-delivery-count`: absent on a first delivery, but
 * there on basic.get in some versions.
 */
export function withDeliveryCount(queue: Queue, { message, deliveryCount }: QueueEntry, byGet: boolean): Buffer {
  if (!queue.isQuorum || (deliveryCount === 0 && !(byGet && queue.vhost.broker.behaviour.showsZeroDeliveryCount)))
    return message.properties;
  const headers = splitHeaders(message.raw.headers);
  headers.set('x-delivery-count', encodeValue(deliveryCount));
  return joinProperties({ ...message.raw, headers: joinHeaders(headers) });
}
