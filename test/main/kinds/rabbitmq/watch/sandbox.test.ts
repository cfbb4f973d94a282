import type { ConnectionTarget } from '@main/kinds/driver';
import { rabbitmqDriver } from '@main/kinds/rabbitmq';
import { type Sandbox, startSandbox } from '@main/sandbox/rabbitmq/sandbox';
import { connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../support/until';
import { draw } from '../flows';
import { idOf, useWatching } from './watching';

const flow = draw({
  exchanges: {
    orders: { exchangeType: 'topic' },
    unheard: { exchangeType: 'fanout' },
    audit: { exchangeType: 'headers' },
    dead: { exchangeType: 'fanout' },
  },
  queues: {
    email: { arguments: { 'x-max-length': 2 } },
    billing: {},
    short: { arguments: { 'x-message-ttl': 1 } },
    graveyard: {},
    rest: {},
    legal: {},
  },
  bindings: [
    ['orders', 'email', 'order.*'],
    ['orders', 'billing', 'order.created'],
    ['orders', 'short', 'short.lived'],
    ['orders', 'audit', 'audit.#'],
    ['audit', 'legal', '', { 'x-match': 'all', kind: 'legal' }],
    ['dead', 'graveyard'],
    ['unheard', 'rest'],
  ],
  deadLetters: [['billing', 'dead']],
  alternates: [['orders', 'unheard']],
});
const id = (name: string, to?: string) => idOf(flow, name, to);

describe('watching a sandbox', () => {
  const { watch, client } = useWatching();
  let sandbox: Sandbox;
  let target: ConnectionTarget;
  beforeAll(async () => {
    sandbox = await startSandbox({ user: 'u', password: 'p' });
    target = {
      broker: 'main',
      url: `amqp://u:p@127.0.0.1:${sandbox.amqpPort}`,
      managementUrl: `http://127.0.0.1:${sandbox.managementPort}`,
      isSandbox: true,
    };
  });
  afterAll(() => sandbox.close());
  beforeEach(async () => {
    const { steps } = await rabbitmqDriver.plan(target, { flow, owned: new Set(), prune: false });
    await rabbitmqDriver.apply(target, { steps, onOutcome: () => {} });
  });
  afterEach(() => sandbox.reset());

  it('counts everything exactly: ways of messages, deliveries, deaths, and what waits', async () => {
    const seen = await watch(target, flow);
    const service = await client(target.url);
    await service.publish('orders', 'order.created', 3);
    await service.publish('orders', 'nobody.asked', 2);
    await service.publish('orders', 'audit.x', 1, { headers: { kind: 'legal' } });
    await service.channel.consume('billing', (message) => {
      if (!message) return;
      if (message.fields.redelivered || message.fields.deliveryTag > 1) service.channel.ack(message);
      else service.channel.reject(message, false);
    });
    await until('all is settled', () => seen.counter(id('billing'), 'acked')?.value === 2);
    const told = (name: string, counter: Parameters<typeof seen.told>[1], to?: string) =>
      seen.told(id(name, to), counter);
    expect(told('orders', 'publishIn')).toEqual([6, 'sandbox', 'exact']);
    expect(told('orders', 'routed', 'email')).toEqual([3, 'sandbox', 'exact']);
    expect(told('orders', 'routed', 'billing')).toEqual([3, 'sandbox', 'exact']);
    expect(told('orders', 'routed', 'unheard')).toEqual([2, 'sandbox', 'exact']);
    expect(told('unheard', 'routed', 'rest')).toEqual([2, 'sandbox', 'exact']);
    expect(told('audit', 'routed', 'legal')).toEqual([1, 'sandbox', 'exact']);
    expect(told('email', 'ready')).toEqual([2, 'sandbox', 'exact']);
    expect(told('billing', 'delivered')).toEqual([3, 'sandbox', 'exact']);
    expect(told('billing', 'consumers')).toEqual([1, 'sandbox', 'exact']);
    expect(told('billing', 'deadLettered')).toEqual([1, 'sandbox', 'exact']);
    expect(told('billing', 'deadLettered', 'dead')).toEqual([1, 'sandbox', 'exact']);
    expect(told('graveyard', 'ready')).toEqual([1, 'sandbox', 'exact']);
  });

  it('counts what a handler with a retry policy gave up among the dead letters of its queue, where one took it', async () => {
    const seen = await watch(target, flow);
    const handler = await client(target.url, 'Tapline retry');
    const headers = { 'tapline-queue': 'billing', 'tapline-attempts': 3 };
    await handler.publish('dead', 'order.created', 2, { headers });
    await handler.publish('dead', 'order.created', 1, { headers: { ...headers, 'tapline-attempt': 2 } });
    await handler.publish('', 'nobody', 1, { headers, mandatory: true });
    const other = await client(target.url, 'billing service');
    await other.publish('dead', 'order.created', 1, { headers });
    await until('all are dead', () => seen.counter(id('graveyard'), 'ready')?.value === 4);
    expect(seen.told(id('billing', 'dead'), 'deadLettered')).toEqual([2, 'sandbox', 'exact']);
  });

  it('tells events in real time while the sandbox’s time stands still, as they stand beside our own', async () => {
    const { clock } = sandbox.broker;
    clock.pause();
    clock.step(3_600_000);
    const begunAt = Date.now();
    try {
      const seen = await watch(target, flow);
      await (await client(target.url)).publish('orders', 'order.created');
      await until('it is seen', () => seen.events.length > 0);
      expect(seen.events[0]?.at).toBeGreaterThanOrEqual(begunAt);
      expect(seen.events[0]?.at).toBeLessThanOrEqual(Date.now());
    } finally {
      clock.resume();
    }
  });

  it('tells what happened to each message, with its body, and none of it is inferred', async () => {
    const seen = await watch(target, flow);
    const service = await client(target.url, 'shop');
    await service.publish('orders', 'short.lived', 1, { messageId: 'm-1', headers: { a: 1 } });
    await until('it expired', () => seen.events.some(({ phase }) => phase === 'expired'));
    await service.publish('orders', 'order.created', 3, { messageId: 'm-2' });
    await service.channel.consume('billing', (message) => message && service.channel.reject(message, false));
    await until('they died', () => seen.events.filter(({ phase }) => phase === 'dead-lettered').length === 3);
    const brief = seen.events.map(({ phase, messageId, node, link }) => [phase, messageId, node, link]);
    expect(brief.slice(0, 3)).toEqual([
      ['published', 'm-1', id('orders'), undefined],
      ['routed', 'm-1', id('orders'), id('orders', 'short')],
      ['expired', 'm-1', id('short'), undefined],
    ]);
    expect(brief).toContainEqual(['dropped', 'm-2', id('email'), undefined]);
    expect(brief).toContainEqual(['delivered', 'm-2', id('billing'), undefined]);
    expect(brief).toContainEqual(['dead-lettered', 'm-2', id('billing'), id('billing', 'dead')]);
    expect(brief).toContainEqual(['routed', 'm-2', id('dead'), id('dead', 'graveyard')]);
    expect(seen.events[0]?.details?.()).toMatchObject({
      body: { format: 'json', text: '{"index":0}', cut: false },
      headers: { a: 1 },
      properties: { messageId: 'm-1' },
    });
    expect(seen.events.some(({ inferred }) => inferred)).toBe(false);
  });

  it('leaves to Tapline what Tapline itself publishes and consumes', async () => {
    const seen = await watch(target, flow);
    const own = await client(target.url, 'Tapline publish');
    await own.publish('orders', 'order.created');
    await own.channel.consume('billing', (message) => message && own.channel.ack(message));
    await until('it is settled', () => seen.counter(id('billing'), 'acked')?.value === 1);
    expect(new Set(seen.events.map(({ phase }) => phase))).toEqual(new Set(['routed']));
  });

  it('tells what another Tapline publishes, which nobody here would tell', async () => {
    const seen = await watch(target, flow);
    const clientProperties = { connection_name: 'Tapline publish', process: 'another' };
    const other = await connect(target.url, { clientProperties });
    await (await other.createChannel()).publish('orders', 'order.created', Buffer.from('{}'));
    await until('it is seen', () =>
      seen.events.some(({ phase, node }) => phase === 'published' && node === id('orders')),
    );
    await other.close();
  });

  it('masks bodies where it is told to', async () => {
    const seen = await watch(target, flow, { maskBodies: true });
    const service = await client(target.url);
    await service.publish('orders', 'order.created');
    await until('it is seen', () => seen.events.length > 0);
    expect(seen.events[0]?.details?.().body).toEqual({ format: 'masked' });
  });
});
