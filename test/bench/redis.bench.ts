import type { TrafficSink } from '@main/kinds/live';
import { redisDriver } from '@main/kinds/redis/index';
import { openReceiver } from '@main/kinds/redis/live/receiver';
import { watchRedis } from '@main/kinds/redis/live/watch';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawing, ordersStream } from '../shared/kinds/redis/drawing';
import { hasRedis, startRedis, type TestRedis } from '../support/redis';

const MESSAGES = 20_000;
const ROUNDS = 3;
/** Commands on the way at most. */
const WINDOW = 1000;
const WATCH_GOAL = 0.85;
const GROUP_GOAL = 0.8;
/** Messages that a handler holds at most; what the bare loop reads at once. */
const PREFETCH = 100;
const BODY = Buffer.alloc(256, 'x');

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const ignore = () => {};

/** A sink that only tells of what was counted. */
const sinkOf = (onAdd: TrafficSink['add']): TrafficSink => ({
  add: onAdd,
  set: ignore,
  gap: ignore,
  event: ignore,
  notSampled: ignore,
  status: ignore,
  taps: ignore,
  trouble: ignore,
  notice: (_severity, message) => console.log(message),
});

/** Sends all messages, `WINDOW` at a time. */
async function send(count: number, one: () => Promise<unknown>): Promise<void> {
  for (let sent = 0; sent < count; sent += WINDOW) await Promise.all(Array.from({ length: WINDOW }, one));
}

describe.skipIf(!hasRedis)('Redis', () => {
  let server: TestRedis;
  let client: Redis;
  beforeAll(async () => {
    server = await startRedis();
    client = new Redis(server.url, { protocol: 2, enableAutoPipelining: true });
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  /** Calls a second until all have been counted; what `begin` returns ends it. */
  async function rate(begin: (counted: () => void) => Promise<() => unknown>, work: () => Promise<void>) {
    let count = 0;
    let done: () => void = ignore;
    const all = new Promise<void>((resolve) => (done = resolve));
    const end = await begin(() => {
      count += 1;
      if (count === MESSAGES) done();
    });
    const startedAt = performance.now();
    await work();
    await all;
    const perSecond = (MESSAGES * 1000) / (performance.now() - startedAt);
    await end();
    return perSecond;
  }

  it(`counts at least ${WATCH_GOAL} of what a bare subscriber gets`, async () => {
    const { flow } = drawing().channel('user-activity');
    const publish = () => send(MESSAGES, () => client.publish('user-activity', BODY));
    const bare = () =>
      rate(async (counted) => {
        const subscriber = new Redis(server.url, { protocol: 2 });
        subscriber.on('messageBuffer', counted);
        await subscriber.subscribe('user-activity');
        return () => subscriber.disconnect();
      }, publish);
    const watching = () =>
      rate(async (counted) => {
        const watch = await watchRedis(
          { broker: 'cache', url: server.url },
          {
            broker: 'cache',
            flow: () => flow,
            mode: 'tap',
            sink: sinkOf(counted),
            maskBodies: () => false,
            onTapEnded: ignore,
          },
        );
        return () => watch.close();
      }, publish);
    const [alone, watched]: number[][] = [[], []];
    await bare();
    await watching();
    for (let round = 0; round < ROUNDS; round++) {
      alone?.push(await bare());
      watched?.push(await watching());
    }
    const share = median(watched ?? []) / median(alone ?? []);
    console.log(
      `watching ${Math.round(median(watched ?? []))}/s, bare ${Math.round(median(alone ?? []))}/s: ${share.toFixed(2)}`,
    );
    expect(share).toBeGreaterThanOrEqual(WATCH_GOAL);
  });

  it(`handles at least ${GROUP_GOAL} of what a bare XREADGROUP/XACK loop does`, async () => {
    const { flow } = ordersStream();
    const target = { broker: 'cache', url: server.url };
    const fill = async () => {
      await client.flushall();
      const { steps } = await redisDriver.plan(target, { flow, owned: new Set(), prune: false });
      await redisDriver.apply(target, { steps, onOutcome: ignore });
      await send(MESSAGES, () => client.xadd('orders', '*', 'body', BODY));
    };
    /** As a service would be written: reads a page, settles each entry, reads the next. */
    const bare = async () => {
      await fill();
      const consumer = new Redis(server.url, { protocol: 2 });
      return rate(
        async (counted) => {
          const loop = async () => {
            for (let left = MESSAGES; left > 0; ) {
              const reply = (await consumer.callBuffer(
                'xreadgroup',
                ...['GROUP', 'workers', 'me', 'COUNT', PREFETCH, 'STREAMS', 'orders', '>'],
              )) as [Buffer, [Buffer, Buffer[]][]][];
              const entries = reply[0]?.[1] ?? [];
              await Promise.all(entries.map(([id]) => consumer.xack('orders', 'workers', id).then(counted)));
              left -= entries.length;
            }
          };
          void loop();
          return () => consumer.disconnect();
        },
        async () => {},
      );
    };
    const handling = async () => {
      await fill();
      const receiver = await openReceiver(target, {
        broker: 'cache',
        flow: () => flow,
        sink: sinkOf((_subject, name) => name === 'acked' && onAcked()),
        maskBodies: () => false,
      });
      let onAcked: () => void = ignore;
      return rate(
        async (counted) => {
          let half = false;
          // Counted for the link and for the handler.
          onAcked = () => {
            half = !half;
            if (!half) counted();
          };
          const consumer = await receiver.consume({
            link: 'workers>Pack',
            prefetch: PREFETCH,
            concurrency: PREFETCH,
            handle: async () => ({ outcome: 'done' }),
          });
          return async () => {
            await consumer.close();
            await receiver.close();
          };
        },
        async () => {},
      );
    };
    const [alone, handled]: number[][] = [[], []];
    await bare();
    await handling();
    for (let round = 0; round < ROUNDS; round++) {
      alone?.push(await bare());
      handled?.push(await handling());
    }
    const share = median(handled ?? []) / median(alone ?? []);
    console.log(
      `handling ${Math.round(median(handled ?? []))}/s, bare ${Math.round(median(alone ?? []))}/s: ${share.toFixed(2)}`,
    );
    expect(share).toBeGreaterThanOrEqual(GROUP_GOAL);
  });
});
