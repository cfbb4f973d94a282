import { redisDriver } from '@main/kinds/redis/index';
import type { Outcome } from '@shared/deploy/plan';
import type { Flow } from '@shared/flow/schema';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ordersStream } from '../../../shared/kinds/redis/drawing';
import { type RunningRedis, SERVERS } from './servers';

for (const [name, { isThere, start }] of Object.entries(SERVERS)) {
  describe.skipIf(!isThere)(`deploying to ${name}`, () => {
    let server: RunningRedis;
    let client: Redis;
    beforeAll(async () => {
      server = await start();
      client = new Redis(server.url, { protocol: 2 });
    });
    afterAll(async () => {
      client.disconnect();
      await server.stop();
    });
    beforeEach(async () => void (await client.flushall()));

    const target = () => ({ broker: 'cache', url: server.url });
    const plan = (flow: Flow, owned: string[] = [], options: { prune?: boolean; destroy?: boolean } = {}) =>
      redisDriver.plan(target(), { flow, owned: new Set(owned), prune: false, ...options });
    const apply = async (steps: Parameters<typeof redisDriver.apply>[1]['steps']) => {
      const outcomes: Outcome[] = [];
      await redisDriver.apply(target(), { steps, onOutcome: (outcome) => outcomes.push(outcome) });
      return outcomes.map(({ outcome }) => outcome);
    };
    const shown = ({ steps }: { steps: { action: string; objectType: string; name: string }[] }) =>
      steps.map(({ action, objectType, name: object }) => `${action} ${objectType} ${object}`);
    const OWNED = ['stream\u0000\u0000orders', 'group\u0000\u0000orders → workers'];

    it('makes streams and groups once', async () => {
      const { flow } = ordersStream();
      const first = await plan(flow);
      expect(shown(first)).toEqual(['create stream orders', 'create group orders → workers']);
      expect(await apply(first.steps)).toEqual(['done', 'done']);
      const second = await plan(flow);
      expect(second.steps).toEqual([]);
      expect(second.brokerPlan.unchanged).toBe(2);
      expect(await apply(first.steps)).toEqual(['done', 'unchanged']);
      expect(await client.exists('orders')).toBe(1);
    });

    it('says what a group will get, and leaves groups that are there as they are', async () => {
      await client.xadd('orders', '1-1', 'n', '1');
      const { flow } = ordersStream();
      flow.nodes.workers = { ...flow.nodes.workers!, settings: { start: '0' } };
      const { steps } = await plan(flow);
      expect(steps.map(({ notes }) => notes)).toEqual([['It gets every entry of the stream. There is 1 entry.']]);
      await apply(steps);
      expect(await client.xreadgroup('GROUP', 'workers', 'me', 'STREAMS', 'orders', '>')).toEqual([
        ['orders', [['1-1', ['n', '1']]]],
      ]);
      expect((await plan(flow)).steps).toEqual([]);
    });

    it('warns of keys that hold something else, and of what others should have made', async () => {
      await client.set('orders', 'text');
      const { flow } = ordersStream();
      flow.nodes.workers = { ...flow.nodes.workers!, ownership: 'referenced' };
      const { steps, brokerPlan } = await plan(flow);
      expect(steps).toEqual([]);
      expect(brokerPlan.warnings).toEqual([
        'The key “orders” holds a string, not a stream.',
        'The group “workers” of “orders” is not there, and is not Tapline’s to make.',
      ]);
    });

    it('carries the words of Redis on what fails, and goes on', async () => {
      const { flow } = ordersStream();
      const { steps } = await plan(flow);
      await client.set('orders', 'text');
      expect(await apply(steps)).toEqual(['failed', 'failed']);
    });

    it('deletes only what is its own, and names what is at stake', async () => {
      const { flow } = ordersStream();
      await apply((await plan(flow)).steps);
      await client.xgroup('CREATE', 'orders', 'somebody-elses', '$');
      await client.xadd('orders', '1-1', 'n', '1');
      await client.xadd('orders', '2-1', 'n', '2');
      await client.xreadgroup('GROUP', 'workers', 'me', 'COUNT', 1, 'STREAMS', 'orders', '>');
      expect((await plan(flow, [], { destroy: true })).steps).toEqual([]);
      const { steps } = await plan(flow, OWNED, { destroy: true });
      expect(
        steps.map(({ objectType, canLoseMessages, atStake }) => ({ objectType, canLoseMessages, atStake })),
      ).toEqual([
        { objectType: 'group', canLoseMessages: true, atStake: { messages: 1, unacked: 1, consumers: 1 } },
        { objectType: 'stream', canLoseMessages: true, atStake: { messages: 2, unacked: 1, consumers: 1 } },
      ]);
      expect(await apply(steps)).toEqual(['done', 'done']);
      expect(await client.exists('orders')).toBe(0);
      expect((await plan(flow, OWNED, { destroy: true })).steps).toEqual([]);
    });

    it('prunes what is no longer drawn', async () => {
      const { flow } = ordersStream();
      await apply((await plan(flow)).steps);
      const { workers: _gone, ...nodes } = flow.nodes;
      const { steps } = await plan({ ...flow, nodes }, OWNED, { prune: true });
      expect(shown({ steps })).toEqual(['delete group orders → workers']);
      expect(steps[0]?.canLoseMessages).toBe(false);
    });

    it('imports what is there, and a second time adds only what is new', async () => {
      await apply((await plan(ordersStream().deadStream('{orders}:dead').flow)).steps);
      const subscriber = new Redis(server.url, { protocol: 2 });
      await subscriber.subscribe('user-activity');
      const first = (await redisDriver.importLive(target(), { vhosts: 'all' }))();
      subscriber.disconnect();
      const drawn = (flow: Flow) => Object.values(flow.nodes).map(({ type, name: node }) => `${type} ${node}`);
      expect(drawn(first.flow).sort()).toEqual([
        'redis.channel user-activity',
        'redis.dead-stream {orders}:dead',
        'redis.group workers',
        'redis.stream orders',
      ]);
      expect(
        Object.values(first.flow.links)
          .map(({ type }) => type)
          .sort(),
      ).toEqual(['redis.dead-letter', 'redis.read']);
      expect(Object.values(first.flow.nodes).every(({ ownership }) => ownership === 'referenced')).toBe(true);
      await client.xgroup('CREATE', 'orders', 'auditors', '$');
      const again = (await redisDriver.importLive(target(), { vhosts: 'all' }))(first.flow);
      expect(drawn(again.flow)).toEqual([...drawn(first.flow), 'redis.group auditors']);
      // Into a flow that was drawn by hand, what is there keeps its ids.
      const byHand = ordersStream().flow;
      const merged = (await redisDriver.importLive(target(), { vhosts: 'all' }))(byHand).flow;
      expect(Object.keys(merged.nodes)).toEqual(expect.arrayContaining(Object.keys(byHand.nodes)));
      expect(merged.nodes.orders).toEqual(byHand.nodes.orders);
      expect(drawn(merged).filter((one) => one === 'redis.group workers')).toHaveLength(1);
    });

    it('tells what it is, and what is wrong with a connection', async () => {
      expect(await redisDriver.test(target())).toMatchObject({ ok: true, version: expect.stringMatching(/^\d/) });
      const wrong = (url: string) => redisDriver.test({ broker: 'cache', url });
      expect((await wrong('redis://127.0.0.1:1')).message).toContain('Nothing answers at 127.0.0.1:1');
      expect((await wrong('amqp://127.0.0.1')).message).toContain('begins with amqp://');
      expect((await wrong(`${server.url}/words`)).message).toContain('not the number of a database');
      expect((await wrong(`${server.url}/99`)).message).toContain('has no database 99');
    });
  });
}
