import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRabbitHome, type PrivateRabbit, startPrivateRabbit } from '../../support/private-rabbitmq';
import { until } from '../../support/until';
import { draw } from '../kinds/rabbitmq/flows';
import { deployTo, liveBench } from './live';

const flow = draw({
  exchanges: { orders: { exchangeType: 'fanout' } },
  queues: { kept: {} },
  bindings: [['orders', 'kept']],
  publishers: { Shop: { body: '{{seq}}', ratePerSecond: 200 } },
  publishes: [['Shop', 'orders']],
});

let broker: PrivateRabbit;

describe.skipIf(findRabbitHome() === null)('a broker that runs short of memory', () => {
  beforeAll(async () => {
    broker = await startPrivateRabbit();
    await deployTo(broker.url, broker.managementUrl, flow);
  });
  afterAll(() => broker?.stop());

  it('is shown as blocked and tapped no longer; nothing is lost, and publishing goes on when it has room', async () => {
    const { live, count, pull } = liveBench(flow, broker.url, broker.managementUrl);
    await live.watch('tap');
    await live.run({ competeWith: [] });
    await until('messages flow', () => (count('Shop', 'confirmed') ?? 0) > 50);
    expect(pull().watch).toBe('tap');

    await broker.control('set_vm_memory_high_watermark', 'absolute', '1MB');
    const blocked = await until('it is shown as blocked', () => {
      const now = pull().brokers['main'];
      return now?.state === 'blocked' ? now : undefined;
    });
    expect(blocked.reason).toMatch(/memory/);
    await until('the tap has ended', () => pull().watch === 'counters');
    expect(pull().notices.map(({ message }) => message)).toContainEqual(expect.stringMatching(/short of memory/));

    await broker.control('set_vm_memory_high_watermark', '0.6');
    const before = count('Shop', 'confirmed') ?? 0;
    await until('publishing goes on', () => (count('Shop', 'confirmed') ?? 0) > before + 50);
    await until('it is connected again', () => pull().brokers['main']?.state === 'connected');
    await live.stop();
    expect(count('Shop', 'confirmed')).toBe(count('Shop', 'published'));
    expect(count('Shop', 'failed') ?? 0).toBe(0);
    await live.close();
  });
});
