import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { redisDriver } from '@main/kinds/redis/index';
import { serialiseFlow } from '@shared/flow/serialise';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { ordersStream } from '../../shared/kinds/redis/drawing';
import { hasRedis, NO_REDIS, startRedis, type TestRedis } from '../../support/redis';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';

const ENTRIES = 1500;
/** What another consumer takes, and never settles, before it dies. */
const ABANDONED = 25;
const DEAD = '{orders}:dead';

const folder = tempFolder();
const path = join(folder, 'orders.flow.json');
const program = resolve(import.meta.dirname, '../../../bin/tapline.mjs');
const running: ChildProcess[] = [];
let redis: TestRedis;

if (!hasRedis) console.log(`skipped: what kills leave of a stream (${NO_REDIS})`);

/** The built `tapline run` in a process of its own. */
function startRun(): ChildProcess {
  const child = spawn(
    process.execPath,
    [program, 'run', path, '--connect', `cache=${redis.url}`, '--compete-with', 'workers'],
    {
      env: { ...process.env, TAPLINE_DATA: join(folder, 'data') },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  running.push(child);
  return child;
}

function kill(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  return new Promise((done, fail) => {
    if (child.exitCode !== null) return fail(new Error(`the run had ended by itself, with code ${child.exitCode}`));
    child.once('exit', () => done());
    child.kill(signal);
  });
}

/** A client that comes back by itself. */
function connect(): Redis {
  const client = new Redis(redis.url, { protocol: 2, maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => {});
  return client;
}

describe.skipIf(!hasRedis)('a stream whose entries all fail', () => {
  afterEach(async () => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
    await redis.stop();
  });

  it('loses none, and buries each once, while the engine, redis-server and a consumer are killed', async () => {
    redis = await startRedis({ durable: true });
    const { flow } = ordersStream(undefined, { retry: { attempts: 2, firstDelayMs: 200 } });
    flow.nodes.Orders!.settings = { ratePerSecond: 0 };
    flow.nodes.workers!.settings = { start: '0', takeOverAfterMs: 1000 };
    flow.nodes.Pack!.settings = {
      behaviour: 'simulate',
      failureRate: 1,
      latency: { shape: 'fixed', ms: 5 },
      prefetch: 20,
      concurrency: 20,
    };
    writeFileSync(path, serialiseFlow(flow));
    const target = { broker: 'cache', url: redis.url };
    const { steps } = await redisDriver.plan(target, { flow, owned: new Set(), prune: false });
    await redisDriver.apply(target, { steps, onOutcome: ({ outcome }) => expect(outcome).toBe('done') });
    const client = connect();
    const ids = await Promise.all(
      Array.from({ length: ENTRIES }, (_, index) => client.xadd('orders', '*', 'body', `order ${index}`)),
    );
    const other = connect();
    await other.xreadgroup('GROUP', 'workers', 'a-service', 'COUNT', ABANDONED, 'STREAMS', 'orders', '>');
    other.disconnect();

    const buried = (count: number) =>
      until(`${count} are buried`, async () => (await client.xlen(DEAD)) >= count, 120_000);
    let child = startRun();
    for (const count of [1, 400]) {
      await buried(count);
      await kill(child, 'SIGKILL');
      child = startRun();
    }
    for (const count of [600, 900, 1200]) {
      await buried(count);
      await redis.kill?.();
      await redis.restart?.();
    }
    await buried(ENTRIES);
    await kill(child, 'SIGTERM');
    expect(child.exitCode).toBe(0);

    const dead = await client.xrange(DEAD, '-', '+');
    const origins = dead.map(([, fields]) => fields[fields.indexOf('x-origin-id') + 1]);
    expect(origins.toSorted()).toEqual(ids.toSorted());
    expect((await client.xpending('orders', 'workers'))[0]).toBe(0);
    client.disconnect();
  }, 300_000);
});
