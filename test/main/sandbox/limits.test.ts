import { BEHAVIOURS } from '@main/sandbox/rabbitmq/broker/behaviour';
import { DEFAULT_LIMITS, SandboxBroker, type SandboxLimits } from '@main/sandbox/rabbitmq/broker/broker';
import { SandboxClock } from '@main/sandbox/rabbitmq/broker/clock';
import { AmqpServer } from '@main/sandbox/rabbitmq/server/amqp-server';
import { type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib';
import { afterEach, expect, it } from 'vitest';
import { RawClient } from '../../conformance/rabbitmq/raw-client';
import { until } from '../../support/until';

const KIB = 1024;
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function limited(limits: Partial<SandboxLimits>) {
  const bugs: unknown[] = [];
  const clock = new SandboxClock((error) => bugs.push(error));
  const broker = new SandboxBroker(BEHAVIOURS['3.10'], clock, { ...DEFAULT_LIMITS, ...limits });
  const server = new AmqpServer(broker, { reportBug: (error) => bugs.push(error) });
  const url = `amqp://guest:guest@127.0.0.1:${await server.listen()}`;
  stops.push(() => server.close());
  const client = async (): Promise<ChannelModel> => {
    const connection = await connect(url, { noDelay: true });
    connection.on('error', () => {});
    stops.push(() => connection.close().catch(() => {}));
    return connection;
  };
  return { broker, server, client, target: { url: `${url}/%2F` }, bugs };
}

function publish(channel: ConfirmChannel, bytes: number): Promise<'ack' | 'nack'> {
  return new Promise((resolve) => {
    channel.sendToQueue('q', Buffer.alloc(bytes), {}, (error) => resolve(error ? 'nack' : 'ack'));
  });
}

it('refuses a message beyond the greatest number with a nack, and takes it when there is room again', async () => {
  const { client } = await limited({ maxMessages: 3 });
  const channel = await (await client()).createConfirmChannel();
  await channel.assertQueue('q');
  const before = [await publish(channel, 1), await publish(channel, 1), await publish(channel, 1)];
  const beyond = await publish(channel, 1);
  await channel.get('q', { noAck: true });
  expect([...before, beyond, await publish(channel, 1)]).toEqual(['ack', 'ack', 'ack', 'nack', 'ack']);
});

it('tells a publisher without confirms why its message is refused, by closing the channel', async () => {
  const { client } = await limited({ maxMessages: 1 });
  const channel = await (await client()).createChannel();
  const refused = new Promise<Error>((resolve) => channel.on('error', resolve));
  await channel.assertQueue('q');
  for (let sent = 0; sent < 2; sent++) channel.sendToQueue('q', Buffer.from('m'));
  expect((await refused).message).toContain('the sandbox is full: it holds at most 1 messages');
});

it('pauses publishers above the soft bound, says so, and lets them go on below it; consumers are not paused', async () => {
  const { client, bugs } = await limited({ softBytes: 64 * KIB, maxBytes: 10_000 * KIB });
  const publisher = await client();
  const said: string[] = [];
  publisher.on('blocked', (reason) => said.push(reason));
  publisher.on('unblocked', () => said.push('unblocked'));
  const channel = await publisher.createConfirmChannel();
  await channel.assertQueue('q');
  for (let sent = 0; sent < 40; sent++) channel.sendToQueue('q', Buffer.alloc(4 * KIB));
  await until('the publisher is told', () => said.length === 1);
  const consumer = await (await client()).createChannel();
  let received = 0;
  await consumer.consume('q', (message) => message && received++, { noAck: true });
  await channel.waitForConfirms();
  await until('all arrived', () => received === 40);
  expect(said.slice(0, 2)).toEqual(['the sandbox holds as many messages as it may', 'unblocked']);
  expect(bugs).toEqual([]);
});

it('pauses a publisher that begins while it is full, and lets it go on when there is room', async () => {
  const { client, broker } = await limited({ softBytes: 64 * KIB, maxBytes: 10_000 * KIB });
  const channel = await (await client()).createConfirmChannel();
  await channel.assertQueue('q');
  for (let sent = 0; sent < 17; sent++) channel.sendToQueue('q', Buffer.alloc(4 * KIB));
  await until('it is full', () => broker.isFull);
  const late = await client();
  const said: string[] = [];
  late.on('blocked', () => said.push('blocked'));
  late.on('unblocked', () => said.push('unblocked'));
  const publisher = await late.createConfirmChannel();
  publisher.sendToQueue('q', Buffer.from('late'));
  await until('it is told', () => said.length === 1);
  const consumer = await (await client()).createChannel();
  await consumer.consume('q', () => {}, { noAck: true });
  await until('it may go on', () => said.length === 2);
  publisher.sendToQueue('q', Buffer.from('later'));
  await publisher.waitForConfirms();
  expect(said).toEqual(['blocked', 'unblocked']);
});

it('counts what a consumer holds unacknowledged towards the hard bound, and not when it is settled or given back', async () => {
  const { client } = await limited({ softBytes: 90 * KIB, maxBytes: 100 * KIB });
  const channel = await (await client()).createConfirmChannel();
  await channel.assertQueue('q');
  const consumer = await (await client()).createChannel();
  const held: ConsumeMessage[] = [];
  await consumer.consume('q', (message) => message && held.push(message));
  expect([await publish(channel, 40 * KIB), await publish(channel, 40 * KIB)]).toEqual(['ack', 'ack']);
  await until('both are delivered', () => held.length === 2);
  expect(await publish(channel, 40 * KIB)).toBe('nack');
  consumer.nack(held[0] as ConsumeMessage);
  await until('it came back', () => held.length === 3);
  expect(await publish(channel, 40 * KIB)).toBe('nack');
  consumer.ack(held[2] as ConsumeMessage, true);
  await until('there is room', async () => (await publish(channel, 40 * KIB)) === 'ack');
  expect(await publish(channel, 40 * KIB)).toBe('ack');
});

it('refuses what would pass the hard bound', async () => {
  const { client, broker } = await limited({ softBytes: 1000 * KIB, maxBytes: 1001 * KIB });
  const channel = await (await client()).createConfirmChannel();
  await channel.assertQueue('q');
  const confirms = [await publish(channel, 900 * KIB), await publish(channel, 200 * KIB), await publish(channel, KIB)];
  expect(confirms).toEqual(['ack', 'nack', 'ack']);
  expect(broker.bytes).toBeLessThan(1001 * KIB);
});

it('takes no more connections than it may, and takes one again when another ended', async () => {
  const { client, server } = await limited({ maxConnections: 2 });
  const first = await client();
  await client();
  await expect(client()).rejects.toThrow();
  await first.close();
  await until('the connection is gone', () => server.connections.size === 1);
  await expect(client()).resolves.toBeDefined();
});

it('ends a connection that does not finish its handshake, and leaves one that does', async () => {
  const { client, target } = await limited({ handshakeMs: 300 });
  const mute = await RawClient.dial(target);
  const speaking = await client();
  expect(await mute.next()).toBe('closed');
  const channel = await speaking.createChannel();
  expect(await channel.assertQueue('q')).toMatchObject({ queue: 'q' });
});

it('opens no more channels than it offered', async () => {
  const { client } = await limited({ maxChannelsPerConnection: 3 });
  const connection = await client();
  for (let opened = 0; opened < 3; opened++) await connection.createChannel();
  await expect(connection.createChannel()).rejects.toThrow();
});

it('holds back for a consumer that does not read, and delivers all when it reads on', async () => {
  const { client, target, server } = await limited({});
  const channel = await (await client()).createConfirmChannel();
  await channel.assertQueue('q');
  const stalled = await RawClient.open(target);
  stalled.pause();
  const consumer = { queue: 'q', consumerTag: 't', noLocal: false, noAck: true, exclusive: false, noWait: true };
  stalled.send(1, 'basic.consume', { ...consumer, arguments: {} });
  await until('the consumer is there', async () => (await channel.checkQueue('q')).consumerCount === 1);
  for (let sent = 0; sent < 400; sent++) channel.sendToQueue('q', Buffer.alloc(64 * KIB));
  await channel.waitForConfirms();
  const { messageCount } = await channel.checkQueue('q');
  expect(messageCount).toBeGreaterThan(100);
  expect([...server.connections].some((connection) => connection.isCongested)).toBe(true);
  stalled.resume();
  await until('the rest is delivered', async () => (await channel.checkQueue('q')).messageCount === 0);
  stalled.end();
});
