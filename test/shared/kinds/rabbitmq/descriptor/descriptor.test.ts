import type { Field, FieldContext, SettingsRecord } from '@shared/kinds/descriptor';
import { RABBIT_ARGUMENTS } from '@shared/kinds/rabbitmq/arguments';
import { kinds } from '@shared/kinds/registry';
import { describe, expect, it } from 'vitest';

// As the app gets it: a kind knows commands, which know all kinds, so that the registry must come first.
const { descriptor, settingsSchemas } = kinds.find((kind) => kind.descriptor.kind === 'rabbitmq')!;
const nodeOf = (type: string) => descriptor.nodes.find((node) => node.type === type)!;
const queueNode = nodeOf('rabbitmq.queue');
const exchangeNode = nodeOf('rabbitmq.exchange');

const isShown = (field: Field, context: FieldContext) => field.appliesTo?.(context) ?? true;

/** Keys of the arguments that a form shows. */
function shownArguments(fields: Field[], settings: SettingsRecord, brokerVersion?: string): string[] {
  return fields
    .filter(({ path }) => path[0] === 'arguments' && path.length === 2)
    .filter((field) => isShown(field, { settings, brokerVersion }))
    .map(({ path }) => path[1] ?? '');
}

const ofType = (type: string, table: SettingsRecord = {}) => ({ arguments: { 'x-queue-type': type, ...table } });

describe('the forms of RabbitMQ', () => {
  it('have one field for each known argument that is no link, and none for links', () => {
    for (const [on, node] of [['queue', queueNode] as const, ['exchange', exchangeNode] as const]) {
      const keys = node.fields
        .filter(({ path }) => path[0] === 'arguments' && path.length === 2)
        .map(({ path }) => path[1]);
      const expected = RABBIT_ARGUMENTS.filter((argument) => argument.on === on && !argument.link).map(
        ({ key }) => key,
      );
      expect(keys.sort()).toEqual(expected.sort());
    }
  });

  it('show only what the queue type has', () => {
    expect(shownArguments(queueNode.fields, {})).toContain('x-max-priority');
    expect(shownArguments(queueNode.fields, ofType('quorum'))).not.toContain('x-max-priority');
    expect(shownArguments(queueNode.fields, ofType('quorum'))).toContain('x-delivery-limit');
    expect(shownArguments(queueNode.fields, ofType('classic'))).not.toContain('x-delivery-limit');
    expect(shownArguments(queueNode.fields, ofType('stream'))).toEqual([
      'x-queue-type',
      'x-max-length-bytes',
      'x-max-age',
      'x-stream-max-segment-size-bytes',
      'x-stream-filter-size-bytes',
      'x-initial-cluster-size',
      'x-queue-leader-locator',
    ]);
  });

  it('show only what the release has, and everything while it is not known', () => {
    const quorum = ofType('quorum');
    expect(shownArguments(queueNode.fields, quorum)).toContain('x-delayed-retry-type');
    expect(shownArguments(queueNode.fields, quorum, '3.10.8')).not.toContain('x-delayed-retry-type');
    expect(shownArguments(queueNode.fields, quorum, '4.3.0')).toContain('x-delayed-retry-type');
    expect(shownArguments(queueNode.fields, ofType('classic'), '3.10.8')).not.toContain('x-queue-leader-locator');
  });

  it('show what is set although it does not apply, so that it can be cleared', () => {
    expect(shownArguments(queueNode.fields, ofType('quorum', { 'x-max-priority': 5 }))).toContain('x-max-priority');
    expect(shownArguments(queueNode.fields, { arguments: { 'x-queue-mode': 'lazy' } })).toContain('x-queue-mode');
    expect(shownArguments(queueNode.fields, {})).not.toContain('x-queue-mode');
  });

  it('show arguments of exchange types with these types', () => {
    expect(shownArguments(exchangeNode.fields, { exchangeType: 'topic' })).toEqual([]);
    expect(shownArguments(exchangeNode.fields, { exchangeType: 'x-delayed-message' })).toEqual(['x-delayed-type']);
  });

  it('hide known arguments in the table of custom ones', () => {
    for (const node of [queueNode, exchangeNode]) {
      const custom = node.fields.find(({ control }) => control === 'arguments');
      expect(custom).toMatchObject({ path: ['arguments'] });
      const known = RABBIT_ARGUMENTS.filter(({ on }) => on === (node === queueNode ? 'queue' : 'exchange'));
      expect(custom).toMatchObject({ hideKeys: known.map(({ key }) => key) });
    }
  });

  it('explain each field, with numbers in range and a unit where there is one', () => {
    for (const field of [...queueNode.fields, ...exchangeNode.fields]) {
      expect(field.help, field.path.join('.')).toMatch(/[.]$/);
    }
    const ttl = queueNode.fields.find(({ path }) => path[1] === 'x-message-ttl');
    expect(ttl).toMatchObject({ control: 'number', integer: true, unit: 'ms', min: 0 });
  });

  it('put fresh nodes and links in a form that their schema accepts as it is', () => {
    for (const node of descriptor.nodes) {
      const { settings } = node.create();
      expect(settingsSchemas[node.type]?.parse(settings)).toEqual(settings);
    }
    for (const link of descriptor.links) {
      const settings = link.create();
      expect(settingsSchemas[link.type]?.parse(settings)).toEqual(settings);
    }
  });
});

describe('the links of RabbitMQ', () => {
  const offered = (from: string, to: string) =>
    descriptor.links
      .filter(({ between }) => between.some((pair) => pair.from === from && pair.to === to))
      .map(({ type }) => type);

  it('join what RabbitMQ can join, the usual one first', () => {
    expect(offered('rabbitmq.exchange', 'rabbitmq.queue')).toEqual(['binding']);
    expect(offered('rabbitmq.exchange', 'rabbitmq.exchange')).toEqual(['binding', 'alternate']);
    expect(offered('rabbitmq.queue', 'rabbitmq.exchange')).toEqual(['dead-letter']);
    expect(offered('rabbitmq.queue', 'rabbitmq.queue')).toEqual(['dead-letter']);
  });

  it.each([
    ['binding', { rows: [{ routingKey: 'order.*' }, { routingKey: 'bill' }] }, 'order.*, bill'],
    ['binding', { rows: [{ routingKey: '', arguments: {} }] }, ''],
    [
      'binding',
      { rows: [{ routingKey: '', arguments: { 'x-match': 'any', region: 'eu', express: null } }] },
      'region=eu | express=any',
    ],
    [
      'binding',
      { rows: [{ routingKey: '', arguments: { size: { $type: 'long', value: '1' }, kind: ['a'] } }] },
      'size=1 & kind=["a"]',
    ],
    ['binding', { rows: 'broken' }, ''],
    ['dead-letter', {}, 'dead letters'],
    ['dead-letter', { routingKey: 'failed' }, 'dead letters, failed'],
    ['alternate', {}, 'unrouted'],
  ])('write on a %s link of %o: %s', (type, settings, expected) => {
    expect(descriptor.links.find((link) => link.type === type)?.summary(settings)).toBe(expected);
  });
});

describe('the short facts on a node', () => {
  const summarise = (type: string, settings: SettingsRecord) =>
    nodeOf(type).summary({ type, name: 'n', settings: settings as never });

  it.each([
    [{}, 'classic'],
    [ofType('quorum', { 'x-delivery-limit': 5 }), 'quorum · 5 deliveries'],
    [{ durable: false, autoDelete: true }, 'classic · transient · auto-delete'],
    [{ arguments: { 'x-message-ttl': 30_000, 'x-max-length': 10_000 } }, 'classic · TTL 30 s · max 10,000'],
    [{ arguments: { 'x-message-ttl': { $type: 'long', value: '1500' } } }, 'classic · TTL 1500 ms'],
    [ofType('stream', { 'x-max-age': '7D' }), 'stream · keeps 7D'],
  ])('of queue %o: %s', (settings, expected) => {
    expect(summarise('rabbitmq.queue', settings)).toBe(expected);
  });

  it.each([
    [{ exchangeType: 'topic' }, 'topic · durable'],
    [{ exchangeType: 'x-random', durable: false, internal: true }, 'x-random · transient · internal'],
  ])('of exchange %o: %s', (settings, expected) => {
    expect(summarise('rabbitmq.exchange', settings)).toBe(expected);
  });
});
