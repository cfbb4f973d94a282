import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@shared/failure';
import type { Flow, FlowNode } from '@shared/flow/schema';
import { serialiseFlow } from '@shared/flow/serialise';
import { exportDefinitions } from '@shared/kinds/rabbitmq/export/export-definitions';
import { importDefinitions } from '@shared/kinds/rabbitmq/import/import-definitions';
import { describe, expect, it } from 'vitest';

const folder = join(import.meta.dirname, '../../../../fixtures/definitions');
const importFixture = (file: string) =>
  importDefinitions(readFileSync(join(folder, file), 'utf8'), { broker: 'main', fileName: file });
const importText = (text: string) => importDefinitions(text, { broker: 'main' });

const find = (flow: Flow, type: 'exchange' | 'queue', name: string, vhost?: string): [string, FlowNode] => {
  const found = Object.entries(flow.nodes).find(
    ([, node]) => node.type === `rabbitmq.${type}` && node.name === name && (!vhost || node.settings.vhost === vhost),
  );
  if (!found) throw new Error(`no ${type} ${name}`);
  return found;
};
const linksFrom = (flow: Flow, type: string, id: string) =>
  Object.values(flow.links).filter((link) => link.type === type && 'node' in link.from && link.from.node === id);

describe('a definitions file', () => {
  const { flow, notices } = importFixture('cluster-3.10-http.json');

  it('draws managed exchanges and queues with the facts of the broker', () => {
    expect(find(flow, 'queue', 'audit')[1]).toEqual({
      type: 'rabbitmq.queue',
      name: 'audit',
      broker: 'main',
      settings: {
        vhost: 'shop',
        durable: true,
        autoDelete: false,
        arguments: { 'x-queue-type': 'stream', 'x-max-age': '7D' },
      },
    });
    expect(find(flow, 'exchange', 'lost')[1].settings).toMatchObject({ exchangeType: 'fanout', internal: true });
  });

  it('calls the broker by the name of its cluster', () => {
    expect(flow.brokers.main?.name).toBe('rabbit@shop-1');
  });

  it('tells objects of one name apart by type and vhost', () => {
    const ids = [
      find(flow, 'queue', 'orders', '/')[0],
      find(flow, 'queue', 'orders', 'shop')[0],
      find(flow, 'exchange', 'orders', '/')[0],
      find(flow, 'exchange', 'orders', 'shop')[0],
    ];
    expect(new Set(ids).size).toBe(4);
  });

  it('draws all bindings of a pair as rows of one link', () => {
    const [exchange] = find(flow, 'exchange', 'orders', 'shop');
    const [queue] = find(flow, 'queue', 'orders', 'shop');
    const links = linksFrom(flow, 'binding', exchange).filter((link) => 'node' in link.to && link.to.node === queue);
    expect(links.map(({ settings }) => settings.rows)).toEqual([
      [
        { routingKey: 'order.*', arguments: {} },
        { routingKey: 'order.created.#', arguments: {} },
      ],
    ]);
  });

  it('keeps the types of header matches', () => {
    const [exchange] = find(flow, 'exchange', 'by header');
    expect(linksFrom(flow, 'binding', exchange)[0]?.settings.rows).toContainEqual({
      routingKey: '',
      arguments: {
        'x-match': 'any',
        amount: { $type: 'long', value: '9007199254740993' },
        express: true,
        ratio: { $type: 'double', value: 2 },
      },
    });
  });

  it('draws dead-letter and alternate arguments as links, and keeps them nowhere else', () => {
    const [billing, node] = find(flow, 'queue', 'billing');
    expect(node.settings.arguments).toEqual({ 'x-queue-type': 'quorum', 'x-delivery-limit': 5 });
    expect(linksFrom(flow, 'dead-letter', billing)).toEqual([
      {
        type: 'dead-letter',
        from: { node: billing },
        to: { node: find(flow, 'exchange', 'dlx')[0] },
        settings: { routingKey: 'billing.dead' },
      },
    ]);
    const [orders] = find(flow, 'exchange', 'orders', 'shop');
    expect(linksFrom(flow, 'alternate', orders)[0]?.to).toEqual({ node: find(flow, 'exchange', 'lost')[0] });
  });

  it('draws dead letters through the default exchange as a link to the queue, its own included', () => {
    const [retry] = find(flow, 'queue', 'retry');
    const [loop] = find(flow, 'queue', 'loop');
    const [ownKey] = find(flow, 'queue', 'own key');
    const deadLetters = (id: string) =>
      linksFrom(flow, 'dead-letter', id).map(({ to, settings }) => ({ to, settings }));
    expect(deadLetters(retry)).toEqual([{ to: { node: find(flow, 'queue', 'billing')[0] }, settings: {} }]);
    expect(deadLetters(loop)).toEqual([{ to: { node: loop }, settings: {} }]);
    expect(deadLetters(ownKey)).toEqual([{ to: { name: '', objectType: 'exchange', vhost: 'shop' }, settings: {} }]);
  });

  it('binds predeclared exchanges by name', () => {
    const [audit] = find(flow, 'queue', 'audit');
    const link = Object.values(flow.links).find(({ to }) => 'node' in to && to.node === audit);
    expect(link?.from).toEqual({ name: 'amq.topic', objectType: 'exchange', vhost: 'shop' });
  });

  it('reads policies, operator policies, limits, parameters and vhosts', () => {
    const settings = flow.brokers.main?.settings as Record<string, Record<string, unknown>>;
    const values = (key: string) => Object.values(settings[key] ?? {});
    expect(values('policies')).toContainEqual({
      vhost: 'shop',
      name: 'dead letters',
      pattern: '^orders\\.',
      applyTo: 'queues',
      priority: 5,
      definition: { 'dead-letter-exchange': 'dlx', 'message-ttl': 60_000 },
    });
    expect(values('operatorPolicies')).toEqual([
      {
        vhost: 'shop',
        name: 'cap',
        pattern: '',
        applyTo: 'queues',
        priority: 1,
        definition: { 'max-length': 100_000 },
      },
    ]);
    expect(values('parameters').map((parameter) => (parameter as { component: string }).component)).toEqual([
      'vhost-limits',
      'shovel',
      'federation-upstream',
    ]);
    expect(settings.vhosts).toEqual({ '/': {}, shop: { description: 'Web shop', tags: ['prod'] } });
  });

  it('leaves accounts out and says so', () => {
    expect(serialiseFlow(flow)).not.toMatch(/password_hash|IRZkNVxbhvzx|monitoring|administrator/);
    expect(notices[0]).toBe(
      '2 users, 1 permission and 1 topic permission left out, with their password hashes and tags: a flow holds no accounts.',
    );
  });
});

describe('secrets inside values', () => {
  const { flow, notices, secrets } = importFixture('cluster-3.10-http.json');

  it('become placeholders, and are in nothing that is shown, saved or exported', () => {
    const shown = [
      serialiseFlow(flow),
      ...notices,
      exportDefinitions(flow, 'main', { defaultVhost: '/' }).text,
      ...exportDefinitions(flow, 'main', { defaultVhost: '/' }).notices,
    ].join('\n');
    for (const secret of ['S3cr', 'oth/er', 'hunter2']) expect(shown).not.toContain(secret);
    expect(shown).toContain('amqp://fed:{{secret:federation-upstream-eu-uri}}@eu.example.com?heartbeat=10');
    expect(shown).toContain('amqps://dc3.example.com');
  });

  it('are handed to the host by id', () => {
    expect(secrets).toEqual({
      'shovel-orders-to-dc2-src-uri': 'S3cr%21t',
      'shovel-orders-to-dc2-dest-uri-1': 'oth/er',
      'federation-upstream-eu-uri': 'hunter2',
    });
  });

  it.each([
    ['a parameter called password', '{"parameters":[{"component":"x","name":"y","value":{"password":"hunter2"}}]}'],
    ['a list of URIs', '{"parameters":[{"component":"x","name":"y","value":{"uri":["amqp://a:hunter2@b"]}}]}'],
    ['a query of a URI', '{"parameters":[{"component":"x","name":"y","value":{"uri":"amqps://b?password=hunter2"}}]}'],
    ['an unknown key', '{"queues":[{"name":"q","_from":"amqp://a:hunter2@b"}]}'],
    ['an unknown key of the file', '{"queues":[],"_source":"see http://a:hunter2@b/c and more"}'],
    ['an argument', '{"queues":[{"name":"q","arguments":{"x-note":"amqp://a:hunter2@b"}}]}'],
    ['a policy', '{"policies":[{"name":"p","definition":{"federation-upstream":"amqp://a:hunter2@b"}}]}'],
    ['a global parameter', '{"global_parameters":[{"name":"api_token","value":{"token":"hunter2"}}]}'],
    ['a vhost', '{"vhosts":[{"name":"v","description":"amqp://a:hunter2@b"}]}'],
  ])('are found in %s', (_, text) => {
    const result = importText(text);
    expect(serialiseFlow(result.flow)).not.toContain('hunter2');
    expect(Object.values(result.secrets)).toEqual(['hunter2']);
    expect(result.notices.join()).toContain('1 secret replaced');
  });

  it('leave what is no secret alone', () => {
    const text = '{"queues":[{"name":"q","arguments":{"x-password":"mine","x-url":"amqp://guest@host:5672/a"}}]}';
    const result = importText(text);
    expect(result.secrets).toEqual({});
    expect(find(result.flow, 'queue', 'q')[1].settings.arguments).toEqual({
      'x-password': 'mine',
      'x-url': 'amqp://guest@host:5672/a',
    });
  });
});

describe('other flavours', () => {
  it('take the queue type from beside the arguments', () => {
    const { flow } = importFixture('cluster-4.2-cli.json');
    const typeOf = (name: string) => find(flow, 'queue', name)[1].settings.arguments;
    expect(typeOf('q.quorum')).toEqual({ 'x-queue-type': 'quorum' });
    expect(typeOf('q.classic')).toEqual({ 'x-queue-type': 'classic' });
    expect(find(flow, 'exchange', 'local')[1].settings).toMatchObject({
      exchangeType: 'x-local-random',
      internal: false,
    });
    expect(flow.brokers.main?.settings.vhosts).toEqual({
      '/': { description: 'Default virtual host', tags: [], defaultQueueType: 'quorum' },
    });
  });

  it('of one vhost name none, not even where 3.10 writes it into policies', () => {
    const { flow } = importFixture('single-vhost-3.10.json');
    expect(JSON.stringify(flow)).not.toContain('vhost');
    expect(Object.values(flow.links)[0]?.settings).toEqual({ rows: [{ routingKey: 'task', arguments: {} }] });
  });

  it('may have policies or vhosts only', () => {
    expect(Object.values(importFixture('policies-only.json').flow.brokers.main?.settings.policies ?? {})).toEqual([
      { vhost: '/', name: 'ha', pattern: '', applyTo: 'all', priority: 0, definition: { 'ha-mode': 'all' } },
    ]);
    expect(importFixture('vhosts-only.json').flow.brokers.main?.settings).toEqual({
      vhosts: { '/': {}, a: {}, b: { extra: { tracing: true } } },
    });
  });

  it('may name vhosts that no list has', () => {
    const { flow } = importFixture('no-vhosts-list.json');
    expect(find(flow, 'queue', 'q')[1].settings.vhost).toBe('dev');
    expect(flow.brokers.main?.settings).toEqual({});
  });
});

describe('a file written by hand', () => {
  const { flow, notices } = importFixture('messy-by-hand.jsonc');

  it('keeps dangling bindings and dead letters as links to names', () => {
    const ends = Object.values(flow.links).flatMap(({ from, to }) => [from, to]);
    expect(ends).toContainEqual({ name: 'gone', objectType: 'queue', vhost: '/app' });
    expect(ends).toContainEqual({ name: 'missing', objectType: 'exchange', vhost: '/app' });
    expect(Object.values(flow.links)).toContainEqual({
      type: 'binding',
      broker: 'main',
      from: { name: 'ghost', objectType: 'exchange', vhost: '/app' },
      to: { name: 'also gone', objectType: 'exchange', vhost: '/app' },
      settings: { rows: [{ routingKey: 'x', arguments: {} }] },
    });
  });

  it('finds the vhost of bindings that name none', () => {
    const [events] = find(flow, 'exchange', 'events');
    expect(linksFrom(flow, 'binding', events)).toHaveLength(3);
  });

  it('says everything that it left out or joined', () => {
    expect(notices).toEqual([
      '1 exclusive queue left out, since such a queue goes with its connection: mine.',
      '1 object named a second time; the first counts: queue events.',
      '4 objects named by links and not declared; the links are kept: exchange missing, queue gone, exchange ghost and exchange also gone.',
      '1 binding of the default exchange left out: every queue has its own by itself.',
      '1 binding stated a second time, and drawn once.',
    ]);
  });

  it('keeps a predeclared exchange it declares as one that is only referred to', () => {
    expect(find(flow, 'exchange', 'amq.topic')[1].ownership).toBe('referenced');
  });

  it('keeps a dead-letter key without exchange where it is', () => {
    expect(find(flow, 'queue', 'key only')[1].settings.arguments).toEqual({ 'x-dead-letter-routing-key': 'k' });
  });
});

describe('ids', () => {
  it('come from what an object is, not from its place in the file', () => {
    const one = importText('{"queues":[{"name":"a"},{"name":"b"}],"exchanges":[{"name":"a","type":"fanout"}]}');
    const two = importText('{"exchanges":[{"name":"a","type":"fanout"}],"queues":[{"name":"b"},{"name":"a"}]}');
    expect(two.flow.nodes).toEqual(one.flow.nodes);
  });

  it('differ where names differ only in what a slug drops', () => {
    const { flow } = importText(JSON.stringify({ queues: ['🐇', '🐢', '', ' ', '-'].map((name) => ({ name })) }));
    expect(Object.keys(flow.nodes)).toHaveLength(5);
  });
});

describe('bad input', () => {
  it.each([
    ['', 'Line 1, column 1: There is nothing in it.'],
    ['{', 'Line 1, column 2: A closing brace is missing here.'],
    ['{{"queues":[]}}', 'Line 1, column 2: A name in double quotes is expected here.'],
    ['{"queues":[]}}', 'Line 1, column 14: The document ends before this.'],
    ['{\n  "queues": [\n    {"name" "q"}\n  ]\n}', 'Line 3, column 13: A colon is expected here.'],
    ['module.exports = {}', 'Line 1, column 1: This is not a JSON value.'],
    ['queues:\n  - name: q', 'Line 1, column 1: This is not a JSON value.'],
    ['[]', 'Line 1, column 1: RabbitMQ definitions are a JSON object.'],
    ['{\n "queues": {}\n}', 'Line 2, column 12: “queues” must be a list.'],
    [
      '{"queues":[\n {"name":"a","durable":"yes"}]}',
      'Line 2, column 24: The “durable” of queue “a” must be true or false.',
    ],
    ['{"queues":[{"durable":true}]}', 'Line 1, column 12: The “name” of queue 1 is missing.'],
    ['{"queues":[7]}', 'Line 1, column 12: Queue 1 must be an object.'],
    ['{"queues":[7, {}]}', 'Line 1, column 12: Queue 1 must be an object. 1 more fault like it.'],
    ['{"queues":[{"name":"q","arguments":[1]}]}', 'Line 1, column 36: The “arguments” of queue “q” must be an object.'],
    [
      '{"policies":[{"name":"p","apply-to":"queue"}]}',
      'Line 1, column 37: The “apply-to” of policy “p” must be one of all, exchanges, queues, classic_queues, quorum_queues, streams.',
    ],
    ['{"parameters":[{"component":"c","name":"p"}]}', 'Line 1, column 16: The “value” of parameter “p” is missing.'],
    ['{"queues":[{"name":"q","arguments":{"a":1e999}}]}', 'Line 1, column 41: This number is too large.'],
    ['{"queues":[{"name":"q","arguments":{"__proto__":1}}]}', 'Line 1, column 37: A key cannot be called “__proto__”.'],
    [
      '{"queues":[{"name":"amqp://a:hunter2@b"}]}',
      'Line 1, column 20: The “name” of queue 1 holds a URL with a password, which a flow never does.',
    ],
    [`{"queues":${'['.repeat(100_000)}`, 'Line 1, column 74: This is nested more than 64 levels deep.'],
  ])('%# is refused in one sentence with its place', (text, message) => {
    expect(() => importText(text)).toThrow(new Failure('import/unreadable', message));
  });

  it('of another kind is told by name', () => {
    expect(() => importText('{"format":1,"nodes":{}}')).toThrow(/This is a Tapline flow: open it/);
    expect(() => importText('{"UserConfig":{}}')).toThrow(/These are no RabbitMQ definitions: none of users,/);
  });

  it('names the file when it is known', () => {
    expect(() => importDefinitions('{', { broker: 'main', fileName: 'x.json' })).toThrow(
      'x.json, line 1, column 2: A closing brace is missing here.',
    );
  });

  it('is not what comments, trailing commas and a byte-order mark are', () => {
    const { flow } = importText('\uFEFF// one\n{"queues":[{"name":"q",/* two */},],}');
    expect(Object.values(flow.nodes).map(({ name }) => name)).toEqual(['q']);
  });

  it('is not a key that stands twice, but it is told', () => {
    expect(importText('{"queues":[{"name":"a"}],\n "queues":[{"name":"b"}]}').notices).toEqual([
      '“queues” stands a second time at line 2, column 2; the later one was read.',
    ]);
  });
});
