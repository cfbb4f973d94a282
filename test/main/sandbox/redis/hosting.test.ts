import { join } from 'node:path';
import { serve } from '@main/serve/index';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { connectTo, type EngineClient } from '../../../support/engine-client';
import { tempFolder } from '../../../support/temp-folder';
import { until } from '../../../support/until';

const root = tempFolder();

async function start(folder: string): Promise<{ engine: EngineClient; close: () => Promise<void> }> {
  const served = await serve({ dataFolder: join(root, folder) });
  const { engine, close } = await connectTo(served.url);
  return {
    engine,
    close: async () => {
      close();
      await served.close();
    },
  };
}

async function deploy(engine: EngineClient): Promise<void> {
  const { planId } = await engine.deploy.plan({});
  let job = await engine.deploy.start({ planId });
  while (job.state === 'running') job = await engine.deploy.progress({ jobId: job.jobId, seen: job.outcomes.length });
}

/** Counter of a node in the latest frame; 0 while there is none. */
async function counted(engine: EngineClient, node: string, name: 'acked' | 'published' | 'deadLettered') {
  const { counters } = await engine.traffic.frame({ epoch: '', cursor: 0 });
  return counters.nodes[node]?.[name]?.value ?? 0;
}

const urlOf = async (engine: EngineClient) => (await engine.sandbox.state())?.running[0]?.url ?? '';

describe('a flow of Redis with nothing installed', () => {
  it('is planned, deployed, run and seen in the sandbox, which keeps its streams', async () => {
    const first = await start('stream');
    const { flow } = await first.engine.document.create({ template: 'order-stream' });
    await deploy(first.engine);
    expect((await first.engine.deploy.plan({})).plan).toMatchObject({ status: 'in-sync', steps: [] });
    expect((await first.engine.sandbox.state())?.running).toMatchObject([
      { broker: 'main', url: expect.stringMatching(/^redis:\/\/default:/), clock: null },
    ]);
    await first.engine.traffic.watch({ mode: 'counters' });
    await first.engine.traffic.run({});
    await until('orders are shipped', async () => (await counted(first.engine, 'ship-order', 'acked')) >= 2);
    await until('orders are seen', async () => (await counted(first.engine, 'orders', 'published')) >= 2);
    await first.engine.traffic.stop();
    const redis = new Redis(await urlOf(first.engine));
    const length = await redis.xlen('orders');
    expect(length).toBeGreaterThanOrEqual(2);
    redis.disconnect();
    const { text } = await first.engine.document.export({ format: 'flow' });
    await first.close();

    const second = await start('stream');
    await second.engine.document.openText({ name: 'order-stream.flow.json', text });
    expect((await second.engine.document.state()).flow.id).toBe(flow.id);
    expect((await second.engine.deploy.plan({})).plan).toMatchObject({ status: 'in-sync' });
    const again = new Redis(await urlOf(second.engine));
    expect(await again.xlen('orders')).toBe(length);
    await second.engine.sandbox.reset();
    expect(await again.keys('*')).toEqual([]);
    again.disconnect();
    await second.close();
  });

  it('needs no deploying for channels, whose messages reach handlers directly and through a pattern', async () => {
    const { engine, close } = await start('activity');
    await engine.document.create({ template: 'user-activity' });
    expect((await engine.deploy.plan({})).plan).toMatchObject({ status: 'in-sync', steps: [] });
    await engine.traffic.run({});
    await until('a message is handled', async () => (await counted(engine, 'notify', 'acked')) > 0);
    await until('the pattern hears', async () => (await counted(engine, 'audit', 'acked')) > 0);
    await close();
  });
});
