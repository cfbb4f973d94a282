import type { Behaviour, HandledMessage } from '@main/handlers/behaviour';
import { behaviourNamed } from '@main/handlers/behaviours';
import type { Json } from '@shared/flow/schema';
import { type Channel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import { describe, expect, it } from 'vitest';
import { deployTo, liveBench } from '../main/engine/live';
import { goOn, messageOf, requestOf } from '../main/handlers/messages';
import { draw } from '../main/kinds/rabbitmq/flows';
import { createVhost, hasRabbit } from '../support/rabbitmq';

const ROUNDS = 5;
const MESSAGES = 15_000;
/** Messages a handler may hold, and handle side by side. */
const WINDOW = 64;

const ORDER = {
  type: 'OrderSubmitted',
  customer: 'Ada Lovelace',
  lines: Array.from({ length: 6 }, (_, n) => ({ sku: `SKU-${n}`, quantity: n + 1, price: 9.5 + n, note: 'as a gift' })),
  memo: 'x'.repeat(120),
};
const SCRIPT = `
  const { type, customer, lines } = message.body;
  const total = lines.reduce((sum, line) => sum + line.quantity * line.price, 0);
  ctx.publish('out', { type, total, customer: customer.toUpperCase() });`;
const ROUTE: Json = {
  rules: [
    { type: 'other', output: 'out' },
    { type: 'OrderSubmitted', output: 'out' },
  ],
};

const SETTINGS: Record<string, Record<string, Json>> = {
  log: {},
  route: { route: ROUTE },
  script: { script: { code: SCRIPT } },
};

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Messages a second, `WINDOW` at a time. */
async function rateOf(handle: (message: HandledMessage) => unknown): Promise<number> {
  const message = messageOf({ body: ORDER, routingKey: 'order.created', type: 'OrderSubmitted' });
  const startedAt = performance.now();
  for (let done = 0; done < MESSAGES; done += WINDOW) {
    await Promise.all(Array.from({ length: WINDOW }, () => handle(message)));
  }
  return (MESSAGES / (performance.now() - startedAt)) * 1000;
}

/** What the script does, without isolation. */
function plain({ body }: HandledMessage): Buffer {
  const { type, customer, lines } = JSON.parse(body.toString()) as typeof ORDER;
  const total = lines.reduce((sum, line) => sum + line.quantity * line.price, 0);
  return Buffer.from(JSON.stringify({ type, total, customer: customer.toUpperCase() }));
}

describe('behaviours alone', () => {
  it('are compared with a plain function that parses, works and writes JSON', async () => {
    const behaviours = new Map<string, Behaviour>();
    for (const name of ['route', 'script']) {
      behaviours.set(name, await behaviourNamed(name)(requestOf(SETTINGS[name] ?? {}, ['out'])));
    }
    const rates: Record<string, number[]> = { plain: [], route: [], script: [] };
    for (let round = 0; round < ROUNDS; round++) {
      rates['plain']?.push(await rateOf(plain));
      for (const [name, behaviour] of behaviours) {
        rates[name]?.push(await rateOf((message) => behaviour.handle(message, goOn)));
      }
    }
    for (const behaviour of behaviours.values()) await behaviour.close();
    const share = (name: string) => (median(rates[name] ?? []) / median(rates['plain'] ?? [])).toFixed(2);
    console.log(`behaviours alone, as a share of a plain function: route ${share('route')}, script ${share('script')}`);
  });
});

/** Counts what comes to the queue `sink`; resolves with the rate between the first and the last of `count` messages. */
async function watchSink(channel: Channel, count: number): Promise<{ rate: Promise<number> }> {
  let seen = 0;
  let firstAt = 0;
  let finish: (rate: number) => void;
  const rate = new Promise<number>((resolve) => {
    finish = resolve;
  });
  const { consumerTag } = await channel.consume(
    'sink',
    () => {
      seen++;
      if (seen === 1) firstAt = performance.now();
      if (seen < count) return;
      finish(((count - 1) / (performance.now() - firstAt)) * 1000);
      void channel.cancel(consumerTag);
    },
    { noAck: true },
  );
  return { rate };
}

/** Fills the queue `source` that a handler is to empty. */
async function fill(channel: ConfirmChannel): Promise<void> {
  const body = Buffer.from(JSON.stringify(ORDER));
  const options = { persistent: true, contentType: 'application/json', type: 'OrderSubmitted' };
  for (let n = 0; n < MESSAGES; n++) channel.publish('', 'source', body, { ...options, messageId: `m${n}` });
  await channel.waitForConfirms();
}

const drawing = (behaviour: string) =>
  draw({
    exchanges: { target: { exchangeType: 'fanout' } },
    queues: { source: {}, sink: {} },
    bindings: [['target', 'sink']],
    handlers: { worker: { behaviour, ...SETTINGS[behaviour], prefetch: WINDOW, concurrency: WINDOW } },
    consumes: [['source', 'worker']],
    publishes: [['worker', 'target', { output: 'out' }]],
  });

/** The same by hand: take, handle, publish with confirm, then ack. */
async function bareLoop(url: string, work: (message: ConsumeMessage) => Buffer): Promise<() => Promise<void>> {
  const connection = await connect(url);
  const channel = await connection.createConfirmChannel();
  await channel.prefetch(WINDOW);
  await channel.consume('source', (message) => {
    if (!message) return;
    const { contentType, type, messageId } = message.properties;
    const options = { persistent: true, mandatory: true, contentType, type, messageId };
    channel.publish('target', message.fields.routingKey, work(message), options, (error) => {
      if (!error) channel.ack(message);
    });
  });
  return () => connection.close();
}

describe.skipIf(!hasRabbit)('queue → handler → exchange', () => {
  it.each([
    ['route', 0.9],
    ['script', 0.6],
  ])('%s keeps at least %d of the rate of a bare loop', async (behaviour, goal) => {
    const vhost = await createVhost('bench-handlers');
    const flow = drawing(behaviour);
    await deployTo(vhost.url, vhost.managementUrl, flow);
    const connection = await connect(vhost.url);
    const channel = await connection.createConfirmChannel();
    const work = behaviour === 'script' ? plainContent : ({ content }: ConsumeMessage) => content;
    const rates = { ours: [] as number[], bare: [] as number[] };

    const ours = async () => {
      const { live } = liveBench(flow, vhost.url, vhost.managementUrl);
      await fill(channel);
      const { rate } = await watchSink(channel, MESSAGES);
      await live.run({ competeWith: [] });
      rates.ours.push(await rate);
      await live.close();
    };
    const bare = async () => {
      await fill(channel);
      const { rate } = await watchSink(channel, MESSAGES);
      const close = await bareLoop(vhost.url, work);
      rates.bare.push(await rate);
      await close();
    };
    for (let round = 0; round < ROUNDS; round++) {
      for (const measure of round % 2 === 0 ? [ours, bare] : [bare, ours]) {
        await measure();
        await channel.purgeQueue('source');
      }
    }
    await connection.close();
    await vhost.remove();
    const ratios = rates.ours.map((rate, round) => rate / (rates.bare[round] ?? Number.NaN));
    const rounds = ratios.map((ratio) => ratio.toFixed(2)).join(', ');
    console.log(
      `queue → ${behaviour} → exchange: ${median(ratios).toFixed(2)} of a bare loop (goal ${goal}; rounds ${rounds})`,
    );
    expect(median(ratios)).toBeGreaterThanOrEqual(goal);
  });
});

function plainContent({ content }: ConsumeMessage): Buffer {
  return plain(messageOf({ body: content }));
}
