import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, type Engine } from '@main/engine/engine';
import { memorySecrets } from '@main/engine/host';
import { createLogger } from '@main/engine/log';
import { createRedactor } from '@main/engine/redact';
import { createRouterClient } from '@orpc/server';
import type { DeployJob } from '@shared/api/contract';
import { environmentSchema } from '@shared/api/environment';
import type { FlowDiff } from '@shared/flow/diff';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EngineClient } from '../../support/engine-client';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';

const root = tempFolder();
const logged: string[] = [];
const log = createLogger(createRedactor(), { level: 'warn', write: (line) => logged.push(line) });
let dataFolder: string;
let engine: Engine;
let client: EngineClient;
let count = 0;

async function start(connections?: Record<string, { url: string; managementUrl?: string }>): Promise<void> {
  count += 1;
  dataFolder = join(root, String(count));
  const host = { version: '1.2.3', dataFolder, secrets: memorySecrets(), variables: {} };
  engine = await createEngine(host, { connections, log });
  client = createRouterClient(engine.router) as EngineClient;
}
async function draw(diff: FlowDiff): Promise<void> {
  const { revision } = await client.document.state();
  await client.document.edit({ baseRevision: revision, diff });
}
afterEach(() => engine.close());

describe('the contract', () => {
  beforeEach(() => start());

  it('says what the host can do', async () => {
    expect(await client.host.info()).toEqual({ version: '1.2.3', fileDialogs: false, secretStore: 'memory' });
    await expect(client.host.chooseFileToOpen({ purpose: 'flow' })).rejects.toMatchObject({
      code: 'FAILED',
      defined: true,
    });
  });

  it('answers a failure as the declared error, with code and hint', async () => {
    await expect(client.deploy.start({ planId: 'none' })).rejects.toMatchObject({
      code: 'FAILED',
      defined: true,
      message: 'This plan is not known any more.',
      data: { code: 'deploy/unknown-plan', hint: 'Plan again.', retryable: false },
    });
  });

  it('refuses input that does not fit', async () => {
    await expect(client.document.open({ path: 1 } as never)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  });

  it('begins documents anew, empty or with the example', async () => {
    const empty = await client.document.create({ template: 'empty' });
    expect(empty).toMatchObject({ path: null, dirty: false, flow: { nodes: {} } });
    const again = await client.document.create({ template: 'empty' });
    expect(again.flow.id).not.toBe(empty.flow.id);
  });

  it('says nothing of a broker that it has no connection for', async () => {
    expect(await client.brokers.facts({ broker: 'main' })).toBeNull();
  });

  it('lets nothing run where handlers may not consume, and publishes nothing where it is read-only', async () => {
    const environment = environmentSchema.parse({ id: 'e', name: 'Production', protection: 'open' });
    await client.environments.save({ environment });
    await client.environments.select({ id: 'e' });
    await expect(client.traffic.run({})).rejects.toMatchObject({ data: { code: 'environment/may-not-run' } });
    await client.environments.save({ environment: { ...environment, protection: 'read-only', allowRun: true } });
    await expect(client.traffic.run({})).rejects.toMatchObject({ data: { code: 'environment/may-not-run' } });
    await expect(client.traffic.publish({ node: 'x' })).rejects.toMatchObject({
      data: { code: 'environment/read-only' },
    });
  });

  it('logs no refusal as a bug', () => {
    expect(logged.filter((line) => !line.includes('does not fit the contract'))).toEqual([]);
  });
});

describe('a deploy through the contract', () => {
  let vhost: TestVhost;
  beforeAll(async () => {
    vhost = await createVhost('engine');
  });
  afterAll(() => vhost.remove());
  beforeEach(async () => {
    await start({ main: { url: vhost.url, managementUrl: vhost.managementUrl } });
    await client.document.create({ template: 'empty' });
  });

  const queue = (id: string, args: Record<string, number> = {}): FlowDiff[number] => ({
    part: 'nodes',
    id,
    after: { type: 'rabbitmq.queue', name: id, broker: 'main', settings: { arguments: args } },
  });
  async function follow(job: DeployJob): Promise<DeployJob> {
    let now = job;
    while (now.state === 'running' || now.state === 'verifying') {
      now = await client.deploy.progress({ jobId: now.jobId, seen: now.outcomes.length });
    }
    return now;
  }

  it('plans, carries out, reports each step, and is in sync', async () => {
    await draw(['a', 'b', 'c'].map((id) => queue(id)));
    const { planId, plan } = await client.deploy.plan({});
    expect(plan.steps).toHaveLength(3);
    const job = await follow(await client.deploy.start({ planId }));
    expect(job).toMatchObject({ state: 'finished', total: 3, summary: { done: 3, status: 'in-sync' } });
    expect(job.outcomes.map(({ stepId }) => stepId).sort()).toEqual(plan.steps.map(({ id }) => id).sort());
    expect((await client.deploy.plan({})).plan.status).toBe('in-sync');
  });

  it('refuses to begin when the drawing changed since the plan', async () => {
    await draw([queue('d')]);
    const { planId } = await client.deploy.plan({});
    await draw([queue('e')]);
    await expect(client.deploy.start({ planId })).rejects.toMatchObject({
      data: { code: 'deploy/changed-since-plan' },
    });
  });

  it('asks for the name of a protected environment, and deploys with it', async () => {
    const environment = environmentSchema.parse({
      id: 'p',
      name: 'Production',
      protection: 'confirm',
      connections: { main: { url: vhost.url, managementUrl: vhost.managementUrl } },
    });
    await client.environments.save({ environment });
    await client.environments.select({ id: 'p' });
    await draw([queue('f')]);
    const { planId } = await client.deploy.plan({});
    await expect(client.deploy.start({ planId })).rejects.toMatchObject({
      data: { code: 'environment/not-confirmed' },
    });
    const job = await follow(await client.deploy.start({ planId, confirmation: 'Production' }));
    expect(job.summary).toMatchObject({ done: 1 });
  });

  it('cancelled, skips what has not begun and says so', async () => {
    await draw(Array.from({ length: 300 }, (_, n) => queue(`many-${n}`)));
    const { planId } = await client.deploy.plan({});
    const started = await client.deploy.start({ planId });
    await client.deploy.cancel({ jobId: started.jobId });
    const job = await follow(started);
    expect(job.state).toBe('cancelled');
    expect(job.outcomes).toHaveLength(300);
    expect(job.summary?.skipped).toBeGreaterThan(0);
    expect(job.summary?.remaining).toBe(job.summary?.skipped);
  });

  it('tells what is known of the broker, and that a connection works or why not', async () => {
    expect(await client.brokers.facts({ broker: 'main' })).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+/),
    });
    const connection = { url: vhost.url, managementUrl: vhost.managementUrl, hasSecret: false };
    expect(await client.environments.test({ kind: 'rabbitmq', connection })).toMatchObject({
      ok: true,
      management: { ok: true },
    });
    const wrong = { ...connection, url: vhost.url.replace(/:[^:@]+@/, ':wrong-password@') };
    const report = await client.environments.test({ kind: 'rabbitmq', connection: wrong });
    expect(report.ok).toBe(false);
    expect(JSON.stringify(report)).not.toContain('wrong-password');
  });

  it('leaves no secret in the data folder', async () => {
    await draw([queue('g')]);
    const { planId } = await client.deploy.plan({});
    await follow(await client.deploy.start({ planId }));
    expect(readFileSync(join(dataFolder, 'audit.ndjson'), 'utf8')).not.toContain(`:${vhost.password}@`);
    expect(JSON.stringify(await client.environments.list())).not.toContain(`:${vhost.password}@`);
  });
});
