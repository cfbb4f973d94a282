import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { FlowDiff } from '@shared/flow/diff';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTo, type EngineClient } from '../../support/engine-client';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';

const dataFolder = tempFolder();
const program = resolve(import.meta.dirname, '../../../bin/tapline.mjs');
const children: ChildProcess[] = [];

/** Starts the built `tapline serve` in a process of its own and speaks to it. */
async function startTapline(
  variables: Record<string, string>,
): Promise<{ engine: EngineClient; kill: () => Promise<void> }> {
  const child = spawn(process.execPath, [program, 'serve'], {
    env: { ...process.env, ...variables, TAPLINE_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const url = await new Promise<string>((done, failed) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const [found] = text.match(/http:\/\/\S+token=\S+/) ?? [];
      if (found) done(found);
    });
    child.once('exit', (code) => failed(new Error(`tapline serve ended with ${code}`)));
  });
  const { engine } = await connectTo(url);
  return {
    engine,
    kill: async () => {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function edit(engine: EngineClient, diff: FlowDiff): Promise<void> {
  const { revision } = await engine.document.state();
  expect(await engine.document.edit({ baseRevision: revision, diff })).toMatchObject({ accepted: true });
}

/** Deploys what is drawn until `enough` steps have ended, or all. */
async function deploy(engine: EngineClient, options: { prune?: boolean; enough?: number } = {}) {
  const { planId } = await engine.deploy.plan({ prune: options.prune ?? false });
  let job = await engine.deploy.start({ planId });
  while (job.state === 'running' || job.state === 'verifying') {
    if (job.outcomes.length >= (options.enough ?? Number.POSITIVE_INFINITY)) break;
    job = await engine.deploy.progress({ jobId: job.jobId, seen: job.outcomes.length });
  }
  return job;
}

afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

describe('after SIGKILL', () => {
  it('an accepted edit is there again', async () => {
    const first = await startTapline({});
    await edit(first.engine, [{ part: 'property', id: 'name', after: 'Not saved' }]);
    await first.kill();
    const second = await startTapline({});
    expect(await second.engine.document.state()).toMatchObject({
      recovered: true,
      dirty: true,
      flow: { name: 'Not saved' },
    });
    await second.engine.document.create({ template: 'empty' });
    await second.kill();
  });
});

describe('after SIGKILL in the middle of a deploy', () => {
  let vhost: TestVhost;
  beforeAll(async () => {
    vhost = await createVhost('kill');
  });
  afterAll(() => vhost.remove());

  it('deploying again repairs it, and what was made before the kill is known to be ours', async () => {
    const variables = { TAPLINE_CONNECT_MAIN: vhost.url, TAPLINE_MANAGEMENT_MAIN: vhost.managementUrl };
    const ids = Array.from({ length: 400 }, (_, n) => `queue-${n}`);
    const queues = ids.map((id): FlowDiff[number] => ({
      part: 'nodes',
      id,
      after: { type: 'rabbitmq.queue', name: id, broker: 'main', settings: {} },
    }));
    const first = await startTapline(variables);
    await first.engine.document.create({ template: 'empty' });
    await edit(first.engine, queues);
    await deploy(first.engine, { enough: 1 });
    await first.kill();

    const second = await startTapline(variables);
    expect(Object.keys((await second.engine.document.state()).flow.nodes)).toHaveLength(400);
    expect((await deploy(second.engine)).summary).toMatchObject({ failed: 0, remaining: 0, status: 'in-sync' });

    await edit(
      second.engine,
      ids.map((id) => ({ part: 'nodes', id })),
    );
    const pruned = await deploy(second.engine, { prune: true });
    expect(pruned.summary).toMatchObject({ done: 400, failed: 0, status: 'in-sync' });
    expect(await vhost.management('GET', `/api/queues/${vhost.encoded}?disable_stats=true`)).toEqual([]);
    await second.kill();
  });
});
