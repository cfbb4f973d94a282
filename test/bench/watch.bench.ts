import type { TrafficSink } from '@main/kinds/live';
import { rabbitmqDriver } from '@main/kinds/rabbitmq';
import { watchRabbit } from '@main/kinds/rabbitmq/watch';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, hasRabbit, type TestVhost } from '../support/rabbitmq';

const MESSAGES = 20_000;
const ROUNDS = 3;
/** Messages on the way at most: the loop of publishing and consuming is bound by the broker, not by memory. */
const WINDOW = 2000;
/** Watching may take this share of what a bare consumer counts in a second. */
const GOAL = 0.9;
const BODY = Buffer.alloc(256, 'x');
const KEY = 'order.created';

const FLOW: Flow = {
  ...emptyFlow('Bench'),
  nodes: {
    app: { type: 'rabbitmq.exchange', name: 'app', broker: 'main', settings: { exchangeType: 'topic' } },
    work: { type: 'rabbitmq.queue', name: 'work', broker: 'main', settings: {} },
  },
  links: {
    bound: {
      type: 'binding',
      from: { node: 'app' },
      to: { node: 'work' },
      settings: { rows: [{ routingKey: 'order.*', arguments: {} }] },
    },
  },
};

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const ratio = (part: number[], whole: number[]) => (median(part) / median(whole)).toFixed(2);

describe.skipIf(!hasRabbit)('watching', () => {
  let vhost: TestVhost;
  let connection: ChannelModel;
  let publisher: Channel;
  beforeAll(async () => {
    vhost = await createVhost('bench-watch');
    const target = { broker: 'main', url: vhost.url, managementUrl: vhost.managementUrl };
    const { steps } = await rabbitmqDriver.plan(target, { flow: FLOW, owned: new Set(), prune: false });
    await rabbitmqDriver.apply(target, { steps, onOutcome: () => {} });
    connection = await connect(vhost.url, { noDelay: true });
    publisher = await connection.createChannel();
  });
  afterAll(async () => {
    await connection?.close();
    await vhost?.remove();
  });

  /** Publishes and consumes all messages; messages a second. */
  async function loop(): Promise<number> {
    const other = await connect(vhost.url, { noDelay: true });
    const consumer = await other.createChannel();
    const startedAt = performance.now();
    await new Promise<void>((resolve) => {
      let sent = 0;
      let got = 0;
      const pump = () => {
        while (sent < MESSAGES && sent - got < WINDOW) {
          sent += 1;
          publisher.publish('app', KEY, BODY);
        }
      };
      void consumer.consume(
        'work',
        () => {
          got += 1;
          if (got === MESSAGES) resolve();
          else if (sent - got < WINDOW / 2) pump();
        },
        { noAck: true },
      );
      pump();
    });
    const perSecond = (MESSAGES * 1000) / (performance.now() - startedAt);
    await other.close();
    return perSecond;
  }

  interface Counting {
    /** Resolves when all messages of a loop were counted. */
    all: () => Promise<void>;
    close: () => Promise<void>;
  }

  async function watching(mode: 'counters' | 'tap'): Promise<Counting> {
    let counted = 0;
    let resolveAll = () => {};
    const sink: TrafficSink = {
      add: (subject, name, by) => {
        if (!('node' in subject) || name !== 'tapped') return;
        counted += by;
        if (counted >= MESSAGES) resolveAll();
      },
      set: () => {},
      gap: () => {},
      event: () => {},
      notSampled: () => {},
      status: () => {},
      taps: () => {},
      trouble: () => {},
      notice: () => {},
    };
    const target = { broker: 'main', url: vhost.url, managementUrl: vhost.managementUrl };
    const maskBodies = () => false;
    const request = { broker: 'main', flow: () => FLOW, mode, sink, maskBodies, onTapEnded: () => {} };
    const watch = await watchRabbit(target, request);
    const all = new Promise<void>((resolve) => {
      resolveAll = resolve;
    });
    return { all: () => all, close: () => watch.close() };
  }

  /** A queue with the same key whose consumer does nothing but count. */
  async function bareTap(): Promise<Counting> {
    const own = await connect(vhost.url, { noDelay: true });
    const channel = await own.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true, arguments: { 'x-max-length': 20_000 } });
    await channel.bindQueue(queue, 'app', 'order.*');
    let counted = 0;
    const all = new Promise<void>((resolve) => {
      const count = () => {
        counted += 1;
        if (counted === MESSAGES) resolve();
      };
      void channel.consume(queue, count, { noAck: true });
    });
    return { all: () => all, close: () => own.close() };
  }

  it(`counts at least ${GOAL} of what a bare consumer does`, async () => {
    const passed = { off: [], counters: [], tap: [], bare: [] } as Record<
      'off' | 'counters' | 'tap' | 'bare',
      number[]
    >;
    const counted = { tap: [], bare: [] } as Record<'tap' | 'bare', number[]>;
    await loop(); // warm
    for (let round = 0; round < ROUNDS; round++) {
      passed.off.push(await loop());
      const counters = await watching('counters');
      passed.counters.push(await loop());
      await counters.close();
      for (const [name, open] of [
        ['bare', bareTap],
        ['tap', () => watching('tap')],
      ] as const) {
        const counting = await open();
        const startedAt = performance.now();
        const [perSecond] = await Promise.all([loop(), counting.all()]);
        passed[name].push(perSecond);
        counted[name].push((MESSAGES * 1000) / (performance.now() - startedAt));
        await counting.close();
      }
    }
    console.log(
      [
        `watching: ${MESSAGES} messages of ${BODY.length} bytes through one topic exchange, at saturation; median of ${ROUNDS} rounds`,
        `  counted in a tap ${ratio(counted.tap, counted.bare)} of a bare noAck consumer with the same key (goal ${GOAL})`,
        `  the broker passes on, of what it does unwatched: counters ${ratio(passed.counters, passed.off)}, tap ${ratio(passed.tap, passed.off)}, a bare queue with the same key ${ratio(passed.bare, passed.off)}`,
      ].join('\n'),
    );
    expect(median(counted.tap) / median(counted.bare)).toBeGreaterThanOrEqual(GOAL);
  });
});
