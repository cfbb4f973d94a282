import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfirmChannel, connect } from 'amqplib';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, hasRabbit, type TestVhost } from '../support/rabbitmq';

const ROUNDS = 5;
/** Publishes without their confirm yet. */
const WINDOW = 2000;
const PREFETCH = 500;

interface Work {
  bytes: number;
  messages: number;
}
type Measure = (channel: ConfirmChannel, work: Work) => Promise<number>;

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/** Messages a second for `messages` done since `beganAt`. */
const rate = (messages: number, beganAt: number) => (messages * 1000) / (performance.now() - beganAt);

async function publishAll(channel: ConfirmChannel, { bytes, messages }: Work): Promise<void> {
  const body = Buffer.alloc(bytes, 1);
  let sent = 0;
  let confirmed = 0;
  await new Promise<void>((resolve) => {
    const more = () => {
      while (sent < messages && sent - confirmed < WINDOW) {
        sent++;
        channel.sendToQueue('bench', body, {}, () => {
          if (++confirmed === messages) resolve();
          else if (sent - confirmed < WINDOW / 2) more();
        });
      }
    };
    more();
  });
}

async function consumeAll(channel: ConfirmChannel, { messages }: Work): Promise<void> {
  await channel.prefetch(PREFETCH);
  let received = 0;
  let resolve = () => {};
  const done = new Promise<void>((settle) => {
    resolve = settle;
  });
  const { consumerTag } = await channel.consume('bench', (message) => {
    if (!message) return;
    channel.ack(message);
    if (++received === messages) resolve();
  });
  await done;
  await channel.cancel(consumerTag);
}

const publishing: Measure = async (channel, work) => {
  const beganAt = performance.now();
  await publishAll(channel, work);
  return rate(work.messages, beganAt);
};
const consuming: Measure = async (channel, work) => {
  await publishAll(channel, work);
  const beganAt = performance.now();
  await consumeAll(channel, work);
  return rate(work.messages, beganAt);
};
const both: Measure = async (channel, work) => {
  const beganAt = performance.now();
  await Promise.all([consumeAll(channel, work), publishAll(channel, work)]);
  return rate(work.messages, beganAt);
};

async function measureOnce(url: string, measure: Measure, work: Work): Promise<number> {
  const connection = await connect(url, { noDelay: true });
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue('bench', { durable: false });
  await channel.purgeQueue('bench');
  const result = await measure(channel, work);
  await channel.deleteQueue('bench');
  await connection.close();
  return result;
}

/** The sandbox's program as one file below node_modules, from where packages are found. */
async function bundleChild(): Promise<string> {
  const at = (path: string) => join(import.meta.dirname, '../..', path);
  const outDir = at('node_modules/.tapline-test');
  const entryFileNames = `sandbox-child-${process.pid}.mjs`;
  await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '@shared': at('src/shared'), '@main': at('src/main') } },
    build: {
      ssr: join(import.meta.dirname, 'sandbox-child.ts'),
      target: 'node20',
      outDir,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames } },
    },
  });
  return join(outDir, entryFileNames);
}

/** Medians of both brokers in turn, so that a busy machine slows both; answers sandbox divided by RabbitMQ. */
async function ratioOf(urls: { real: string; sandbox: string }, measure: Measure, work: Work): Promise<number> {
  const rates = { real: [] as number[], sandbox: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.real.push(await measureOnce(urls.real, measure, work));
    rates.sandbox.push(await measureOnce(urls.sandbox, measure, work));
  }
  const [real, sandbox] = [median(rates.real), median(rates.sandbox)];
  console.log(
    `${measure.name} ${work.bytes} B: sandbox ${Math.round(sandbox)}/s, RabbitMQ ${Math.round(real)}/s, ratio ${(sandbox / real).toFixed(2)}`,
  );
  return sandbox / real;
}

describe('the sandbox', () => {
  let program: string;
  let child: ChildProcess;
  let sandbox: string;
  let readyMs: number;
  let vhost: TestVhost | undefined;
  beforeAll(async () => {
    program = await bundleChild();
    child = fork(program);
    const [ready] = (await once(child, 'message')) as [{ amqpPort: number; readyMs: number }];
    readyMs = ready.readyMs;
    sandbox = `amqp://guest:guest@127.0.0.1:${ready.amqpPort}`;
    if (hasRabbit) vhost = await createVhost('bench');
  });
  afterAll(async () => {
    child.disconnect();
    rmSync(program, { force: true });
    await vhost?.remove();
  });

  it('is ready within 50 ms inside a running process', () => {
    console.log(`ready after ${readyMs.toFixed(1)} ms`);
    expect(readyMs).toBeLessThan(50);
  });

  it('holds 100,000 messages of 256 bytes in 170 MB', async () => {
    const connection = await connect(sandbox, { noDelay: true });
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue('bench', { durable: false });
    await publishAll(channel, { bytes: 256, messages: 100_000 });
    child.send('memory');
    const [{ rssBytes }] = (await once(child, 'message')) as [{ rssBytes: number }];
    await channel.deleteQueue('bench');
    await connection.close();
    console.log(`100,000 queued messages: ${(rssBytes / 1e6).toFixed(0)} MB`);
    expect(rssBytes).toBeLessThan(170e6);
  });

  describe.skipIf(!hasRabbit)('beside RabbitMQ on the same machine', () => {
    it.each<[string, Measure, Work, number]>([
      ['publishes with confirms', publishing, { bytes: 256, messages: 20_000 }, 2],
      ['consumes with acknowledgement', consuming, { bytes: 256, messages: 20_000 }, 2],
      ['does both at once', both, { bytes: 256, messages: 20_000 }, 1.5],
      ['publishes large messages', publishing, { bytes: 16_384, messages: 4000 }, 0.8],
      ['consumes large messages', consuming, { bytes: 16_384, messages: 4000 }, 0.8],
      ['does both with large messages', both, { bytes: 16_384, messages: 4000 }, 0.8],
    ])('%s', async (_, measure, work, goal) => {
      expect(await ratioOf({ real: vhost?.url ?? '', sandbox }, measure, work)).toBeGreaterThanOrEqual(goal);
    });
  });
});
