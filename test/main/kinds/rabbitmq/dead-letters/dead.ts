import type { ConnectionTarget } from '@main/kinds/driver';
import { rabbitmqDriver } from '@main/kinds/rabbitmq';
import type { DeadLetterQueue } from '@shared/dead-letters/dead-letter';
import type { Flow } from '@shared/flow/schema';
import { type ChannelModel, type ConfirmChannel, connect, type GetMessage } from 'amqplib';
import { draw } from '../flows';

/** Billing dead-letters into `graveyard`; e-mail gets the same orders. */
export function billingFlow(queueType: 'classic' | 'quorum' = 'classic', graveyard: Record<string, number> = {}): Flow {
  return draw({
    exchanges: { orders: { exchangeType: 'topic' }, dead: { exchangeType: 'fanout' } },
    queues: {
      billing: { arguments: { 'x-queue-type': queueType } },
      email: { arguments: { 'x-queue-type': queueType } },
      graveyard: { arguments: { 'x-queue-type': queueType, ...graveyard } },
    },
    bindings: [
      ['orders', 'billing', 'order.*'],
      ['orders', 'email', 'order.*'],
      ['dead', 'graveyard'],
    ],
    deadLetters: [['billing', 'dead']],
  });
}

/** The graveyard of `billingFlow`. */
export const graveyardIn = (vhost: string): DeadLetterQueue => ({
  broker: 'main',
  vhost,
  name: 'graveyard',
  because: [],
  sources: ['billing'],
});

/** Makes the objects of a flow in a broker. */
export async function deploy(target: ConnectionTarget, flow: Flow): Promise<void> {
  const { steps } = await rabbitmqDriver.plan(target, { flow, owned: new Set(), prune: false });
  await rabbitmqDriver.apply(target, {
    steps,
    onOutcome: ({ outcome, error }) => {
      if (outcome === 'failed') throw new Error(error?.message);
    },
  });
}

/** A client beside Tapline: publishes orders, lets billing reject them, looks into queues. */
export interface Bystander {
  channel: ConfirmChannel;
  /** Publishes orders numbered from `from` and rejects them in billing, so that they lie in the graveyard. */
  bury: (count: number, from?: number) => Promise<void>;
  depth: (queue: string) => Promise<number>;
  /** Takes the first message. */
  take: (queue: string) => Promise<GetMessage | undefined>;
  /** Takes all that is ready; the numbers of the orders in order. */
  drain: (queue: string) => Promise<number[]>;
  close: () => Promise<void>;
}

export async function bystander(url: string): Promise<Bystander> {
  const connection: ChannelModel = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  const depth = async (queue: string) => (await channel.checkQueue(queue)).messageCount;
  return {
    channel,
    depth,
    take: async (queue) => (await channel.get(queue, { noAck: true })) || undefined,
    async bury(count, from = 0) {
      const before = await depth('graveyard');
      const rejecting = await connection.createChannel();
      await rejecting.prefetch(1000);
      const all = new Promise<void>((resolve) => {
        let rejected = 0;
        void rejecting.consume('billing', (message) => {
          if (message) rejecting.nack(message, false, false);
          if (++rejected === count) resolve();
        });
      });
      for (let number = from; number < from + count; number++)
        channel.publish('orders', 'order.created', Buffer.from(JSON.stringify({ number })), {
          messageId: `order-${number}`,
          persistent: true,
          contentType: 'application/json',
          headers: { shop: number % 2 === 0 ? 'web' : 'app' },
        });
      await channel.waitForConfirms();
      await all;
      while ((await depth('graveyard')) < before + count) await new Promise((resolve) => setTimeout(resolve, 20));
      // Not before: a channel that is closed forgets rejections that a quorum queue has not taken in yet.
      await rejecting.close();
      await channel.purgeQueue('email');
    },
    async drain(queue) {
      const numbers: number[] = [];
      const taking = await connection.createChannel();
      await taking.prefetch(2000);
      const expected = await depth(queue);
      await new Promise<void>((resolve) => {
        if (expected === 0) return resolve();
        void taking.consume(
          queue,
          (message) => {
            if (message) numbers.push((JSON.parse(message.content.toString()) as { number: number }).number);
            if (numbers.length === expected) resolve();
          },
          { noAck: true },
        );
      });
      await taking.close();
      return numbers;
    },
    close: () => connection.close(),
  };
}
