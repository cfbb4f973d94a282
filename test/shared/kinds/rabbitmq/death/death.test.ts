import type { Death } from '@shared/dead-letters/dead-letter';
import { describeDeath } from '@shared/dead-letters/history';
import { emptyFlow, type Json } from '@shared/flow/schema';
import { findDeadLetterQueues } from '@shared/kinds/rabbitmq/death/find-queues';
import { isDeathHeader } from '@shared/kinds/rabbitmq/death/headers';
import { findHomes } from '@shared/kinds/rabbitmq/death/homes';
import { firstRealDeath, readDeaths, readError, readReason } from '@shared/kinds/rabbitmq/death/read-deaths';
import { readingTerms } from '@shared/kinds/rabbitmq/death/terms';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draw } from '../../../../main/kinds/rabbitmq/flows';

const NOW = 1_800_000_000_000;
const death = (changes: Partial<Death> = {}): Death => ({
  queue: 'billing',
  reason: 'rejected',
  count: 1,
  exchange: 'orders',
  routingKeys: ['order.created'],
  ...changes,
});
const entry = (changes: Record<string, Json> = {}): Record<string, Json> => ({
  queue: 'billing',
  reason: 'rejected',
  count: 1,
  exchange: 'orders',
  'routing-keys': ['order.created'],
  time: { $type: 'timestamp', value: NOW / 1000 - 120 },
  ...changes,
});

describe('the history of a dead letter', () => {
  it('is read from x-death and said in a sentence', () => {
    const [read] = readDeaths({ 'x-death': [entry()] });
    expect(describeDeath(read!, NOW)).toBe(
      'rejected by a consumer of billing 2 minutes ago; came through orders with key order.created',
    );
  });

  it('says of repeated deaths when the first was, which is all that brokers tell', () => {
    const [read] = readDeaths({ 'x-death': [entry({ count: 3 })] });
    expect(describeDeath(read!, NOW)).toContain(', for the 3rd time (the first was 2 minutes ago)');
  });

  it('is read from AMQP 1.0, and from the first and last death where nothing else is there', () => {
    expect(readDeaths({ 'x-opt-deaths': [entry({ 'last-time': NOW / 1000 })] })).toMatchObject([{ lastAt: NOW }]);
    const bare = { 'x-first-death-queue': 'a', 'x-first-death-reason': 'expired', 'x-last-death-queue': 'b' };
    expect(readDeaths(bare).map(({ queue }) => queue)).toEqual(['b', 'a']);
  });

  it('survives any headers', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(
            'x-death',
            'x-opt-deaths',
            'x-first-death-queue',
            'MT-Fault-InputAddress',
            'tapline-redriven',
          ),
          fc.jsonValue(),
        ),
        (headers) => {
          const table = headers as Record<string, Json>;
          const deaths = readDeaths(table);
          for (const one of deaths) expect(describeDeath(one, NOW)).toContain(one.queue);
          findHomes(table, deaths, { queue: 'dead', sources: [] });
          expect(readReason(table, deaths, 'dead')).not.toBe('');
          readError(table);
        },
      ),
    );
  });
});

describe('the home of a dead letter', () => {
  const around = { queue: 'dead', sources: [] as string[] };

  it('is the queue it first died in; the exchange it came by is the alternative', () => {
    expect(findHomes({}, [death()], around)).toMatchObject([
      { reach: 'queue', exchange: '', routingKey: 'billing' },
      { reach: 'exchange', exchange: 'orders', routingKey: 'order.created' },
    ]);
  });

  it('is no queue in which it only waited', () => {
    const deaths = [death(), death({ queue: 'delay', reason: 'expired' })];
    expect(firstRealDeath(deaths, { 'x-first-death-queue': 'delay', 'x-first-death-reason': 'expired' })?.queue).toBe(
      'billing',
    );
  });

  it('is the queue whose handler of Tapline gave it up, however it died while it waited', () => {
    const headers = { 'tapline-queue': 'billing', 'tapline-exchange': 'orders', 'tapline-attempts': 3 };
    const waited = [death({ queue: 'billing.retry.2000ms', reason: 'expired' })];
    expect(findHomes(headers, waited, { ...around, routingKey: 'order.created' })).toMatchObject([
      { reach: 'queue', exchange: '', routingKey: 'billing' },
      { reach: 'exchange', exchange: 'orders', routingKey: 'order.created' },
    ]);
  });

  it('is what MassTransit notes, before anything else', () => {
    const headers = { 'MT-Fault-InputAddress': 'rabbitmq://host/vhost/submit%20order?durable=true' };
    expect(findHomes(headers, [death()], around)[0]).toMatchObject({ routingKey: 'submit order', exchange: '' });
  });

  it('is inferred from the name or from the drawing only where the message says nothing', () => {
    expect(findHomes({}, [], { queue: 'billing_error', sources: [] })).toMatchObject([
      { name: 'billing', inferred: true },
    ]);
    expect(findHomes({}, [], { queue: 'dead', sources: ['a'] })).toMatchObject([{ name: 'a', inferred: true }]);
    expect(findHomes({}, [], { queue: 'dead', sources: ['a', 'b'] })).toEqual([]);
  });

  it('gets messages without headers of death, and with all others', () => {
    const stripped = [
      'x-death',
      'x-first-death-queue',
      'x-last-death-reason',
      'x-opt-deaths',
      'x-delivery-count',
      'MT-Reason',
      'MT-Fault-Message',
      'MT-Host-MachineName',
      'tapline-attempt',
      'tapline-retry-delay',
    ];
    expect(stripped.filter((name) => !isDeathHeader(name))).toEqual([]);
    expect(['x-tenant', 'shop', 'MT-Message-Id', 'retry-after'].filter(isDeathHeader)).toEqual([]);
  });
});

describe('dead-letter queues of a flow', () => {
  const names = (drawing: Parameters<typeof draw>[0]) =>
    findDeadLetterQueues(draw(drawing), 'main', undefined).map(({ name }) => name);

  it('are those that a dead-letter exchange leads to, and those named so', () => {
    expect(
      names({
        exchanges: { orders: {}, dead: { exchangeType: 'fanout' } },
        queues: { billing: {}, graveyard: {}, mail_error: {}, mail: {} },
        bindings: [
          ['orders', 'billing', '#'],
          ['orders', 'mail', '#'],
          ['dead', 'graveyard'],
        ],
        deadLetters: [['billing', 'dead']],
      }),
    ).toEqual(['graveyard', 'mail_error']);
  });

  it('are not the waiting queues of a retry, nor the queue that is worked on', () => {
    expect(
      names({
        exchanges: { orders: {}, retry: { exchangeType: 'fanout' }, back: { exchangeType: 'fanout' } },
        queues: { work: {}, wait: { arguments: { 'x-message-ttl': 1000 } } },
        bindings: [
          ['orders', 'work', '#'],
          ['retry', 'wait'],
          ['back', 'work'],
        ],
        deadLetters: [
          ['work', 'retry'],
          ['wait', 'back'],
        ],
      }),
    ).toEqual([]);
  });

  it('are found by policy, too', () => {
    const flow = draw({
      exchanges: { dead: { exchangeType: 'fanout' } },
      queues: { work: {}, graveyard: {} },
      bindings: [['dead', 'graveyard']],
    });
    const policy = {
      vhost: '/',
      name: 'dlx',
      pattern: '^work$',
      applyTo: 'queues' as const,
      priority: 0,
      definition: { 'dead-letter-exchange': 'dead' },
    };
    const found = findDeadLetterQueues(flow, 'main', { policies: [policy], defaultVhost: '/' });
    expect(found).toMatchObject([
      { name: 'graveyard', because: ['dead letters of work come here, by the policy dlx'] },
    ]);
  });

  it('are none in an empty flow', () => {
    expect(findDeadLetterQueues(emptyFlow(), 'main', undefined)).toEqual([]);
  });
});

describe('the terms of reading', () => {
  const queue = {
    name: 'dead',
    version: '4.0.5',
    deliveryLimit: undefined,
    knowsPolicies: true,
    hasDeadLetterExchange: false,
    consumers: 0,
  };

  it('name the delivery limit that 4.0 has by itself, and what happens then', () => {
    expect(readingTerms({ ...queue, queueType: 'quorum' }).costs.join(' ')).toContain(
      'after 20 returns this queue drops it',
    );
    expect(readingTerms({ ...queue, queueType: 'quorum', version: '3.10.8' }).costs.join(' ')).toContain(
      'goes to the end of the queue',
    );
  });

  it('refuse streams, and mark messages of classic queues', () => {
    expect(readingTerms({ ...queue, queueType: 'stream' }).refused).toContain('is a stream');
    expect(readingTerms({ ...queue, queueType: 'classic' }).costs).toContain('Each is marked as redelivered for good.');
  });
});
