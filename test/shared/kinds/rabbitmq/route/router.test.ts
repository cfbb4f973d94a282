import type { BindingObject, ExchangeObject, PolicyObject } from '@shared/kinds/rabbitmq/objects';
import { matchHeaders, matchTopic } from '@shared/kinds/rabbitmq/route/match';
import { compileRouter, type RoutedMessage, type RouteResult, route } from '@shared/kinds/rabbitmq/route/router';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { message, type RandomTopology, topology } from './arbitraries';

const exchange = (name: string, type = 'topic', alternate?: string): ExchangeObject => ({
  vhost: '/',
  name,
  type,
  durable: true,
  autoDelete: false,
  internal: false,
  arguments: alternate === undefined ? {} : { 'alternate-exchange': alternate },
});

const toQueue = (source: string, destination: string, routingKey = '', table = {}): BindingObject => ({
  vhost: '/',
  source,
  destination,
  destinationType: 'queue',
  routingKey,
  arguments: table,
});

const toExchange = (source: string, destination: string, routingKey = ''): BindingObject => ({
  ...toQueue(source, destination, routingKey),
  destinationType: 'exchange',
});

const queues = (...names: string[]) => names.map((name) => ({ vhost: '/', name }));
const send = (name: string, routingKey = '', headers = {}): RoutedMessage => ({
  vhost: '/',
  exchange: name,
  routingKey,
  headers,
});

/** Naive: collects by walking everything again until nothing new is found. */
function queuesByDefinition(
  random: RandomTopology,
  { exchange: start, routingKey, headers = {} }: RoutedMessage,
): string[] {
  const copies = Array.isArray(headers['CC']) ? headers['CC'].map(String) : [];
  const keys = [routingKey, ...copies];
  if (start === '') return random.queues.map(({ name }) => name).filter((name) => keys.includes(name));
  const reached = [start];
  const found = new Set<string>();
  for (const name of reached) {
    const type = random.exchanges.find((candidate) => candidate.name === name)?.type;
    const used = random.bindings.filter((candidate) => {
      if (candidate.source !== name) return false;
      if (type === 'fanout') return true;
      if (type === 'headers') return matchHeaders(candidate.arguments, headers);
      return keys.some((key) =>
        type === 'topic' ? matchTopic(candidate.routingKey, key) : candidate.routingKey === key,
      );
    });
    const alternate = random.exchanges.find((candidate) => candidate.name === name)?.arguments['alternate-exchange'];
    const next = used
      .filter(({ destinationType }) => destinationType === 'exchange')
      .map(({ destination }) => destination);
    if (used.length === 0 && typeof alternate === 'string') next.push(alternate);
    for (const other of next) if (!reached.includes(other)) reached.push(other);
    for (const { destination, destinationType } of used) if (destinationType === 'queue') found.add(destination);
  }
  return [...found];
}

describe('routing', () => {
  it('says which binding took the message and why', () => {
    const bindings = [toQueue('orders', 'email', 'order.*'), toQueue('orders', 'audit', '#')];
    const result = route(
      { exchanges: [exchange('orders')], queues: queues('email', 'audit'), bindings },
      send('orders', 'order.created'),
    );
    expect(result).toMatchObject<Partial<RouteResult>>({ unroutable: false, alternates: [] });
    expect(result.queues.sort()).toEqual(['audit', 'email']);
    expect(result.bindings).toContainEqual({ binding: bindings[0], why: '“order.*” matches the key' });
  });

  it('the default exchange delivers to the queue named by the key, if it exists', () => {
    const given = { exchanges: [], queues: queues('email'), bindings: [] };
    expect(route(given, send('', 'email')).queues).toEqual(['email']);
    expect(route(given, send('', 'other'))).toMatchObject({ queues: [], unroutable: true });
  });

  it('a queue reached twice gets one copy, and cycles end', () => {
    const result = route(
      {
        exchanges: [exchange('a', 'fanout'), exchange('b', 'fanout')],
        queues: queues('q'),
        bindings: [toExchange('a', 'b'), toExchange('b', 'a'), toQueue('a', 'q'), toQueue('b', 'q')],
      },
      send('a'),
    );
    expect(result.queues).toEqual(['q']);
    expect(result.bindings).toHaveLength(4);
  });

  it('an alternate exchange takes what nothing matched, also one set by policy', () => {
    const policies: PolicyObject[] = [
      {
        vhost: '/',
        name: 'p',
        pattern: '^a$',
        applyTo: 'exchanges',
        priority: 1,
        definition: { 'alternate-exchange': 'lost' },
      },
    ];
    const given = {
      exchanges: [exchange('a'), exchange('lost', 'fanout')],
      queues: queues('q', 'unrouted'),
      bindings: [toQueue('a', 'q', 'order.*'), toQueue('lost', 'unrouted')],
      policies,
    };
    expect(route(given, send('a', 'order.created'))).toMatchObject({ queues: ['q'], alternates: [] });
    expect(route(given, send('a', 'bill'))).toMatchObject({
      queues: ['unrouted'],
      alternates: [{ exchange: 'a', alternate: 'lost' }],
    });
  });

  it('a type of a plugin and an exchange that is not known answer unknown', () => {
    const given = {
      exchanges: [exchange('hash', 'x-consistent-hash'), exchange('a', 'fanout')],
      queues: queues('q'),
      bindings: [toQueue('hash', 'q', '1'), toExchange('a', 'hash')],
    };
    for (const name of ['hash', 'a']) {
      const result = route(given, send(name));
      expect(result.unroutable).toBe(false);
      expect(result.unknown).toBe('Exchange hash has the type x-consistent-hash, whose routing only the broker knows.');
    }
    expect(route(given, send('elsewhere')).unknown).toBe('Exchange elsewhere is not known here.');
  });

  it('predeclared exchanges have their type, bound or not', () => {
    const given = { exchanges: [], queues: queues('q'), bindings: [toQueue('amq.topic', 'q', '#.eu')] };
    expect(route(given, send('amq.topic', 'order.eu')).queues).toEqual(['q']);
    expect(route(given, send('amq.fanout'))).toMatchObject({ queues: [], unroutable: true });
  });

  it('virtual hosts are apart', () => {
    const given = { exchanges: [exchange('a', 'fanout')], queues: queues('q'), bindings: [toQueue('a', 'q')] };
    expect(route(given, { ...send('a'), vhost: 'other' }).unknown).toBeDefined();
  });

  it('CC and BCC add keys', () => {
    const given = {
      exchanges: [exchange('a', 'direct')],
      queues: queues('q1', 'q2'),
      bindings: [toQueue('a', 'q1', 'k1'), toQueue('a', 'q2', 'k2')],
    };
    expect(route(given, send('a', 'k1', { BCC: ['k2'] })).queues).toEqual(['q1', 'q2']);
  });

  it('agrees with a naive walk, however often a message is routed', () => {
    fc.assert(
      fc.property(topology('/'), fc.array(message('/'), { maxLength: 10 }), (random, messages) => {
        const router = compileRouter(random);
        for (const sent of [...messages, ...messages]) {
          expect([...router.route(sent).queues].sort()).toEqual(queuesByDefinition(random, sent).sort());
        }
      }),
      { numRuns: 500 },
    );
  });
});
