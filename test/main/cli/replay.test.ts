import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialiseFlow } from '@shared/flow/serialise';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, hasRabbit, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';
import { deployTo } from '../engine/live';
import { draw } from '../kinds/rabbitmq/flows';
import { tapline } from './tapline';

const MESSAGES = 80;
const folder = tempFolder();
const variables = { TAPLINE_DATA: join(folder, 'data') };
const path = join(folder, 'orders.flow.json');
const tape = join(folder, 'orders.tape.ndjson');
/** Who bills forwards to the audit: on a tape of a run that is there too, and must not be replayed. */
const flow = draw({
  exchanges: { orders: { exchangeType: 'topic' }, audit: { exchangeType: 'fanout' } },
  queues: { invoices: {}, archive: {}, trail: {} },
  bindings: [
    ['orders', 'invoices', 'order.*'],
    ['orders', 'archive', '#'],
    ['audit', 'trail'],
  ],
  publishers: {
    Shop: {
      body: '{"order": {{seq}}, "who": "ünï"}',
      headers: { tenant: 'a', priority: 5, deep: { list: [1, 'two', true] } },
      properties: {
        persistent: true,
        contentType: 'application/json',
        correlationId: 'c{{seq}}',
        messageId: 'm{{seq}}',
        type: 'order',
      },
      routingKey: 'order.created',
      ratePerSecond: 40,
      count: MESSAGES,
    },
  },
  handlers: { Bill: { behaviour: 'route', route: { rules: [{ output: 'audit' }] } } },
  publishes: [
    ['Shop', 'orders'],
    ['Bill', 'audit', { output: 'audit' }],
  ],
  consumes: [['invoices', 'Bill']],
});

interface Arrived {
  body: string;
  key: string;
  headers: unknown;
  properties: unknown;
}

/** Takes everything out of a queue. */
async function drain(channel: Channel, queue: string): Promise<Arrived[]> {
  const arrived: Arrived[] = [];
  for (let got = await channel.get(queue, { noAck: true }); got; got = await channel.get(queue, { noAck: true })) {
    const { headers, contentType, deliveryMode, correlationId, messageId, type } = got.properties;
    const properties = { contentType, deliveryMode, correlationId, messageId, type };
    arrived.push({ body: got.content.toString(), key: got.fields.routingKey, headers, properties });
  }
  return arrived;
}

describe('tapline replay', () => {
  let vhost: TestVhost;
  let sandbox: { url: string; stop: () => Promise<void> };
  let original: ChannelModel;
  const at = () => ['--connect', `main=${vhost.url}`, '--management', `main=${vhost.managementUrl}`];

  beforeAll(async () => {
    vhost = await createVhost('replay');
    writeFileSync(path, serialiseFlow(flow));
    await deployTo(vhost.url, vhost.managementUrl, flow);
    original = await connect(vhost.url);
    const { exitCode, stderr } = await tapline(['record', path, '-o', tape, '--run', '--for', '4s', ...at()], {
      variables,
    });
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
    sandbox = await startSandbox();
  }, 120_000);
  afterAll(async () => {
    await original.close();
    await sandbox.stop();
    await vhost.remove();
  });

  async function startSandbox() {
    const stop = new AbortController();
    let out = '';
    const running = tapline(['sandbox', path, '--json'], {
      variables,
      interrupted: stop.signal,
      onOut: (text) => {
        out += text;
      },
    });
    await until('the sandbox is deployed', () => out.includes('in-sync'));
    const { url } = JSON.parse(out.split('\n')[0] ?? '') as { url: string };
    return {
      url,
      stop: async () => {
        stop.abort();
        await running;
      },
    };
  }

  it('says what it would publish, and publishes nothing', async () => {
    const { exitCode, lines } = await tapline(['replay', tape, '--dry-run', '--json'], { variables });
    expect(exitCode).toBe(0);
    expect(lines()).toEqual([
      {
        preview: {
          messages: MESSAGES,
          spanMs: expect.any(Number),
          skipped: { forwarded: MESSAGES },
          destinations: [{ name: 'orders', messages: MESSAGES }],
          warnings: [],
        },
      },
    ]);
    const people = await tapline(['replay', tape, '--dry-run', '--speed', '100x'], { variables });
    expect(people.stdout).toMatch(/80 messages would be published in 0 s\.\n {2}80 to orders\nNothing was published\./);
  });

  it('brings a run on a broker into the sandbox at 100×: as many, the same, in the same order', async () => {
    const { exitCode, stderr, lines } = await tapline(['replay', tape, '--speed', '100', '--json'], { variables });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect(lines()).toEqual([
      {
        published: MESSAGES,
        confirmed: MESSAGES,
        returned: 0,
        failed: 0,
        skipped: { forwarded: MESSAGES },
        ended: 'done',
        errors: [],
        tookMs: expect.any(Number),
      },
    ]);
    const copy = await connect(sandbox.url);
    const [before, after] = await Promise.all(
      [original, copy].map(async (connection) => drain(await connection.createChannel(), 'archive')),
    );
    await copy.close();
    expect(before).toHaveLength(MESSAGES);
    expect(after).toEqual(before);
  });

  it('keeps the time between messages, at its speed', async () => {
    const { lines } = await tapline(['replay', tape, '--speed', '4', '--limit', '41', '--json'], { variables });
    const [{ tookMs, published } = {}] = lines() as { tookMs?: number; published?: number }[];
    expect(published).toBe(41);
    // 40 waits of 25 ms at four times the speed; a machine may be slow, but never fast.
    expect(tookMs).toBeGreaterThanOrEqual(240);
  });

  it('skips what is not whole, says how many, and publishes it when told to', async () => {
    const masked = join(folder, 'masked.tape.ndjson');
    const rule = (text: string) => text.replaceAll('"masked":', '"was":');
    writeFileSync(masked, rule(readFileSync(tape, 'utf8')));
    const lines = readFileSync(masked, 'utf8').split('\n');
    const changed = lines.map((line) =>
      line.includes('"m1"') || line.includes('"m2"')
        ? line.replace('"json"', '"text"').replace('"cut":false', '"cut":true')
        : line,
    );
    writeFileSync(masked, changed.join('\n'));
    const skipping = await tapline(['replay', masked, '--dry-run', '--json'], { variables });
    expect(skipping.lines()).toMatchObject([
      { preview: { messages: MESSAGES - 2, skipped: { forwarded: MESSAGES, cut: 2 } } },
    ]);
    const all = await tapline(['replay', masked, '--dry-run', '--json', '--masked-bodies'], { variables });
    expect(all.lines()).toMatchObject([{ preview: { messages: MESSAGES, skipped: { forwarded: MESSAGES } } }]);
  });

  it('is interrupted in good order, and says what was not published', async () => {
    const stop = new AbortController();
    const replaying = tapline(['replay', tape, '--speed', '0.5'], { variables, interrupted: stop.signal });
    const connection = await connect(sandbox.url);
    const channel = await connection.createChannel();
    await channel.purgeQueue('archive');
    await until('some arrived', async () => (await channel.checkQueue('archive')).messageCount > 0);
    stop.abort();
    const { exitCode, stdout, stderr } = await replaying;
    await connection.close();
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^(\d+) published, \1 confirmed, 0 returned\.\n$/);
    expect(stderr).toMatch(/messages were not published: it was interrupted\./);
  });

  it.each([
    [['--speed', '0'], 'Give how many times as fast'],
    [['--into', 'nowhere.flow.json'], 'there is no such file'],
  ])('refuses %j in one sentence', async (args, sentence) => {
    const { exitCode, stderr } = await tapline(['replay', tape, ...args], { variables });
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(sentence)]);
  });

  it('refuses what is no tape, with the line', async () => {
    const broken = join(folder, 'broken.tape.ndjson');
    writeFileSync(broken, readFileSync(tape, 'utf8').split('\n').slice(0, 3).join('\n'));
    appendFileSync(broken, '\nnonsense\n{}\n');
    const { exitCode, stderr } = await tapline(['replay', broken, '--dry-run'], { variables });
    expect([exitCode, stderr]).toEqual([1, 'broken.tape.ndjson, line 4: this is not JSON.\n']);
  });

  it.skipIf(!hasRabbit)(
    'counts once what a tap and the publisher both saw, and leaves out what handlers forwarded',
    async () => {
      const both = join(folder, 'both.tape.ndjson');
      const run = ['record', path, '-o', both, '--run', '--tap', '--for', '4s', ...at()];
      expect((await tapline(run, { variables })).exitCode).toBe(0);
      const { lines } = await tapline(['replay', both, '--dry-run', '--json'], { variables });
      const [{ preview } = {}] = lines() as { preview?: { messages: number; skipped: Record<string, number> } }[];
      expect(preview).toMatchObject({
        messages: MESSAGES,
        skipped: { forwarded: MESSAGES, 'seen-twice': 2 * MESSAGES },
      });
      const back = await tapline(['replay', both, '--speed', '100', '--json', ...at()], { variables });
      expect(back.lines()).toMatchObject([{ published: MESSAGES, confirmed: MESSAGES, returned: 0, ended: 'done' }]);
    },
  );
});
