import { type Sandbox, startSandbox } from '@main/sandbox/rabbitmq/sandbox';
import { exampleFlow } from '@shared/examples/index';
import { setLinkSetting, setNodeSetting } from '@shared/flow/commands';
import type { Journey } from '@shared/journey/journey';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, hasRabbit, type TestVhost } from '../../support/rabbitmq';
import { until } from '../../support/until';
import { draw } from '../kinds/rabbitmq/flows';
import { deployTo, type LiveBench, liveBench } from './live';

let bench: LiveBench;
afterEach(() => bench.live.close());

const outline = (journey: Journey | null, ...types: string[]) =>
  journey?.steps.filter(({ type }) => types.includes(type)).map(({ type, node }) => `${type} ${node}`);

describe('journeys of the example on the sandbox', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ user: 'u', password: 'p' });
  });
  afterAll(() => sandbox.close());

  it('go from the publisher to every queue and handler, and to the dead letters', async () => {
    const [url, managementUrl] = [
      `amqp://u:p@127.0.0.1:${sandbox.amqpPort}`,
      `http://127.0.0.1:${sandbox.managementPort}`,
    ];
    const once = setLinkSetting(exampleFlow(), 'billing-queue-consume-bill-customer', ['retry'], undefined);
    const failing = setNodeSetting(once, 'bill-customer', ['failureRate'], 1);
    const flow = setNodeSetting(failing, 'orders', ['count'], 3);
    await deployTo(url, managementUrl, flow);
    bench = liveBench(flow, url, managementUrl, true);
    const { live } = bench;
    await live.watch('tap');
    await live.run({ competeWith: [] });
    const list = (search = '') => live.journeys({ search, limit: 10 });
    await until('all three are dead', async () => {
      const { journeys } = await list();
      return journeys.length === 3 && journeys.every(({ state }) => state === 'dead');
    });
    const { journeys, remembered, forgotten } = await list();
    expect([journeys.reduce((sum, { events }) => sum + events, 0), forgotten]).toEqual([remembered, 0]);
    expect(journeys.every(({ isWhole, inferred }) => isWhole && !inferred)).toBe(true);

    const id = (await list('order.created web-shop')).journeys[0]?.id ?? '';
    const whole = [
      'published orders',
      'queued billing-queue',
      'queued email-queue',
      'queued notification-queue',
      'acked notify',
      'acked send-email',
      'failed bill-customer',
      'dead-lettered billing-queue',
      'queued billing-dead-letters',
    ];
    const journey = await until('all of it is told', async () => {
      const found = await live.journey(id);
      const told = outline(found, 'published', 'queued', 'acked', 'failed', 'dead-lettered');
      return whole.every((step) => told?.includes(step)) ? found : null;
    });
    expect(journey.steps.some(({ inferred }) => inferred)).toBe(false);
    expect(journey.steps[0]?.sentence).toBe('Published by Orders to order-events with key order.created.');
    expect(journey.nodes.toSorted()).toEqual(Object.keys(flow.nodes).sort());
    expect((await list('no such thing')).found).toBe(0);
    expect(await live.journey('no such id')).toBeNull();
  });
});

describe.skipIf(!hasRabbit)('journeys on a real broker, without a tap', () => {
  let vhost: TestVhost;
  beforeAll(async () => {
    vhost = await createVhost('journeys');
  });
  afterAll(() => vhost.remove());

  it('tell every attempt and wait, across a handler that sends on; hops are worked out and marked', async () => {
    const retry = { attempts: 2, firstDelayMs: 50, queueType: 'classic' };
    const flow = draw({
      queues: { first: {}, second: {} },
      publishers: { Source: { count: 1, body: 'one' } },
      handlers: {
        Forward: { behaviour: 'route', route: { rules: [{ output: 'second' }] } },
        Fails: { behaviour: 'simulate', failureRate: 1, latency: { shape: 'fixed', ms: 0 } },
      },
      publishes: [
        ['Source', 'first'],
        ['Forward', 'second'],
      ],
      consumes: [
        ['first', 'Forward'],
        ['second', 'Fails', { retry }],
      ],
    });
    await deployTo(vhost.url, vhost.managementUrl, flow);
    bench = liveBench(flow, vhost.url, vhost.managementUrl);
    await bench.live.run({ competeWith: [] });
    await until('it is dead', async () => {
      const { journeys } = await bench.live.journeys({ search: '', limit: 10 });
      return journeys.length === 1 && journeys[0]?.state === 'dead';
    });
    const { journeys } = await bench.live.journeys({ search: '', limit: 10 });
    const journey = await bench.live.journey(journeys[0]?.id ?? '');
    const told = journey?.steps.map(({ type, node, inferred }) => `${inferred ? '~' : ''}${type} ${node}`);
    // It is acknowledged when the broker has confirmed what was sent on, which may have been delivered by then.
    expect(told).toContain('acked forward');
    expect(told?.filter((step) => step !== 'acked forward')).toEqual([
      'published source',
      '~routed source',
      '~queued first',
      'delivered forward',
      'published forward',
      '~routed forward',
      '~queued second',
      'delivered fails',
      'failed fails',
      'waiting second',
      'delivered fails',
      'failed fails',
      'dead-lettered second',
    ]);
    expect(journey).toMatchObject({ attempts: 2, isWhole: true });
    expect(journey?.steps.find(({ type }) => type === 'waiting')).toMatchObject({ attempt: 2, delayMs: 50 });
  });
});
