import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { serialiseFlow } from '@shared/flow/serialise';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';
import { deployTo } from '../engine/live';
import { draw } from '../kinds/rabbitmq/flows';

const MESSAGES = 3000;
const PREFETCH = 20;
const ATTEMPTS = 3;
/** One for each moment below. */
const KILLS = 4;

const folder = tempFolder();
const program = resolve(import.meta.dirname, '../../../bin/tapline.mjs');
const running: ChildProcess[] = [];
let vhost: TestVhost;
let connection: ChannelModel;
let channel: Channel;

/** The built `tapline run` in a process of its own. */
function startRun(path: string, queue: string): ChildProcess {
  const args = ['run', path, '--connect', `main=${vhost.url}`, '--management', `main=${vhost.managementUrl}`];
  const child = spawn(process.execPath, [program, ...args, '--compete-with', queue], {
    env: { ...process.env, TAPLINE_DATA: join(folder, 'data') },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  running.push(child);
  return child;
}

function kill(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  return new Promise((done) => {
    child.once('exit', () => done());
    child.kill(signal);
  });
}

const ready = async (queue: string) => (await channel.checkQueue(queue)).messageCount;

describe('an engine that is killed while handlers fail', () => {
  beforeAll(async () => {
    vhost = await createVhost('run-killed');
    connection = await connect(vhost.url, { noDelay: true });
    channel = await connection.createChannel();
  });
  afterAll(async () => {
    await connection.close();
    await vhost.remove();
  });

  afterEach(() => {
    for (const child of running.splice(0)) child.kill('SIGKILL');
  });

  it.each(['classic', 'quorum'])(
    'loses nothing, on %s queues',
    async (type) => {
      const work = `work-${type}`;
      const drawn = draw({
        queues: { [work]: { arguments: { 'x-queue-type': type } } },
        handlers: {
          Worker: {
            behaviour: 'simulate',
            failureRate: 1,
            latency: { shape: 'fixed', ms: 5 },
            prefetch: PREFETCH,
            concurrency: PREFETCH,
          },
        },
        consumes: [
          [work, 'Worker', { retry: { attempts: ATTEMPTS, firstDelayMs: 500, backoff: 'linear', queueType: type } }],
        ],
      });
      const flow = { ...drawn, name: work };
      const path = join(folder, `${type}.flow.json`);
      writeFileSync(path, serialiseFlow(flow));
      await deployTo(vhost.url, vhost.managementUrl, flow);
      const filling = await connection.createConfirmChannel();
      for (let n = 1; n <= MESSAGES; n++)
        filling.sendToQueue(work, Buffer.from(String(n)), { persistent: true, messageId: `m${n}` });
      await filling.waitForConfirms();
      await filling.close();

      const dead = `${work}.dlq`;
      const moments: [what: string, queue: string, count: number][] = [
        ['first attempts fail', `${work}.retry.500ms`, 1],
        ['second attempts fail', `${work}.retry.1000ms`, 1],
        ['some are dead', dead, 300],
        ['more are dead', dead, 1000],
      ];
      let child = startRun(path, work);
      for (const [what, queue, count] of moments) {
        await until(what, async () => (await ready(queue)) >= count, 120_000);
        await kill(child, 'SIGKILL');
        child = startRun(path, work);
      }
      await until(
        'every message is dead',
        async () => {
          const left = await Promise.all([work, `${work}.retry.500ms`, `${work}.retry.1000ms`].map(ready));
          return left.every((count) => count === 0) && (await ready(dead)) >= MESSAGES;
        },
        120_000,
      );
      await kill(child, 'SIGTERM');
      expect(child.exitCode).toBe(0);

      const seen = new Map<string, number>();
      const attempts = new Set<unknown>();
      const errors = new Set<unknown>();
      for (
        let got = await channel.get(`${work}.dlq`, { noAck: true });
        got;
        got = await channel.get(`${work}.dlq`, { noAck: true })
      ) {
        const { messageId, headers } = got.properties;
        seen.set(String(messageId), (seen.get(String(messageId)) ?? 0) + 1);
        attempts.add(headers?.['tapline-attempts']);
        errors.add(headers?.['tapline-error']);
      }
      const total = [...seen.values()].reduce((sum, count) => sum + count, 0);
      console.log(
        `${type}: ${seen.size} of ${MESSAGES} messages, ${total - seen.size} duplicates after ${KILLS} kills`,
      );
      expect(seen.size).toBe(MESSAGES);
      expect(total - seen.size).toBeLessThanOrEqual(KILLS * PREFETCH * ATTEMPTS);
      expect([[...attempts], [...errors]]).toEqual([[ATTEMPTS], ['Failed as simulated.']]);
      expect(await ready(work)).toBe(0);
    },
    300_000,
  );
});
