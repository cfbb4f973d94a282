import type { ArgumentTable, ArgumentValue } from '@shared/kinds/rabbitmq/objects';
import { compileRouter, type RoutedMessage } from '@shared/kinds/rabbitmq/route/router';
import { type Channel, type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVhost, hasRabbit, type TestVhost } from '../../../../support/rabbitmq';
import { message, type RandomTopology, seed, topology } from './arbitraries';

const TOPOLOGIES = Number(process.env.TAPLINE_TEST_TOPOLOGIES ?? 40);
const MESSAGES_EACH = 25;

/** A value in amqplib's notation. */
function toAmqp(value: ArgumentValue): unknown {
  if (Array.isArray(value)) return value.map(toAmqp);
  if (typeof value !== 'object' || value === null) return value;
  if (!('$type' in value)) return toTable(value);
  if (value.$type === 'bytes') return Buffer.from(String(value.value), 'base64');
  const isBig = typeof value.value === 'string';
  return { '!': value.$type, value: isBig ? BigInt(String(value.value)) : value.value };
}

function toTable(table: ArgumentTable): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).map(([key, value]) => [key, toAmqp(value)]));
}

async function declare(channel: Channel, { exchanges, queues, bindings }: RandomTopology): Promise<void> {
  for (const { name, type, arguments: table } of exchanges) {
    await channel.assertExchange(name, type, { arguments: toTable(table) });
  }
  for (const { name } of queues) await channel.assertQueue(name);
  for (const { source, destination, destinationType, routingKey, arguments: table } of bindings) {
    if (destinationType === 'queue') await channel.bindQueue(destination, source, routingKey, toTable(table));
    else await channel.bindExchange(destination, source, routingKey, toTable(table));
  }
}

async function remove(channel: Channel, { exchanges, queues }: RandomTopology): Promise<void> {
  for (const { name } of queues) await channel.deleteQueue(name);
  for (const { name } of exchanges) await channel.deleteExchange(name);
}

/** Publishes every message and reads which queues got it; index of the message → queues. */
async function observe(channel: ConfirmChannel, { queues }: RandomTopology, messages: RoutedMessage[]) {
  const seen = new Map<number, string[]>(messages.map((_, index) => [index, []]));
  messages.forEach(({ exchange, routingKey, headers }, index) => {
    channel.publish(exchange, routingKey, Buffer.alloc(0), {
      headers: toTable(headers ?? {}),
      messageId: String(index),
    });
  });
  await channel.waitForConfirms();
  for (const { name } of queues) {
    for (let got = await channel.get(name, { noAck: true }); got; got = await channel.get(name, { noAck: true })) {
      seen.get(Number(got.properties.messageId))?.push(name);
    }
  }
  return seen;
}

describe.skipIf(!hasRabbit)('routing and the real broker', () => {
  let vhost: TestVhost;
  let connection: ChannelModel;
  beforeAll(async () => {
    vhost = await createVhost('route');
    connection = await connect(vhost.url, { noDelay: true, timeout: 5000 });
  });
  afterAll(async () => {
    await connection?.close();
    await vhost?.remove();
  });

  it(`agree on ${TOPOLOGIES} random topologies, seed ${seed}`, async () => {
    console.log(`routing against the broker: seed ${seed}, ${TOPOLOGIES * MESSAGES_EACH} messages`);
    const channel = await connection.createConfirmChannel();
    const cases = fc.sample(
      fc.tuple(
        topology(vhost.vhost),
        fc.array(message(vhost.vhost), { minLength: MESSAGES_EACH, maxLength: MESSAGES_EACH }),
      ),
      { seed, numRuns: TOPOLOGIES },
    );
    for (const [random, messages] of cases) {
      await declare(channel, random);
      const seen = await observe(channel, random, messages);
      const router = compileRouter(random);
      messages.forEach((sent, index) => {
        const { queues } = router.route(sent);
        const context = JSON.stringify({ sent, random }, null, 1);
        expect([...queues].sort(), context).toEqual(seen.get(index));
      });
      await remove(channel, random);
    }
    await channel.close();
  });
});
