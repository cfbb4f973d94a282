import { describe, expect, it } from 'vitest';
import { flow, journeysOf, LINK, outline, seen } from './sightings';

const order = { messageId: 'm1', exchange: 'order-events', routingKey: 'order.created' };
const work = { ...order, queue: 'billing-queue', link: LINK.consume };
const hop = { ...order, link: LINK.billing, queue: 'billing-queue' };
const death = { 'x-death': [{ queue: 'billing-queue', reason: 'rejected', count: 1 }] };

const published = () => seen('published', 'orders', { ...order, link: LINK.publish });
const toGraves = { ...order, exchange: 'billing-dlx', link: LINK.graves, queue: 'billing-dead-letters' };

describe('a journey', () => {
  it('knows the links of the example', () => {
    expect(Object.values(LINK).filter((id) => !flow.links[id])).toEqual([]);
  });

  it('goes from the publisher through attempts to the end, with a sentence each', () => {
    const [journey] = journeysOf([
      published(),
      seen('routed', 'order-events', hop),
      seen('delivered', 'bill-customer', { ...work, attempt: 1 }),
      seen('failed', 'bill-customer', { ...work, attempt: 1, reason: 'card declined' }),
      seen('retried', 'bill-customer', { ...work, attempt: 2, delayMs: 2000 }),
      seen('delivered', 'bill-customer', { ...work, attempt: 2 }),
      seen('acked', 'bill-customer', { ...work, attempt: 2 }),
    ]);
    expect(journey?.steps.map(({ sentence }) => sentence)).toEqual([
      'Published by Orders to order-events with key order.created.',
      'Routed by order-events → billing-queue: “order.created” matches the key.',
      'In billing-queue.',
      'Bill customer got it from billing-queue, attempt 1.',
      'Attempt 1 of Bill customer failed: card declined',
      'Waits 2 s for attempt 2 at billing-queue.',
      'Bill customer got it from billing-queue, attempt 2.',
      'Bill customer is done with it.',
    ]);
    expect(journey).toMatchObject({
      id: 'm1',
      state: 'done',
      attempts: 2,
      isWhole: true,
      routingKey: 'order.created',
      nodes: ['orders', 'order-events', 'billing-queue', 'bill-customer'],
      links: [LINK.publish, LINK.billing, LINK.consume],
    });
    expect(journey?.steps[5]).toMatchObject({ type: 'waiting', node: 'billing-queue', attempt: 2, delayMs: 2000 });
  });

  it('is dead when it rests among dead letters, and begins anew when redriven', () => {
    const events = [
      published(),
      seen('routed', 'order-events', hop),
      seen('delivered', 'bill-customer', work),
      seen('rejected', 'bill-customer', { ...work, reason: 'card declined' }),
      seen('dead-lettered', 'billing-queue', { ...order, queue: 'billing-queue', link: LINK.dead }),
      seen('routed', 'billing-dlx', { ...toGraves, headers: death }),
    ];
    const [dead] = journeysOf(events);
    expect([dead?.state, dead?.steps.at(-1)?.sentence]).toEqual(['dead', 'In billing-dead-letters.']);
    const headers = { 'tapline-redriven': 1 };
    events.push(
      seen('routed', 'order-events', { ...hop, headers }),
      seen('delivered', 'bill-customer', { ...work, headers }),
    );
    expect(journeysOf(events)[0]).toMatchObject({ state: 'in flight' });
    events.push(seen('acked', 'bill-customer', { ...work, headers }));
    const [redriven] = journeysOf(events);
    expect(redriven?.state).toBe('done');
    expect(redriven && outline(redriven).filter((step) => step.startsWith('redriven'))).toEqual([
      'redriven order-events',
    ]);
  });

  it('is lost when it came back or is gone', () => {
    expect(journeysOf([published(), seen('returned', 'orders', { ...order, reason: 'no queue' })])[0]?.state).toBe(
      'lost',
    );
    const queued = [published(), seen('routed', 'order-events', hop)];
    expect(journeysOf(queued)[0]?.state).toBe('in flight');
    const gone = seen('expired', 'billing-queue', { ...order, queue: 'billing-queue' });
    expect(journeysOf([...queued, gone])[0]?.state).toBe('lost');
  });

  it('works out hops that no broker tells of, and marks them', () => {
    const [journey] = journeysOf([published(), seen('delivered', 'bill-customer', work)]);
    expect(journey && outline(journey)).toEqual([
      'published orders',
      '~routed order-events',
      '~queued billing-queue',
      '~routed order-events',
      '~queued notification-queue',
      '~routed order-events',
      '~queued email-queue',
      'delivered bill-customer',
    ]);
    expect(journey?.state).toBe('in flight');
  });

  it('is unknown where copies are by the drawing that nobody saw', () => {
    const [journey] = journeysOf([published(), seen('acked', 'bill-customer', work)]);
    expect(journey?.state).toBe('unknown');
  });

  it('is unknown after a rejection, where no dead-letter link says what becomes of it', () => {
    const rejected = (queue: string, node: string, link: string) => [
      seen('published', 'orders', { messageId: queue, link: LINK.publish }),
      seen('rejected', node, { messageId: queue, queue, link }),
    ];
    const [email] = journeysOf(rejected('email-queue', 'send-email', 'email-queue-consume-send-email'));
    const [billing] = journeysOf(rejected('billing-queue', 'bill-customer', LINK.consume));
    expect([email?.state, billing?.state]).toEqual(['unknown', 'dead']);
  });

  it('does not take what a tap saw for another publish', () => {
    const [journey] = journeysOf([published(), seen('published', 'order-events', order)]);
    expect(journey && outline(journey).filter((step) => !step.startsWith('~'))).toEqual([
      'published orders',
      'arrived order-events',
    ]);
  });

  it('says when its beginning was not seen', () => {
    expect(journeysOf([seen('acked', 'bill-customer', work)])[0]?.isWhole).toBe(false);
  });
});

describe('joining', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  it('goes by journey header, message id, correlation, causation and trace', () => {
    const events = [
      seen('published', 'orders', { messageId: 'a', headers: { 'tapline-journey': 'root' } }),
      seen('published', 'orders', { messageId: 'b', headers: { 'tapline-journey': 'root' } }),
      seen('published', 'orders', { messageId: 'c', properties: { correlationId: 'b' } }),
      seen('published', 'orders', {
        messageId: 'd',
        headers: { 'causation-id': 'c', traceparent: `00-${trace}-00f067aa0ba902b7-01` },
      }),
      seen('published', 'orders', { messageId: 'e', headers: { traceparent: `00-${trace}-b7ad6b7169203331-00` } }),
      seen('published', 'orders', { messageId: 'f' }),
    ];
    const found = journeysOf(events).map(({ id, messageIds, inferred }) => ({ id, messageIds, inferred }));
    expect(found).toEqual([
      { id: 'f', messageIds: ['f'], inferred: undefined },
      { id: 'root', messageIds: ['a', 'b', 'c', 'd', 'e'], inferred: undefined },
    ]);
  });

  it('goes by equal bodies where there are no ids, within a time, and says so', () => {
    const body = { format: 'text', text: 'hello', cut: false } as const;
    const at = (ms: number) => ({ at: 1_000_000 + ms, body });
    const [later, first] = journeysOf([
      seen('published', 'order-events', at(0)),
      seen('delivered', 'notify', at(4000)),
      seen('published', 'order-events', at(60_000)),
    ]);
    expect([first?.events, first?.inferred !== undefined]).toEqual([2, true]);
    expect([later?.events, later?.inferred]).toEqual([1, undefined]);
  });

  it('joins a message without an id to the one message with its body, if there is one only', () => {
    const body = { format: 'text', text: 'hello', cut: false } as const;
    const named = (messageId: string) => seen('published', 'orders', { messageId, body });
    expect(journeysOf([named('x'), seen('delivered', 'notify', { body })])).toMatchObject([{ id: 'x', events: 2 }]);
    expect(journeysOf([named('y'), named('z'), seen('delivered', 'notify', { body })])).toHaveLength(3);
  });

  it('never joins masked bodies', () => {
    const masked = { body: { format: 'masked' } as const };
    expect(journeysOf([seen('published', 'orders', masked), seen('published', 'orders', masked)])).toHaveLength(2);
  });

  it('is searched by id, key, header and body, every word', () => {
    const events = [
      seen('published', 'orders', { ...order, body: { format: 'json', text: '{"customer":"Ada"}', cut: false } }),
      seen('published', 'orders', { messageId: 'm2', headers: { tenant: 'north' } }),
    ];
    const ids = (search: string) => journeysOf(events, search).map(({ id }) => id);
    expect([ids('M1'), ids('order.created ada'), ids('north'), ids('ada north'), ids('')]).toEqual([
      ['m1'],
      ['m1'],
      ['m2'],
      [],
      ['m2', 'm1'],
    ]);
  });
});
