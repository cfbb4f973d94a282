import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readTapeFile } from '@main/engine/tape/tape-file';
import { serialiseFlow } from '@shared/flow/serialise';
import type { TapeHeader } from '@shared/tape/read';
import type { TapeLine } from '@shared/tape/tape';
import type { TrafficEvent } from '@shared/traffic/event';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, hasRabbit, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';
import { deployTo } from '../engine/live';
import { draw } from '../kinds/rabbitmq/flows';
import { type CliOptions, tapline } from './tapline';

const MESSAGES = 60;
const folder = tempFolder();
const program = resolve(import.meta.dirname, '../../../bin/tapline.mjs');
const path = join(folder, 'orders.flow.json');
const flow = draw({
  exchanges: { orders: { exchangeType: 'topic' } },
  queues: { invoices: {} },
  bindings: [['orders', 'invoices', 'order.*']],
  publishers: {
    Shop: {
      body: '{"order": {{seq}}, "card": {"number": "4111"}}',
      headers: { authorization: 'secret', tenant: 'a' },
      routingKey: 'order.created',
      ratePerSecond: 1000,
      count: MESSAGES,
    },
  },
  handlers: { Bill: {} },
  publishes: [['Shop', 'orders']],
  consumes: [['invoices', 'Bill']],
});

/** A tape, read whole. */
async function readWhole(tape: string) {
  let header: TapeHeader | undefined;
  const lines: TapeLine[] = [];
  const ending = await readTapeFile(tape, {
    onHeader: (first) => {
      header = first;
    },
    onLine: (line) => lines.push(line),
  });
  const events = lines.flatMap((line): TrafficEvent[] => ('event' in line ? [line.event] : []));
  return { header, lines, events, ending, text: readFileSync(tape, 'utf8') };
}

let number = 0;
const newTape = () => join(folder, `tape-${++number}.tape.ndjson`);

describe('tapline record', () => {
  const variables = { TAPLINE_DATA: join(folder, 'data') };
  let vhost: TestVhost;
  const connect = () => ['--connect', `main=${vhost.url}`, '--management', `main=${vhost.managementUrl}`];
  const record = (tape: string, args: string[], options: CliOptions = {}) =>
    tapline(['record', path, '-o', tape, '--json', ...args, ...connect()], { variables, ...options });

  beforeAll(async () => {
    vhost = await createVhost('record');
    writeFileSync(path, serialiseFlow(flow));
    await deployTo(vhost.url, vhost.managementUrl, flow);
  });
  afterAll(() => vhost.remove());

  it('records a run from its first message to its end', async () => {
    const tape = newTape();
    const { exitCode, stderr, lines } = await record(tape, ['--run', '--for', '3s']);
    const { header, events, ending, text } = await readWhole(tape);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(ending).toEqual({
      end: { reason: 'time-over', events: events.length, frames: expect.any(Number), lost: 0, notSeen: 0 },
      isTorn: false,
    });
    expect(lines()).toEqual([
      { recorded: expect.objectContaining({ events: events.length, bytes: statSync(tape).size }) },
    ]);
    expect(header?.flow.nodes).toEqual(flow.nodes);
    const published = events.filter(({ phase }) => phase === 'published');
    expect(published.map(({ body }) => body?.format === 'json' && JSON.parse(body.text).order)).toEqual(
      Array.from({ length: MESSAGES }, (_, n) => n + 1),
    );
    expect(events.filter(({ phase }) => phase === 'acked')).toHaveLength(MESSAGES);
    expect(text).not.toContain(new URL(vhost.url).password);
  });

  it('keeps off the tape what is masked, and says what', async () => {
    const tape = newTape();
    await record(tape, ['--run', '--for', '2s', '--mask', 'body.card.number', '--mask', 'header.Authorization']);
    const { events, text, header } = await readWhole(tape);
    expect(events.find(({ phase }) => phase === 'published')).toMatchObject({
      body: { format: 'json', text: '{"order": 1, "card": {"number": "***"}}' },
      headers: { authorization: '***', tenant: 'a' },
      masked: ['header.Authorization', 'body.card.number'],
    });
    const withoutFlow = text.slice(text.indexOf('\n'));
    expect(withoutFlow).not.toMatch(/4111|secret/);
    expect(header?.masking).toEqual({ bodies: 'shown', rules: ['body.card.number', 'header.Authorization'] });
  });

  it('keeps all bodies off the tape', async () => {
    const tape = newTape();
    await record(tape, ['--run', '--for', '2s', '--no-bodies']);
    const { events } = await readWhole(tape);
    expect(new Set(events.map(({ body }) => body?.format))).toEqual(new Set(['masked']));
  });

  it('stops at its size, with an end that says so', async () => {
    const tape = newTape();
    const { exitCode, stderr, lines } = await record(tape, ['--run', '--max-size', '16KB']);
    const { ending, events } = await readWhole(tape);
    expect(exitCode).toBe(0);
    expect(stderr).toContain('The tape is full: recording stopped at 16 KB.');
    expect(statSync(tape).size).toBeLessThanOrEqual(16 * 1024);
    expect(ending.end).toMatchObject({ reason: 'size-cap', events: events.length });
    const [{ recorded } = {}] = lines() as { recorded?: { lost: number } }[];
    expect(recorded?.lost).toBe(ending.end?.lost);
    expect(recorded?.lost).toBeGreaterThan(0);
  });

  it('never writes over a file', async () => {
    const tape = newTape();
    writeFileSync(tape, 'mine');
    const { exitCode, stderr } = await record(tape, ['--for', '1s']);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('is there already; it was left as it is.')]);
    expect(readFileSync(tape, 'utf8')).toBe('mine');
  });

  it.each([
    [['--mask', 'card.number'], 'It is written body.FIELD.FIELD or header.NAME'],
    [['--max-size', 'big'], 'Give a size such as 64MB'],
    [['--max-size', '1KB'], 'A tape of this flow begins with'],
  ])('refuses %j in one sentence, and makes no file', async (args, sentence) => {
    const tape = newTape();
    const { exitCode, stderr } = await record(tape, args);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(sentence)]);
    expect(existsSync(tape)).toBe(false);
  });

  it.skipIf(!hasRabbit)('sees with a tap what others publish', async () => {
    const tape = newTape();
    const stop = new AbortController();
    const recording = record(tape, ['--tap'], { interrupted: stop.signal });
    await until('a tap is there', async () => {
      const queues = (await vhost.management('GET', `/api/queues/${vhost.encoded}`)) as unknown[];
      return existsSync(tape) && queues.length > 1;
    });
    await tapline(['publish', path, 'Shop', '--count', '20', ...connect()], { variables });
    await until('all are on the tape', () => readFileSync(tape, 'utf8').split('"phase":"published"').length > 20);
    stop.abort();
    expect((await recording).exitCode).toBe(0);
    const { events, ending } = await readWhole(tape);
    expect(events.map(({ phase, node }) => `${phase} ${node}`)).toEqual(Array(20).fill('published orders'));
    expect(ending.end).toMatchObject({ reason: 'stopped', events: 20, lost: 0 });
  });

  it('leaves a tape that opens when it is killed', async () => {
    const tape = newTape();
    const child: ChildProcess = spawn(process.execPath, [program, 'record', path, '-o', tape, '--run', ...connect()], {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await until(
      'messages are on the tape',
      () => existsSync(tape) && readFileSync(tape, 'utf8').includes('"phase":"acked"'),
    );
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
    const { header, events, ending } = await readWhole(tape);
    expect(ending.end).toBeUndefined();
    expect(events.length).toBeGreaterThan(0);
    expect(header?.flow.name).toBe(flow.name);
  });
});
