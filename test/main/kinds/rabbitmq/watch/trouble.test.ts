import { describe, expect, it } from 'vitest';
import { findRabbitHome, startPrivateRabbit } from '../../../../support/private-rabbitmq';
import { hasRabbit } from '../../../../support/rabbitmq';
import { until } from '../../../../support/until';
import { useDeploying } from '../deploying';
import { draw, ORDERS } from '../flows';
import { idOf, useWatching } from './watching';

describe.skipIf(!hasRabbit)('watching in trouble', () => {
  const broker = useDeploying('watch-trouble');
  const { watch, client } = useWatching();
  const flow = draw(ORDERS);
  const id = (name: string, to?: string) => idOf(flow, name, to);

  it('says how many messages a tap that overflowed missed, and that its numbers are at least so much', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const limits = { maxTapMessages: 1, totalsEveryMs: 500 };
    const seen = await watch(broker.target, flow, { mode: 'tap', limits });
    const service = await client(broker.vhost.url);
    const counted = () => seen.counter(id('orders'), 'tapped');
    // A view that is slow to take events in: what the sockets cannot hold in the meantime falls out of the tap queue.
    seen.event = () => {
      const until = performance.now() + 1;
      while (performance.now() < until);
    };
    const body = Buffer.alloc(20_000, 'x');
    let published = 0;
    await until('the overflow is noticed', async () => {
      for (let index = 0; index < 1000; index++) service.channel.publish('orders', 'order.paid', body);
      await service.channel.waitForConfirms();
      published += 1000;
      return counted()?.completeness === 'atLeast';
    });
    expect(counted()?.value).toBeLessThan(published);
    expect(seen.counter(id('orders', 'email'), 'routed')?.completeness).toBe('atLeast');
    expect(seen.notices).toEqual([expect.stringMatching(/came faster than the tap of “orders” could take them/)]);
  });

  it('counts a storm exactly within bounded memory', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const seen = await watch(broker.target, flow, { mode: 'tap' });
    const service = await client(broker.vhost.url);
    const TOTAL = 20_000;
    const BATCH = 2000;
    const before = process.memoryUsage().heapUsed;
    for (let sent = 0; sent < TOTAL; sent += BATCH) await service.publish('orders', 'order.paid', BATCH);
    await until('all are seen', () => (seen.counter(id('orders'), 'tapped')?.value ?? 0) >= TOTAL);
    expect(seen.told(id('orders'), 'tapped')).toEqual([TOTAL, 'tap', 'exact']);
    expect(seen.told(id('orders', 'email'), 'routed')).toEqual([TOTAL, 'computed', 'exact']);
    // What the recording sink keeps is in it.
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 * 1024);
  });

  it('sees depths without the management API, and says what is missing', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const seen = await watch(broker.blind, flow, { mode: 'tap' });
    const service = await client(broker.vhost.url);
    await service.publish('orders', 'order.created', 3);
    await until('ready messages are seen', () => seen.counter(id('email'), 'ready')?.value === 3);
    expect(seen.told(id('email'), 'unacked')).toEqual([null, 'broker', 'unknown']);
    expect(seen.told(id('email'), 'consumers')).toEqual([0, 'broker', 'exact']);
    expect(seen.notices).toEqual([expect.stringMatching(/Nothing is tapped.*tag “management”/)]);
    expect(seen.statuses.at(-1)?.state).toBe('connected');
  });

  it('falls back for a user without a tag, and names what is needed', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const seen = await watch(await broker.user('plain', '.*', ''), flow);
    await until('depths are seen', () => seen.counter(id('email'), 'ready')?.value === 0);
    expect(seen.notices).toEqual([expect.stringMatching(/without totals.*tag “management”/)]);
  });

  it('names the permission that a tap needs, and goes on with counters', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const target = await broker.user('reader', '^(orders|email)$', 'monitoring');
    const seen = await watch(target, flow, { mode: 'tap' });
    const report = seen.reports.find(({ node }) => node === id('orders'));
    expect(report).toMatchObject({
      tapped: false,
      reason: expect.stringMatching(/configure, write and read on \^tapline\\\.tap\\\./),
    });
    const service = await client(broker.vhost.url);
    await service.publish('orders', 'order.created', 3);
    await until('depths are seen', () => seen.counter(id('email'), 'ready')?.value === 3);
  });

  it('ends a tap above its rate', async () => {
    await broker.empty();
    await broker.deploy(flow);
    const limits = { maxTapRatePerSecond: 10, maxTapRateForMs: 600 };
    const seen = await watch(broker.target, flow, { mode: 'tap', limits });
    const service = await client(broker.vhost.url);
    await until('it ended', async () => {
      await service.publish('orders', 'order.created', 50);
      return seen.ended.length > 0;
    });
    expect(seen.ended).toEqual(['The tap ended: more than 10 messages a second came through it. Counters go on.']);
  });
});

describe.skipIf(!findRabbitHome())('watching a broker that goes away', () => {
  const { watch, client } = useWatching();

  it('comes back by itself with taps and counters, which are then at least so much', async () => {
    const rabbit = await startPrivateRabbit();
    try {
      const flow = draw(ORDERS);
      const { rabbitmqDriver } = await import('@main/kinds/rabbitmq');
      const target = { broker: 'main', url: rabbit.url, managementUrl: rabbit.managementUrl };
      const { steps } = await rabbitmqDriver.plan(target, { flow, owned: new Set(), prune: false });
      await rabbitmqDriver.apply(target, { steps, onOutcome: () => {} });
      const seen = await watch(target, flow, { mode: 'tap' });
      const tapped = () => seen.counter(idOf(flow, 'orders'), 'tapped');
      await (await client(rabbit.url)).publish('orders', 'order.created', 5);
      await until('five are seen', () => tapped()?.value === 5);
      await rabbit.kill();
      const lost = await until('it is noticed', () => seen.statuses.find(({ state }) => state === 'reconnecting'));
      expect(lost).toMatchObject({ attempt: 1, nextAttemptAt: expect.any(Number), lastError: expect.any(String) });
      await rabbit.restart();
      await until('it is back', () => seen.statuses.at(-1)?.state === 'connected');
      await until('the tap is back', () => seen.reports.some((report) => report.tapped));
      await (await client(rabbit.url)).publish('orders', 'order.created', 7);
      await until('all are seen', () => tapped()?.value === 12);
      expect(seen.told(idOf(flow, 'orders'), 'tapped')).toEqual([12, 'tap', 'atLeast']);
    } finally {
      await rabbit.stop();
    }
  });
});
