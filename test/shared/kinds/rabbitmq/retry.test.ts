import { setBrokerSetting, setLinkSetting } from '@shared/flow/commands';
import type { Flow, Json } from '@shared/flow/schema';
import { resolveTopology } from '@shared/kinds/rabbitmq/resolve';
import { checkFlow } from '@shared/kinds/registry';
import { describe, expect, it } from 'vitest';
import { draw } from '../../../main/kinds/rabbitmq/flows';

const retried = (retry: Json, more: Parameters<typeof draw>[0] = {}): Flow =>
  draw({
    handlers: { Worker: {} },
    consumes: [['work', 'Worker', { retry }]],
    ...more,
    queues: { work: {}, ...more.queues },
  });

function objectsOf(flow: Flow) {
  const { topology, derived, origins, ownership } = resolveTopology(flow, 'main', { defaultVhost: '/' });
  return {
    exchanges: topology.exchanges.map(({ name, type }) => `${name} ${type}`),
    queues: Object.fromEntries(topology.queues.map(({ name, arguments: args }) => [name, args])),
    bindings: topology.bindings.map(
      ({ source, destination, arguments: args }) => `${source} → ${destination} ${JSON.stringify(args)}`,
    ),
    derived: [...derived].map((key) => [origins[key], ownership[key]]),
  };
}

const problems = (flow: Flow) =>
  checkFlow(flow, { main: { version: '4.0.5' } }).filter(({ code }) => code.startsWith('consume/'));

describe('a retry policy on RabbitMQ', () => {
  it('becomes a waiting queue per delay, a way back, and dead letters where none are drawn', () => {
    const waiting = (ttl: number) => ({
      'x-queue-type': 'quorum',
      'x-message-ttl': ttl,
      'x-dead-letter-exchange': 'work.back',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    });
    const { derived, ...objects } = objectsOf(retried({}));
    expect(objects).toEqual({
      exchanges: ['work.retry headers', 'work.back fanout', 'work.dlx fanout'],
      queues: {
        work: {},
        'work.retry.2000ms': waiting(2000),
        'work.retry.4000ms': waiting(4000),
        'work.dlq': { 'x-queue-type': 'quorum' },
      },
      bindings: [
        'work.back → work {}',
        'work.retry → work.retry.2000ms {"x-match":"all","tapline-retry-delay":2000}',
        'work.retry → work.retry.4000ms {"x-match":"all","tapline-retry-delay":4000}',
        'work.dlx → work.dlq {}',
      ],
    });
    expect(derived).toEqual(Array(10).fill([{ type: 'link', id: 'work-consume-worker' }, 'managed']));
  });

  it('shares a waiting queue between attempts of one delay, and has three with jitter', () => {
    const names = (retry: Json) => Object.keys(objectsOf(retried(retry)).queues);
    expect(names({ attempts: 4, backoff: 'fixed', firstDelayMs: 1000 })).toEqual([
      'work',
      'work.retry.1000ms',
      'work.dlq',
    ]);
    expect(names({ attempts: 2, firstDelayMs: 1000, jitter: true })).toEqual([
      'work',
      'work.retry.800ms',
      'work.retry.1000ms',
      'work.retry.1200ms',
      'work.dlq',
    ]);
  });

  it('makes no dead letters where they are drawn, and leaves the queue itself as it is', () => {
    const flow = retried({ attempts: 2 }, { queues: { dead: {} }, deadLetters: [['work', 'dead']] });
    const { exchanges, queues } = objectsOf(flow);
    expect(exchanges).toEqual(['work.retry headers', 'work.back fanout']);
    expect(queues['work']).toEqual({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': 'dead' });
  });

  it.each([
    ['a single attempt', retried({ attempts: 1 })],
    ['a handler elsewhere', retried({}, { handlers: { Worker: { runsIn: 'elsewhere' } } })],
  ])('makes nothing for %s', (_, flow) => {
    expect(objectsOf(flow).derived).toEqual([]);
  });

  it('leaves objects alone that are drawn themselves', () => {
    const { queues } = objectsOf(retried({ attempts: 2 }, { queues: { 'work.retry.2000ms': { durable: false } } }));
    expect(queues['work.retry.2000ms']).toEqual({});
  });

  it('is the same for all handlers of a queue', () => {
    const flow = retried(
      {},
      {
        handlers: { Worker: {}, Other: {} },
        consumes: [
          ['work', 'Worker', { retry: {} }],
          ['work', 'Other', { retry: {} }],
        ],
      },
    );
    expect(problems(flow)).toEqual([]);
    expect(problems(setLinkSetting(flow, 'work-consume-other', ['retry'], { attempts: 5 }))).toMatchObject([
      {
        code: 'consume/retry-policies-differ',
        subject: { type: 'link', id: 'work-consume-other' },
        field: 'settings.retry',
      },
    ]);
  });

  it.each([
    [{ 'message-ttl': 300 }, 1, 'lets messages come back after 300 ms instead of 2000'],
    [{ expires: 1000 }, 1, 'deletes it'],
    [{ 'message-ttl': 60_000 }, 0, ''],
  ])('is warned of policies that match where messages wait: %o', (definition, count, sentence) => {
    const policy = { name: 'all', pattern: '2000ms$', definition };
    const found = problems(setBrokerSetting(retried({ attempts: 2 }), 'main', ['policies', 'p'], policy));
    expect(found).toHaveLength(count);
    if (count > 0) expect(found[0]?.message).toContain(sentence);
  });
});
