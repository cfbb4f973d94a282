import type { Json } from '@shared/flow/schema';
import { RABBIT_ARGUMENTS } from '@shared/kinds/rabbitmq/arguments';
import { checkRabbit } from '@shared/kinds/rabbitmq/check';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, hasRabbit, type TestVhost } from '../../../../support/rabbitmq';
import { seed } from '../route/arbitraries';
import { draw, exchange, policy, queue } from './drawing';

const CASES = Number(process.env.TAPLINE_TEST_QUEUES ?? 250);
/** Streams and quorum queues take a while each. */
const TIMEOUT_MS = 60_000 + CASES * 200;

/** Good and bad values of every type. */
const value: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  -1,
  0,
  1,
  2,
  10,
  255,
  256,
  2.5,
  3_000_000_000,
  3_000_000_001,
  315_360_000_000,
  315_360_000_001,
  true,
  false,
  '5',
  '7D',
  '0D',
  '12h',
  '7d',
  'drop-head',
  'reject-publish',
  'at-least-once',
  'client-local',
  'balanced',
  'random',
  'min-masters',
  'lazy',
  'default',
  'wrong',
);

const linkKeys = new Set(RABBIT_ARGUMENTS.filter(({ link }) => link).map(({ key }) => key));
const keys = RABBIT_ARGUMENTS.filter(({ on, key }) => on === 'queue' && key !== 'x-queue-type' && !linkKeys.has(key));

const randomQueue = fc.record({
  type: fc.constantFrom('classic', 'quorum', 'stream'),
  durable: fc.boolean(),
  autoDelete: fc.oneof({ arbitrary: fc.constant(false), weight: 3 }, { arbitrary: fc.constant(true), weight: 1 }),
  table: fc.dictionary(fc.constantFrom(...keys.map(({ key }) => key)), value, { minKeys: 0, maxKeys: 1 }),
});

/** RabbitMQ 3.10 takes any text or yes and no for a delivery limit, which then limits nothing: an error all the same. */
const isTakenInVain = ({ 'x-delivery-limit': limit }: Record<string, Json>) =>
  typeof limit === 'string' || typeof limit === 'boolean';

describe.skipIf(!hasRabbit)('the check and the real broker', () => {
  let vhost: TestVhost;
  let version: string;
  beforeAll(async () => {
    vhost = await createVhost('check');
    const overview = (await vhost.management('GET', '/api/overview')) as { rabbitmq_version: string };
    version = overview.rabbitmq_version;
  });
  afterAll(() => vhost?.remove());

  const isTaken = (path: string, body: unknown) =>
    vhost.management('PUT', path, body).then(
      () => true,
      () => false,
    );

  it(
    `call the same queues wrong, seed ${seed}`,
    async () => {
      console.log(`queues against the broker: seed ${seed}, ${CASES} queues`);
      const disagreements: unknown[] = [];
      for (const [index, random] of fc.sample(randomQueue, { seed, numRuns: CASES }).entries()) {
        const { type, durable, autoDelete, table } = random;
        const argumentTable = { 'x-queue-type': type, ...table };
        const flow = draw(queue('q', argumentTable, { durable, autoDelete }));
        const errors = checkRabbit(flow, { main: { version } }).filter(({ severity }) => severity === 'error');
        const path = `/api/queues/${vhost.encoded}/q${index}`;
        const taken = await isTaken(path, { durable, auto_delete: autoDelete, arguments: argumentTable });
        if (taken) await vhost.management('DELETE', path);
        // A refused queue may be refused for more than one reason; an accepted one has no error.
        if ((errors.length === 0) !== taken && !isTakenInVain(table))
          disagreements.push({ ...random, taken, said: errors.map((p) => p.message) });
      }
      expect(disagreements).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it('call the same exchanges wrong', async () => {
    for (const [index, type] of ['direct', 'topic', 'fanout', 'headers', 'x-nothing'].entries()) {
      const overview = (await vhost.management('GET', '/api/overview')) as { exchange_types: { name: string }[] };
      const facts = { version, exchangeTypes: overview.exchange_types.map(({ name }) => name) };
      for (const name of ['plain', 'amq.new', 'amq.topic']) {
        const errors = checkRabbit(draw(exchange(name, type)), { main: facts }).filter((p) => p.severity === 'error');
        const path = `/api/exchanges/${vhost.encoded}/${name === 'plain' ? `plain${index}` : name}`;
        const taken = await isTaken(path, { type, durable: true, auto_delete: false, internal: false, arguments: {} });
        expect(errors.length === 0, `${name} ${type}`).toBe(taken);
      }
    }
  });

  it.each<[string, Record<string, Json>]>([
    ['message-ttl', { 'message-ttl': 5 }],
    ['a wrong value', { 'message-ttl': 'soon' }],
    ['a key written as an argument', { 'x-message-ttl': 5 }],
    ['mirroring', { 'ha-mode': 'all' }],
    ['overflow', { overflow: 'reject-publish-dlx' }],
    ['a wrong overflow', { overflow: 'explode' }],
    ['a wrong age', { 'max-age': 'old' }],
  ])('judge a policy with %s alike', async (_, definition) => {
    const flow = draw(queue('q'), policy('p', definition));
    const errors = checkRabbit(flow, { main: { version } }).filter(({ severity }) => severity === 'error');
    const path = `/api/policies/${vhost.encoded}/p`;
    const taken = await isTaken(path, { pattern: 'nothing', definition, priority: 0, 'apply-to': 'all' });
    expect(errors.length === 0, JSON.stringify(errors)).toBe(taken);
  });
});
