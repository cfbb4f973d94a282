import type { Json } from '@shared/flow/schema';
import type { Options } from 'amqplib';
import type { OutgoingMessage } from '../../message';
import { toJsonTable } from '../../message-details';
import { followOptions } from '../exact-copies';

/** Options as amqplib's `publish` takes them; always `mandatory`, so that what no queue takes comes back. */
export function publishOptions({ headers, properties, native }: OutgoingMessage): Options.Publish {
  const { persistent, timestamp, ...rest } = properties;
  const options = {
    ...rest,
    // AMQP counts seconds.
    ...(timestamp === undefined ? {} : { timestamp: Math.floor(timestamp / 1000) }),
    ...(persistent === undefined ? {} : { deliveryMode: persistent ? 2 : 1 }),
    mandatory: true,
  };
  return followOptions(options, headers, native);
}

/** `mandatory` is an option of publishing. */
const NO_PROPERTIES: ReadonlySet<string> = new Set(['headers', 'mandatory']);

/** The basic properties that are set, but for the headers. */
export function setProperties(properties: object): Record<string, Json> {
  return toJsonTable(properties, NO_PROPERTIES);
}
