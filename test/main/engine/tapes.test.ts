import { readFileSync } from 'node:fs';
import { createEngine, type Engine } from '@main/engine/engine';
import { memorySecrets } from '@main/engine/host';
import { createRouterClient } from '@orpc/server';
import { environmentSchema, type Protection } from '@shared/api/environment';
import type { ReplayJob } from '@shared/api/tapes';
import { serialiseFlow } from '@shared/flow/serialise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EngineClient } from '../../support/engine-client';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';
import { draw } from '../kinds/rabbitmq/flows';
import { deployTo } from './live';

const root = tempFolder();
const flow = draw({
  exchanges: { orders: { exchangeType: 'fanout' } },
  queues: { work: {} },
  bindings: [['orders', 'work']],
  publishers: { Shop: { body: '{"order": {{seq}}}', ratePerSecond: 0 } },
  publishes: [['Shop', 'orders']],
});

describe('tapes of the open document', () => {
  let vhost: TestVhost;
  let engine: Engine;
  let client: EngineClient;
  let count = 0;

  beforeAll(async () => {
    vhost = await createVhost('tapes');
    await deployTo(vhost.url, vhost.managementUrl, flow);
  });
  afterAll(() => vhost.remove());
  beforeEach(async () => {
    const dataFolder = `${root}/${++count}`;
    engine = await createEngine({ version: '1', dataFolder, secrets: memorySecrets(), variables: {} }, {});
    client = createRouterClient(engine.router) as EngineClient;
    await client.document.openText({ name: 'orders.flow.json', text: serialiseFlow(flow) });
    await use('open');
  });
  afterEach(() => engine.close());

  async function use(protection: Protection): Promise<void> {
    const connections = { main: { url: vhost.url, managementUrl: vhost.managementUrl } };
    const environment = environmentSchema.parse({
      id: protection,
      name: `The ${protection} one`,
      protection,
      allowRun: true,
      connections,
    });
    await client.environments.save({ environment });
    await client.environments.select({ id: protection });
    await until('it is watched', () =>
      client.traffic.watch({ mode: 'counters' }).then(
        () => true,
        () => false,
      ),
    );
  }

  /** Records what Shop publishes; answers the tape's file. */
  async function recordMessages(messages: number, options: { mask?: string[] } = {}): Promise<string> {
    // Watching ends with the environment before, now and then after it was asked for anew.
    const { path } = await until('it is recorded', () =>
      client.tapes.record(options).catch(async () => {
        await client.traffic.watch({ mode: 'counters' }).catch(() => {});
        return undefined;
      }),
    );
    await client.traffic.publish({ node: 'shop', count: messages });
    const state = await client.tapes.stop();
    expect(state).toMatchObject({ path, events: messages, lost: 0, ended: 'stopped' });
    return path;
  }

  async function endOf(job: ReplayJob): Promise<ReplayJob> {
    let now = job;
    while (now.state !== 'ended') now = await client.tapes.progress({ jobId: job.jobId, seen: now.version });
    return now;
  }

  it('are recorded, listed, opened and shown at any moment', async () => {
    const path = await recordMessages(7);
    expect(await client.tapes.list()).toMatchObject([{ path, name: expect.stringMatching(/^test-.*\.tape\.ndjson$/) }]);
    const tape = await client.tapes.open({ path });
    expect(tape).toMatchObject({
      events: 7,
      ended: 'stopped',
      missing: 0,
      environment: 'The open one',
      flow: { nodes: flow.nodes },
    });
    expect(tape.busy.reduce((sum, n) => sum + n)).toBe(7);
    const at = (moment: number) =>
      client.tapes.frames({ tapeId: tape.tapeId, epoch: '', cursor: 0, from: tape.startedAt, at: moment });
    const [before] = await at(tape.startedAt);
    const after = (await at(tape.endedAt)).at(-1);
    expect([before?.events.length, after?.events.length]).toEqual([0, 7]);
    expect(after?.counters.nodes['shop']).toMatchObject({
      published: { value: 7, source: 'own' },
      confirmed: { value: 7 },
    });
    const { journeys } = await client.tapes.journeys({ tapeId: tape.tapeId, at: tape.endedAt });
    expect(journeys).toHaveLength(7);
    await client.tapes.close({ tapeId: tape.tapeId });
    await expect(at(tape.endedAt)).rejects.toThrow('This tape is not open any more.');
  });

  it('say in every frame how the recording stands, and end with the document', async () => {
    const { path } = await client.tapes.record({});
    const { recording } = await client.traffic.frame({ epoch: '', cursor: 0 });
    expect(recording).toMatchObject({ path, events: 0 });
    await expect(client.tapes.record({})).rejects.toThrow('is being recorded already');
    await client.document.create({ template: 'empty' });
    await until('it ended', async () => {
      const frame = await client.traffic.frame({ epoch: '', cursor: 0 });
      return frame.recording?.ended === 'closed';
    });
    expect((await client.tapes.open({ path })).ended).toBe('closed');
  });

  it('are not made of nothing', async () => {
    await client.traffic.watch({ mode: 'off' });
    await expect(client.tapes.record({})).rejects.toThrow('Nothing is watched that could be recorded.');
  });

  it('hold no bodies where the environment is protected', async () => {
    await use('confirm');
    const path = await recordMessages(2);
    expect(readFileSync(path, 'utf8').split('\n').slice(1).join()).not.toContain('order\\"');
    expect((await client.tapes.open({ path })).masking).toEqual({ bodies: 'off', rules: [] });
  });

  it('are opened from a text, and refused with the line', async () => {
    const text = readFileSync(await recordMessages(1), 'utf8');
    expect(await client.tapes.openText({ name: 'mine.tape.ndjson', text })).toMatchObject({
      name: 'mine.tape.ndjson',
      events: 1,
    });
    await expect(client.tapes.openText({ name: 'x.ndjson', text: '{}' })).rejects.toThrow('is no tape');
  });

  it('are replayed into the document, counted, and written to the audit log', async () => {
    const { tapeId } = await client.tapes.open({ path: await recordMessages(5) });
    expect(await client.tapes.preview({ tapeId, speed: 1 })).toMatchObject({
      messages: 5,
      destinations: [{ name: 'orders', messages: 5 }],
    });
    const job = await endOf(await client.tapes.replay({ tapeId, speed: 100 }));
    expect(job.summary).toMatchObject({ ended: 'done', published: 5, confirmed: 5, returned: 0 });
    const { counters } = await client.traffic.frame({ epoch: '', cursor: 0 });
    // The five that were recorded are forgotten where watching ended late with the environment before.
    expect(counters.nodes['shop']?.published?.value).toBeOneOf([5, 10]);
    const audit = readFileSync(`${root}/${count}/audit.ndjson`, 'utf8');
    expect(audit).toMatch(/"event":"replay-started".*\n.*"event":"replay-ended"/);
  });

  it('are not replayed into what is read-only, nor unconfirmed into what wants its name', async () => {
    const { tapeId } = await client.tapes.open({ path: await recordMessages(1) });
    await use('read-only');
    await use('confirm');
    await use('open');
    const replay = (environment: string, confirmation?: string) =>
      client.tapes.replay({ tapeId, speed: 100, environment, confirmation });
    await expect(replay('read-only')).rejects.toThrow('The read-only one is read-only: Tapline changes nothing there.');
    await expect(replay('confirm')).rejects.toThrow('need its name typed');
    const job = await endOf(await replay('confirm', 'The confirm one'));
    expect(job.summary).toMatchObject({ ended: 'done', confirmed: 1 });
  });
});
