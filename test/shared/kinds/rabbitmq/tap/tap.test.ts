import type {
  BindingObject,
  ExchangeObject,
  PolicyObject,
  QueueObject,
  RabbitFacts,
} from '@shared/kinds/rabbitmq/objects';
import { findTapKeys } from '@shared/kinds/rabbitmq/tap/tap-bindings';
import { tapSafety } from '@shared/kinds/rabbitmq/tap/tap-safety';
import { compileTracer, readDeath } from '@shared/kinds/rabbitmq/tap/trace';
import { describe, expect, it } from 'vitest';

const vhost = '/';
const exchange = (changes: Partial<ExchangeObject> = {}): ExchangeObject => ({
  vhost,
  name: 'orders',
  type: 'topic',
  durable: true,
  autoDelete: false,
  internal: false,
  arguments: {},
  ...changes,
});
const queue = (name: string, changes: Partial<QueueObject> = {}): QueueObject => ({
  vhost,
  name,
  durable: true,
  autoDelete: false,
  exclusive: false,
  arguments: {},
  ...changes,
});
const binding = (source: string, destination: string, changes: Partial<BindingObject> = {}): BindingObject => ({
  vhost,
  source,
  destination,
  destinationType: 'queue',
  routingKey: 'a',
  arguments: {},
  ...changes,
});
const policy = (definition: PolicyObject['definition']): PolicyObject => ({
  vhost,
  name: 'p',
  pattern: '.*',
  applyTo: 'all',
  priority: 0,
  definition,
});
const FACTS: RabbitFacts = { policies: [], operatorPolicies: [] };

describe('tapSafety', () => {
  it.each(['direct', 'topic', 'fanout', 'headers'])('lets %s exchanges be tapped, internal ones too', (type) => {
    expect(tapSafety(exchange({ type, internal: true }), FACTS)).toEqual({ allowed: true });
  });

  it.each<[string, Partial<ExchangeObject>]>([
    ['the default exchange', { name: '', type: 'direct' }],
    ['a hash', { type: 'x-consistent-hash' }],
    ['a modulus hash', { type: 'x-modulus-hash' }],
    ['a random one', { type: 'x-random' }],
    ['a local random one', { type: 'x-local-random' }],
    ['a history', { type: 'x-recent-history' }],
    ['a delaying one', { type: 'x-delayed-message' }],
    ['an unknown type', { type: 'x-something-new' }],
    ['one that deletes itself', { autoDelete: true }],
    ['one of the federation plugin', { arguments: { 'x-internal-purpose': 'federation' } }],
  ])('refuses %s', (_what, changes) => {
    expect(tapSafety(exchange(changes), FACTS)).toMatchObject({ allowed: false, reason: expect.any(String) });
  });

  it.each(['federation-upstream', 'federation-upstream-set'])('refuses what a policy federates with %s', (key) => {
    const facts = { ...FACTS, policies: [policy({ [key]: 'all' })] };
    expect(tapSafety(exchange(), facts)).toMatchObject({ allowed: false, reason: expect.stringMatching(/federated/) });
    expect(tapSafety(exchange(), { ...FACTS, policies: [policy({ 'alternate-exchange': 'x' })] }).allowed).toBe(true);
  });

  it('refuses where policies are unknown, unless the broker has no federation', () => {
    expect(tapSafety(exchange(), {}).allowed).toBe(false);
    expect(tapSafety(exchange(), { exchangeTypes: ['topic', 'x-federation-upstream'] }).allowed).toBe(false);
    expect(tapSafety(exchange(), { exchangeTypes: ['topic', 'fanout'] }).allowed).toBe(true);
  });

  it('refuses where an operator would let full tap queues refuse messages', () => {
    const operator = (overflow: string) => ({ ...FACTS, operatorPolicies: [policy({ overflow })] });
    expect(tapSafety(exchange(), operator('reject-publish')).allowed).toBe(false);
    expect(tapSafety(exchange(), operator('drop-head')).allowed).toBe(true);
  });
});

describe('findTapKeys', () => {
  const keysOf = (one: ExchangeObject, queues: QueueObject[], bindings: BindingObject[]) => {
    const { keys, leftOut } = findTapKeys(one, { queues, bindings, policies: [], operatorPolicies: [] });
    return { keys: [...keys.values()], leftOut };
  };

  it('takes the key of each queue once', () => {
    const queues = [queue('one'), queue('two')];
    const bindings = ['one', 'two'].map((name) => binding('orders', name));
    const { keys } = keysOf(exchange(), queues, [...bindings, binding('orders', 'two', { routingKey: '#' })]);
    expect(keys.map(({ routingKey }) => routingKey)).toEqual(['a', '#']);
  });

  it('copies arguments for a headers exchange, and leaves out those it cannot tell exactly', () => {
    const bindings = [
      binding('orders', 'one', { arguments: { 'x-match': 'any', region: 'eu' } }),
      binding('orders', 'two', { arguments: { list: [1] } }),
      binding('orders', 'three', { arguments: { there: null } }),
    ];
    const { keys, leftOut } = keysOf(
      exchange({ type: 'headers' }),
      ['one', 'two', 'three'].map((name) => queue(name)),
      bindings,
    );
    expect(keys).toEqual([{ routingKey: '', arguments: { 'x-match': 'any', region: 'eu' } }]);
    expect(leftOut).toEqual([expect.stringMatching(/“two”, “three”.*header values/)]);
  });

  it.each<[string, QueueObject[], BindingObject]>([
    ['another exchange', [], binding('orders', 'next', { destinationType: 'exchange' })],
    ['a tap', [queue('tapline.tap.1')], binding('orders', 'tapline.tap.1')],
    ['an exclusive queue, which is not among those found', [], binding('orders', 'amq.gen-1')],
    ['a queue that deletes itself', [queue('q', { autoDelete: true })], binding('orders', 'q')],
    ['a queue that expires', [queue('q', { arguments: { 'x-expires': 1000 } })], binding('orders', 'q')],
  ])('takes no key that leads only to %s', (_what, queues, one) => {
    expect(keysOf(exchange(), queues, [one]).keys).toEqual([]);
  });

  it('takes a key that also leads to a queue that stays', () => {
    const bindings = [binding('orders', 'gone'), binding('orders', 'stays')];
    const { keys, leftOut } = keysOf(exchange(), [queue('stays')], bindings);
    expect(keys).toEqual([{ routingKey: 'a', arguments: {} }]);
    expect(leftOut).toEqual([]);
  });

  it('minds policies that let queues expire', () => {
    const found = { queues: [queue('q')], bindings: [binding('orders', 'q')], policies: [], operatorPolicies: [] };
    const expiring = [policy({ expires: 1000 })];
    expect(findTapKeys(exchange(), found).keys.size).toBe(1);
    expect(findTapKeys(exchange(), { ...found, policies: expiring }).keys.size).toBe(0);
    expect(findTapKeys(exchange(), { ...found, operatorPolicies: expiring }).keys.size).toBe(0);
  });
});

describe('compileTracer', () => {
  it('names one observer for a message that several taps get', () => {
    const bindings = [
      binding('orders', 'one'),
      binding('orders', 'next', { destinationType: 'exchange' }),
      binding('next', 'two'),
    ];
    const exchanges = [exchange(), exchange({ name: 'next' })];
    const found = { exchanges, queues: [queue('one'), queue('two')], bindings };
    const { trace } = compileTracer(found, ({ destinationType }) => destinationType === 'queue');
    const { observer, exchanges: passed } = trace({ vhost, exchange: 'orders', routingKey: 'a' });
    expect(observer).toBe('/\u0000orders');
    expect(passed).toEqual([
      { key: '/\u0000orders', passedOn: 2 },
      { key: '/\u0000next', passedOn: 1 },
    ]);
    expect(trace({ vhost, exchange: 'orders', routingKey: 'zzz' }).observer).toBeUndefined();
  });
});

describe('readDeath', () => {
  it('reads the newest death and nothing else', () => {
    const deaths = [
      { queue: 'q', reason: 'expired', count: 2 },
      { queue: 'p', reason: 'rejected', count: 1 },
    ];
    expect(readDeath({ 'x-death': deaths })).toEqual({ queue: 'q', reason: 'expired', count: 2 });
    for (const odd of ['no', [], [null], [{}], undefined]) expect(readDeath({ 'x-death': odd })).toBeUndefined();
    expect(readDeath(undefined)).toBeUndefined();
  });
});
