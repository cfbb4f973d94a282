import { type Sandbox, startSandbox } from '@main/sandbox/rabbitmq/sandbox';
import { type ExampleId, exampleFlow } from '@shared/examples/index';
import { setNodeSetting } from '@shared/flow/commands';
import type { Flow, Json } from '@shared/flow/schema';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until';
import { deployTo, type LiveBench, liveBench } from './engine/live';

/** An example with settings of some nodes changed, so that it ends soon and with numbers that are known before. */
function changed(id: ExampleId, nodes: Record<string, Record<string, Json>>): Flow {
  let flow = exampleFlow(id);
  for (const [node, settings] of Object.entries(nodes))
    for (const [name, value] of Object.entries(settings)) flow = setNodeSetting(flow, node, [name], value);
  return flow;
}

describe('the examples for RabbitMQ, deployed to a sandbox and run', () => {
  let sandbox: Sandbox;
  let bench: LiveBench;
  beforeAll(async () => {
    sandbox = await startSandbox({ user: 'u', password: 'p' });
  });
  afterAll(() => sandbox.close());
  beforeEach(() => sandbox.reset());
  afterEach(() => bench.live.close());

  async function run(flow: Flow): Promise<LiveBench> {
    const url = `amqp://u:p@127.0.0.1:${sandbox.amqpPort}`;
    const managementUrl = `http://127.0.0.1:${sandbox.managementPort}`;
    await deployTo(url, managementUrl, flow);
    bench = liveBench(flow, url, managementUrl, true);
    await bench.live.watch('counters');
    await bench.live.run({ competeWith: [] });
    return bench;
  }

  it('order events: every order reaches the three queues, and billing ends each one way or the other', async () => {
    const { count } = await run(
      changed('order-events', { orders: { count: 20, ratePerSecond: 100 }, 'bill-customer': { concurrency: 10 } }),
    );
    const billed = () => [count('Bill customer', 'acked') ?? 0, count('Bill customer', 'deadLettered') ?? 0];
    await until('all is billed', () => billed().reduce((sum, one) => sum + one) === 20);
    const [, dead] = billed();
    await until('dead letters are counted', () => count('billing-dead-letters', 'ready') === dead);
    expect([count('Send email', 'acked'), count('Notify', 'acked'), count('Orders', 'returned')]).toEqual([20, 20, 0]);
    expect(count('billing-queue-dead-letter-billing-dlx', 'deadLettered')).toBe(dead);
  });

  it('message router: each type goes its way, and those that nobody handles are counted', async () => {
    const { count } = await run(
      changed('message-router', {
        emails: { count: 6, ratePerSecond: 100 },
        notifications: { count: 4, ratePerSecond: 100 },
        'text-messages': { count: 2, ratePerSecond: 100 },
      }),
    );
    await until('all is sent on', () => count('Message router', 'acked') === 12);
    await until('all is handled', () => count('Send email', 'acked') === 6 && count('Notify', 'acked') === 4);
    await until('the others are counted', () => count('Log unhandled', 'acked') === 2);
    expect([count('Message router', 'failed'), count('incoming', 'ready')]).toEqual([0, 0]);
  });

  it('retry and dead letter: three attempts, two and four seconds apart, then all are dead', async () => {
    const { count, events, pull } = await run(
      changed('retry-and-dead-letter', {
        service: { count: 5, ratePerSecond: 100 },
        'process-message': { failureRate: 1, latency: { shape: 'fixed', ms: 0 } },
      }),
    );
    const waiting = (delayMs: number) => count(`derived:messages-consume-process-message:${delayMs}`, 'ready');
    await until('all wait for their second attempt', () => waiting(2000) === 5);
    await until('all wait for their third', () => waiting(4000) === 5);
    await until('all are dead', () => count('dead-letters', 'ready') === 5);
    pull();
    const retries = events.filter(({ phase }) => phase === 'retried').map(({ delayMs }) => delayMs);
    expect(retries.sort()).toEqual([...Array(5).fill(2000), ...Array(5).fill(4000)]);
    expect([count('Process message', 'delivered'), count('Process message', 'acked')]).toEqual([15, 0]);
  });
});
