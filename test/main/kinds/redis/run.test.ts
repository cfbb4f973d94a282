import { redisDriver } from '@main/kinds/redis/index';
import type { Flow } from '@shared/flow/schema';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { drawing, ordersStream } from '../../../shared/kinds/redis/drawing';
import { until } from '../../../support/until';
import { type LiveBench, liveBench } from '../../engine/live';
import { type RunningRedis, SERVERS } from './servers';

for (const [name, { isThere, start }] of Object.entries(SERVERS)) {
  describe.skipIf(!isThere)(`running on ${name}`, () => {
    let server: RunningRedis;
    let client: Redis;
    let bench: LiveBench | undefined;
    beforeAll(async () => {
      server = await start();
      client = new Redis(server.url, { protocol: 2 });
    });
    afterAll(async () => {
      client.disconnect();
      await server.stop();
    });
    beforeEach(async () => void (await client.flushall()));
    afterEach(async () => {
      await bench?.live.close();
      bench = undefined;
    });

    async function ready(flow: Flow): Promise<LiveBench> {
      const target = { broker: 'cache', url: server.url };
      const { steps } = await redisDriver.plan(target, { flow, owned: new Set(), prune: false });
      await redisDriver.apply(target, { steps, onOutcome: ({ outcome }) => expect(outcome).toBe('done') });
      bench = liveBench(flow, server.url);
      return bench;
    }

    /** `XPENDING` and the entries of the dead-letter stream. */
    async function state() {
      const [pending] = (await client.xpending('orders', 'workers')) as [number];
      const dead = await client.xrange('{orders}:dead', '-', '+');
      return { pending, dead: dead.map(([, fields]) => Object.fromEntries(pairs(fields))) };
    }

    it('carries what is published to a channel to those who listen, by name and by pattern', async () => {
      const flow = drawing()
        .publisher('Activity', { ratePerSecond: 500, count: 50, body: '{"user": {{seq}}}' })
        .channel('user-activity')
        .pattern('user-*')
        .handler('Notify')
        .handler('Audit')
        .link('publish', 'Activity', 'user-activity')
        .link('redis.subscribe', 'user-activity', 'Notify')
        .link('redis.subscribe', 'user-*', 'Audit').flow;
      const { live, count, events } = await ready(flow);
      await live.watch('tap');
      await live.run({ competeWith: [] });
      await until('both handlers got all', () => count('Notify', 'acked') === 50 && count('Audit', 'acked') === 50);
      await until('the tap heard all', () => count('user-activity', 'published') === 50);
      await until('all are confirmed', () => count('Activity', 'confirmed') === 50);
      expect({
        published: count('Activity', 'published'),
        confirmed: count('Activity', 'confirmed'),
        returned: count('Activity', 'returned'),
        byPattern: count('user-*', 'published'),
      }).toEqual({ published: 50, confirmed: 50, returned: 0, byPattern: 50 });
      expect(events.find(({ phase }) => phase === 'delivered')?.body).toMatchObject({ format: 'json' });
    });

    it('tells that nobody listened', async () => {
      const flow = drawing()
        .publisher('Activity')
        .channel('user-activity')
        .link('publish', 'Activity', 'user-activity').flow;
      const { live } = await ready(flow);
      expect(await live.publish({ node: 'Activity', count: 3 })).toMatchObject({
        published: 3,
        confirmed: 3,
        returned: 3,
      });
    });

    it('tries failed entries again after their delays, then buries them once with why', async () => {
      const { flow } = ordersStream(undefined, { retry: { attempts: 3, firstDelayMs: 30, factor: 2 } });
      flow.nodes.Orders!.settings = { ratePerSecond: 1000, count: 20, body: 'order {{seq}}' };
      flow.nodes.Pack!.settings = {
        behaviour: 'simulate',
        failureRate: 1,
        latency: { shape: 'fixed', ms: 0 },
        concurrency: 5,
      };
      const { live, count, events } = await ready(flow);
      await live.watch('tap');
      await live.run({ competeWith: [] });
      await until('all are buried', () => count('Pack', 'deadLettered') === 20);
      const { pending, dead } = await state();
      expect(pending).toBe(0);
      expect(dead).toHaveLength(20);
      expect(new Set(dead.map((entry) => entry['x-deliveries']))).toEqual(new Set(['3']));
      expect(new Set(dead.map(({ body }) => body)).size).toBe(20);
      expect(dead[0]).toMatchObject({
        'x-origin-stream': 'orders',
        'x-group': 'workers',
        'message-id': expect.any(String),
      });
      expect(count('Pack', 'delivered')).toBe(60);
      expect(count('Pack', 'failed')).toBe(60);
      expect(count('Pack', 'retried')).toBe(40);
      const waits = events.filter(({ phase }) => phase === 'retried');
      expect(new Set(waits.map(({ attempt, delayMs }) => `${attempt} after ${delayMs}`))).toEqual(
        new Set(['2 after 30', '3 after 60']),
      );
      const told = events.filter(({ phase }) => phase === 'failed');
      expect(new Set(told.map(({ attempt }) => attempt))).toEqual(new Set([1, 2, 3]));
      await until('the numbers of the group are in', () => count('workers', 'unacked') === 0);
    });

    it('gives up at once what fails without a policy', async () => {
      const { flow } = ordersStream();
      flow.nodes.Orders!.settings = { ratePerSecond: 0 };
      flow.nodes.Pack!.settings = { behaviour: 'simulate', failureRate: 1, latency: { shape: 'fixed', ms: 0 } };
      const { live, count } = await ready(flow);
      await live.run({ competeWith: [] });
      await live.publish({ node: 'Orders', count: 3 });
      await until('all are buried', () => count('Pack', 'deadLettered') === 3);
      expect(new Set((await state()).dead.map((entry) => entry['x-deliveries']))).toEqual(new Set(['1']));
    });

    it('reads entries of others, and takes over what a dead consumer owes', async () => {
      const { flow } = ordersStream(undefined, { retry: { attempts: 5, firstDelayMs: 10 } });
      flow.nodes.Orders!.settings = { ratePerSecond: 0 };
      flow.nodes.workers!.settings = { start: '0', takeOverAfterMs: 1000 };
      const { live, count, events } = await ready(flow);
      await client.xadd('orders', '1-1', 'customer', 'Ann', 'total', '12');
      await client.xreadgroup('GROUP', 'workers', 'a-service', 'STREAMS', 'orders', '>');
      await live.run({ competeWith: ['workers'] });
      await until('it was taken over', () => count('Pack', 'acked') === 1);
      const delivered = events.find(({ phase }) => phase === 'delivered');
      expect(delivered?.body).toEqual({ format: 'json', text: '{"customer":"Ann","total":"12"}', cut: false });
      expect((await state()).pending).toBe(0);
    });

    it('refuses to take entries from consumers that are at work, unless told so', async () => {
      const { flow } = ordersStream();
      const { live } = await ready(flow);
      await client.xadd('orders', '*', 'n', '1');
      await client.xreadgroup('GROUP', 'workers', 'a-service', 'STREAMS', 'orders', '>');
      await expect(live.run({ competeWith: [] })).rejects.toThrow(/a-service/);
      await live.run({ competeWith: ['workers'] });
    });

    it('says what is not deployed', async () => {
      bench = liveBench(ordersStream().flow, server.url);
      await expect(bench.live.run({ competeWith: [] })).rejects.toThrow('group “workers” of the stream “orders”');
    });

    it('trims as the stream says', async () => {
      const { flow } = ordersStream({ trim: { by: 'length', entries: 0 } });
      const { live } = await ready(flow);
      await live.publish({ node: 'Orders', count: 150 });
      expect(await client.xlen('orders')).toBeLessThan(150);
    });
  });
}

function pairs(fields: string[]): [string, string][] {
  return fields.flatMap((field, index): [string, string][] =>
    index % 2 === 0 ? [[field, fields[index + 1] ?? '']] : [],
  );
}
