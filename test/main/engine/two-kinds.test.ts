import { rabbitmqDriver } from '@main/kinds/rabbitmq/index';
import { redisDriver } from '@main/kinds/redis/index';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, hasRabbit, type TestVhost } from '../../support/rabbitmq';
import { until } from '../../support/until';
import { draw } from '../kinds/rabbitmq/flows';
import { type RunningRedis, SERVERS } from '../kinds/redis/servers';
import { type LiveBench, liveBench } from './live';

for (const [name, { isThere, start }] of Object.entries(SERVERS)) {
  describe.skipIf(!hasRabbit || !isThere)(
    `a flow of RabbitMQ and ${name.replace('the sandbox', 'Redis’ sandbox')}`,
    () => {
      let vhost: TestVhost;
      let server: RunningRedis;
      let client: Redis;
      let bench: LiveBench | undefined;
      beforeAll(async () => {
        vhost = await createVhost('two-kinds');
        server = await start();
        client = new Redis(server.url, { protocol: 2 });
        await client.flushall();
      });
      afterAll(async () => {
        await bench?.live.close();
        client?.disconnect();
        await server?.stop();
        await vhost?.remove();
      });

      it('carries a message from a queue through a handler to a stream and a channel, as one journey', async () => {
        const flow = draw({
          queues: { orders: {} },
          publishers: { Shop: { count: 5, ratePerSecond: 1000, body: '{"order": {{seq}}}' } },
          handlers: {
            Forward: { behaviour: 'route', route: { rules: [{ output: 'onwards' }] } },
            Pack: {},
            Tell: {},
          },
          publishes: [['Shop', 'orders']],
          consumes: [['orders', 'Forward']],
        });
        flow.brokers.cache = { kind: 'redis', name: 'Redis', settings: {} };
        Object.assign(flow.nodes, {
          packing: { type: 'redis.stream', name: 'packing', broker: 'cache', settings: {} },
          packers: { type: 'redis.group', name: 'packers', broker: 'cache', settings: { start: '0' } },
          news: { type: 'redis.channel', name: 'news', broker: 'cache', settings: {} },
        });
        const link = (type: string, from: string, to: string, settings = {}) => {
          flow.links[`${from}-${to}`] = { type, from: { node: from }, to: { node: to }, settings };
        };
        link('publish', 'forward', 'packing', { output: 'onwards' });
        link('publish', 'forward', 'news', { output: 'onwards' });
        link('redis.read', 'packing', 'packers');
        link('consume', 'packers', 'pack');
        link('redis.subscribe', 'news', 'tell');
        const targets = {
          main: { broker: 'main', url: vhost.url, managementUrl: vhost.managementUrl },
          cache: { broker: 'cache', url: server.url },
        };
        for (const [target, driver] of [
          [targets.main, rabbitmqDriver],
          [targets.cache, redisDriver],
        ] as const) {
          const { steps } = await driver.plan(target, { flow, owned: new Set(), prune: false });
          await driver.apply(target, { steps, onOutcome: ({ outcome }) => expect(outcome).toBe('done') });
        }
        bench = liveBench(flow, { main: vhost.url, cache: server.url });
        const { live, count } = bench;
        await live.run({ competeWith: [] });
        await until('all arrived', () => count('Pack', 'acked') === 5 && count('Tell', 'acked') === 5);
        await until('all are settled', () => count('Forward', 'acked') === 5);
        expect(await client.xlen('packing')).toBe(5);
        const { journeys } = await live.journeys({ search: '', limit: 10 });
        const ways = await Promise.all(
          journeys.map(async ({ id }) => {
            const { nodes = [], links = [] } = (await live.journey(id)) ?? {};
            return [...nodes, ...links];
          }),
        );
        // The hop into the stream is followed by the journey's header; a channel carries nothing but the body.
        const wanted = ['shop', 'forward', 'packing', 'packing-packers', 'packers', 'pack'];
        expect(ways.filter((way) => wanted.every((id) => way.includes(id)))).toHaveLength(5);
      });
    },
  );
}
