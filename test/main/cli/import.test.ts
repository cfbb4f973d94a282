import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseFlow } from '@shared/flow/parse';
import type { Flow } from '@shared/flow/schema';
import { serialiseFlow } from '@shared/flow/serialise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectSets } from '../../shared/kinds/rabbitmq/import/definitions';
import { createVhost, hasRabbit, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { tapline } from './tapline';

const folder = tempFolder();
const fixture = (name: string) => join(import.meta.dirname, '../../fixtures/definitions', name);
let count = 0;
const fresh = (name = 'out.flow.json') => {
  count += 1;
  return join(folder, `${count}-${name}`);
};
function read(path: string): Flow {
  const parsed = parseFlow(readFileSync(path, 'utf8'));
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
  return parsed.flow;
}
function written(text: string, name = 'in.json'): string {
  const path = fresh(name);
  writeFileSync(path, text);
  return path;
}

describe('tapline import of a file', () => {
  it.each(['cluster-3.10-http.json', 'cluster-4.2-cli.json', 'messy-by-hand.jsonc', 'single-vhost-3.10.json'])(
    'makes a flow of %s, with a place for every node',
    async (name) => {
      const out = fresh();
      const { exitCode, stdout } = await tapline(['import', fixture(name), '-o', out]);
      const { nodes, links, layout } = read(out);
      expect(stdout).toBe(`Imported ${countOf(nodes, 'node')} and ${countOf(links, 'link')} into ${out}.\n`);
      expect(Object.keys(layout.nodes)).toEqual(expect.arrayContaining(Object.keys(nodes)));
      expect(exitCode).toBe(0);
    },
  );

  it('answers with JSON, and shows neither hashes nor secrets', async () => {
    const out = fresh();
    const source = written(
      '{"users":[{"name":"u","password_hash":"HASH-9"}],"queues":[{"name":"q","vhost":"/"}],' +
        '"parameters":[{"vhost":"/","component":"shovel","name":"s","value":{"src-uri":"amqp://u:hunter2@h"}}]}',
    );
    const { lines, stdout, stderr } = await tapline(['import', source, '-o', out, '--json']);
    expect(lines()).toEqual([{ nodes: 1, links: 0, notices: expect.any(Array), output: out }]);
    for (const text of [stdout, stderr, readFileSync(out, 'utf8')]) expect(text).not.toMatch(/HASH-9|hunter2/);
  });

  it('refuses what it cannot read with line and column, and writes nothing', async () => {
    const out = fresh();
    const broken = written('{\n  "queues": [{"name": }]\n}', 'broken.json');
    const { exitCode, stdout, stderr } = await tapline(['import', broken, '-o', out]);
    expect(stderr).toMatch(/broken\.json, line 2, column 23: /);
    expect([exitCode, stdout, existsSync(out)]).toEqual([1, '', false]);
  });

  it('never writes over what is not a flow, and keeps a copy of one that it writes over', async () => {
    const other = written('my notes', 'notes.txt');
    const refused = await tapline(['import', fixture('vhosts-only.json'), '-o', other]);
    expect(refused.stderr).toMatch(/notes\.txt exists and is not a flow; it was left as it is/);
    expect([refused.exitCode, readFileSync(other, 'utf8')]).toEqual([1, 'my notes']);
    const out = fresh();
    await tapline(['import', fixture('cluster-3.10-http.json'), '-o', out]);
    const before = readFileSync(out, 'utf8');
    const { stderr } = await tapline(['import', fixture('single-vhost-3.10.json'), '-o', out]);
    expect(stderr).toMatch(/is kept as .*\.bak\./);
    expect(readFileSync(`${out}.bak`, 'utf8')).toBe(before);
  });

  it('merges into a flow, where everything placed stays', async () => {
    const out = fresh();
    const first = written('{"exchanges":[{"name":"x","type":"topic"}],"queues":[{"name":"q"}],"bindings":[]}');
    const second = written(
      '{"exchanges":[{"name":"x","type":"topic"}],"queues":[{"name":"q"},{"name":"new"}],' +
        '"bindings":[{"source":"x","destination":"new","destination_type":"queue","routing_key":"a"}]}',
    );
    await tapline(['import', first, '-o', out]);
    const before = read(out);
    const moved = {
      ...before,
      layout: { nodes: Object.fromEntries(Object.keys(before.nodes).map((id, n) => [id, { x: 77, y: n * 300 }])) },
    };
    writeFileSync(out, serialiseFlow(moved));
    expect((await tapline(['import', second, '-o', out, '--into', out])).exitCode).toBe(0);
    const after = read(out);
    expect(after.layout.nodes).toMatchObject(moved.layout.nodes);
    const added = Object.keys(after.nodes).filter((id) => !before.nodes[id]);
    expect(added.map((id) => after.nodes[id]!.name)).toEqual(['new']);
    expect(after.layout.nodes[added[0]!]!.x).toBeGreaterThan(77 + 208);
  });

  it('takes a flow, too', async () => {
    const out = fresh();
    const [first, second] = [fresh(), fresh()];
    await tapline(['import', fixture('cluster-3.10-http.json'), '-o', first]);
    await tapline(['import', fixture('single-vhost-3.10.json'), '-o', second]);
    const { stdout, exitCode } = await tapline(['import', second, '--into', first, '-o', out]);
    expect(stdout).toMatch(/^Imported/);
    expect(Object.keys(read(out).nodes).length).toBeGreaterThan(Object.keys(read(first).nodes).length);
    expect(exitCode).toBe(0);
  });

  it.each([
    [['import', 'x.json'], /required option '-o, --output <FLOW>'/i],
    [['import', '/no/such.json', '-o', join(folder, 'n.json')], /Cannot read \/no\/such\.json/],
    [['import', 'ftp://host', '-o', join(folder, 'n.json')], /only amqp:\/\/ or amqps:\/\//],
    [['import', 'amqp://h:99999', '-o', join(folder, 'n.json')], /“99999” is not a port/],
    [
      ['import', 'amqp://127.0.0.1:1', '-o', join(folder, 'n.json'), '--management', 'http://127.0.0.1:1'],
      /cannot be imported without its management API/,
    ],
  ])('answers %j with one sentence', async (args, sentence) => {
    const { exitCode, stdout, stderr } = await tapline(args);
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect([exitCode, stdout]).toEqual([1, '']);
  });
});

function countOf(record: object, noun: string): string {
  const n = Object.keys(record).length;
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

describe.skipIf(!hasRabbit)('tapline import of a live broker', () => {
  let vhost: TestVhost;
  const put = (path: string, body: unknown) => vhost.management('PUT', `/api/${path}`, body);
  beforeAll(async () => {
    vhost = await createVhost('import');
    const v = vhost.encoded;
    await put(`exchanges/${v}/orders`, { type: 'topic', durable: true, arguments: { 'alternate-exchange': 'lost' } });
    await put(`exchanges/${v}/lost`, { type: 'fanout', durable: true });
    await put(`queues/${v}/email`, {
      durable: true,
      arguments: { 'x-dead-letter-exchange': 'gone', 'x-message-ttl': 5000 },
    });
    await put(`queues/${v}/audit`, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    const bind = (from: string, to: string, body: unknown) =>
      vhost.management('POST', `/api/bindings/${v}/e/${from}/${to}`, body);
    await bind('orders', 'q/email', { routing_key: 'order.*' });
    await bind('orders', 'q/email', { routing_key: 'order.#' });
    await bind('orders', 'e/lost', { routing_key: 'x', arguments: { region: 'eu', n: 1 } });
    await put(`policies/${v}/limit`, { pattern: '^em', 'apply-to': 'queues', definition: { 'max-length': 10 } });
  });
  afterAll(() => vhost.remove());

  const management = () => ['--management', vhost.managementUrl];
  const api = () => {
    const url = new URL(vhost.managementUrl);
    return `${url.protocol}//${vhost.username}:${vhost.password}@${url.host}`;
  };
  /** 3.10 names the vhost in policies of a file for one vhost, and nowhere else. */
  const brokersOwn = async () => {
    const own = await vhost.management('GET', `/api/definitions/${vhost.encoded}`);
    return objectSets(JSON.stringify(own, (key, value) => (key === 'vhost' ? undefined : value)));
  };
  const exported = async (flow: string) =>
    objectSets((await tapline(['export', flow, '--format', 'rabbitmq', '--vhost', vhost.vhost])).stdout);

  it.each([
    ['amqp', () => [vhost.url, ...management()]],
    ['http', () => [api(), '--vhost', vhost.vhost]],
  ])('over %s is, exported, what the broker exports', async (_, source) => {
    const out = fresh();
    const { exitCode, stderr } = await tapline(['import', ...source(), '-o', out]);
    expect([stderr, exitCode]).toEqual([expect.stringContaining('exchange gone'), 0]);
    expect(await exported(out)).toEqual(await brokersOwn());
    const { nodes } = read(out);
    expect(Object.values(nodes).every(({ ownership }) => ownership === 'referenced')).toBe(true);
    expect(readFileSync(out, 'utf8')).not.toContain(`:${vhost.password}@`);
  });

  it('again, after a change of the broker, keeps every place and adds what is new', async () => {
    const out = fresh();
    await tapline(['import', vhost.url, ...management(), '-o', out]);
    const before = read(out);
    const moved = {
      ...before,
      layout: {
        nodes: Object.fromEntries(Object.keys(before.layout.nodes).map((id, n) => [id, { x: n * 400, y: n * 90 }])),
      },
    };
    writeFileSync(out, serialiseFlow(moved));
    await put(`queues/${vhost.encoded}/late`, { durable: true });
    await vhost.management('POST', `/api/bindings/${vhost.encoded}/e/orders/q/late`, { routing_key: 'late' });
    const { exitCode } = await tapline(['import', vhost.url, ...management(), '-o', out, '--into', out]);
    const after = read(out);
    expect(after.layout.nodes).toMatchObject(moved.layout.nodes);
    const added = Object.keys(after.nodes).filter((id) => !before.nodes[id]);
    expect(added.map((id) => after.nodes[id]!.name)).toEqual(['late']);
    expect(after.layout.nodes[added[0]!]).toBeDefined();
    expect(await exported(out)).toEqual(await brokersOwn());
    expect(exitCode).toBe(0);
  });

  it('says that a virtual host is not there', async () => {
    const { exitCode, stderr, stdout } = await tapline([
      'import',
      api(),
      '--vhost',
      'no-such',
      '-o',
      fresh(),
      '--json',
    ]);
    expect(stdout + stderr).toMatch(/no virtual host “no-such”/);
    expect(exitCode).toBe(1);
  });

  it('says that the password is wrong, without repeating it', async () => {
    const url = api().replace(`:${vhost.password}@`, ':hunter2@');
    const { exitCode, stderr } = await tapline(['import', url, '-o', fresh()]);
    expect(stderr).toMatch(/management API/);
    expect(stderr).not.toContain('hunter2');
    expect(exitCode).toBe(1);
  });
});
