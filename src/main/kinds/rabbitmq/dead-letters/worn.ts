import type { ConsumeMessage } from 'amqplib';
import { copyOptions } from '../exact-copies';
import { isCopyHeader } from './outgoing';
import type { Publisher } from './publisher';
import type { Taker } from './taker';

/** How often a quorum queue has delivered a message in vain. */
export function deliveryCount({ properties }: ConsumeMessage): number {
  const count: unknown = properties.headers?.['x-delivery-count'];
  return typeof count === 'number' ? count : 0;
}

/** Would one more return make the queue give the message up? `limit` null: there is no limit. */
export function isWorn(message: ConsumeMessage, limit: number | null): boolean {
  return limit !== null && deliveryCount(message) >= limit;
}

/** Puts worn messages back as copies, whose count begins anew; each original goes when its copy is confirmed. */
export async function putBackCopies(
  publisher: Publisher,
  taker: Taker,
  queue: string,
  worn: readonly ConsumeMessage[],
): Promise<void> {
  for (const message of worn) {
    const { content } = message;
    const keeps = (header: string) => header !== 'x-delivery-count' && !isCopyHeader(header);
    const options = copyOptions(message, { without: ['userId', 'clusterId'], keeps, added: {} });
    const fate = await publisher.publish({ exchange: '', routingKey: queue, content, options });
    if (fate === 'confirmed') taker.remove([message]);
  }
}
