import { addNode, connect } from '@shared/flow/commands';
import { describe, expect, it } from 'vitest';
import { hasRabbit } from '../../../../support/rabbitmq';
import { until } from '../../../../support/until';
import { useDeploying } from '../deploying';
import { draw, ORDERS } from '../flows';
import { idOf, useWatching } from './watching';

describe.skipIf(!hasRabbit)('watching counters', () => {
  const broker = useDeploying('watch-counters');
  const { watch, client } = useWatching();
  const flow = draw(ORDERS);
  const id = (name: string, to?: string) => idOf(flow, name, to);

  it('tells depths, consumers and the totals of the broker since watching began', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const seen = await watch(broker.target, flow);
    const service = await client(broker.vhost.url);
    await service.publish('orders', 'order.created', 20);
    await service.publish('orders', 'nobody.asked', 3);
    await until('the messages are ready', () => seen.counter(id('email'), 'ready')?.value === 20);
    await service.channel.prefetch(5);
    const { consumerTag } = await service.channel.consume('billing', () => {});
    await until('five are unacknowledged', () => seen.counter(id('billing'), 'unacked')?.value === 5);
    await until('the consumer is seen', () => seen.counter(id('billing'), 'consumers')?.value === 1);
    await until('the statistics are in', () => seen.counter(id('orders'), 'publishIn')?.value === 23);
    expect(seen.told(id('orders'), 'publishIn')).toEqual([23, 'broker', 'exact']);
    expect(seen.told(id('orders'), 'routed')).toEqual([40, 'broker', 'exact']);
    await until('deliveries are in', () => seen.counter(id('billing'), 'delivered')?.value === 5);
    expect(seen.told(id('email'), 'publishIn')).toEqual([20, 'broker', 'exact']);
    expect(seen.told(id('billing'), 'acked')).toEqual([0, 'broker', 'exact']);
    await service.channel.cancel(consumerTag);
    service.channel.nackAll(true);
    await service.channel.consume('billing', (message) => message && service.channel.ack(message));
    await until('redeliveries are in', () => seen.counter(id('billing'), 'acked')?.value === 20);
    expect(seen.told(id('billing'), 'redelivered')).toEqual([5, 'broker', 'exact']);
    await until('billing is empty', () => seen.counter(id('billing'), 'ready')?.value === 0);
  });

  it('says that dead letters are not among what the broker counts as published', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const seen = await watch(broker.target, flow);
    await until('totals are told', () => seen.counter(id('graveyard'), 'publishIn'));
    expect(seen.told(id('graveyard'), 'publishIn')).toEqual([0, 'broker', 'atLeast']);
    expect(seen.told(id('dead'), 'publishIn')).toEqual([0, 'broker', 'atLeast']);
    expect(seen.told(id('email'), 'publishIn')).toEqual([0, 'broker', 'exact']);
  });

  it('sees a queue come and go', async () => {
    await broker.empty();
    const seen = await watch(broker.target, flow);
    expect(seen.told(id('email'), 'ready')).toEqual([null, 'broker', 'unknown']);
    await broker.deploy(flow);
    await until('the queue is seen', () => seen.counter(id('email'), 'ready')?.value === 0);
    const service = await client(broker.vhost.url);
    await service.channel.deleteQueue('email');
    await until('the queue is gone', () => seen.counter(id('email'), 'ready')?.value === null);
  });

  it('knows the consumers of a handler that runs elsewhere, and what they got while no other consumes', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const settings = { runsIn: 'elsewhere', matchConnectionName: 'Billing service' };
    const added = addNode(flow, { type: 'handler', name: 'Bill', position: { x: 0, y: 0 }, settings });
    const joined = connect(added.flow, { from: id('billing'), to: added.id, type: 'consume' });
    const link = idOf(joined.flow, 'billing', 'Bill');
    const service = await client(broker.vhost.url, 'Billing service');
    await service.channel.consume('billing', (message) => message && service.channel.ack(message));
    const seen = await watch(broker.target, joined.flow);
    await until('it is recognised', () => seen.counter(added.id, 'consumers')?.value === 1);
    await service.publish('orders', 'order.created', 7);
    await until('its deliveries are told', () => seen.counter(added.id, 'delivered')?.value === 7);
    expect(seen.told(link, 'delivered')).toEqual([7, 'broker', 'exact']);
    const stranger = await client(broker.vhost.url, 'Somebody else');
    await stranger.channel.consume('billing', (message) => message && stranger.channel.ack(message));
    await until('the stranger is seen', () => seen.counter(id('billing'), 'consumers')?.value === 2);
    expect(seen.counter(added.id, 'consumers')?.value).toBe(1);
    await until('whose deliveries they are is not known', () => seen.counter(added.id, 'delivered')?.value === null);
  });
});
