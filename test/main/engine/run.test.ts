import { exampleFlow } from '@shared/examples/index';
import { setNodeSetting } from '@shared/flow/commands';
import type { Flow } from '@shared/flow/schema';
import type { CounterName } from '@shared/traffic/counter';
import { connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { until } from '../../support/until';
import { draw } from '../kinds/rabbitmq/flows';
import { deployTo, type LiveBench, liveBench } from './live';

let vhost: TestVhost;
let bench: LiveBench;

async function ready(flow: Flow): Promise<LiveBench> {
  await deployTo(vhost.url, vhost.managementUrl, flow);
  bench = liveBench(flow, vhost.url, vhost.managementUrl);
  return bench;
}

async function depths(): Promise<Record<string, number>> {
  const path = `/api/queues/${vhost.encoded}?disable_stats=true&enable_queue_totals=true`;
  const queues = (await vhost.management('GET', path)) as { name: string; messages: number }[];
  return Object.fromEntries(queues.map(({ name, messages }) => [name, messages]));
}

describe('running a flow', () => {
  beforeAll(async () => {
    vhost = await createVhost('run');
  });
  afterAll(() => vhost.remove());
  afterEach(() => bench.live.close());

  it('runs the example with numbers that are exact', async () => {
    const fast = { orders: { count: 60, ratePerSecond: 600 }, 'bill-customer': { concurrency: 10 } };
    const flow = Object.entries(fast).reduce(
      (made, [node, settings]) =>
        Object.entries(settings).reduce((next, [name, value]) => setNodeSetting(next, node, [name], value), made),
      exampleFlow(),
    );
    const { live, count, pull } = await ready(flow);
    await live.watch('counters');
    await live.run({ competeWith: [] });
    const billed = (name: CounterName) => count('Bill customer', name) ?? 0;
    await until('all is settled', () => {
      const isBilled = billed('acked') + billed('deadLettered') === 60;
      return isBilled && count('Send email', 'acked') === 60 && count('Notify', 'acked') === 60;
    });
    expect(pull().running).toBe(true);
    await live.stop();
    const [retried, dead] = [billed('retried'), billed('deadLettered')];
    // The broker tells its totals late; a message that did wait would come back to its queue and stay there.
    const waiting = async () =>
      Object.entries(await depths()).filter(([name, depth]) => name.includes('.retry.') && depth > 0);
    await until('the totals are those of now', async () => (await waiting()).length === 0);
    expect({
      published: count('Orders', 'published'),
      confirmed: count('orders-publish-order-events', 'confirmed'),
      returned: count('Orders', 'returned'),
      acked: count('notification-queue-consume-notify', 'acked'),
      delivered: billed('delivered'),
      failed: billed('failed'),
      rejected: billed('rejected'),
      running: pull().running,
      depths: await depths(),
    }).toEqual({
      published: 60,
      confirmed: 60,
      returned: 0,
      acked: 60,
      delivered: 60 + retried,
      failed: retried + dead,
      rejected: 0,
      running: false,
      depths: {
        'email-queue': 0,
        'notification-queue': 0,
        'billing-queue': 0,
        'billing-queue.retry.1000ms': 0,
        'billing-queue.retry.2000ms': 0,
        'billing-dead-letters': dead,
      },
    });
    const billing = billed('delivered') + billed('failed') + retried + 60;
    expect(bench.events.length + bench.notSampled).toBe(60 + 2 * 60 + 2 * 60 + billing);
    expect(bench.events.find(({ phase }) => phase === 'published')).toMatchObject({
      node: 'orders',
      link: 'orders-publish-order-events',
      exchange: 'order-events',
      routingKey: 'order.created',
      body: { format: 'json', cut: false },
      headers: { source: 'web-shop' },
    });
  });

  it('shows what no queue takes as returned', async () => {
    const flow = draw({
      exchanges: { lost: { exchangeType: 'direct' } },
      publishers: { Lost: { routingKey: 'nowhere', count: 5, ratePerSecond: 500 } },
      publishes: [['Lost', 'lost']],
    });
    const { live, count, events, pull } = await ready(flow);
    await live.run({ competeWith: [] });
    await until('all came back', () => count('Lost', 'returned') === 5);
    expect(count('Lost', 'confirmed')).toBe(5);
    pull();
    expect(events.filter(({ phase }) => phase === 'returned')[0]).toMatchObject({
      reason: 'No queue of “lost” takes the key “nowhere”.',
    });
  });

  it('refuses to consume where others do, unless their queue is named', async () => {
    const flow = draw({ queues: { shared: {} }, handlers: { Mine: {} }, consumes: [['shared', 'Mine']] });
    const { live, count } = await ready(flow);
    const theirs = await connect(vhost.url, { clientProperties: { connection_name: 'billing service' } });
    const channel = await theirs.createChannel();
    await channel.consume('shared', () => {});
    // Who is connected is among the broker's statistics, which are some seconds old.
    await until('the broker tells of them', async () => {
      const [consumers, connections] = (await Promise.all([
        vhost.management('GET', `/api/consumers/${vhost.encoded}`),
        vhost.management('GET', '/api/connections?columns=user_provided_name'),
      ])) as [{ channel_details?: { user?: string } }[], { user_provided_name?: string }[]];
      const isListed = connections.some((one) => one.user_provided_name === 'billing service');
      return isListed && consumers.some((one) => one.channel_details?.user !== undefined);
    });
    await expect(live.run({ competeWith: [] })).rejects.toMatchObject({
      code: 'run/would-compete',
      message: expect.stringContaining('billing service'),
      object: 'shared',
    });
    expect(bench.pull().running).toBe(false);
    await live.run({ competeWith: ['shared'] });
    expect(bench.pull().running).toBe(true);
    await theirs.close();
    const sender = await connect(vhost.url);
    const sending = await sender.createChannel();
    sending.sendToQueue('shared', Buffer.from('x'));
    await until('it is handled here', () => count('Mine', 'acked') === 1);
    await sender.close();
  });

  it('says what is not deployed, and runs nothing', async () => {
    bench = liveBench(
      draw({ queues: { nowhere: {} }, handlers: { Any: {} }, consumes: [['nowhere', 'Any']] }),
      vhost.url,
      vhost.managementUrl,
    );
    await expect(bench.live.run({ competeWith: [] })).rejects.toMatchObject({
      code: 'run/not-deployed',
      message: 'The broker does not have the queue “nowhere”.',
    });
  });

  it('never runs what runs elsewhere', async () => {
    const flow = draw({
      queues: { theirs: {} },
      publishers: { Out: { runsIn: 'elsewhere' }, In: { count: 1, ratePerSecond: 100 } },
      handlers: { Away: { runsIn: 'elsewhere' } },
      publishes: [
        ['Out', 'theirs'],
        ['In', 'theirs'],
      ],
      consumes: [['theirs', 'Away']],
    });
    const { live, count } = await ready(flow);
    await live.run({ competeWith: [] });
    await until('it is published', () => count('In', 'confirmed') === 1);
    await live.stop();
    expect([count('Out', 'published'), count('Away', 'delivered'), (await depths())['theirs']]).toEqual([0, 0, 1]);
  });

  it('lets handlers finish what they hold, and gives back the rest', async () => {
    const flow = draw({
      queues: { slow: {} },
      publishers: { Fast: { count: 20, ratePerSecond: 2000 } },
      handlers: { Slow: { behaviour: 'simulate', latency: { shape: 'fixed', ms: 300 }, prefetch: 20, concurrency: 2 } },
      publishes: [['Fast', 'slow']],
      consumes: [['slow', 'Slow']],
    });
    const { live, count } = await ready(flow);
    await live.run({ competeWith: [] });
    await until('two are being handled', () => count('Slow', 'delivered') === 2 && count('Fast', 'confirmed') === 20);
    await live.stop();
    const acked = count('Slow', 'acked') ?? 0;
    expect(acked).toBe(count('Slow', 'delivered'));
    expect((await depths())['slow']).toBe(20 - acked);
  });

  it('follows edits while it runs', async () => {
    const flow = draw({
      queues: { before: {}, after: {} },
      publishers: { Edited: { ratePerSecond: 200, body: 'old' } },
      publishes: [['Edited', 'before']],
    });
    const { live, count, events, pull } = await ready(flow);
    await live.run({ competeWith: [] });
    await until('it publishes', () => (count('Edited', 'confirmed') ?? 0) > 5);
    const id = Object.keys(flow.nodes).find((node) => flow.nodes[node]?.name === 'Edited') ?? '';
    bench.flow = setNodeSetting(flow, id, ['body'], 'new');
    await until('the new body is published', () => {
      pull();
      return events.some(({ body }) => body && 'text' in body && body.text === 'new');
    });
  });

  it('sends on what a handler routes before it is done with it', async () => {
    const flow = draw({
      exchanges: { routed: { exchangeType: 'topic' } },
      queues: { incoming: {}, big: {} },
      bindings: [['routed', 'big', 'big.#']],
      publishers: { Source: { count: 30, ratePerSecond: 3000, routingKey: 'big.one' } },
      handlers: { Router: { behaviour: 'route', route: { rules: [{ output: 'routed' }] } } },
      publishes: [
        ['Source', 'incoming'],
        ['Router', 'routed', { routingKey: 'big.one' }],
      ],
      consumes: [['incoming', 'Router']],
    });
    const { live, count } = await ready(flow);
    await live.run({ competeWith: [] });
    await until('all is sent on', () => count('Router', 'acked') === 30);
    expect(count('Router', 'published')).toBe(30);
    expect((await depths())['big']).toBe(30);
  });

  it('counts and shows what no rule takes, and what a script writes', async () => {
    const flow = draw({
      queues: { routed: {}, scripted: {}, out: {} },
      publishers: { Source: { count: 5, ratePerSecond: 3000, routingKey: 'small' } },
      handlers: {
        Router: { behaviour: 'route', route: { rules: [{ routingKey: 'big.#', output: 'out' }] } },
        Writer: { behaviour: 'script', script: { code: 'ctx.log("got one")' } },
      },
      publishes: [
        ['Source', 'routed'],
        ['Source', 'scripted'],
        ['Router', 'out'],
      ],
      consumes: [
        ['routed', 'Router'],
        ['scripted', 'Writer'],
      ],
    });
    const { live, count, events, pull } = await ready(flow);
    await live.run({ competeWith: [] });
    await until('all is handled', () => count('Router', 'acked') === 5 && count('Writer', 'acked') === 5);
    expect(count('Router', 'unmatched')).toBe(5);
    const { notices } = pull();
    expect(events.filter(({ phase }) => phase === 'unmatched')).toHaveLength(5);
    expect(events.filter(({ phase }) => phase === 'logged').map(({ reason }) => reason)).toEqual(
      Array(5).fill('got one'),
    );
    expect(notices).toEqual([]);
  });
});
