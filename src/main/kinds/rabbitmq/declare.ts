import type { BindingObject, ExchangeObject, QueueObject } from '@shared/kinds/rabbitmq/objects';
import type { Channel } from 'amqplib';
import { assertShort, toAmqpTable } from './arguments';

/** One AMQP method each; the promise settles with the broker's reply. What AMQP cannot carry is a Failure, and nothing is sent. */

export function declareExchange(channel: Channel, exchange: ExchangeObject): Promise<unknown> {
  const { durable, autoDelete, internal } = exchange;
  const table = toAmqpTable(exchange.arguments);
  return channel.assertExchange(assertShort(exchange.name, 'name'), assertShort(exchange.type, 'exchange type'), {
    durable,
    autoDelete,
    internal,
    arguments: table,
  });
}

export function declareQueue(channel: Channel, queue: QueueObject): Promise<unknown> {
  const { durable, autoDelete } = queue;
  const table = toAmqpTable(queue.arguments);
  return channel.assertQueue(assertShort(queue.name, 'name'), {
    durable,
    autoDelete,
    exclusive: false,
    arguments: table,
  });
}

export function bind(channel: Channel, binding: BindingObject): Promise<unknown> {
  const { source, destination, key, table } = carried(binding);
  return binding.destinationType === 'queue'
    ? channel.bindQueue(destination, source, key, table)
    : channel.bindExchange(destination, source, key, table);
}

export function unbind(channel: Channel, binding: BindingObject): Promise<unknown> {
  const { source, destination, key, table } = carried(binding);
  return binding.destinationType === 'queue'
    ? channel.unbindQueue(destination, source, key, table)
    : channel.unbindExchange(destination, source, key, table);
}

function carried({ source, destination, routingKey, arguments: args }: BindingObject) {
  return {
    source: assertShort(source, 'name'),
    destination: assertShort(destination, 'name'),
    key: assertShort(routingKey, 'routing key'),
    table: toAmqpTable(args),
  };
}
