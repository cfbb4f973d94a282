import type { Flow, Json } from '@shared/flow/schema';
import { connect } from 'amqplib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasRabbit } from '../../../support/rabbitmq';
import { brief, useDeploying } from './deploying';
import { type Drawing, draw, drawingArbitrary } from './flows';

type Table = Record<string, Json>;
interface ApiObject {
  name: string;
  durable: boolean;
  auto_delete: boolean;
  arguments: Table;
  type: string;
  internal: boolean;
}
interface ApiBinding {
  source: string;
  destination: string;
  destination_type: string;
  routing_key: string;
  properties_key: string;
  arguments: Table;
}
/** A change of one field on the broker, and how the plan calls that field. */
type Mutation = { field: string; change: (object: ApiObject) => Partial<ApiObject> };

const withArgument = (key: string, value: Json): Mutation => ({
  field: `arguments.${key}`,
  change: ({ arguments: table }) => ({ arguments: { ...table, [key]: value } }),
});
const withoutArgument = (key: string): Mutation => ({
  field: `arguments.${key}`,
  change: ({ arguments: table }) => ({
    arguments: Object.fromEntries(Object.entries(table).filter(([k]) => k !== key)),
  }),
});
/** Another value of the same kind. */
const other = (value: Json): Json =>
  typeof value === 'number'
    ? value + 1
    : typeof value === 'boolean'
      ? !value
      : value === 'drop-head'
        ? 'reject-publish'
        : 'drop-head';

/** Every field that the broker lets differ. */
function queueMutations(queue: ApiObject): Mutation[] {
  const isQuorum = queue.arguments['x-queue-type'] === 'quorum';
  const keys = Object.keys(queue.arguments).filter((key) => key !== 'x-queue-type');
  return [
    ...(isQuorum
      ? [withArgument('x-queue-type', 'classic')]
      : [
          { field: 'durable', change: ({ durable }: ApiObject) => ({ durable: !durable }) },
          { field: 'autoDelete', change: (object: ApiObject) => ({ auto_delete: !object.auto_delete }) },
        ]),
    ...keys
      .filter((key) => !key.startsWith('x-dead-letter'))
      .flatMap((key) => [withArgument(key, other(queue.arguments[key] ?? 0)), withoutArgument(key)]),
    ...(keys.includes('x-dead-letter-exchange') ? [withArgument('x-dead-letter-exchange', 'elsewhere')] : []),
    ...(keys.includes('x-dead-letter-routing-key') ? [withoutArgument('x-dead-letter-routing-key')] : []),
    ...(keys.includes('x-expires') ? [] : [withArgument('x-expires', 1_000_000)]),
  ];
}

function exchangeMutations(exchange: ApiObject): Mutation[] {
  return [
    { field: 'type', change: ({ type }) => ({ type: type === 'topic' ? 'direct' : 'topic' }) },
    { field: 'durable', change: ({ durable }) => ({ durable: !durable }) },
    { field: 'internal', change: ({ internal }) => ({ internal: !internal }) },
    withArgument('alternate-exchange', 'elsewhere'),
    ...(exchange.arguments['alternate-exchange'] === undefined ? [] : [withoutArgument('alternate-exchange')]),
  ];
}

const steady = drawingArbitrary.map((drawing) => ({
  ...drawing,
  exchanges: Object.fromEntries(
    Object.entries(drawing.exchanges ?? {}).map(([name, settings]) => [name, { ...settings, autoDelete: false }]),
  ),
}));

// The sandbox has no policies, and nothing to say of virtual hosts.
describe('drift', () => {
  const on = useDeploying('drift');
  const { plan, deploy, empty } = on;
  const call = (method: string, path: string, body?: unknown) => on.vhost.management(method, path, body);
  const pathOf = (kind: string, name = '') =>
    `/api/${kind}/${on.vhost.encoded}${name ? `/${encodeURIComponent(name)}` : ''}`;
  const bindings = async () =>
    ((await call('GET', pathOf('bindings'))) as ApiBinding[]).filter(({ source }) => source !== '');
  const between = ({ source, destination, destination_type: type }: ApiBinding) =>
    `/api/bindings/${on.vhost.encoded}/e/${encodeURIComponent(source)}/${type === 'queue' ? 'q' : 'e'}/${encodeURIComponent(destination)}`;
  /** Over AMQP: the management API of 3.10 fails on void arguments. amqplib chooses the smallest type for numbers. */
  const bindAll = async (list: ApiBinding[]) => {
    const connection = await connect(on.vhost.url);
    const channel = await connection.createChannel();
    for (const { source, destination, destination_type: type, routing_key: key, arguments: args } of list) {
      const table = Object.fromEntries(
        Object.entries(args).map(([name, value]) => [name, value === 'undefined' ? null : value]),
      );
      if (type === 'queue') await channel.bindQueue(destination, source, key, table);
      else await channel.bindExchange(destination, source, key, table);
    }
    await connection.close();
  };
  /** Makes the object anew with one field changed, its bindings as they were. */
  const remake = async (kind: 'queues' | 'exchanges', object: ApiObject, changed: Partial<ApiObject>) => {
    const before = await bindings();
    await call('DELETE', pathOf(kind, object.name));
    const { name, durable, auto_delete, arguments: table, type, internal } = { ...object, ...changed };
    await call('PUT', pathOf(kind, name), {
      durable,
      auto_delete,
      arguments: table,
      ...(kind === 'exchanges' ? { type, internal } : {}),
    });
    await bindAll(before);
  };
  const read = async (kind: 'queues' | 'exchanges') =>
    ((await call('GET', pathOf(kind))) as ApiObject[]).filter(({ name }) => name && !name.startsWith('amq.'));

  it('any one field changed on the broker is found, and nothing else; unchanged nothing is', {
    timeout: 180_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(steady, fc.nat(), async (drawing: Drawing, pick) => {
        await empty();
        const flow = draw(drawing);
        await deploy(flow);
        expect(brief((await plan(flow)).steps)).toEqual([]);
        const candidates = [
          ...(await read('queues')).flatMap((object) =>
            queueMutations(object).map((mutation) => ({ kind: 'queues' as const, object, mutation })),
          ),
          ...(await read('exchanges')).flatMap((object) =>
            exchangeMutations(object).map((mutation) => ({ kind: 'exchanges' as const, object, mutation })),
          ),
        ];
        const chosen = candidates[pick % candidates.length];
        if (!chosen) return;
        const { kind, object, mutation } = chosen;
        await remake(kind, object, mutation.change(object));
        const { steps } = await plan(flow);
        expect(brief(steps)).toEqual([`recreate ${kind === 'queues' ? 'queue' : 'exchange'} ${object.name}`]);
        expect(steps[0]?.changes?.map(({ field }) => field)).toEqual([mutation.field]);
        await remake(kind, object, {});
        expect(brief((await plan(flow)).steps)).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('a binding that went, or has other arguments, is found; one that somebody added is theirs', async () => {
    await empty();
    const flow = draw({
      exchanges: { h: { exchangeType: 'headers' } },
      queues: { q: {} },
      bindings: [['h', 'q', 'key', { level: 3, 'x-match': 'any', nothing: null }]],
    });
    await deploy(flow);
    const [binding] = await bindings();
    if (!binding) throw new Error('no binding');
    const found = async () => (await plan(flow)).steps.length;
    const put = (change: Partial<ApiBinding>) => bindAll([{ ...binding, ...change }]);
    await put({ routing_key: 'other' });
    expect(await found()).toBe(0);
    await call('DELETE', `${between(binding)}/${encodeURIComponent(binding.properties_key)}`);
    expect(await found()).toBe(1);
    await put({ arguments: { ...binding.arguments, level: 4 } });
    expect(await found()).toBe(1);
    await put({ arguments: { ...binding.arguments, level: '3' } });
    expect(await found()).toBe(1);
    await put({});
    expect(await found()).toBe(0);
  });

  it('numbers beyond 2^53 are told apart', async () => {
    await empty();
    const flow = (value: string) =>
      draw({
        exchanges: { h: { exchangeType: 'headers' } },
        queues: { q: {} },
        bindings: [['h', 'q', '', { id: { $type: 'long', value } }]],
      });
    await deploy(flow('9007199254740993'));
    expect((await plan(flow('9007199254740993'))).steps).toEqual([]);
    expect((await plan(flow('9007199254740992'))).steps).toHaveLength(1);
  });

  it('typed arguments of every kind are in sync once deployed', async () => {
    await empty();
    const values: Table = {
      byte: { $type: 'byte', value: -5 },
      short: { $type: 'short', value: 300 },
      int: { $type: 'int', value: -70_000 },
      long: { $type: 'long', value: '-9007199254740993' },
      float: { $type: 'float', value: 0.1 },
      double: { $type: 'double', value: 5 },
      decimal: { $type: 'decimal', value: '1.25' },
      bytes: { $type: 'bytes', value: 'w7xu' },
      timestamp: { $type: 'timestamp', value: 1_700_000_000 },
      void: { $type: 'void', value: null },
      nested: { list: [1, 'a', { deep: { $type: 'byte', value: 1 } }], nothing: null },
      huge: 1e300,
      large: 2 ** 60,
    };
    const flow = draw({
      exchanges: { h: { exchangeType: 'headers' } },
      queues: { q: {} },
      bindings: Object.entries(values).map(([key, value]): [string, string, string, Table] => [
        'h',
        'q',
        key,
        { x: value },
      ]),
    });
    expect((await deploy(flow)).filter(({ outcome }) => outcome !== 'done')).toEqual([]);
    expect(brief((await plan(flow)).steps)).toEqual([]);
  });

  it.skipIf(!hasRabbit)('any one field of a policy or vhost changed on the broker is found', async () => {
    await empty();
    const flow: Flow = {
      ...draw({ queues: { q: {} } }),
      brokers: {
        main: {
          kind: 'rabbitmq',
          name: 'RabbitMQ',
          settings: {
            policies: {
              p: { name: 'ttl', pattern: '^q', applyTo: 'queues', priority: 1, definition: { 'message-ttl': 1000 } },
            },
            operatorPolicies: {
              o: { name: 'cap', pattern: '^q', applyTo: 'queues', priority: 1, definition: { 'max-length': 1000 } },
            },
            vhosts: { [on.vhost.vhost]: { description: 'Ours', tags: ['a', 'b'], limits: { 'max-queues': 50 } } },
          },
        },
      },
    };
    expect((await deploy(flow)).filter(({ outcome }) => outcome !== 'done')).toEqual([]);
    const fields = async () => {
      const { steps } = await plan(flow);
      return steps.flatMap((step) => (step.changes ?? []).map(({ field }) => `${step.objectType} ${field}`));
    };
    expect(await fields()).toEqual([]);
    const policy = { pattern: '^q', 'apply-to': 'queues', priority: 1, definition: { 'message-ttl': 1000 } };
    const cap = { ...policy, definition: { 'max-length': 1000 } };
    for (const [path, body, found] of [
      ['policies', { ...policy, pattern: '^r' }, 'policy pattern'],
      ['policies', { ...policy, 'apply-to': 'all' }, 'policy applyTo'],
      ['policies', { ...policy, priority: 2 }, 'policy priority'],
      ['policies', { ...policy, definition: { 'message-ttl': 1001 } }, 'policy definition'],
      ['policies', policy, undefined],
      ['operator-policies', { ...cap, definition: { 'max-length': 1 } }, 'operator-policy definition'],
      ['operator-policies', cap, undefined],
    ] as const) {
      await call('PUT', `/api/${path}/${on.vhost.encoded}/${path === 'policies' ? 'ttl' : 'cap'}`, body);
      expect(await fields()).toEqual(found ? [found] : []);
    }
    const vhost = `/api/vhosts/${on.vhost.encoded}`;
    await call('PUT', vhost, { description: 'Theirs', tags: 'a,b' });
    expect(await fields()).toEqual(['vhost description']);
    await call('PUT', vhost, { description: 'Ours', tags: 'a' });
    expect(await fields()).toEqual(['vhost tags']);
    await call('PUT', `/api/vhost-limits/${on.vhost.encoded}/max-queues`, { value: 51 });
    expect(await fields()).toEqual(['vhost tags', 'vhost limits']);
    await deploy(flow);
    expect(await fields()).toEqual([]);
    await call('DELETE', `/api/operator-policies/${on.vhost.encoded}/cap`);
  });

  it.skipIf(!hasRabbit)('changing one thing of a vhost leaves what the flow does not say', async () => {
    const vhost = `/api/vhosts/${on.vhost.encoded}`;
    await call('PUT', vhost, { description: 'Ours', tags: 'kept' });
    const flow: Flow = {
      ...draw({}),
      brokers: {
        main: { kind: 'rabbitmq', name: 'R', settings: { vhosts: { [on.vhost.vhost]: { description: 'New' } } } },
      },
    };
    await deploy(flow);
    expect(await call('GET', vhost)).toMatchObject({ description: 'New', tags: ['kept'] });
  });
});
