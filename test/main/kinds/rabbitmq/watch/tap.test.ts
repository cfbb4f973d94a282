import type { Observation } from '@main/kinds/live';
import { setNodeSetting } from '@shared/flow/commands';
import { describe, expect, it } from 'vitest';
import { hasRabbit } from '../../../../support/rabbitmq';
import { until } from '../../../../support/until';
import { useDeploying } from '../deploying';
import { draw, ORDERS } from '../flows';
import { idOf, useWatching } from './watching';

describe.skipIf(!hasRabbit)('tapping', () => {
  const broker = useDeploying('watch-tap');
  const { watch, client } = useWatching();
  const flow = draw(ORDERS);
  const id = (name: string, to?: string) => idOf(flow, name, to);
  const details = (event: Observation | undefined) => event?.details?.();

  it('counts each message exactly, with the links it takes by the bindings', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const seen = await watch(broker.target, flow, { mode: 'tap' });
    const service = await client(broker.vhost.url);
    await service.publish('orders', 'order.created', 300);
    await service.publish('orders', 'order.paid', 200);
    await service.publish('orders', 'nobody.asked', 50);
    await until('all are seen', () => seen.counter(id('orders'), 'tapped')?.value === 500);
    expect(seen.told(id('orders'), 'tapped')).toEqual([500, 'tap', 'exact']);
    expect(seen.told(id('orders'), 'routed')).toEqual([800, 'computed', 'exact']);
    expect(seen.told(id('orders', 'email'), 'routed')).toEqual([500, 'computed', 'exact']);
    expect(seen.told(id('orders', 'billing'), 'routed')).toEqual([300, 'computed', 'exact']);
    await until('the broker says the same', () => seen.counter(id('orders'), 'publishIn')?.value === 550);
    expect(seen.events).toHaveLength(500);
    expect(seen.notices).toEqual([]);
  });

  it('shows a message as it was published', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const seen = await watch(broker.target, flow, { mode: 'tap' });
    const service = await client(broker.vhost.url);
    await service.publish('orders', 'order.created', 1, {
      messageId: 'm-1',
      contentType: 'application/json',
      headers: { region: 'eu', key: Buffer.from('abc'), at: { '!': 'timestamp', value: 1_700_000_000 } },
    });
    const event = await until('it is seen', () => seen.events[0]);
    expect(event).toMatchObject({
      node: id('orders'),
      phase: 'published',
      messageId: 'm-1',
      exchange: 'orders',
      routingKey: 'order.created',
      sizeBytes: 11,
    });
    expect(details(event)).toMatchObject({
      body: { format: 'json', text: '{"index":0}', cut: false },
      headers: { region: 'eu', key: 'YWJj', at: '2023-11-14T22:13:20.000Z' },
      properties: { contentType: 'application/json', messageId: 'm-1' },
    });
  });

  it('masks bodies when told to', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const seen = await watch(broker.target, flow, { mode: 'tap', maskBodies: true });
    const service = await client(broker.vhost.url);
    await service.publish('orders', 'order.created');
    const event = await until('it is seen', () => seen.events[0]);
    expect(details(event)?.body).toEqual({ format: 'masked' });
  });

  it('tells dead letters with their queue and reason', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const seen = await watch(broker.target, flow, { mode: 'tap' });
    const service = await client(broker.vhost.url);
    await service.channel.consume('billing', (message) => message && service.channel.nack(message, false, false));
    await service.publish('orders', 'order.created', 5);
    await until('the dead letters are seen', () => seen.counter(id('billing'), 'deadLettered')?.value === 5);
    expect(seen.told(id('billing'), 'deadLettered')).toEqual([5, 'tap', 'exact']);
    expect(seen.told(id('billing', 'dead'), 'deadLettered')).toEqual([5, 'tap', 'exact']);
    expect(seen.told(id('dead', 'graveyard'), 'routed')).toEqual([5, 'computed', 'exact']);
    const dead = seen.events.filter(({ phase }) => phase === 'dead-lettered');
    expect(dead).toHaveLength(5);
    expect(dead[0]).toMatchObject({
      node: id('billing'),
      link: id('billing', 'dead'),
      queue: 'billing',
      exchange: 'dead',
      reason: 'rejected: rejected by a consumer in billing',
    });
  });

  it('counts a message once that passes several tapped exchanges', async () => {
    await broker.empty();
    const chained = draw({
      exchanges: {
        first: { exchangeType: 'topic' },
        second: { exchangeType: 'fanout' },
        spare: { exchangeType: 'fanout' },
      },
      queues: { one: {}, two: {}, rest: {} },
      bindings: [
        ['first', 'one', 'a.*'],
        ['first', 'second', '#'],
        ['second', 'two'],
        ['spare', 'rest'],
      ],
      alternates: [['second', 'spare']],
    });
    await broker.deploy(chained);
    const seen = await watch(broker.target, chained, { mode: 'tap' });
    const service = await client(broker.vhost.url);
    await service.publish('first', 'a.b', 4);
    await service.publish('first', 'z', 3);
    await service.publish('second', '', 2);
    await until('all are seen', () => seen.counter(idOf(chained, 'second'), 'tapped')?.value === 9);
    expect(seen.events).toHaveLength(9);
    expect(seen.counter(idOf(chained, 'first'), 'tapped')?.value).toBe(7);
    expect(seen.counter(idOf(chained, 'first', 'second'), 'routed')?.value).toBe(7);
    expect(seen.counter(idOf(chained, 'first', 'one'), 'routed')?.value).toBe(4);
    expect(seen.counter(idOf(chained, 'second', 'two'), 'routed')?.value).toBe(9);
  });

  it('sees what goes to the alternate exchange as unroutable at the first', async () => {
    await broker.empty();
    const spare = draw({
      exchanges: { orders: { exchangeType: 'direct' }, spare: { exchangeType: 'fanout' } },
      queues: { work: {}, rest: {} },
      bindings: [
        ['orders', 'work', 'a'],
        ['spare', 'rest'],
      ],
      alternates: [['orders', 'spare']],
    });
    await broker.deploy(spare);
    const seen = await watch(broker.target, spare, { mode: 'tap' });
    const service = await client(broker.vhost.url);
    await service.publish('orders', 'a', 2);
    await service.publish('orders', 'b', 3);
    await until('all are seen', () => seen.counter(idOf(spare, 'orders'), 'tapped')?.value === 5);
    expect(seen.counter(idOf(spare, 'orders'), 'unroutable')?.value).toBe(3);
    expect(seen.counter(idOf(spare, 'orders', 'spare'), 'routed')?.value).toBe(3);
    expect(seen.counter(idOf(spare, 'spare', 'rest'), 'routed')?.value).toBe(3);
  });

  it('follows bindings that come and go, and says that its numbers are then at least so much', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const seen = await watch(broker.target, flow, { mode: 'tap' });
    const service = await client(broker.vhost.url);
    const tapKeys = async () => {
      const path = `/api/exchanges/${broker.vhost.encoded}/orders/bindings/source`;
      const bindings = (await broker.vhost.management('GET', path)) as { destination: string; routing_key: string }[];
      return bindings.filter((one) => one.destination.startsWith('tapline.tap.')).map((one) => one.routing_key);
    };
    expect((await tapKeys()).sort()).toEqual(['order.*', 'order.created']);
    await service.channel.unbindQueue('email', 'orders', 'order.*');
    await until('its key is dropped', async () => (await tapKeys()).join() === 'order.created');
    expect(seen.told(id('orders'), 'tapped')).toEqual([0, 'tap', 'atLeast']);
    await service.channel.bindQueue('email', 'orders', 'bill.#');
    await until('the new key is tapped', async () => (await tapKeys()).includes('bill.#'));
    await service.publish('orders', 'bill.x.y', 3);
    await until('it is seen', () => seen.counter(id('orders'), 'tapped')?.value === 3);
  });

  it('leaves exchanges alone that a tap would change, and says why', async () => {
    await broker.empty();
    let mixed = draw({
      exchanges: { temporary: {}, unbound: {}, orders: {} },
      queues: { q: {} },
      bindings: [
        ['temporary', 'q', 'a'],
        ['orders', 'q', 'a'],
      ],
    });
    mixed = setNodeSetting(mixed, idOf(mixed, 'temporary'), ['autoDelete'], true);
    await broker.deploy(mixed);
    const service = await client(broker.vhost.url);
    const { queue } = await service.channel.assertQueue('', { exclusive: true });
    await service.channel.bindQueue(queue, 'orders', 'only.me');
    const seen = await watch(broker.target, mixed, { mode: 'tap' });
    const report = (name: string) => seen.reports.find(({ node }) => node === idOf(mixed, name));
    expect(report('temporary')).toMatchObject({ tapped: false, reason: expect.stringMatching(/deletes itself/) });
    expect(report('unbound')).toMatchObject({ tapped: false, reason: expect.stringMatching(/No queue is bound/) });
    expect(report('orders')).toMatchObject({ tapped: true, reason: expect.stringMatching(/comes and goes by itself/) });
    await service.publish('orders', 'only.me', 2);
    await service.publish('orders', 'a', 1);
    await until('the one is seen', () => seen.counter(idOf(mixed, 'orders'), 'tapped')?.value === 1);
    expect(seen.told(idOf(mixed, 'orders'), 'tapped')).toEqual([1, 'tap', 'atLeast']);
  });

  it('ends by itself after its time, and counters go on', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const seen = await watch(broker.target, flow, { mode: 'tap', limits: { tapForMs: 1500 } });
    await until('it ended', () => seen.ended.length === 1);
    await until('no tap is left', async () => {
      const queues = (await broker.vhost.management('GET', `/api/queues/${broker.vhost.encoded}`)) as {
        name: string;
      }[];
      return queues.every(({ name }) => !name.startsWith('tapline.tap.'));
    });
    await until('nothing is reported as tapped', () => seen.reports.length === 0);
    const service = await client(broker.vhost.url);
    await service.publish('orders', 'order.created', 4);
    await until('depths go on', () => seen.counter(id('email'), 'ready')?.value === 4);
    expect(seen.told(id('orders'), 'tapped')).toEqual([0, 'tap', 'atLeast']);
  });
});
