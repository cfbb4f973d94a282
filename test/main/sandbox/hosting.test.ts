import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { serve } from '@main/serve/index';
import { connect } from 'amqplib';
import { afterAll, describe, expect, it } from 'vitest';
import { connectTo, type EngineClient } from '../../support/engine-client';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';

const root = tempFolder();
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

interface App {
  engine: EngineClient;
  close: () => Promise<void>;
}

async function start(folder: string): Promise<App> {
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

/** The same in a process of its own, to be killed. */
async function startToKill(folder: string): Promise<{ engine: EngineClient; kill: () => Promise<void> }> {
  const program = resolve(import.meta.dirname, '../../../bin/tapline.mjs');
  const child = spawn(process.execPath, [program, 'serve'], {
    env: { ...process.env, TAPLINE_DATA: join(root, folder) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const url = await new Promise<string>((done) => child.stdout.once('data', (chunk) => done(String(chunk).trim())));
  const { engine } = await connectTo(url);
  const ended = new Promise((done) => child.once('exit', done));
  return {
    engine,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function runningSandbox(engine: EngineClient) {
  const running = (await engine.sandbox.state())?.running[0];
  if (!running) throw new Error('no sandbox is running');
  return running;
}

/** The process of the one sandbox in a data folder. */
function lockOf(folder: string): { file: string; pid: number } {
  const sandboxes = join(root, folder, 'sandboxes');
  const file = join(sandboxes, readdirSync(sandboxes).find((name) => name.endsWith('.lock')) ?? 'none');
  return { file, pid: JSON.parse(readFileSync(file, 'utf8')).pid };
}

async function withChannel<T>(
  engine: EngineClient,
  work: (channel: Awaited<ReturnType<Awaited<ReturnType<typeof connect>>['createConfirmChannel']>>) => Promise<T>,
): Promise<T> {
  const connection = await connect((await runningSandbox(engine)).url);
  try {
    return await work(await connection.createConfirmChannel());
  } finally {
    await connection.close();
  }
}

const publish = (engine: EngineClient, body: string) =>
  withChannel(engine, async (channel) => {
    channel.sendToQueue('billing-queue', Buffer.from(body), { persistent: true });
    await channel.waitForConfirms();
  });
const depth = (engine: EngineClient) =>
  withChannel(engine, async (channel) => (await channel.checkQueue('billing-queue')).messageCount);

describe('the first start', () => {
  it('finds the example deployed to a sandbox that is the active environment', async () => {
    const { engine, close } = await start('first');
    expect(await engine.environments.list()).toMatchObject({
      active: 'sandbox',
      environments: [{ id: 'sandbox', name: 'Sandbox', protection: 'open', allowRun: true }],
    });
    expect((await engine.deploy.plan({})).plan).toMatchObject({ status: 'in-sync', steps: [] });
    expect(await depth(engine)).toBe(0);
    expect(statSync(lockOf('first').file).mode & 0o777).toBe(0o600);
    await close();
  });

  it('finds another example in place too; an empty flow and one that is opened wait to be deployed', async () => {
    const { engine, close } = await start('examples');
    const { flow } = await engine.document.create({ template: 'order-events' });
    expect((await engine.deploy.plan({})).plan).toMatchObject({ status: 'in-sync', steps: [] });
    await engine.document.openText({ name: 'mine.flow.json', text: JSON.stringify({ ...flow, id: 'another' }) });
    expect((await engine.deploy.plan({})).plan.status).toBe('changes');
    expect((await runningSandbox(engine)).holds.filter(({ count }) => count > 0)).toEqual([]);
    await close();
  });

  it('has a sandbox that can be neither changed nor removed', async () => {
    const { engine, close } = await start('fixed');
    const [sandbox] = (await engine.environments.list()).environments;
    await expect(engine.environments.save({ environment: { ...sandbox!, name: 'Mine' } })).rejects.toMatchObject({
      data: { code: 'environment/fixed' },
    });
    await engine.environments.remove({ id: 'sandbox' });
    expect((await engine.environments.list()).environments).toMatchObject([{ id: 'sandbox', name: 'Sandbox' }]);
    await close();
  });
});

describe('what a sandbox holds', () => {
  it('is there again after quitting, at another address, until it is reset', async () => {
    const first = await start('kept');
    await publish(first.engine, 'one');
    const { url } = await runningSandbox(first.engine);
    await first.close();

    const second = await start('kept');
    expect(await depth(second.engine)).toBe(1);
    expect((await runningSandbox(second.engine)).url).not.toBe(url);
    await second.engine.sandbox.reset();
    expect((await second.engine.deploy.plan({})).plan.steps).not.toEqual([]);
    await second.close();

    const third = await start('kept');
    expect(await depth(third.engine)).toBe(0);
    await third.close();
  });

  it('comes along to another version', async () => {
    const { engine, close } = await start('version');
    await publish(engine, 'one');
    await engine.sandbox.setVersion({ version: '4.0' });
    expect((await engine.brokers.facts({ broker: 'main' }))?.version).toMatch(/^4\.0/);
    expect(await runningSandbox(engine)).toMatchObject({ version: '4.0' });
    expect(await depth(engine)).toBe(1);
    await close();
  });
});

describe('a sandbox process', () => {
  it('ends with its owner', async () => {
    const { close } = await start('owner');
    const { pid } = lockOf('owner');
    await close();
    await until('it has ended', () => !isAlive(pid));
    expect(readdirSync(join(root, 'owner', 'sandboxes')).filter((name) => name.endsWith('.lock'))).toEqual([]);
  });

  it('outlives an engine that is killed, and the next engine joins it', async () => {
    const first = await startToKill('killed');
    await publish(first.engine, 'one');
    const before = await runningSandbox(first.engine);
    const { pid } = lockOf('killed');
    await first.kill();

    const second = await start('killed');
    expect(lockOf('killed').pid).toBe(pid);
    expect((await runningSandbox(second.engine)).url).toBe(before.url);
    expect(await depth(second.engine)).toBe(1);
    // The killed engine still counts as an owner for a while; the test does not wait for it.
    await second.close();
    process.kill(pid, 'SIGTERM');
    await until('it has ended', () => !isAlive(pid));
  });

  it('that is killed is started again where it was', async () => {
    const { engine, close } = await start('crash');
    const before = await runningSandbox(engine);
    process.kill(lockOf('crash').pid, 'SIGKILL');
    await until('it is there again', async () => (await engine.sandbox.state())?.restarts === 1);
    expect(await runningSandbox(engine)).toMatchObject({ url: before.url });
    await close();
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
