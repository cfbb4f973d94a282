import { Settlements } from '@main/kinds/rabbitmq/live/settlements';
import { startSandbox } from '@main/sandbox/rabbitmq/sandbox';
import { type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { createVhost, hasRabbit } from '../../../support/rabbitmq';
import { until } from '../../../support/until';

const BROKERS: Record<string, () => Promise<{ url: string; close: () => Promise<void> }>> = {
  async 'the sandbox'() {
    const { amqpPort, close } = await startSandbox({ user: 'u', password: 'p' });
    return { url: `amqp://u:p@127.0.0.1:${amqpPort}/%2f`, close };
  },
  ...(hasRabbit
    ? {
        async RabbitMQ() {
          const { url, remove } = await createVhost('settlements');
          return { url, close: remove };
        },
      }
    : {}),
};

type Fate = 'acked' | 'rejected' | 'given back' | 'kept';
const fates = fc.array(fc.constantFrom<Fate>('acked', 'acked', 'acked', 'rejected', 'given back', 'kept'), {
  minLength: 1,
  maxLength: 40,
});

describe.each(Object.keys(BROKERS))('what was delivered on a channel of %s', (name) => {
  const opening = BROKERS[name]!();
  afterAll(async () => (await opening).close());

  it('is settled one by one, in whatever order: what was not is there again afterwards, and nothing else', async () => {
    const { url } = await opening;
    const connection = await connect(url);
    const sender = await connection.createConfirmChannel();
    await fc.assert(
      fc.asyncProperty(
        fates,
        fc.integer({ min: 1, max: 40 }),
        fc.infiniteStream(fc.nat()),
        async (wanted, prefetch, random) => {
          await fill(sender, wanted.length);
          const channel = await connection.createChannel();
          await channel.prefetch(wanted.length);
          const settlements = new Settlements(channel, prefetch);
          const taken: ConsumeMessage[] = [];
          const { consumerTag } = await channel.consume('work', (message) => {
            if (!message || taken.length === wanted.length) return;
            settlements.delivered(message);
            taken.push(message);
          });
          await until('all are delivered', () => taken.length === wanted.length);
          await channel.cancel(consumerTag);
          const written: number[] = [];
          for (const at of shuffled(wanted.length, random)) {
            const message = taken[at]!;
            if (wanted[at] === 'acked') settlements.ack(message, () => written.push(at));
            else if (wanted[at] === 'rejected') settlements.reject(message, false);
            else if (wanted[at] === 'given back') settlements.reject(message, true);
          }
          settlements.flush();
          await channel.close();
          const positions = (fate: Fate[]) => wanted.flatMap((one, at) => (fate.includes(one) ? [at] : []));
          expect(written.sort((a, b) => a - b)).toEqual(positions(['acked']));
          expect(await drain(sender)).toEqual(positions(['given back', 'kept']));
        },
      ),
      { numRuns: 25, endOnFailure: true },
    );
    await connection.close();
  });

  it('leaves by itself when nothing more comes', async () => {
    const { url } = await opening;
    const connection = await connect(url);
    const sender = await connection.createConfirmChannel();
    await fill(sender, 1);
    const channel = await connection.createChannel();
    const settlements = new Settlements(channel, 100);
    let isWritten = false;
    await channel.consume('work', (message) => {
      if (!message) return;
      settlements.delivered(message);
      settlements.ack(message, () => {
        isWritten = true;
      });
    });
    await until('it is written', () => isWritten);
    await channel.close();
    expect(await drain(sender)).toEqual([]);
    await connection.close();
  });
});

async function fill(channel: ConfirmChannel, count: number): Promise<void> {
  await channel.assertQueue('work');
  await channel.purgeQueue('work');
  for (let at = 0; at < count; at++) channel.sendToQueue('work', Buffer.from(String(at)));
  await channel.waitForConfirms();
}

/** Positions of the messages in the queue, sorted. */
async function drain(channel: ConfirmChannel): Promise<number[]> {
  const found: number[] = [];
  for (;;) {
    const message = await channel.get('work', { noAck: true });
    if (!message) return found.sort((a, b) => a - b);
    found.push(Number(message.content.toString()));
  }
}

function shuffled(count: number, random: fc.Stream<number>): number[] {
  const order = Array.from({ length: count }, (_, at) => at);
  for (let at = count - 1; at > 0; at--) {
    const other = (random.next().value ?? 0) % (at + 1);
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}
