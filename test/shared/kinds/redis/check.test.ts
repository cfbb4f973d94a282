import type { Flow } from '@shared/flow/schema';
import { checkRedis } from '@shared/kinds/redis/check';
import { linkTypesBetween } from '@shared/kinds/registry';
import { describe, expect, it } from 'vitest';
import { drawing, ordersStream } from './drawing';

const codes = (flow: Flow, version?: string) =>
  checkRedis(flow, { cache: version === undefined ? undefined : { version } })
    .map(({ code, severity, subject }) => `${severity} ${code} ${'id' in subject ? subject.id : ''}`)
    .sort();

describe('a stream with a group', () => {
  it('is fine when it is trimmed beyond its backlog and consumed', () => {
    expect(codes(ordersStream().flow)).toEqual([]);
  });

  it('grows without end when nobody trims it', () => {
    expect(codes(ordersStream({}).flow)).toEqual(['hint redis/never-trimmed orders']);
  });

  it('loses entries when it is trimmed below what consumers hold, or what waits to be tried again', () => {
    expect(codes(ordersStream({ trim: { by: 'length', entries: 9 } }).flow)).toEqual([
      'warning redis/trimmed-too-short orders',
    ]);
    const retry = { attempts: 3, firstDelayMs: 20_000 };
    expect(codes(ordersStream({ trim: { by: 'length', entries: 599 } }, { retry }).flow)).toEqual([
      'warning redis/trimmed-too-short orders',
    ]);
    expect(codes(ordersStream({ trim: { by: 'length', entries: 600 } }, { retry }).flow)).toEqual([]);
    expect(codes(ordersStream({ trim: { by: 'age', seconds: 60 } }, { retry }).flow)).toEqual([
      'warning redis/trimmed-too-soon orders',
    ]);
    expect(codes(ordersStream({ trim: { by: 'age', seconds: 61 } }, { retry }).flow)).toEqual([]);
  });

  it('tries again only from Redis 6.2 on', () => {
    expect(codes(ordersStream(undefined, { retry: {} }).flow, '6.0.9')).toEqual([
      'error redis/retry-needs-6.2 workers>Pack',
    ]);
    expect(codes(ordersStream(undefined, { retry: {} }).flow, '6.2.0')).toEqual([]);
  });
});

describe('a group', () => {
  it('needs a stream, and only one', () => {
    expect(codes(drawing().group('workers').handler('Pack').link('consume', 'workers', 'Pack').flow)).toEqual([
      'error redis/group-without-stream workers',
    ]);
    const two = ordersStream().stream('more').link('redis.read', 'more', 'workers');
    expect(codes(two.flow)).toContain('error redis/group-of-two workers');
  });

  it('without consumers lets entries wait', () => {
    const flow = drawing().stream('orders').group('workers').link('redis.read', 'orders', 'workers').flow;
    expect(codes(flow)).toEqual(['warning redis/group-without-consumers workers']);
  });

  it('starts at $, 0 or an id', () => {
    const starting = (start: string) => {
      const { flow } = ordersStream();
      flow.nodes.workers = { ...flow.nodes.workers!, settings: { start } };
      return codes(flow);
    };
    expect(starting('0')).toEqual([]);
    expect(starting('1700000000000-0')).toEqual([]);
    expect(starting('yesterday')).toEqual(['error redis/group-start workers']);
  });

  it('may have the name of another stream’s group, not of its own stream’s', () => {
    const other = ordersStream()
      .stream('more', { trim: { by: 'length', entries: 1000 } })
      .group('others', {}, 'workers')
      .link('redis.read', 'more', 'others')
      .link('consume', 'others', 'Pack');
    expect(codes(other.flow)).toEqual([]);
    const same = ordersStream()
      .group('again', {}, 'workers')
      .link('redis.read', 'orders', 'again')
      .link('consume', 'again', 'Pack');
    expect(codes(same.flow)).toEqual(['error redis/duplicate again']);
  });
});

describe('dead letters', () => {
  it('go to a key of the same slot, and never to the stream itself', () => {
    const to = (key: string) => codes(ordersStream().deadStream(key).link('redis.dead-letter', 'workers', key).flow);
    expect(to('{orders}:dead')).toEqual([]);
    expect(to('dead')).toEqual(['hint redis/other-slot workers>dead']);
    const itself = ordersStream().link('redis.dead-letter', 'workers', 'orders');
    expect(codes(itself.flow)).toEqual(['error redis/dead-letters-to-itself workers>orders']);
  });
});

describe('channels', () => {
  const heard = () =>
    drawing()
      .publisher('Activity')
      .channel('user-activity')
      .handler('Notify')
      .link('publish', 'Activity', 'user-activity');

  it('need somebody who listens, by name or by pattern', () => {
    expect(codes(heard().flow)).toEqual(['warning redis/nobody-listens user-activity']);
    expect(codes(heard().link('redis.subscribe', 'user-activity', 'Notify').flow)).toEqual([]);
    expect(codes(heard().pattern('user-*').link('redis.subscribe', 'user-*', 'Notify').flow)).toEqual([]);
  });

  it('are matched by at least one pattern drawn for them', () => {
    const flow = heard()
      .link('redis.subscribe', 'user-activity', 'Notify')
      .pattern('order-*')
      .link('redis.subscribe', 'order-*', 'Notify').flow;
    expect(codes(flow)).toEqual(['warning redis/pattern-matches-nothing order-*']);
  });

  it('cannot be tried again', () => {
    const flow = heard().link('redis.subscribe', 'user-activity', 'Notify', { retry: {} }).flow;
    expect(codes(flow)).toEqual(['error redis/retry-on-channel user-activity>Notify']);
  });
});

it('says which nodes belong to no Redis', () => {
  const { flow } = drawing().channel('lost');
  flow.nodes.lost = { ...flow.nodes.lost!, broker: 'nowhere' };
  expect(codes(flow)).toEqual(['error redis/no-broker lost']);
});

it('joins publishers and handlers with nodes of every kind by the same links', () => {
  const types = (from: string, to: string) => linkTypesBetween(from, to).map(({ type }) => type);
  expect(types('publisher', 'redis.stream')).toEqual(['publish']);
  expect(types('handler', 'redis.channel')).toEqual(['publish']);
  expect(types('redis.group', 'handler')).toEqual(['consume']);
  expect(types('redis.channel', 'handler')).toEqual(['redis.subscribe']);
  expect(types('redis.stream', 'handler')).toEqual([]);
  expect(types('rabbitmq.queue', 'handler')).toEqual(['consume']);
  expect(types('publisher', 'rabbitmq.exchange')).toEqual(['publish']);
});
