import { theme } from './behaviour';

export const queues = theme('queues', {
  'a declared queue answers its name and counts': async (s) => {
    s.owns('queue', 'q');
    const first = await s.main.assertQueue('q');
    await s.send('q', '1', '2');
    await s.consume('q', { noAck: false });
    await s.sync('q');
    return [first, await s.main.assertQueue('q'), await s.main.checkQueue('q')];
  },
  'the server names a queue without a name': async (s) => {
    const { queue } = await s.main.assertQueue('', { exclusive: true });
    const { queue: other } = await s.main.assertQueue('', { exclusive: true });
    return [queue.replace(/-.*/, '-…'), queue.length, other !== queue];
  },
  'an empty name means the last declared queue': async (s) => {
    await s.queue('q');
    await s.exchange('x', 'direct');
    await s.main.bindQueue('', 'x', 'k');
    await s.publish('x', 'k', 'bound');
    return s.main.purgeQueue('');
  },
  'an empty name without a declared queue is not found': async (s) => [
    await s.attemptApart((channel) => channel.checkQueue('')),
    await s.attemptApart((channel) => channel.bindQueue('', 'amq.topic', '')),
    await s.attemptApart((channel) => channel.consume('', () => {})),
    await s.attemptApart((channel) => channel.get('')),
    await s.attemptApart((channel) => channel.purgeQueue('')),
    await s.attemptApart((channel) => channel.deleteQueue('')),
  ],
  'an empty routing key with an empty queue name means the name of the queue': async (s) => {
    await s.queue('q');
    await s.main.bindQueue('', 'amq.direct', '');
    await s.publish('amq.direct', 'q', 'by name');
    await s.publish('amq.direct', '', 'by empty key');
    return s.bodies('q');
  },
  'redeclaring a queue with another flag is refused': async (s) => {
    await s.queue('q', { durable: true });
    return [
      await s.attemptApart((channel) => channel.assertQueue('q', { durable: false })),
      await s.attemptApart((channel) => channel.assertQueue('q', { durable: false, autoDelete: true })),
      await s.attemptApart((channel) => channel.assertQueue('q', { autoDelete: true })),
      await s.attemptApart((channel) => channel.assertQueue('q', { exclusive: true })),
      await s.attemptApart((channel) => channel.assertQueue('q', { durable: true })),
    ];
  },
  'a missing queue is not found': async (s) => {
    const missing = 'nope';
    return [
      await s.attemptApart((channel) => channel.checkQueue(missing)),
      await s.attemptApart((channel) => channel.bindQueue(missing, 'amq.topic', '')),
      await s.attemptApart((channel) => channel.unbindQueue(missing, 'amq.topic', '')),
      await s.attemptApart((channel) => channel.purgeQueue(missing)),
      await s.attemptApart((channel) => channel.deleteQueue(missing)),
      await s.attemptApart((channel) => channel.consume(missing, () => {})),
      await s.attemptApart((channel) => channel.get(missing)),
    ];
  },
  'binding a missing queue to a missing exchange names the first that is missing': (s) =>
    s.attemptApart((channel) => channel.bindQueue('nope', 'neither', '')),
  'errors name the method that caused them': async (s) => {
    const channel = await s.channel();
    const failed = await channel.checkQueue('nope').catch((error) => error);
    return [failed.classId, failed.methodId, failed.code];
  },
  'an exclusive queue is locked for other connections': async (s) => {
    await s.queue('q', { exclusive: true });
    return [
      await s.attemptAlone((channel) => channel.assertQueue('q', { exclusive: true })),
      await s.attemptAlone((channel) => channel.assertQueue('q')),
      await s.attemptAlone((channel) => channel.checkQueue('q')),
      await s.attemptAlone((channel) => channel.consume('q', () => {})),
      await s.attemptAlone((channel) => channel.get('q')),
      await s.attemptAlone((channel) => channel.purgeQueue('q')),
      await s.attemptAlone((channel) => channel.deleteQueue('q')),
      await s.attemptAlone((channel) => channel.bindQueue('q', 'amq.topic', '')),
      await s.attemptAlone((channel) => channel.unbindQueue('q', 'amq.topic', '')),
      await s.attemptApart((channel) => channel.checkQueue('q')),
      await s.attemptApart((channel) => channel.assertQueue('q')),
    ];
  },
  'an exclusive queue takes messages from every connection': async (s) => {
    await s.queue('q', { exclusive: true });
    const other = await s.channel(await s.connection());
    await s.publish('', 'q', 'from elsewhere', {}, other);
    return s.bodies('q');
  },
  'an exclusive queue goes with its connection': async (s) => {
    const connection = await s.connection();
    await s.queue('q', { exclusive: true }, await s.channel(connection));
    await connection.close();
    await s.until('the queue is gone', async () => !(await s.exists('queue', 'q')));
    return s.exists('queue', 'q');
  },
  'an auto-delete queue goes with its last consumer': async (s) => {
    await s.queue('q', { autoDelete: true });
    const before = await s.exists('queue', 'q');
    const one = await s.consume('q');
    const two = await s.consume('q');
    await s.main.cancel(one.tag);
    const between = await s.exists('queue', 'q');
    await s.main.cancel(two.tag);
    await s.until('the queue is gone', async () => !(await s.exists('queue', 'q')));
    return { before, between, after: await s.exists('queue', 'q') };
  },
  'an auto-delete queue goes when its consumer’s channel closes': async (s) => {
    await s.queue('q', { autoDelete: true });
    const channel = await s.channel();
    await s.consume('q', {}, channel);
    await channel.close();
    await s.until('the queue is gone', async () => !(await s.exists('queue', 'q')));
    return s.exists('queue', 'q');
  },
  'basic.get does not keep an auto-delete queue nor end it': async (s) => {
    await s.queue('q', { autoDelete: true });
    await s.send('q', '1');
    await s.main.get('q', { noAck: true });
    return s.exists('queue', 'q');
  },
  'purge answers how many ready messages went': async (s) => {
    await s.queue('q');
    await s.send('q', '1', '2', '3');
    return [await s.main.purgeQueue('q'), await s.depth('q')];
  },
  'purge leaves what is unacknowledged': async (s) => {
    await s.queue('q');
    await s.send('q', '1', '2', '3');
    const held = await s.get('q');
    const purged = await s.main.purgeQueue('q');
    s.main.nack(held);
    await s.sync('q');
    return [purged, await s.take('q')];
  },
  'delete answers how many ready messages went': async (s) => {
    await s.queue('q');
    await s.send('q', '1', '2', '3');
    await s.get('q');
    return s.main.deleteQueue('q');
  },
  'deleting a queue in use or not empty can be refused': async (s) => {
    await s.queue('q');
    await s.send('q', '1');
    const notEmpty = await s.attemptApart((channel) => channel.deleteQueue('q', { ifEmpty: true }));
    const { tag } = await s.consume('q', { noAck: true });
    const inUse = await s.attemptApart((channel) => channel.deleteQueue('q', { ifUnused: true }));
    const both = await s.attemptApart((channel) => channel.deleteQueue('q', { ifUnused: true, ifEmpty: true }));
    await s.main.cancel(tag);
    return [notEmpty, inUse, both, await s.main.deleteQueue('q', { ifUnused: true, ifEmpty: true })];
  },
  'a queue with unacknowledged messages only counts as empty': async (s) => {
    await s.queue('q');
    await s.send('q', '1');
    await s.get('q');
    return s.attemptApart((channel) => channel.deleteQueue('q', { ifEmpty: true }));
  },
  'unbinding what is not bound is accepted': async (s) => {
    await s.exchange('x', 'direct');
    await s.queue('q');
    return s.attemptApart((channel) => channel.unbindQueue('q', 'x', 'never'));
  },
  'a deleted and redeclared queue is empty and unbound': async (s) => {
    await s.queue('q');
    await s.main.bindQueue('q', 'amq.direct', 'k');
    await s.send('q', '1');
    await s.main.deleteQueue('q');
    await s.queue('q');
    await s.publish('amq.direct', 'k', 'unbound');
    return s.bodies('q');
  },
  'acknowledging a message of a deleted queue is accepted': async (s) => {
    await s.queue('q');
    await s.send('q', '1');
    const held = await s.get('q');
    await s.main.deleteQueue('q');
    return s.attempt(() => s.main.ack(held));
  },
  'consumers are told when their queue is deleted': async (s) => {
    await s.queue('q');
    const inbox = await s.consume('q');
    await s.attemptApart((channel) => channel.deleteQueue('q'));
    await s.until('the consumer is cancelled', () => inbox.bodies.length > 0);
    return inbox.bodies;
  },
  'messages and queues outlive the client that made them': async (s) => {
    const connection = await s.connection();
    const channel = await s.channel(connection);
    await s.queue('q', {}, channel);
    await s.publish('', 'q', 'still here', {}, channel);
    await connection.close();
    return s.take('q');
  },
  'names of 255 bytes are taken': async (s) => {
    const name = 'n'.repeat(255);
    await s.queue(name);
    await s.send(name, 'long');
    return s.bodies(name);
  },
  'names may hold any text': async (s) => {
    const name = 'ключ / ü "quoted" \'single\' \\ %2F';
    await s.queue(name);
    await s.send(name, 'odd');
    return [
      await s.bodies(name),
      await s.attemptApart((channel) => channel.assertQueue(name, { durable: false })),
      await s.attemptApart((channel) => channel.checkExchange(name)),
    ];
  },
});
