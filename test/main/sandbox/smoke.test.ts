import { BEHAVIOURS } from '@main/sandbox/rabbitmq/broker/behaviour';
import { SandboxBroker } from '@main/sandbox/rabbitmq/broker/broker';
import { SandboxClock } from '@main/sandbox/rabbitmq/broker/clock';
import { AmqpServer } from '@main/sandbox/rabbitmq/server/amqp-server';
import { connect } from 'amqplib';
import { afterAll, beforeAll, expect, it } from 'vitest';

let server: AmqpServer;
let port: number;
const bugs: unknown[] = [];
beforeAll(async () => {
  const broker = new SandboxBroker(BEHAVIOURS['3.10'], new SandboxClock((e) => bugs.push(e)));
  server = new AmqpServer(broker, { reportBug: (e) => bugs.push(e) });
  port = await server.listen();
});
afterAll(() => server.close());

it('carries a message from a publisher through a topic exchange to a consumer', async () => {
  const connection = await connect(`amqp://guest:guest@127.0.0.1:${port}`);
  const channel = await connection.createConfirmChannel();
  await channel.assertExchange('orders', 'topic');
  await channel.assertQueue('email', { deadLetterExchange: '', deadLetterRoutingKey: 'dead' });
  await channel.assertQueue('dead');
  await channel.bindQueue('email', 'orders', 'order.*');
  channel.publish('orders', 'order.created', Buffer.from('hello'), { headers: { a: 1 } });
  await channel.waitForConfirms();
  const message = (await channel.get('email')) || undefined;
  expect(message?.content.toString()).toBe('hello');
  if (message) channel.nack(message, false, false);
  const dead = (await channel.get('dead')) || undefined;
  expect(dead?.properties.headers?.['x-death']?.[0]).toMatchObject({
    queue: 'email',
    reason: 'rejected',
    count: 1,
  });
  expect(bugs).toEqual([]);
  await connection.close();
});
