import { createPick } from '@shared/tape/pick';
import type { TrafficEvent } from '@shared/traffic/event';
import { describe, expect, it } from 'vitest';
import { draw } from '../../main/kinds/rabbitmq/flows';

const flow = draw({
  exchanges: { orders: {}, audit: {} },
  queues: { work: {} },
  publishers: { Shop: {} },
  handlers: { Bill: {} },
  publishes: [
    ['Shop', 'orders'],
    ['Bill', 'audit'],
    ['Shop', 'work'],
  ],
});

const published = (more: Partial<TrafficEvent>): TrafficEvent => ({
  seq: 1,
  at: 1,
  node: 'orders',
  phase: 'published',
  exchange: 'orders',
  routingKey: 'k',
  sizeBytes: 2,
  body: { format: 'json', text: '{}', cut: false },
  headers: {},
  ...more,
});
const from = (origin: string, journey = 'j') => ({ 'tapline-origin': origin, 'tapline-journey': journey });
const own = (link: string, origin: string, more: Partial<TrafficEvent> = {}) =>
  published({ node: origin, link, headers: from(origin), ...more });

/** What becomes of events, in short: the destination or the reason. */
function pickAll(events: TrafficEvent[], into = flow, maskedBodies = false) {
  const pick = createPick(flow, into, { maskedBodies });
  return events.map((event) => {
    const picked = pick(event);
    return picked && ('skipped' in picked ? picked.skipped : picked.destination);
  });
}

describe('picking what is replayed', () => {
  it('takes what came from outside, along the link it came or to where it arrived', () => {
    expect(
      pickAll([
        own('shop-publish-orders', 'shop'),
        published({ headers: { any: 1 } }),
        published({ exchange: 'undrawn' }),
        published({ phase: 'acked' }),
      ]),
    ).toEqual([
      { link: 'shop-publish-orders' },
      { to: { node: 'orders' }, broker: 'main' },
      { to: { name: 'undrawn', objectType: 'exchange' }, broker: 'main' },
      undefined,
    ]);
  });

  it('leaves to handlers what handlers sent, and counts what was seen twice once', () => {
    expect(
      pickAll([
        own('shop-publish-orders', 'shop'),
        own('bill-publish-audit', 'bill', { exchange: 'audit' }),
        published({ headers: from('shop') }),
        published({ headers: from('shop') }),
        published({ node: 'audit', exchange: 'audit', headers: from('bill') }),
        published({ node: 'audit', exchange: 'audit', headers: from('bill', 'another') }),
        published({ headers: { 'x-death': [] } }),
      ]),
    ).toEqual([
      { link: 'shop-publish-orders' },
      'forwarded',
      'seen-twice',
      { to: { node: 'orders' }, broker: 'main' },
      'seen-twice',
      'forwarded',
      'dead-letter',
    ]);
  });

  it('takes nothing for whole that is not, unless it is told to', () => {
    const events = [
      published({ body: undefined }),
      published({ body: { format: 'masked' } }),
      published({ masked: ['header.authorization'] }),
      published({ body: { format: 'text', text: 'x', cut: true } }),
    ];
    expect(pickAll(events)).toEqual(['no-body', 'masked', 'masked', 'cut']);
    expect(pickAll(events, flow, true)).toEqual(Array(4).fill({ to: { node: 'orders' }, broker: 'main' }));
  });

  it('finds in another flow what is called the same', () => {
    const other = draw({ exchanges: { orders: {} }, queues: {} });
    const moved = { ...other, nodes: { 'id-of-its-own': other.nodes['orders']! } };
    expect(
      pickAll([own('shop-publish-orders', 'shop'), published({}), own('shop-publish-work', 'shop')], moved),
    ).toEqual([
      { to: { node: 'id-of-its-own' }, broker: 'main' },
      { to: { node: 'id-of-its-own' }, broker: 'main' },
      'no-destination',
    ]);
  });
});
