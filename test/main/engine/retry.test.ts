import type { Json } from '@shared/flow/schema';
import { derivedId } from '@shared/traffic/derived-id';
import { connect, type GetMessage } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, hasRabbit, type TestVhost } from '../../support/rabbitmq';
import { until } from '../../support/until';
import { type Drawing, draw } from '../kinds/rabbitmq/flows';
import { deployTo, type LiveBench, liveBench } from './live';

let vhost: TestVhost;
let bench: LiveBench;

async function take(queue: string): Promise<GetMessage[]> {
  const connection = await connect(vhost.url, { noDelay: true });
  const channel = await connection.createChannel();
  const taken: GetMessage[] = [];
  for (let got = await channel.get(queue, { noAck: true }); got; got = await channel.get(queue, { noAck: true }))
    taken.push(got);
  await connection.close();
  return taken;
}

async function depth(queue: string): Promise<number> {
  const connection = await connect(vhost.url, { noDelay: true });
  const channel = await connection.createChannel();
  const { messageCount } = await channel.checkQueue(queue);
  await connection.close();
  return messageCount;
}

/** `Source → work → Worker`, which always fails. */
const failing = (name: string, retry: Record<string, Json>, more: Drawing = {}) =>
  draw({
    publishers: { Source: { count: 20, ratePerSecond: 2000, body: '{{seq}}', properties: { type: 'order' } } },
    handlers: { Worker: { behaviour: 'simulate', failureRate: 1, latency: { shape: 'fixed', ms: 0 }, concurrency: 5 } },
    publishes: [['Source', name]],
    consumes: [[name, 'Worker', { retry }]],
    ...more,
    queues: { [name]: {}, ...more.queues },
  });

async function run(flow: LiveBench['flow']): Promise<LiveBench> {
  await deployTo(vhost.url, vhost.managementUrl, flow);
  bench = liveBench(flow, vhost.url, vhost.managementUrl);
  await bench.live.run({ competeWith: [] });
  return bench;
}

describe('retries', () => {
  beforeAll(async () => {
    vhost = await createVhost('retry');
  });
  afterAll(() => vhost.remove());
  afterEach(() => bench.live.close());

  it.each(['quorum', 'classic'])('wait in %s queues, then dead-letter with attempts and error', async (queueType) => {
    const work = `work-${queueType}`;
    const flow = failing(work, { attempts: 3, backoff: 'linear', firstDelayMs: 100, queueType });
    const { live, count, pull, events } = await run(flow);
    await until('all is dead', () => count('Worker', 'deadLettered') === 20);
    await live.stop();
    pull();
    expect(
      (['delivered', 'failed', 'retried', 'deadLettered', 'rejected', 'acked'] as const).map((name) =>
        count('Worker', name),
      ),
    ).toEqual([60, 60, 40, 20, 0, 0]);
    expect(await depth(work)).toBe(0);
    const dead = await take(`${work}.dlq`);
    expect(dead.map(({ content }) => Number(content.toString())).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
    expect(dead[0]?.properties).toMatchObject({
      type: 'order',
      headers: {
        'tapline-attempts': 3,
        'tapline-error': 'Failed as simulated.',
        'tapline-error-type': 'simulated',
        'tapline-queue': work,
        'tapline-exchange': '',
        'tapline-origin': 'source',
        'x-death': [{ queue: `${work}.retry.200ms` }, { queue: `${work}.retry.100ms` }],
      },
    });
    expect(dead[0]?.fields.routingKey).toBe(work);
    expect(events.find(({ phase }) => phase === 'retried')).toMatchObject({
      node: 'worker',
      reason: 'Attempt 2 of 3 in 0.1 s. Failed as simulated.',
    });
  });

  it('end at the drawn dead-letter link, and deploying again changes nothing', async () => {
    const flow = failing(
      'drawn',
      { attempts: 2, firstDelayMs: 50, jitter: true, queueType: 'classic' },
      {
        exchanges: { graves: { exchangeType: 'fanout' } },
        queues: { graveyard: {} },
        bindings: [['graves', 'graveyard']],
        deadLetters: [['drawn', 'graves']],
      },
    );
    const { live, count, pull } = await run(flow);
    await until('all is dead', () => count('drawn-dead-letter-graves', 'deadLettered') === 20);
    expect(pull().counters.links['drawn-dead-letter-graves']?.deadLettered).toMatchObject({ completeness: 'atLeast' });
    await live.stop();
    expect((await take('graveyard')).length).toBe(20);
    const queues = (await vhost.management('GET', `/api/queues/${vhost.encoded}?disable_stats=true`)) as {
      name: string;
    }[];
    expect(queues.map(({ name }) => name).filter((name) => name.startsWith('drawn'))).toEqual([
      'drawn',
      'drawn.retry.40ms',
      'drawn.retry.50ms',
      'drawn.retry.60ms',
    ]);
    await deployTo(vhost.url, vhost.managementUrl, flow);
  });

  it('wait in memory without any object but for the dead letters', async () => {
    const flow = failing('held', { attempts: 3, wait: 'memory', backoff: 'fixed', firstDelayMs: 50 });
    const { live, count, pull, events } = await run(flow);
    await until('all is dead', () => count('Worker', 'deadLettered') === 20);
    await live.stop();
    pull();
    expect((['delivered', 'failed', 'retried', 'acked'] as const).map((name) => count('Worker', name))).toEqual([
      20, 60, 40, 0,
    ]);
    const dead = await take('held.dlq');
    expect(dead.map(({ properties }) => properties.headers?.['tapline-attempts'])).toEqual(Array(20).fill(3));
    expect(await depth('held')).toBe(0);
    expect(events.find(({ phase }) => phase === 'retried')).toMatchObject({ attempt: 2, delayMs: 50 });
    const queues = (await vhost.management('GET', `/api/queues/${vhost.encoded}?disable_stats=true`)) as {
      name: string;
    }[];
    expect(queues.map(({ name }) => name).filter((name) => name.startsWith('held'))).toEqual(['held', 'held.dlq']);
  });

  it('in memory give back what waits when the run ends, and lose nothing', async () => {
    const flow = failing('stopped', { attempts: 3, wait: 'memory', backoff: 'fixed', firstDelayMs: 60_000 });
    const { live, count } = await run(flow);
    await until('some wait', () => (count('Worker', 'retried') ?? 0) >= 5);
    await live.stop();
    expect(await depth('stopped')).toBe(count('Source', 'confirmed'));
  });

  it.skipIf(!hasRabbit)('go back at once to a quorum queue, which counts them', async () => {
    const flow = failing(
      'counted',
      { attempts: 3, wait: 'requeue' },
      {
        exchanges: { lost: { exchangeType: 'fanout' } },
        queues: { counted: { arguments: { 'x-queue-type': 'quorum' } }, found: {} },
        bindings: [['lost', 'found']],
        deadLetters: [['counted', 'lost']],
      },
    );
    const { live, count } = await run(flow);
    await until('all is given up', () => count('Worker', 'rejected') === 20);
    await live.stop();
    expect((['delivered', 'failed', 'retried'] as const).map((name) => count('Worker', name))).toEqual([60, 60, 40]);
    await until('all is dead-lettered', async () => (await depth('found')) === 20);
    expect((await take('found'))[0]?.properties.headers?.['x-death']).toMatchObject([
      { queue: 'counted', reason: 'rejected' },
    ]);
  });

  it('are not for failures that the policy leaves out', async () => {
    const { count } = await run(
      failing('picky', { attempts: 5, firstDelayMs: 60_000, never: ['simulated'], queueType: 'classic' }),
    );
    await until('all is dead', () => count('Worker', 'deadLettered') === 20);
    expect(count('Worker', 'retried')).toBe(0);
    expect((await take('picky.dlq'))[0]?.properties.headers).toMatchObject({ 'tapline-attempts': 1 });
  });

  it('show how many wait for each delay, in queues that nobody drew', async () => {
    const flow = failing('watched', { attempts: 2, firstDelayMs: 60_000 });
    const { live, count, pull, events } = await run(flow);
    await live.watch('counters');
    const consume = Object.entries(flow.links).find(([, { type }]) => type === 'consume')?.[0] ?? '';
    const waiting = derivedId(consume, 60_000);
    await until('all wait', () => count(waiting, 'ready') === 20);
    const { nodes } = pull().counters;
    expect(nodes[waiting]?.ready).toMatchObject({ source: 'broker', completeness: 'exact' });
    expect(nodes[derivedId(consume, 'dead-letters')]?.ready?.value).toBe(0);
    expect(events.filter(({ phase, delayMs }) => phase === 'retried' && delayMs === 60_000)).toHaveLength(20);
    // An edit that takes the policy away takes its queues out of the picture.
    bench.flow = { ...flow, links: {} };
    expect(Object.keys(pull().counters.nodes).filter((id) => id.startsWith('derived:'))).toEqual([]);
  });

  it('keep a message whose copy nothing takes', async () => {
    const flow = failing('kept', { attempts: 2, firstDelayMs: 50, queueType: 'classic' });
    await deployTo(vhost.url, vhost.managementUrl, flow);
    bench = liveBench(flow, vhost.url, vhost.managementUrl);
    const args = encodeURIComponent('kept.retry.50ms');
    await vhost.management('DELETE', `/api/queues/${vhost.encoded}/${args}`);
    await expect(bench.live.run({ competeWith: [] })).rejects.toMatchObject({
      code: 'run/not-deployed',
      message: 'The broker does not have the queue “kept.retry.50ms”.',
    });
    await deployTo(vhost.url, vhost.managementUrl, flow);
    const connection = await connect(vhost.url);
    const channel = await connection.createChannel();
    await bench.live.run({ competeWith: [] });
    await channel.unbindQueue('kept.retry.50ms', 'kept.retry', '', {
      'x-match': 'all',
      'tapline-retry-delay': { '!': 'long', value: 50n },
    });
    await connection.close();
    await until('it is told', () =>
      bench.pull().notices.some(({ message }) => message.includes('could not be tried again')),
    );
    await bench.live.stop();
    const dead = bench.count('Worker', 'deadLettered') ?? 0;
    expect((await depth('kept')) + (await depth('kept.retry.50ms')) + dead).toBe(20);
  });
});
