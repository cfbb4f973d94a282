import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startSandbox } from '@main/sandbox/rabbitmq/sandbox';
import type { RedriveSummary } from '@shared/dead-letters/redrive';
import { serialiseFlow } from '@shared/flow/serialise';
import { afterAll, describe, expect, it } from 'vitest';
import { createVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { type Bystander, billingFlow, bystander, deploy } from '../kinds/rabbitmq/dead-letters/dead';

const program = resolve(import.meta.dirname, '../../../bin/tapline.mjs');
const folder = tempFolder();
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

const KILLS = 4;
/** What one run of the engine may have under way. */
const PREFETCH = 400;

interface Place {
  name: string;
  url: string;
  managementUrl: string;
  queueType: 'classic' | 'quorum';
  /** Messages per second: slow enough that a run is killed before it has done all. */
  rate: number;
}

/** Runs the built `tapline redrive` in a process of its own. */
function startRedrive({ name, url, managementUrl, rate }: Place) {
  const file = join(folder, `${name}.flow.json`);
  const args = ['redrive', file, 'graveyard', '--connect', `main=${url}`, '--management', `main=${managementUrl}`];
  const child = spawn(process.execPath, [program, ...args, '--rate', String(rate), '--json'], {
    env: { ...process.env, TAPLINE_DATA: join(folder, `${name}-data`) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const ended = once(child, 'close');
  return {
    isAlive: () => child.exitCode === null,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    summary: async (): Promise<RedriveSummary> => {
      await ended;
      return (JSON.parse(out) as { summary: RedriveSummary }).summary;
    },
  };
}

/** Dead letters 0 to `count` that lie in the graveyard, as an application would have put them there. */
async function fill({ channel, depth }: Bystander, count: number): Promise<void> {
  for (let number = 0; number < count; number++)
    channel.publish('dead', '', Buffer.from(JSON.stringify({ number })), {
      messageId: `order-${number}`,
      persistent: true,
    });
  await channel.waitForConfirms();
  while ((await depth('graveyard')) < count) await new Promise((done) => setTimeout(done, 20));
}

/** Redrives everything with the engine killed again and again; gives the last summary and what arrived. */
async function redriveWithKills(place: Place, total: number) {
  const flow = billingFlow(place.queueType);
  writeFileSync(join(folder, `${place.name}.flow.json`), serialiseFlow(flow));
  await deploy({ broker: 'main', url: place.url, managementUrl: place.managementUrl }, flow);
  const other = await bystander(place.url);
  await fill(other, total);
  for (let kill = 1; kill <= KILLS; kill++) {
    const before = await other.depth('billing');
    const run = startRedrive(place);
    while ((await other.depth('billing')) < before + total / (KILLS + 2))
      await new Promise((done) => setTimeout(done, 5));
    await run.kill();
  }
  const last = await startRedrive(place).summary();
  const [arrived, left] = [await other.drain('billing'), await other.drain('graveyard')];
  await other.close();
  const different = new Set([...arrived, ...left]);
  return {
    last,
    lost: total - different.size,
    twice: arrived.length + left.length - different.size,
    left: left.length,
  };
}

describe('a redrive whose engine is killed four times', () => {
  it.each(['classic', 'quorum'] as const)(
    'loses none of 20,000 messages of a %s queue on RabbitMQ, and doubles few',
    async (queueType) => {
      const vhost = await createVhost(`redrive-${queueType}`);
      const { url, managementUrl } = vhost;
      const { last, lost, twice, left } = await redriveWithKills(
        { name: queueType, url, managementUrl, queueType, rate: 8000 },
        20_000,
      );
      await vhost.remove();
      expect({ lost, left, ended: last.ended, returned: last.returned }).toEqual({
        lost: 0,
        left: 0,
        ended: 'done',
        returned: 0,
      });
      expect(twice).toBeLessThanOrEqual(KILLS * PREFETCH);
    },
    180_000,
  );

  it('loses none of 2,000 messages on the sandbox', async () => {
    const sandbox = await startSandbox({ user: 'tester', password: 'secret' });
    const url = `amqp://tester:secret@127.0.0.1:${sandbox.amqpPort}`;
    const managementUrl = `http://127.0.0.1:${sandbox.managementPort}`;
    const place: Place = { name: 'sandbox', url, managementUrl, queueType: 'quorum', rate: 1500 };
    const { last, lost, twice, left } = await redriveWithKills(place, 2000);
    await sandbox.close();
    expect({ lost, left, ended: last.ended }).toEqual({ lost: 0, left: 0, ended: 'done' });
    expect(twice).toBeLessThanOrEqual(KILLS * PREFETCH);
  }, 120_000);
});
