import { checkRabbit } from '@shared/kinds/rabbitmq/check';
import { describe, expect, it } from 'vitest';
import { bind, deadLetter, draw, exchange, handler, publisher, queue } from './drawing';

/** The pattern of the seed: orders to email and notification, billing with a dead-letter queue. */
const example = () =>
  draw(
    exchange('order-events'),
    queue('email-queue'),
    queue('notification-queue'),
    queue('billing-queue'),
    queue('billing-dead-letters'),
    bind('exchange:order-events', 'queue:email-queue', 'order.*'),
    bind('exchange:order-events', 'queue:notification-queue', 'order.created'),
    bind('exchange:order-events', 'queue:billing-queue', 'order.created'),
    deadLetter('queue:billing-queue', 'queue:billing-dead-letters'),
    publisher('Orders', 'exchange:order-events', 'order.created'),
    handler('Send email', 'queue:email-queue'),
    handler('Notify', 'queue:notification-queue'),
    handler('Bill', 'queue:billing-queue', { behaviour: 'simulate', failureRate: 0.2 }),
  );

describe('a sound flow', () => {
  it.each([{}, { version: '3.10.8' }, { version: '4.0.5' }, { version: '4.3.0' }])('has no problems on %o', (facts) => {
    expect(checkRabbit(example(), { main: facts })).toEqual([]);
  });

  it('has none when nothing is known of the broker', () => {
    expect(checkRabbit(example(), {})).toEqual([]);
  });
});
