import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEngine, type Engine } from '@main/engine/engine';
import { memorySecrets } from '@main/engine/host';
import { createRouterClient } from '@orpc/server';
import { applyDiff, reverseDiff } from '@shared/flow/diff';
import { serialiseFlow } from '@shared/flow/serialise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { drawn } from '../../shared/picture/drawn';
import { parseXml } from '../../shared/picture/xml';
import type { EngineClient } from '../../support/engine-client';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';

const root = tempFolder();
const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../../fixtures/definitions', name), 'utf8');
let engine: Engine;
let client: EngineClient;
let secrets: ReturnType<typeof memorySecrets>;
let count = 0;

async function start(connections?: Record<string, { url: string; managementUrl?: string }>): Promise<void> {
  count += 1;
  secrets = memorySecrets();
  const host = { version: '1.2.3', dataFolder: join(root, String(count)), secrets, variables: {} };
  engine = await createEngine(host, { connections });
  client = createRouterClient(engine.router) as EngineClient;
  await client.document.openText({ name: 'orders.flow.json', text: serialiseFlow(drawn()) });
}
afterEach(() => engine.close());

const definitions = (queues: string[]) => JSON.stringify({ queues: queues.map((name) => ({ name })) });
const names = async () => Object.values((await client.document.state()).flow.nodes).map(({ name }) => name);

describe('an import into the open document', () => {
  beforeEach(() => start());

  it('is one edit that can be taken back, and keeps what is drawn where it is', async () => {
    const before = (await client.document.state()).flow;
    const report = await client.document.importText({
      name: 'rabbit.json',
      text: fixture('cluster-3.10-http.json'),
      replace: false,
    });
    const { flow, dirty, path } = await client.document.state();
    expect(flow.layout.nodes).toMatchObject(before.layout.nodes);
    expect(Object.keys(flow.layout.nodes)).toEqual(expect.arrayContaining(Object.keys(flow.nodes)));
    expect(applyDiff(before, report.diff)).toEqual(flow);
    expect(applyDiff(flow, reverseDiff(report.diff))).toEqual(before);
    expect([dirty, path]).toEqual([true, null]);
  });

  it('merges into what was drawn while it was laid out', async () => {
    const importing = client.document.importText({ name: 'a.json', text: definitions(['a', 'b']), replace: false });
    const { revision } = await client.document.state();
    const after = { type: 'rabbitmq.queue', name: 'meanwhile', broker: 'main', settings: {} };
    await client.document.edit({ baseRevision: revision, diff: [{ part: 'nodes', id: 'm', after }] });
    await importing;
    expect(await names()).toEqual(expect.arrayContaining(['orders', 'meanwhile', 'a', 'b']));
  });

  it('that replaces draws only what is imported, and can be taken back', async () => {
    const before = (await client.document.state()).flow;
    const { diff } = await client.document.importText({ name: 'a.json', text: definitions(['a', 'b']), replace: true });
    const { flow } = await client.document.state();
    expect(await names()).toEqual(['a', 'b']);
    expect([flow.id, flow.name]).toEqual([before.id, before.name]);
    expect(applyDiff(flow, reverseDiff(diff))).toEqual(before);
  });

  it('takes a flow, too: what both have stays as it is drawn', async () => {
    const other = drawn();
    const text = serialiseFlow({
      ...other,
      nodes: { ...other.nodes, z: { type: 'rabbitmq.queue', name: 'more', broker: 'main', settings: {} } },
    });
    const report = await client.document.importText({ name: 'other.flow.json', text, replace: false });
    expect(report).toMatchObject({ nodes: 6, notices: [expect.stringContaining('9 of them')] });
    expect((await names()).filter((name) => name === 'more')).toHaveLength(1);
    expect(Object.keys((await client.document.state()).flow.links)).toHaveLength(4);
  });

  it('refuses what it cannot read with line and column, and changes nothing', async () => {
    const before = await client.document.state();
    for (const [name, text] of [
      ['a.json', '{"queues": [}'],
      ['b.flow.json', '{"format": 1,\n "nodes": {'],
      ['c.json', '[]'],
    ] as const) {
      const refused = client.document.importText({ name, text, replace: true });
      await expect(refused).rejects.toMatchObject({
        code: 'FAILED',
        message: expect.stringMatching(new RegExp(`^${name}, line \\d+, column \\d+: `)),
      });
    }
    expect(await client.document.state()).toEqual(before);
  });

  it('keeps secrets of the source for the environment, out of the document', async () => {
    const text = JSON.stringify({
      parameters: [{ vhost: '/', component: 'shovel', name: 's', value: { 'src-uri': 'amqp://u:hunter2@h' } }],
    });
    const report = await client.document.importText({ name: 'a.json', text, replace: false });
    const state = await client.document.state();
    const [, id] = /\{\{secret:([^}]+)\}\}/.exec(JSON.stringify(state)) ?? [];
    expect(JSON.stringify([state, report])).not.toContain('hunter2');
    expect(await secrets.get(`environment/local/secret:${id}`)).toBe('hunter2');
  });

  it('says that there is no connection to import from', async () => {
    await expect(client.document.importLive({ broker: 'main', replace: false })).rejects.toMatchObject({
      data: { code: 'import/no-connection', hint: expect.any(String) },
    });
  });
});

describe('an export of the open document', () => {
  beforeEach(() => start());

  it('is a file of each format', async () => {
    const svg = await client.document.export({ format: 'svg' });
    expect(svg).toMatchObject({ fileName: 'orders.svg', mimeType: 'image/svg+xml', notices: [] });
    expect(parseXml(svg.text).name).toBe('svg');
    expect(await client.document.export({ format: 'mermaid' })).toMatchObject({ fileName: 'orders.mmd' });
    const { flow } = await client.document.state();
    expect((await client.document.export({ format: 'flow' })).text).toBe(serialiseFlow(flow));
    const { text } = await client.document.export({ format: 'rabbitmq' });
    expect(JSON.parse(text).exchanges).toMatchObject([{ name: 'orders', vhost: '/' }]);
  });

  it('names the broker that is not there', async () => {
    await expect(client.document.export({ format: 'rabbitmq', broker: 'x' })).rejects.toMatchObject({
      data: { code: 'export/no-broker' },
    });
  });
});

describe('an import of the live broker', () => {
  let vhost: TestVhost;
  beforeAll(async () => {
    vhost = await createVhost('transfer');
    await vhost.management('PUT', `/api/queues/${vhost.encoded}/theirs`, {});
    await vhost.management('PUT', `/api/queues/${vhost.encoded}/orders`, { arguments: { 'x-max-length': 3 } });
  });
  afterAll(() => vhost.remove());

  it('goes through the active environment: new objects are referenced, drawn ones take what the broker has', async () => {
    await start({ main: { url: vhost.url, managementUrl: vhost.managementUrl } });
    const report = await client.document.importLive({ broker: 'main', replace: false });
    const { nodes } = (await client.document.state()).flow;
    expect(report).toMatchObject({ nodes: 2, links: 0 });
    expect(nodes.q).toMatchObject({ settings: { arguments: { 'x-max-length': 3 } } });
    expect(nodes.q).not.toHaveProperty('ownership');
    expect(Object.values(nodes).find(({ name }) => name === 'theirs')).toMatchObject({ ownership: 'referenced' });
    expect((await client.deploy.plan({})).plan.steps.map(({ name }) => name)).not.toContain('theirs');
  });
});
