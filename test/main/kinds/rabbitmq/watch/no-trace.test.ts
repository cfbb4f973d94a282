import { isDeepStrictEqual } from 'node:util';
import type { Flow, Json } from '@shared/flow/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasRabbit } from '../../../../support/rabbitmq';
import { until } from '../../../../support/until';
import { useDeploying } from '../deploying';
import { type Drawing, draw } from '../flows';
import { type Client, useWatching } from './watching';

const EXCHANGES = ['ex-a', 'ex-b', 'ex-c'];
const QUEUES = ['qu-a', 'qu-b', 'qu-c', 'dlq'];
const KEYS = ['a', 'a.b', 'c', ''];

const topologies: fc.Arbitrary<Drawing> = fc.record({
  exchanges: fc
    .array(
      fc.record({ exchangeType: fc.constantFrom('direct', 'topic', 'fanout', 'headers'), autoDelete: fc.boolean() }),
      { minLength: EXCHANGES.length, maxLength: EXCHANGES.length },
    )
    .map((list) => Object.fromEntries(EXCHANGES.map((name, index) => [name, list[index] ?? {}]))),
  queues: fc.constant(Object.fromEntries(QUEUES.map((name) => [name, {}]))),
  bindings: fc.array(
    fc.tuple(
      fc.constantFrom(...EXCHANGES),
      fc.constantFrom(...QUEUES, ...EXCHANGES),
      fc.constantFrom('a', 'a.*', '#', 'c'),
      fc.constantFrom<Record<string, Json>>({}, { 'x-match': 'any', region: 'eu' }, { level: 3 }),
    ),
    { minLength: 3, maxLength: 9 },
  ),
  deadLetters: fc.array(fc.tuple(fc.constantFrom('qu-a', 'qu-b'), fc.constantFrom(...EXCHANGES)), { maxLength: 2 }),
  alternates: fc.array(fc.tuple(fc.constantFrom(...EXCHANGES), fc.constantFrom(...EXCHANGES)), { maxLength: 2 }),
}) as fc.Arbitrary<Drawing>;

/** Catch-all ones reach tap queues, too. */
const policies = fc.record(
  {
    'max-length': fc.integer({ min: 1, max: 6 }),
    overflow: fc.constantFrom('drop-head', 'reject-publish', 'reject-publish-dlx'),
    'dead-letter-exchange': fc.constantFrom(...EXCHANGES),
    'dead-letter-routing-key': fc.constantFrom('a', 'c'),
    'alternate-exchange': fc.constantFrom(...EXCHANGES),
  },
  { requiredKeys: [] },
);

/** What became of the messages: what came back, what was refused, what is where. */
interface Outcome {
  returned: string[];
  refused: string[];
  queues: Record<string, string[]>;
}

describe.skipIf(!hasRabbit)('taps leave no trace', () => {
  const broker = useDeploying('watch-trace');
  const { watch, client } = useWatching();
  const definitions = () => broker.vhost.management('GET', `/api/definitions/${broker.vhost.encoded}`);

  async function publishAll({ channel }: Client): Promise<Pick<Outcome, 'returned' | 'refused'>> {
    const returned: string[] = [];
    const refused: string[] = [];
    const onReturn = ({ properties }: { properties: { messageId?: string } }) =>
      returned.push(properties.messageId ?? '');
    channel.on('return', onReturn);
    const sent: Promise<void>[] = [];
    for (const exchange of EXCHANGES)
      for (const key of KEYS)
        for (const headers of [{}, { region: 'eu' }, { level: 3 }]) {
          const messageId = `${exchange}/${key}/${JSON.stringify(headers)}`;
          sent.push(
            new Promise((resolve) => {
              channel.publish(exchange, key, Buffer.from('x'), { mandatory: true, messageId, headers }, (error) => {
                if (error) refused.push(messageId);
                resolve();
              });
            }),
          );
        }
    await Promise.all(sent);
    channel.off('return', onReturn);
    return { returned: returned.sort(), refused: refused.sort() };
  }

  async function depths({ channel }: Client): Promise<string> {
    const counts: number[] = [];
    for (const queue of QUEUES) counts.push((await channel.checkQueue(queue)).messageCount);
    return counts.join();
  }

  /** Takes everything out of the queues, once nothing moves any more. */
  async function drain(service: Client): Promise<Outcome['queues']> {
    let before = '';
    let same = 0;
    await until('nothing moves', async () => {
      const now = await depths(service);
      same = now === before ? same + 1 : 0;
      before = now;
      return same >= 4;
    });
    const queues: Outcome['queues'] = {};
    for (const queue of QUEUES) {
      const ids: string[] = [];
      for (;;) {
        const message = await service.channel.get(queue, { noAck: true });
        if (!message) break;
        const death = (message.properties.headers?.['x-death'] as { queue: string; reason: string }[] | undefined)?.[0];
        ids.push(`${message.properties.messageId}${death ? ` ${death.reason} in ${death.queue}` : ''}`);
      }
      queues[queue] = ids.sort();
    }
    return queues;
  }

  const run = async (service: Client): Promise<Outcome> => ({
    ...(await publishAll(service)),
    queues: await drain(service),
  });

  it('whatever the topology and the policies', async () => {
    await fc.assert(
      fc.asyncProperty(topologies, policies, policies, async (drawing, forAll, forQueues) => {
        await broker.empty();
        const flow: Flow = draw(drawing);
        await broker.deploy(flow);
        const put = (name: string, pattern: string, priority: number, definition: object) =>
          broker.vhost.management('PUT', `/api/policies/${broker.vhost.encoded}/${name}`, {
            pattern,
            'apply-to': 'all',
            priority,
            definition,
          });
        if (Object.keys(forAll).length > 0) await put('all', '.*', 0, forAll);
        if (Object.keys(forQueues).length > 0) await put('queues', '^(qu|tapline)', 1, forQueues);
        const service = await client(broker.vhost.url);
        const without = await run(service);
        const before = await definitions();
        const seen = await watch(broker.target, flow, { mode: 'tap' });
        const [tapped, watched] = await (async () => [await definitions(), await run(service)] as const)().finally(() =>
          seen.watch.close(),
        );
        expect(tapped).toEqual(before);
        // Full queues that dead-letter into one another race in RabbitMQ itself: then another run without watching tells.
        let unwatched = without;
        for (let more = 0; more < 5 && !isDeepStrictEqual(watched, unwatched); more += 1)
          unwatched = await run(service);
        expect(watched).toEqual(unwatched);
        expect(await definitions()).toEqual(before);
        await service.connection.close();
      }),
      { numRuns: 8 },
    );
  });
});
