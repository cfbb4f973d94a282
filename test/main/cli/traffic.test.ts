import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serialiseFlow } from '@shared/flow/serialise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { deployTo } from '../engine/live';
import { draw } from '../kinds/rabbitmq/flows';
import { type CliOptions, tapline } from './tapline';

const folder = tempFolder();
const path = join(folder, 'orders.flow.json');
let vhost: TestVhost;

const flow = draw({
  exchanges: { orders: { exchangeType: 'topic' } },
  queues: { invoices: {} },
  bindings: [['orders', 'invoices', 'order.*']],
  publishers: { Shop: { body: '{"order": {{seq}}}', routingKey: 'order.created', ratePerSecond: 1000, count: 40 } },
  handlers: { Bill: {} },
  publishes: [['Shop', 'orders']],
  consumes: [['invoices', 'Bill']],
});

const run = (command: string, args: string[] = [], options: CliOptions = {}) =>
  tapline([command, path, ...args, '--connect', `main=${vhost.url}`, '--management', `main=${vhost.managementUrl}`], {
    variables: { TAPLINE_DATA: join(folder, 'data') },
    ...options,
  });

/** Ends a command when this many lines of a phase were told. */
function interruptAfter(phase: string, times: number): CliOptions {
  const interrupt = new AbortController();
  let seen = 0;
  return {
    interrupted: interrupt.signal,
    onOut(text) {
      seen += text.split(`"phase":"${phase}"`).length - 1;
      if (seen >= times) interrupt.abort();
    },
  };
}

describe('tapline run and watch', () => {
  beforeAll(async () => {
    vhost = await createVhost('traffic');
    writeFileSync(path, serialiseFlow(flow));
    await deployTo(vhost.url, vhost.managementUrl, flow);
  });
  afterAll(() => vhost.remove());

  it('runs until it is interrupted, and ends with counters that say how they are known', async () => {
    const { exitCode, lines, stderr } = await run('run', ['--json'], interruptAfter('acked', 40));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.not.stringContaining('error') });
    const told = lines();
    const { summary } = told.pop() as unknown as { summary: { nodes: Record<string, unknown>; events: unknown } };
    const own = (value: number) => ({ value, source: 'own', completeness: 'exact', asOf: expect.any(Number) });
    expect(summary).toMatchObject({
      nodes: {
        shop: { published: own(40), confirmed: own(40) },
        bill: { delivered: own(40), acked: own(40) },
      },
      links: {
        'shop-publish-orders': { published: own(40), confirmed: own(40) },
        'invoices-consume-bill': { delivered: own(40), acked: own(40) },
      },
      events: { told: 120, notTold: 0 },
    });
    const published = told.find(({ phase }) => phase === 'published');
    expect(published).toEqual({
      at: expect.any(Number),
      node: 'shop',
      link: 'shop-publish-orders',
      phase: 'published',
      messageId: expect.any(String),
      exchange: 'orders',
      routingKey: 'order.created',
      sizeBytes: 12,
      body: { format: 'json', text: '{"order": 1}', cut: false },
      headers: { 'tapline-origin': 'shop', 'tapline-journey': expect.any(String) },
      properties: expect.objectContaining({ contentType: 'application/json', deliveryMode: 2 }),
    });
  });

  it('tells people the same in lines', async () => {
    const { exitCode, stdout } = await run('run', ['--for', '1s']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/published\s+publisher “?Shop/);
    expect(stdout).toMatch(/handler “?Bill.*acked 40/);
  });

  it('watches the counters of the broker without taking part', async () => {
    const { exitCode, lines } = await run('watch', ['--for', '500ms', '--json']);
    expect(exitCode).toBe(0);
    const { summary } = lines().pop() as unknown as { summary: { nodes: Record<string, unknown> } };
    expect(summary.nodes).toMatchObject({ invoices: { ready: { value: 0, source: 'broker', completeness: 'exact' } } });
  });

  it.each([
    ['run', ['--for', 'soon'], 'Give a time such as 10s'],
    ['run', ['--compete-with', 'nothing'], 'has no node “nothing”'],
    ['watch', ['--sample', '-1'], 'Give a whole number'],
  ])('refuses %s %j in one sentence', async (command, args, sentence) => {
    const { exitCode, stderr } = await run(command, args);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain('    at ');
  });

  it('says that a broker cannot be reached', async () => {
    const { exitCode, stderr, lines } = await tapline(['run', path, '--json', '--connect', 'main=amqp://127.0.0.1:1'], {
      variables: { TAPLINE_DATA: join(folder, 'data') },
    });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('Nothing answers at 127.0.0.1:1');
    expect(lines()).toMatchObject([{ error: { code: 'connect/refused' } }]);
  });
});
