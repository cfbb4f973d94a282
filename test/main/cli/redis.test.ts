import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFlow } from '@shared/flow/parse';
import { serialiseFlow } from '@shared/flow/serialise';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawing } from '../../shared/kinds/redis/drawing';
import { hasRedis, NO_REDIS, startRedis, type TestRedis } from '../../support/redis';
import { tempFolder } from '../../support/temp-folder';
import { type CliOptions, tapline } from './tapline';

if (!hasRedis) console.log(`skipped: the command line on a real Redis (${NO_REDIS})`);

/** Orders of which billing fails every one, after one attempt, into a dead-letter stream. */
const flow = drawing()
  .publisher('Shop', { body: '{"order": {{seq}}}', ratePerSecond: 1000, count: 5 })
  .stream('orders', { trim: { by: 'length', entries: 10_000 } })
  .group('billing', { start: '0' })
  .handler('Bill', { behaviour: 'simulate', failureRate: 1, latency: { shape: 'fixed', ms: 0 } })
  .deadStream('{orders}:dead')
  .link('publish', 'Shop', 'orders')
  .link('redis.read', 'orders', 'billing')
  .link('consume', 'billing', 'Bill', { retry: { attempts: 1 } })
  .link('redis.dead-letter', 'billing', '{orders}:dead').flow;

describe.skipIf(!hasRedis)('the command line on Redis', () => {
  const folder = tempFolder();
  const path = join(folder, 'orders.flow.json');
  const variables = { TAPLINE_DATA: join(folder, 'data') };
  let server: TestRedis;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis();
    redis = new Redis(server.url);
    await redis.flushall();
    writeFileSync(path, serialiseFlow(flow));
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.stop();
  });
  const run = (command: string, args: string[] = [], options: CliOptions = {}) =>
    tapline([command, path, ...args, '--connect', `cache=${server.url}`], { variables, ...options });

  it('plans, deploys, and is in sync then', async () => {
    expect(await tapline(['validate', path])).toMatchObject({ exitCode: 0 });
    const planned = await run('plan', ['--json']);
    expect(planned.exitCode).toBe(2);
    const deployed = await run('deploy', ['--yes', '--json']);
    expect(deployed.exitCode).toBe(0);
    const made = deployed.lines().map(({ objectType, name, outcome }) => [objectType, name, outcome]);
    expect(made).toContainEqual(['group', expect.stringContaining('billing'), 'done']);
    expect((await redis.xinfo('GROUPS', 'orders')) as unknown[]).toHaveLength(1);
    expect((await run('plan')).exitCode).toBe(0);
  });

  it('is watched while another program publishes', async () => {
    const interrupt = new AbortController();
    const watched = run('watch', ['--tap', '--json'], {
      interrupted: interrupt.signal,
      onOut: (text) => text.includes('"key":"o-1"') && interrupt.abort(),
    });
    const publishing = setInterval(
      () => void redis.xadd('orders', '*', 'body', '{"seen": true}', 'header:key', 'o-1'),
      50,
    );
    const { exitCode, lines } = await watched;
    clearInterval(publishing);
    expect(exitCode).toBe(0);
    const told = lines();
    expect(told.pop()).toHaveProperty('summary.nodes.orders');
    expect(told).toContainEqual(
      expect.objectContaining({ node: 'orders', phase: 'published', headers: { key: 'o-1' } }),
    );
    await redis.xtrim('orders', 'MAXLEN', 0);
    await redis.xgroup('SETID', 'orders', 'billing', '$');
  });

  it('is recorded to a tape, whose entries are published again', async () => {
    const tape = join(folder, 'orders.tape.ndjson');
    const recorded = await run('record', ['-o', tape, '--tap', '--run', '--for', '2s']);
    expect(recorded.exitCode).toBe(0);
    const bodies = async () =>
      (await redis.xrange('orders', '-', '+')).map(([, fields]) => fields[fields.indexOf('body') + 1]);
    const before = await bodies();
    expect(before).toHaveLength(5);
    await redis.xtrim('orders', 'MAXLEN', 0);
    await redis.xtrim('{orders}:dead', 'MAXLEN', 0);
    const replayed = await tapline(['replay', tape, '--speed', '50', '--json', '--connect', `cache=${server.url}`], {
      variables,
    });
    expect(replayed).toMatchObject({ exitCode: 0 });
    expect(await bodies()).toEqual(before);
    await redis.xtrim('orders', 'MAXLEN', 0);
    await redis.xgroup('SETID', 'orders', 'billing', '$');
  });

  it('runs, gives up what fails, and redrives it to the stream named', async () => {
    const interrupt = new AbortController();
    let dead = 0;
    const ran = await run('run', ['--json'], {
      interrupted: interrupt.signal,
      onOut: (text) => {
        dead += text.split('"phase":"dead-lettered"').length - 1;
        if (dead >= 5) interrupt.abort();
      },
    });
    expect(ran.exitCode).toBe(0);
    expect((await run('dead-letters')).stdout).toContain('{orders}:dead  5 messages');
    const dry = await run('redrive', ['{orders}:dead', '--dry-run']);
    expect(dry.stdout).toContain('to stream orders: by the drawing');
    const keyed = await run('redrive', ['{orders}:dead', '--to', 'aside', '--key', 'k']);
    expect(keyed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('--to names a stream') });
    const redriven = await run('redrive', ['{orders}:dead', '--to', 'aside', '--limit', '2']);
    expect(redriven.lines()).toEqual([{ redriven: 2, returned: 0, failed: 0, left: 3 }]);
    expect(await redis.xlen('aside')).toBe(2);
    const home = await run('redrive', ['{orders}:dead']);
    expect(home.lines()).toEqual([{ redriven: 3, returned: 0, failed: 0, left: 0 }]);
    expect(await redis.xlen('orders')).toBe(5 + 3);
  });

  it('publishes with confirms, and refuses to destroy what holds entries', async () => {
    const published = await run('publish', ['Shop', '--count', '2', '--body', '{"by": "hand"}', '--json']);
    expect(published.lines()).toEqual([{ published: 2, confirmed: 2, returned: 0 }]);
    const refused = await run('destroy', ['--yes']);
    expect(refused.exitCode).toBe(1);
    expect(await redis.exists('orders')).toBe(1);
    const destroyed = await run('destroy', ['--yes', '--allow-data-loss']);
    expect(destroyed.exitCode).toBe(0);
    expect(await redis.exists('orders', '{orders}:dead')).toBe(0);
  });

  it('is imported from what is there', async () => {
    await redis.xgroup('CREATE', 'invoices', 'printers', '0', 'MKSTREAM');
    const out = join(folder, 'found.flow.json');
    expect(await tapline(['import', server.url, '-o', out], { variables })).toMatchObject({ exitCode: 0 });
    const found = parseFlow(readFileSync(out, 'utf8'));
    if (!found.ok) throw new Error(found.problems[0]?.message);
    const names = Object.values(found.flow.nodes).map(({ type, name }) => [type, name]);
    expect(names).toContainEqual(['redis.stream', 'invoices']);
    expect(names).toContainEqual(['redis.group', 'printers']);
  });
});
