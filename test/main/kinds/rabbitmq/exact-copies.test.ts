import { rabbitDeadLetters } from '@main/kinds/rabbitmq/dead-letters';
import { startSandbox } from '@main/sandbox/rabbitmq/sandbox';
import type { Json } from '@shared/flow/schema';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../../../conformance/rabbitmq/raw-client';
import { createVhost, hasRabbit } from '../../../support/rabbitmq';
import { until } from '../../../support/until';
import { deployTo, liveBench } from '../../engine/live';
import { draw } from './flows';
import { OTHER_PROPERTIES, publishRaw, type RawHeaders, type RawMessage, readRaw, typedHeaders } from './typed-headers';

interface Broker {
  url: string;
  managementUrl: string;
  vhost: string;
  close: () => Promise<void>;
}

const BROKERS: Record<string, () => Promise<Broker>> = {
  ...(hasRabbit
    ? {
        async RabbitMQ() {
          const { url, managementUrl, vhost, remove } = await createVhost('exact');
          return { url, managementUrl, vhost, close: remove };
        },
      }
    : {}),
  async 'the sandbox'() {
    const sandbox = await startSandbox({ user: 'u', password: 'p' });
    return {
      url: `amqp://u:p@127.0.0.1:${sandbox.amqpPort}/%2f`,
      managementUrl: `http://127.0.0.1:${sandbox.managementPort}`,
      vhost: '/',
      close: sandbox.close,
    };
  },
};

/** `work → Worker`, which fails twice, then dead-letters; `in → Passer → out`, which sends on. */
const FLOW = draw({
  queues: { work: {}, in: {}, out: {} },
  handlers: {
    Worker: { behaviour: 'simulate', failureRate: 1, latency: { shape: 'fixed', ms: 0 }, concurrency: 5 },
    Passer: {
      behaviour: 'script',
      // By default with all headers, or with those it was given, which have been JSON meanwhile.
      script: { code: 'ctx.publish("out", message.body, message.body % 2 ? { headers: message.headers } : {})' },
    },
  },
  consumes: [
    ['work', 'Worker', { retry: { attempts: 2, firstDelayMs: 20, queueType: 'classic' } }],
    ['in', 'Passer'],
  ],
  publishes: [['Passer', 'out']],
});

const tag = (type: string, hex: string) => Buffer.concat([Buffer.from(type), Buffer.from(hex, 'hex')]);

/** By message and header: what was sent and is not there byte for byte. */
function changed(
  sent: readonly RawHeaders[],
  got: ReadonlyMap<number, RawMessage>,
  others: RawMessage['others'] = OTHER_PROPERTIES,
): string[] {
  return sent.flatMap((headers, number) => {
    const now = got.get(number);
    const pairs = [
      ...[...headers].map(([name, value]) => [name, value, now?.headers.get(name)] as const),
      ...Object.entries(others).map(([name, value]) => [name, value, now?.others[name as 'type']] as const),
    ];
    return pairs.flatMap(([name, before, after]) =>
      after?.equals(before) ? [] : [`${number} ${name}: ${before.toString('hex')} → ${after?.toString('hex')}`],
    );
  });
}

describe.each(Object.keys(BROKERS))('copies of messages on %s', (name) => {
  let broker: Broker;
  let client: RawClient;
  beforeAll(async () => {
    broker = await BROKERS[name]!();
    await deployTo(broker.url, broker.managementUrl, FLOW);
    client = await RawClient.open(broker);
  });
  afterAll(async () => {
    client?.end();
    await broker?.close();
  });
  const depth = async (queue: string) =>
    (await client.call('queue.declare', { queue, passive: true } as never, 'queue.declare-ok')).messageCount;
  const purge = (queue: string) => client.call('queue.purge', { queue, noWait: false }, 'queue.purge-ok');
  async function runUntil(queue: string, count: number): Promise<void> {
    const { live } = liveBench(FLOW, broker.url, broker.managementUrl);
    await live.run({ competeWith: [] });
    try {
      await until(`${queue} has all`, async () => (await depth(queue)) === count, 20_000);
    } finally {
      await live.close();
    }
  }
  const redrive = (headers?: (shown: Record<string, Json>) => Record<string, Json>) =>
    rabbitDeadLetters.redrive(
      { broker: 'main', url: broker.url, managementUrl: broker.managementUrl },
      {
        queue: { broker: 'main', vhost: broker.vhost, name: 'work.dlq', because: [], sources: ['work'] },
        budget: 1000,
        decide: (letter) => ({
          do: 'send',
          home: { reach: 'queue', name: 'work', exchange: '', routingKey: 'work', why: '' } as never,
          ...(headers ? { edit: { headers: headers(letter.headers) } } : {}),
        }),
        record: { sending: async () => {}, confirmed: async () => {}, returned: async () => {} },
        mayGoOn: async () => {},
        onProgress: () => {},
        signal: new AbortController().signal,
      },
    );

  it('keep every header byte for byte through retries, dead letters and redrives', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(typedHeaders, { minLength: 20, maxLength: 40 }), async (sent) => {
        await publishRaw(broker, 'work', sent);
        await runUntil('work.dlq', sent.length);
        const dead = await readRaw(broker, 'work.dlq');
        expect(changed(sent, dead)).toEqual([]);
        for (const { headers } of dead.values()) expect(headers.has('tapline-attempts')).toBe(true);
        await until('they are back', async () => (await depth('work.dlq')) === sent.length);
        expect(await redrive()).toMatchObject({ redriven: sent.length, failed: 0, returned: 0 });
        const home = await readRaw(broker, 'work');
        expect(changed(sent, home)).toEqual([]);
        for (const { headers } of home.values()) expect(headers.has('tapline-attempts')).toBe(false);
        await until('they are back', async () => (await depth('work')) === sent.length);
        await purge('work');
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  it('keep headers byte for byte when a handler sends them on and does not touch them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(typedHeaders, { minLength: 20, maxLength: 40 }), async (sent) => {
        // JavaScript makes a prototype of it, which no handler sees.
        for (const headers of sent) headers.delete('__proto__');
        await publishRaw(broker, 'in', sent);
        await runUntil('out', sent.length);
        const { timestamp: _isNotSentOn, ...others } = OTHER_PROPERTIES;
        const out = await readRaw(broker, 'out');
        expect(changed(sent, out, others)).toEqual([]);
        await until('they are back', async () => (await depth('out')) === sent.length);
        await purge('out');
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });

  it('take the values of an edit, and keep the bytes of headers that it leaves as they were shown', async () => {
    const long = tag('l', '7fffffffffffffff');
    await publishRaw(broker, 'work.dlq', [
      new Map([
        ['kept', long],
        ['edited', tag('b', '05')],
        ['removed', long],
      ]),
    ]);
    await redrive(({ removed: _removed, ...others }) => ({ ...others, edited: 6, new: 'text' }));
    const { headers } = (await readRaw(broker, 'work')).get(0)!;
    headers.delete('tapline-redriven-at');
    expect(headers).toEqual(
      new Map([
        ['kept', long],
        ['edited', tag('l', '0000000000000006')],
        ['new', tag('S', '0000000474657874')],
        ['tapline-redriven', tag('I', '00000001')],
      ]),
    );
    await until('it is back', async () => (await depth('work')) === 1);
    await purge('work');
  });

  it('keep integers tagged as py-amqp does, which amqplib cannot read', async () => {
    const headers = new Map([
      ['plain', tag('L', '00000000ffffffff')],
      ['list', tag('A', '000000094c8000000000000000')],
      ['table', tag('F', '0000000b016b4c7fffffffffffffff')],
      ['text', tag('S', '000000014c')],
    ]);
    await publishRaw(broker, 'work.dlq', [headers]);
    expect(await redrive()).toMatchObject({ redriven: 1 });
    expect(changed([headers], await readRaw(broker, 'work'))).toEqual([]);
    await until('it is back', async () => (await depth('work')) === 1);
    await purge('work');
  });

  it('keep headers that fill more than half a frame, and stay when they fill more than one', async () => {
    const filled = (bytes: number) => {
      const value = Buffer.alloc(5 + bytes, 'x');
      value.writeUInt32BE(bytes, 1);
      return new Map([['filled', Buffer.concat([Buffer.from('S'), value.subarray(1)])]]);
    };
    await publishRaw(broker, 'work.dlq', [filled(100_000)]);
    expect(await redrive()).toMatchObject({ redriven: 1 });
    expect(changed([filled(100_000)], await readRaw(broker, 'work'))).toEqual([]);
    await until('it is back', async () => (await depth('work')) === 1);
    await purge('work');
    await publishRaw(broker, 'work.dlq', [filled(130_960)]);
    expect(await redrive()).toMatchObject({ redriven: 0, failed: 1 });
    await until('it is back', async () => (await depth('work.dlq')) === 1);
    await purge('work.dlq');
  });
});
