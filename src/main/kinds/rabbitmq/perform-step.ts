import { randomUUID } from 'node:crypto';
import type { BindingObject, QueueObject } from '@shared/kinds/rabbitmq/objects';
import type { Channel, ChannelModel } from 'amqplib';
import type { RabbitStep } from './apply';
import { closeQuietly } from './close';
import { bind, declareExchange, declareQueue, unbind } from './declare';
import { replyOf } from './replies';

/** The queue gained messages since the plan counted them as none. */
export class WouldLose extends Error {
  constructor(name: string, count?: number) {
    const now = count === undefined ? 'some' : `${count} message${count === 1 ? '' : 's'}`;
    super(`The queue “${name}” was empty when the plan was made and now holds ${now}.`);
  }
}

/** Carries out one step over AMQP. Rejects with amqplib's error when the broker refuses, which closes the channel. @throws WouldLose */
export async function performStep(connection: ChannelModel, channel: Channel, step: RabbitStep): Promise<void> {
  const { object, action } = step;
  switch (object.type) {
    case 'exchange': {
      const { exchange, rebind = [], hold = [] } = object;
      if (action === 'create') await declareExchange(channel, exchange);
      else if (action === 'delete') await channel.deleteExchange(exchange.name);
      else {
        await probe(connection, exchange.name, async (side, name) => {
          await declareExchange(side, { ...exchange, name });
          await side.deleteExchange(name);
        });
        await holdExchanges(channel, hold, async () => {
          await channel.deleteExchange(exchange.name);
          await declareExchange(channel, exchange);
          await bindAll(channel, rebind);
        });
      }
      return;
    }
    case 'queue': {
      const { queue, rebind = [], hold = [] } = object;
      if (action === 'create') await declareQueue(channel, queue);
      else if (action === 'delete') await deleteQueue(channel, step, queue);
      else {
        await probe(connection, queue.name, async (side, name) => {
          await declareQueue(side, { ...queue, name });
          await side.deleteQueue(name);
        });
        await holdExchanges(channel, hold, async () => {
          await channel.deleteQueue(queue.name);
          await declareQueue(channel, queue);
          await bindAll(channel, rebind);
        });
      }
      return;
    }
    case 'binding':
      await (action === 'delete' ? unbind(channel, object.binding) : bind(channel, object.binding));
      return;
    default:
      throw new Error(`${object.type} steps go over HTTP`);
  }
}

/**
 * Before something is deleted to be made anew, one of the same settings is made under another name and deleted: a refusal comes
 * while nothing is lost. Who may not use other names goes without.
 */
async function probe(
  connection: ChannelModel,
  realName: string,
  make: (channel: Channel, name: string) => Promise<void>,
): Promise<void> {
  const name = `tapline.probe.${randomUUID()}`;
  const channel = await connection.createChannel();
  channel.on('error', () => {}); // the rejection below says the same
  try {
    await make(channel, name);
    await closeQuietly(channel);
  } catch (error) {
    const { code, sentence } = replyOf(error);
    if (code === 403 && sentence.includes(name)) return;
    if (error instanceof Error) error.message = error.message.replaceAll(name, realName);
    throw error;
  }
}

async function bindAll(channel: Channel, bindings: readonly BindingObject[]): Promise<void> {
  for (const binding of bindings) await bind(channel, binding);
}

/** An auto-delete exchange goes with its last binding: one to a throw-away queue keeps it for the moment. */
async function holdExchanges(channel: Channel, names: readonly string[], work: () => Promise<void>): Promise<void> {
  if (names.length === 0) return work();
  const { queue } = await channel.assertQueue('', {
    exclusive: true,
    autoDelete: true,
    arguments: { 'x-max-length': 0 },
  });
  for (const name of names) await channel.bindQueue(queue, name, randomUUID());
  await work();
  await channel.deleteQueue(queue);
}

/**
 * Deleting what was planned as empty is right only while it is: a classic queue is asked to go if it is still empty, which is one
 * step; others are counted again right before, which leaves a moment. (`if-empty` closes the connection on quorum queues.)
 */
async function deleteQueue(
  channel: Channel,
  { canLoseMessages, atStake }: RabbitStep,
  { name, arguments: args }: QueueObject,
): Promise<void> {
  const isPlannedEmpty = !canLoseMessages && atStake?.messages === 0;
  if (!isPlannedEmpty) {
    await channel.deleteQueue(name);
  } else if (args['x-queue-type'] === 'classic') {
    await channel.deleteQueue(name, { ifEmpty: true }).catch((error: unknown) => {
      throw replyOf(error).code === 406 ? new WouldLose(name) : error;
    });
  } else {
    const { messageCount } = await channel.checkQueue(name);
    if (messageCount > 0) throw new WouldLose(name, messageCount);
    await channel.deleteQueue(name);
  }
}
