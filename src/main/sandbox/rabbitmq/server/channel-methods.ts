import { closesConnection, notFound, precondition, refused } from '../broker/errors';
import { integerOf, typeName } from '../broker/queue-arguments';
import { generateName } from '../broker/vhost';
import { encodeMethod, type MethodArguments, type MethodName } from '../codec/methods';
import type { Channel } from './channel';
import { ChannelConsumer } from './consumer';
import { withDeliveryCount } from './delivery-count';

/** Pseudo-queue of direct replies. https://www.rabbitmq.com/docs/direct-reply-to */
const REPLY_TO = 'amq.rabbitmq.reply-to';
const DEFAULT_EXCHANGE = 'operation not permitted on the default exchange';

type Handlers = { [N in MethodName]?: (channel: Channel, args: MethodArguments<N>) => void };

/** What a client may ask of a channel. Each handler answers itself, unless `noWait` says not to. */
export const channelMethods: Handlers = {
  'exchange.declare'(channel, args) {
    const { vhost } = channel;
    if (args.passive && args.exchange === '') throw refused(DEFAULT_EXCHANGE);
    if (args.passive) vhost.exchange(args.exchange);
    else vhost.declareExchange({ ...args, name: args.exchange });
    if (!args.noWait) channel.send('exchange.declare-ok', {});
  },
  'exchange.delete'(channel, args) {
    const { vhost } = channel;
    if (args.exchange === '') throw refused(DEFAULT_EXCHANGE);
    if (args.exchange.startsWith('amq.'))
      throw refused(`deletion of system exchange '${args.exchange}' in vhost '${vhost.name}' not allowed`);
    const exchange = vhost.exchanges.get(args.exchange);
    if (exchange) vhost.deleteExchange(exchange, args);
    if (!args.noWait) channel.send('exchange.delete-ok', {});
  },
  'exchange.bind'(channel, args) {
    if (args.source === '' || args.destination === '') throw refused(DEFAULT_EXCHANGE);
    const source = channel.vhost.exchange(args.source);
    const destination = channel.vhost.exchange(args.destination);
    channel.vhost.bind(source, 'exchange', destination.name, args.routingKey, args.arguments);
    if (!args.noWait) channel.send('exchange.bind-ok', {});
  },
  'exchange.unbind'(channel, args) {
    if (args.source === '' || args.destination === '') throw refused(DEFAULT_EXCHANGE);
    const source = channel.vhost.exchanges.get(args.source);
    if (source) channel.vhost.unbind(source, 'exchange', args.destination, args.routingKey, args.arguments);
    if (!args.noWait) channel.send('exchange.unbind-ok', {});
  },
  'queue.declare'(channel, args) {
    if (args.queue === REPLY_TO || args.queue.startsWith(`${REPLY_TO}.`)) {
      declareReplyQueue(channel, args);
      return;
    }
    const { vhost, connection } = channel;
    const name = args.queue;
    const queue = args.passive
      ? vhost.queue(name, connection)
      : vhost.declareQueue(
          {
            name,
            durable: args.durable,
            autoDelete: args.autoDelete,
            arguments: args.arguments,
            owner: args.exclusive ? connection : null,
          },
          connection,
        );
    channel.lastQueue = queue.name;
    if (args.noWait) return;
    queue.expireOverdue();
    channel.send('queue.declare-ok', {
      queue: queue.name,
      messageCount: queue.ready,
      consumerCount: queue.consumers.length,
    });
  },
  'queue.bind'(channel, args) {
    if (args.exchange === '') throw refused(DEFAULT_EXCHANGE);
    const { vhost, connection } = channel;
    const exchange = vhost.exchange(args.exchange);
    const queue = vhost.queue(channel.queueName(args.queue), connection);
    // The specification's rule for both left empty: the last queue, by its own name.
    const routingKey = args.queue === '' && args.routingKey === '' ? queue.name : args.routingKey;
    vhost.bind(exchange, 'queue', queue.name, routingKey, args.arguments);
    if (!args.noWait) channel.send('queue.bind-ok', {});
  },
  'queue.unbind'(channel, args) {
    if (args.exchange === '') throw refused(DEFAULT_EXCHANGE);
    const exchange = channel.vhost.exchanges.get(args.exchange);
    const name = channel.queueName(args.queue);
    if (exchange) channel.vhost.unbind(exchange, 'queue', name, args.routingKey, args.arguments);
    channel.send('queue.unbind-ok', {});
  },
  'queue.purge'(channel, args) {
    const messageCount = channel.vhost.queue(channel.queueName(args.queue), channel.connection).purge();
    if (!args.noWait) channel.send('queue.purge-ok', { messageCount });
  },
  'queue.delete'(channel, args) {
    const { vhost, connection } = channel;
    const name = channel.queueName(args.queue);
    const messageCount = vhost.queues.has(name) ? vhost.deleteQueue(vhost.queue(name, connection), args) : 0;
    if (!args.noWait) channel.send('queue.delete-ok', { messageCount });
  },
  'basic.qos'(channel, args) {
    if (args.prefetchSize) throw closesConnection(540, `prefetch_size!=0 (${args.prefetchSize})`);
    if (args.global) channel.globalPrefetch = args.prefetchCount;
    else channel.prefetch = args.prefetchCount;
    channel.send('basic.qos-ok', {});
    if (args.global) channel.deliverAll();
  },
  'basic.consume': consume,
  'basic.cancel'(channel, args) {
    const consumer = channel.consumers.get(args.consumerTag);
    channel.consumers.delete(args.consumerTag);
    if (consumer?.queue) consumer.queue.removeConsumer(consumer);
    else if (consumer && channel.replyKey) {
      channel.vhost.replyConsumers.delete(channel.replyKey);
      channel.replyKey = undefined;
    }
    if (!args.noWait) channel.send('basic.cancel-ok', { consumerTag: args.consumerTag });
  },
  'basic.publish'(channel, args) {
    channel.beginPublish(args);
  },
  'basic.get': get,
  'basic.ack'(channel, args) {
    channel.acknowledge(args.deliveryTag, args.multiple, 'ack');
  },
  'basic.nack'(channel, args) {
    channel.acknowledge(args.deliveryTag, args.multiple, args.requeue ? 'requeue' : 'reject');
  },
  'basic.reject'(channel, args) {
    channel.acknowledge(args.deliveryTag, false, args.requeue ? 'requeue' : 'reject');
  },
  'basic.recover'(channel, args) {
    if (!args.requeue) throw closesConnection(540, 'requeue=false');
    channel.send('basic.recover-ok', {});
    channel.recover();
  },
  'basic.recover-async'(channel, args) {
    if (!args.requeue) throw closesConnection(540, 'requeue=false');
    channel.recover();
  },
  'confirm.select'(channel, args) {
    if (channel.transaction) throw precondition('cannot switch from tx to confirm mode');
    channel.enableConfirms();
    if (!args.noWait) channel.send('confirm.select-ok', {});
  },
  'tx.select'(channel) {
    if (channel.confirms) throw precondition('cannot switch from confirm to tx mode');
    channel.transaction ??= [];
    channel.send('tx.select-ok', {});
  },
  'tx.commit'(channel) {
    if (!channel.transaction) throw precondition('channel is not transactional');
    const operations = channel.transaction;
    channel.transaction = [];
    channel.heldByTransaction = [];
    for (const operation of operations) operation();
    channel.send('tx.commit-ok', {});
  },
  'tx.rollback'(channel) {
    if (!channel.transaction) throw precondition('channel is not transactional');
    channel.transaction = [];
    channel.rollback();
    channel.send('tx.rollback-ok', {});
  },
  'channel.flow'(channel, args) {
    if (!args.active) throw closesConnection(540, 'active=false');
    channel.send('channel.flow-ok', { active: true });
  },
};

function declareReplyQueue(channel: Channel, args: MethodArguments<'queue.declare'>): void {
  const isOwn = args.queue === REPLY_TO;
  if (!isOwn && !channel.vhost.replyConsumers.has(args.queue)) throw notFound('queue', args.queue, channel.vhost.name);
  if (!args.noWait) channel.send('queue.declare-ok', { queue: args.queue, messageCount: 0, consumerCount: 1 });
}

function consume(channel: Channel, args: MethodArguments<'basic.consume'>): void {
  const tag = args.consumerTag || generateName('amq.ctag-');
  if (channel.consumers.has(tag)) throw closesConnection(530, `attempt to reuse consumer tag '${tag}'`);
  if (args.queue === REPLY_TO) {
    consumeReplies(channel, tag, args);
    return;
  }
  const queue = channel.vhost.queue(channel.queueName(args.queue), channel.connection);
  const where = `queue '${queue.name}' in vhost '${channel.vhost.name}'`;
  const wantsAll = args.exclusive && (queue.consumers.length > 0 || queue.isSingleActive);
  if (wantsAll || queue.consumers.some((consumer) => consumer.exclusive)) throw refused(`${where} in exclusive use`);
  if (queue.isQuorum && channel.globalPrefetch) throw closesConnection(540, `${where} does not support global qos`);
  const priority = args.arguments['x-priority'];
  if (priority !== undefined && integerOf(priority) === undefined)
    throw precondition(`invalid arg 'x-priority' for ${where}: "expected integer, got ${typeName(priority)}"`);
  const consumer = new ChannelConsumer(channel, tag, queue, args);
  channel.consumers.set(tag, consumer);
  if (!args.noWait) channel.send('basic.consume-ok', { consumerTag: tag });
  queue.addConsumer(consumer);
}

function consumeReplies(channel: Channel, tag: string, args: MethodArguments<'basic.consume'>): void {
  if (!args.noAck) throw precondition('reply consumer cannot acknowledge');
  if (channel.replyKey) throw precondition('reply consumer already set');
  const consumer = new ChannelConsumer(channel, tag, null, args);
  channel.replyKey = generateName(`${REPLY_TO}.`);
  channel.vhost.replyConsumers.set(channel.replyKey, consumer);
  channel.consumers.set(tag, consumer);
  if (!args.noWait) channel.send('basic.consume-ok', { consumerTag: tag });
}

function get(channel: Channel, args: MethodArguments<'basic.get'>): void {
  const { vhost, connection } = channel;
  const queue = vhost.queue(channel.queueName(args.queue), connection);
  const entry = queue.get(args.noAck);
  if (!entry) {
    channel.send('basic.get-empty', {});
    return;
  }
  const deliveryTag = channel.nextDeliveryTag();
  if (!args.noAck) {
    queue.hold(entry);
    channel.unacked.set(deliveryTag, { queue, entry, consumer: null });
  }
  const { message, redelivered } = entry;
  vhost.broker.observe?.({
    type: 'delivered',
    vhost: vhost.name,
    queue: queue.name,
    message,
    client: connection.clientName,
    process: connection.clientProcess,
    redelivered,
    mode: args.noAck ? 'get_no_ack' : 'get',
  });
  channel.confirms?.flush();
  const method = encodeMethod(channel.id, 'basic.get-ok', {
    deliveryTag,
    redelivered,
    exchange: message.exchange,
    routingKey: message.routingKey,
    messageCount: queue.ready,
  });
  connection.sendContent(channel.id, method, withDeliveryCount(queue, entry, true), message.body);
}
