import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleFlow } from '@shared/examples/index';
import { addNode, connect, setNodeProperty } from '@shared/flow/commands';
import { diffFlows } from '@shared/flow/diff';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import { writeJson } from '@shared/kinds/rabbitmq/export/write-json';
import { importDefinitions, importTopology } from '@shared/kinds/rabbitmq/import/import-definitions';
import { resolveTopology } from '@shared/kinds/rabbitmq/resolve';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definitionsArbitrary } from './definitions';

interface Content {
  queues?: object[];
  exchanges?: object[];
  bindings?: object[];
  policies?: object[];
  parameters?: object[];
  vhosts?: object[];
}

const importInto = (into: Flow | undefined, content: Content) =>
  importDefinitions(JSON.stringify({ queues: [], exchanges: [], bindings: [], ...content }), { broker: 'main', into });
const idOf = (flow: Flow, name: string) =>
  Object.entries(flow.nodes).find(([, node]) => node.name === name)?.[0] ?? `no ${name}`;
const nodeOf = (flow: Flow, name: string) => flow.nodes[idOf(flow, name)];
const bind = (source: string, destination: string, key: string) => ({
  source,
  destination,
  destination_type: 'queue',
  routing_key: key,
});

const base: Content = {
  exchanges: [{ name: 'orders', type: 'topic' }],
  queues: [{ name: 'email' }],
  bindings: [bind('orders', 'email', 'order.*')],
};

/** The base as somebody worked on it: placed, with a handler, notes and ownership of their own. */
function worked(): Flow {
  const { flow } = importInto(undefined, base);
  const email = idOf(flow, 'email');
  const orders = idOf(flow, 'orders');
  const added = addNode(flow, { type: 'handler', name: 'Send', position: { x: 500, y: 7 } });
  const joined = connect(added.flow, { from: email, to: added.id }).flow;
  const noted = setNodeProperty(setNodeProperty(joined, email, 'notes', 'mine'), orders, 'ownership', 'ignored');
  return {
    ...noted,
    layout: { nodes: { ...noted.layout.nodes, [email]: { x: 300, y: 1 }, [orders]: { x: 1, y: 2 } } },
  };
}

describe('a later import of a broker', () => {
  it('that did not change changes nothing', () => {
    const { flow, notices } = importInto(worked(), base);
    expect(diffFlows(worked(), flow)).toEqual([]);
    expect(notices).toEqual([]);
  });

  it('of any broker changes nothing the second time', () => {
    fc.assert(
      fc.property(definitionsArbitrary({ vhosts: ['/', 'shop'] }), (definitions) => {
        const text = writeJson(definitions);
        const { flow } = importDefinitions(text, { broker: 'main' });
        const again = importDefinitions(text, { broker: 'main', into: flow });
        expect(diffFlows(flow, again.flow)).toEqual([]);
        expect(again.notices.filter((notice) => !/declared/.test(notice))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves places, notes, ownership, handlers and their links as they are', () => {
    const before = worked();
    const { flow } = importInto(before, {
      ...base,
      queues: [{ name: 'email', arguments: { 'x-max-length': 9 } }, { name: 'sms' }],
    });
    expect(flow.layout).toEqual(before.layout);
    expect(nodeOf(flow, 'email')).toMatchObject({ notes: 'mine', settings: { arguments: { 'x-max-length': 9 } } });
    expect(nodeOf(flow, 'orders')?.ownership).toBe('ignored');
    expect(nodeOf(flow, 'Send')).toEqual(nodeOf(before, 'Send'));
    expect(Object.values(flow.links).filter(({ type }) => type === 'consume')).toHaveLength(1);
  });

  it('says what it added, changed and did not find, and deletes nothing', () => {
    const { flow, notices } = importInto(worked(), {
      exchanges: [{ name: 'orders', type: 'direct' }],
      queues: [{ name: 'sms' }],
      bindings: [bind('orders', 'sms', 'sms')],
      vhosts: [],
    });
    expect(notices).toEqual([
      '2 items added: queue sms and binding orders to sms.',
      '1 item changed to what the broker has: exchange orders.',
      '2 items drawn here and not in the import; kept, delete what you no longer want: queue email and binding orders to email.',
    ]);
    expect(nodeOf(flow, 'email')).toEqual(nodeOf(worked(), 'email'));
  });

  it('adds rows to a binding link and keeps those that are only drawn', () => {
    const { flow, notices } = importInto(worked(), { ...base, bindings: [bind('orders', 'email', 'order.paid')] });
    const binding = Object.values(flow.links).find(({ type }) => type === 'binding');
    expect(binding?.settings.rows).toEqual([
      { routingKey: 'order.*', arguments: {} },
      { routingKey: 'order.paid', arguments: {} },
    ]);
    expect(notices.at(-1)).toContain('binding orders to email, key order.*');
  });

  it('moves dead letters where the broker sends them', () => {
    const withDlx = (exchange: string | undefined) => ({
      queues: [{ name: 'email', arguments: exchange === undefined ? {} : { 'x-dead-letter-exchange': exchange } }],
    });
    const first = importInto(undefined, withDlx('one')).flow;
    const second = importInto(first, withDlx('two')).flow;
    expect(Object.keys(second.links)).toEqual(Object.keys(first.links));
    expect(Object.values(second.links)[0]?.to).toMatchObject({ name: 'two' });
    const third = importInto(second, withDlx(undefined));
    expect(third.flow.links).toEqual({});
    expect(third.notices).toEqual(['1 item changed to what the broker has: dead-letter email to two, taken away.']);
  });

  it('turns a name that links end at into the node that is drawn now', () => {
    const dangling = importInto(undefined, { ...base, queues: [] }).flow;
    const { flow } = importInto(dangling, base);
    expect(Object.values(flow.links)).toEqual([
      expect.objectContaining({ from: { node: idOf(flow, 'orders') }, to: { node: idOf(flow, 'email') } }),
    ]);
  });

  it('finds objects drawn by hand without a vhost in that of the connection', () => {
    const drawn = addNode(emptyFlow(), { type: 'rabbitmq.queue', name: 'email', position: { x: 0, y: 0 } });
    const { flow } = importDefinitions('{"queues":[{"name":"email","vhost":"shop"}]}', {
      broker: 'main',
      into: drawn.flow,
      defaultVhost: 'shop',
    });
    expect(Object.keys(flow.nodes)).toEqual([drawn.id]);
    expect(flow.nodes[drawn.id]?.settings.vhost).toBeUndefined();
  });

  it('says nothing of what it does not speak about', () => {
    const policies = '{"policies":[{"name":"p","definition":{"max-length":1}}]}';
    const { notices } = importDefinitions(policies, { broker: 'main', into: worked() });
    expect(notices).toEqual(['1 item added: policy p.']);
    const otherVhost = importDefinitions('{"queues":[{"name":"x","vhost":"other"}]}', {
      broker: 'main',
      into: worked(),
    });
    expect(otherVhost.notices).toEqual(['1 item added: queue x.']);
  });

  it('updates policies in place and keeps placeholders that the user named', () => {
    const shovel = (value: object) => ({ component: 'shovel', name: 's', value });
    const policy = (max: number) => ({ name: 'p', definition: { 'max-length': max } });
    const first = importInto(undefined, {
      policies: [policy(1)],
      parameters: [shovel({ uri: 'amqp://u:hunter2@h' })],
    }).flow;
    const text = JSON.stringify(first).replaceAll('{{secret:shovel-s-uri}}', '{{secret:mine}}');
    const { flow, notices } = importInto(JSON.parse(text), {
      policies: [policy(2)],
      parameters: [shovel({ uri: 'amqp://u:hunter3@h' })],
    });
    const settings = flow.brokers.main?.settings as Record<string, Record<string, object>>;
    expect(Object.keys(settings.policies ?? {})).toEqual(Object.keys(first.brokers.main?.settings.policies ?? {}));
    expect(Object.values(settings.policies ?? {})).toEqual([
      expect.objectContaining({ definition: { 'max-length': 2 } }),
    ]);
    expect(JSON.stringify(settings.parameters)).toContain('{{secret:mine}}');
    expect(notices.at(-1)).toBe('1 item changed to what the broker has: policy p.');
  });

  it('keeps other brokers apart', () => {
    const two: Flow = {
      ...worked(),
      brokers: { ...worked().brokers, other: { kind: 'rabbitmq', name: 'B', settings: {} } },
    };
    const { flow } = importDefinitions('{"queues":[{"name":"email"}]}', { broker: 'other', into: two });
    expect(
      Object.values(flow.nodes)
        .filter(({ name }) => name === 'email')
        .map(({ broker }) => broker),
    ).toEqual(['main', 'other']);
  });
});

describe('what was found in a live broker', () => {
  const found = () => {
    const text = readFileSync(
      join(import.meta.dirname, '../../../../fixtures/definitions/cluster-3.10-http.json'),
      'utf8',
    );
    const { flow } = importDefinitions(text, { broker: 'main' });
    return resolveTopology(flow, 'main', { defaultVhost: '/' }).topology;
  };

  it('is drawn as referenced, without the exchanges that every vhost has', () => {
    const topology = found();
    topology.exchanges.push({ ...topology.exchanges[0]!, name: 'amq.topic', vhost: 'shop', arguments: {} });
    const { flow } = importTopology(topology, { broker: 'main', brokerName: 'rabbit@shop' });
    expect(new Set(Object.values(flow.nodes).map(({ ownership }) => ownership))).toEqual(new Set(['referenced']));
    expect(Object.values(flow.nodes).map(({ name }) => name)).not.toContain('amq.topic');
    expect(flow.brokers.main?.name).toBe('rabbit@shop');
  });

  it('resolves to the same objects again', () => {
    const { flow } = importTopology(found(), { broker: 'main' });
    const again = resolveTopology(flow, 'main', { defaultVhost: '/' }).topology;
    const sorted = (list: object[]) => list.map((item) => JSON.stringify(item)).sort();
    expect(sorted(again.bindings)).toEqual(sorted(found().bindings));
    expect(again.queues).toHaveLength(found().queues.length);
  });

  it('does not draw what retry policies of the flow stand for', () => {
    const example = exampleFlow('order-events');
    const { topology } = resolveTopology(example, 'main', { defaultVhost: '/' });
    expect(topology.queues.map(({ name }) => name)).toContain('billing-queue.retry.1000ms');
    const { flow, notices, imported } = importTopology(topology, { broker: 'main', into: example });
    expect(Object.keys(flow.nodes).sort()).toEqual(Object.keys(example.nodes).sort());
    expect(Object.keys(flow.links).sort()).toEqual(Object.keys(example.links).sort());
    expect(notices).toEqual(['4 objects of retry policies not drawn: the policies stand for them.']);
    expect(imported).toEqual({ nodes: 6, links: 5 });
  });

  it('does not take what could not be read for gone', () => {
    const first = importTopology(found(), { broker: 'main' }).flow;
    const { notices } = importTopology({ ...found(), policies: null, bindings: null }, { broker: 'main', into: first });
    expect(notices.filter((notice) => notice.includes('not in the import'))).toEqual([]);
  });
});
