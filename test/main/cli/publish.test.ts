import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Flow } from '@shared/flow/schema';
import { serialiseFlow } from '@shared/flow/serialise';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, type TestVhost } from '../../support/rabbitmq';
import { tempFolder } from '../../support/temp-folder';
import { draw } from '../kinds/rabbitmq/flows';
import { tapline } from './tapline';

const folder = tempFolder();
let vhost: TestVhost;
let path: string;

const flow: Flow = draw({
  exchanges: { orders: { exchangeType: 'topic' } },
  queues: { invoices: {}, full: { arguments: { 'x-max-length': 2, 'x-overflow': 'reject-publish' } } },
  bindings: [['orders', 'invoices', 'order.*']],
  publishers: {
    Shop: {
      body: '{"order": {{seq}}, "customer": "{{faker.person.firstName}}"}',
      routingKey: 'order.created',
      headers: { source: 'web-shop' },
      ratePerSecond: 0,
    },
  },
  publishes: [['Shop', 'orders']],
});

const publish = (args: string[]) =>
  tapline(['publish', path, ...args, '--connect', `main=${vhost.url}`, '--management', `main=${vhost.managementUrl}`], {
    variables: { TAPLINE_DATA: join(folder, 'data') },
  });

async function take(queue: string) {
  const connection = await connect(vhost.url, { noDelay: true });
  const channel = await connection.createChannel();
  const taken = [];
  for (let got = await channel.get(queue, { noAck: true }); got; got = await channel.get(queue, { noAck: true }))
    taken.push(got);
  await connection.close();
  return taken;
}

describe('tapline publish', () => {
  beforeAll(async () => {
    vhost = await createVhost('publish');
    path = join(folder, 'orders.flow.json');
    writeFileSync(path, serialiseFlow(flow));
    const connection = await connect(vhost.url, { noDelay: true });
    const channel = await connection.createChannel();
    await channel.assertExchange('orders', 'topic');
    await channel.assertQueue('invoices');
    await channel.assertQueue('full', { arguments: { 'x-max-length': 2, 'x-overflow': 'reject-publish' } });
    await channel.bindQueue('invoices', 'orders', 'order.*');
    await connection.close();
  });
  afterAll(() => vhost.remove());

  it('publishes as the publisher says, confirmed', async () => {
    const run = await publish(['Shop', '--count', '3', '--json']);
    expect({ exitCode: run.exitCode, lines: run.lines(), stderr: run.stderr }).toEqual({
      exitCode: 0,
      lines: [{ published: 3, confirmed: 3, returned: 0 }],
      stderr: '',
    });
    const taken = await take('invoices');
    expect(taken.map(({ content }) => JSON.parse(content.toString()))).toEqual(
      [1, 2, 3].map((order) => ({ order, customer: expect.stringMatching(/./) })),
    );
    const [first] = taken;
    expect(first?.fields).toMatchObject({ exchange: 'orders', routingKey: 'order.created' });
    expect(first?.properties).toMatchObject({
      contentType: 'application/json',
      deliveryMode: 2,
      messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      headers: { source: 'web-shop', 'tapline-origin': 'shop', 'tapline-journey': first?.properties.messageId },
    });
    expect(first?.properties.correlationId).toBeUndefined();
  });

  it('takes body, key and headers from the command line', async () => {
    const run = await publish([
      'shop',
      ...['--body', 'number {{seq}}', '--key', 'order.paid', '--header', 'tries:=2', '--header', 'source=test'],
    ]);
    expect(run.exitCode).toBe(0);
    expect(run.stdout).toBe('1 published, 1 confirmed, 0 returned.\n');
    const [message] = await take('invoices');
    expect(message?.content.toString()).toBe('number 1');
    expect(message?.fields.routingKey).toBe('order.paid');
    expect(message?.properties.headers).toMatchObject({ tries: 2, source: 'test' });
  });

  it('counts what no queue takes as returned', async () => {
    const run = await publish(['Shop', '--key', 'nobody', '--count', '500', '--json']);
    expect(run.lines()).toEqual([{ published: 500, confirmed: 500, returned: 500 }]);
    expect(run.stderr).toContain('500 messages reached nobody');
  });

  it('publishes to a queue by the default exchange', async () => {
    expect((await publish(['invoices', '--body', 'x', '--json'])).lines()).toEqual([
      { published: 1, confirmed: 1, returned: 0 },
    ]);
    expect((await take('invoices')).map(({ fields }) => fields.exchange)).toEqual(['']);
  });

  it('fails when the broker refuses a message, and says why', async () => {
    const run = await publish(['full', '--count', '5', '--json']);
    expect(run.exitCode).toBe(1);
    expect(run.lines()).toEqual([
      { published: 5, confirmed: 2, returned: 0, errors: [expect.stringContaining('The broker refused it')] },
    ]);
  });

  it('keeps the rate that was asked for', async () => {
    const run = await publish(['Shop', '--count', '200', '--rate', '20000', '--json']);
    expect(run.lines()).toEqual([{ published: 200, confirmed: 200, returned: 0 }]);
    await take('invoices');
  });

  it.each([
    [['Nobody'], 'no node “Nobody”'],
    [['Shop', '--body', '{{nothing}}'], '“{{nothing}}” is not a placeholder'],
    [['Shop', '--body', '{{faker.person.nothing}}'], 'faker has no field “person.nothing”'],
    [['Shop', '--count', '0'], 'Give a whole number'],
  ])('refuses %j in one sentence', async (args, sentence) => {
    const run = await publish(args);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain(sentence);
    expect(run.stderr).not.toContain('    at ');
  });

  it('says it in one sentence when the exchange is not there', async () => {
    const lost = { ...flow, nodes: { ...flow.nodes } };
    for (const [id, node] of Object.entries(lost.nodes))
      if (node.name === 'orders') lost.nodes[id] = { ...node, name: 'missing' };
    const other = join(folder, 'missing.flow.json');
    writeFileSync(other, serialiseFlow(lost));
    const run = await tapline(['publish', other, 'Shop', '--json', '--connect', `main=${vhost.url}`], {
      variables: { TAPLINE_DATA: join(folder, 'data') },
    });
    expect(run.exitCode).toBe(1);
    expect(run.lines()).toEqual([
      { published: 1, confirmed: 0, returned: 0, errors: [`no exchange 'missing' in vhost '${vhost.vhost}'`] },
    ]);
  });
});
