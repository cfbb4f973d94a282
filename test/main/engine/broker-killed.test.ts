import type { BrokerStatus } from '@shared/traffic/frame';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRabbitHome, type PrivateRabbit, startPrivateRabbit } from '../../support/private-rabbitmq';
import { until } from '../../support/until';
import { draw } from '../kinds/rabbitmq/flows';
import { deployTo, liveBench } from './live';

const flow = draw({
  exchanges: { orders: { exchangeType: 'fanout' } },
  queues: { handled: {}, kept: {} },
  bindings: [
    ['orders', 'handled'],
    ['orders', 'kept'],
  ],
  publishers: { Shop: { body: '{{seq}}', ratePerSecond: 1000 } },
  handlers: { Bill: { prefetch: 50, concurrency: 10 } },
  publishes: [['Shop', 'orders']],
  consumes: [['handled', 'Bill']],
});

let broker: PrivateRabbit;

async function bodiesIn(queue: string): Promise<number[]> {
  const connection = await connect(broker.url, { noDelay: true });
  const channel = await connection.createChannel();
  const bodies: number[] = [];
  for (let got = await channel.get(queue, { noAck: true }); got; got = await channel.get(queue, { noAck: true }))
    bodies.push(Number(got.content.toString()));
  await connection.close();
  return bodies;
}

describe.skipIf(findRabbitHome() === null)('a broker that is killed while a flow runs', () => {
  beforeAll(async () => {
    broker = await startPrivateRabbit();
    await deployTo(broker.url, broker.managementUrl, flow);
  }, 60_000);
  afterAll(() => broker?.stop());

  it('comes back with publisher, consumer and counters, and no confirmed message is lost', async () => {
    const { live, count, pull } = liveBench(flow, broker.url, broker.managementUrl);
    const status = (): BrokerStatus | undefined => pull().brokers['main'];
    await live.watch('counters');
    await live.run({ competeWith: [] });
    await until('messages flow', () => (count('Bill', 'acked') ?? 0) > 500);

    await broker.kill();
    const away = await until('it is seen as away', () => {
      const now = status();
      return now?.state === 'reconnecting' && now;
    });
    expect(away).toEqual({
      state: 'reconnecting',
      attempt: expect.any(Number),
      nextAttemptAt: expect.any(Number),
      lastError: expect.any(String),
    });
    await broker.restart();
    await until('it is connected again', () => status()?.state === 'connected', 60_000);
    const before = count('Bill', 'acked') ?? 0;
    await until('messages flow again', () => (count('Bill', 'acked') ?? 0) > before + 500);
    await until('the queue is counted again', () => pull().counters.nodes['kept']?.ready?.completeness === 'exact');
    await live.stop();

    const [published, confirmed] = [count('Shop', 'published') ?? 0, count('Shop', 'confirmed')];
    expect({ confirmed, failed: count('Shop', 'failed') }).toEqual({ confirmed: published, failed: 0 });
    const kept = new Set(await bodiesIn('kept'));
    expect([...Array(published).keys()].map((n) => n + 1).filter((seq) => !kept.has(seq))).toEqual([]);
    expect(count('Bill', 'acked')).toBeGreaterThan(1000);
    await live.close();
  }, 180_000);
});
