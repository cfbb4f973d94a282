import { explainRoute } from '@shared/kinds/rabbitmq/route/explain';
import { describe, expect, it } from 'vitest';
import { alternate, bind, draw, exchange, policy, queue } from '../check/drawing';

const flow = draw(
  exchange('orders'),
  exchange('lost', 'fanout'),
  queue('email'),
  queue('unrouted'),
  bind('exchange:orders', 'queue:email', 'order.*'),
  bind('exchange:lost', 'queue:unrouted'),
  alternate('exchange:orders', 'exchange:lost'),
);

describe('explaining a route', () => {
  it('names the links a message takes and why', () => {
    const { nodes, links, sentences } = explainRoute(flow, 'main', { exchange: 'orders', routingKey: 'order.created' });
    expect(nodes).toEqual(['exchange:orders', 'queue:email']);
    expect(links).toEqual(['binding exchange:orders queue:email']);
    expect(sentences).toEqual(['orders → email: “order.*” matches the key.', 'It reaches email.']);
  });

  it('follows the alternate exchange', () => {
    const { links, sentences } = explainRoute(flow, 'main', { exchange: 'orders', routingKey: 'bill' });
    expect(links).toEqual(['binding exchange:lost queue:unrouted', 'alternate exchange:orders exchange:lost']);
    expect(sentences).toEqual([
      'lost → unrouted: a fanout takes every message.',
      'orders → lost: no binding matches, so it goes to the alternate exchange.',
      'It reaches unrouted.',
    ]);
  });

  it('says when no queue gets it, and what it does not know', () => {
    const bare = draw(exchange('orders'), exchange('hash', 'x-random'), policy('p', {}));
    const outcomeOf = (name: string) => explainRoute(bare, 'main', { exchange: name, routingKey: 'a' }).sentences;
    expect(outcomeOf('orders')).toEqual([
      'No queue gets it: with mandatory it comes back to the publisher, else it is dropped.',
    ]);
    expect(outcomeOf('hash')).toEqual(['Exchange hash has the type x-random, whose routing only the broker knows.']);
  });

  it('follows the default exchange to the queue of that name', () => {
    const { nodes, sentences } = explainRoute(flow, 'main', { exchange: '', routingKey: 'email' });
    expect(nodes).toEqual(['queue:email']);
    expect(sentences[1]).toBe('It reaches email.');
  });
});
