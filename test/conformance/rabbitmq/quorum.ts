import type { Message, Options } from 'amqplib';
import { theme } from './behaviour';
import { describe, type Session } from './session';

const quorum = (args: Record<string, unknown> = {}): Options.AssertQueue => ({
  durable: true,
  arguments: { 'x-queue-type': 'quorum', ...args },
});

const deadTo = (queue: string) => ({ 'x-dead-letter-exchange': '', 'x-dead-letter-routing-key': queue });

/** Quorum queues answer acknowledgements later; depth counts ready messages. */
async function giveBack(s: Session, message: Message, ready: number): Promise<void> {
  s.main.nack(message);
  await s.untilDepth('q', ready);
}

export const quorumQueues = theme('quorum queues', {
  'keep order and confirm': async (s) => {
    await s.queue('q', quorum());
    await s.send('q', '1', '2', '3');
    return s.take('q');
  },
  'count deliveries that came back': async (s) => {
    await s.queue('q', quorum());
    await s.send('q', '1');
    const seen: unknown[] = [];
    await s.main.prefetch(1);
    await s.consume('q', {}, s.main, (message) => {
      seen.push(describe(message));
      if (seen.length < 4) s.main.nack(message);
      else s.main.ack(message);
    });
    await s.until('four deliveries', () => seen.length === 4);
    return seen;
  },
  'dead-letter at the delivery limit': async (s) => {
    await s.queue('dead');
    await s.queue('q', quorum({ 'x-delivery-limit': 2, ...deadTo('dead') }));
    await s.send('q', '1');
    const seen: unknown[] = [];
    await s.consume('q', {}, s.main, (message) => {
      seen.push(message.properties.headers?.['x-delivery-count'] ?? 'none');
      s.main.nack(message);
    });
    await s.untilDepth('dead', 1);
    return [seen, await s.take('dead')];
  },
  'deliver again and again up to the default limit': async (s) => {
    await s.queue('q', quorum());
    await s.queue('beside', quorum());
    await s.send('q', '1');
    let deliveries = 0;
    await s.consume('q', {}, s.main, (message) => {
      deliveries++;
      if (deliveries < 30) s.main.nack(message);
      else s.main.ack(message);
    });
    await s.until('it is delivered no more', async () => {
      const before = deliveries;
      // A message through a quorum queue and back: time enough for one more delivery.
      await s.send('beside', 'tick');
      await s.bodies('beside');
      return deliveries === before && deliveries >= 21 && (await s.depth('q')) === 0;
    });
    return deliveries;
  },
  'a limit of -1': async (s) => {
    await s.queue('dead');
    await s.queue('q', quorum({ 'x-delivery-limit': -1, ...deadTo('dead') }));
    await s.send('q', '1');
    let deliveries = 0;
    await s.consume('q', {}, s.main, (message) => {
      deliveries++;
      if (deliveries < 25) s.main.nack(message);
      else s.main.ack(message);
    });
    await s.until('enough or dead', async () => deliveries === 25 || (await s.depth('dead')) === 1);
    return { deliveries, dead: await s.take('dead') };
  },
  'a limit of 0': async (s) => {
    await s.queue('dead');
    await s.queue('q', quorum({ 'x-delivery-limit': 0, ...deadTo('dead') }));
    await s.send('q', '1');
    s.main.nack(await s.get('q'));
    await s.untilDepth('dead', 1);
    return s.take('dead');
  },
  'put a returned message where the version puts it': async (s) => {
    await s.queue('q', quorum());
    await s.send('q', 'a', 'b', 'c');
    await giveBack(s, await s.get('q'), 3);
    return s.take('q');
  },
  'give back in order after a channel closed': async (s) => {
    await s.queue('q', quorum());
    await s.send('q', 'a', 'b', 'c', 'd');
    const channel = await s.channel();
    for (let index = 0; index < 3; index++) await s.get('q', channel);
    await channel.close();
    await s.untilDepth('q', 4);
    return s.take('q');
  },
  'reject to the dead-letter exchange': async (s) => {
    await s.queue('dead');
    await s.queue('q', quorum(deadTo('dead')));
    await s.send('q', '1');
    s.main.nack(await s.get('q'), false, false);
    await s.untilDepth('dead', 1);
    return s.take('dead');
  },
  'expire by the queue’s time to live': async (s) => {
    await s.queue('dead');
    await s.queue('q', quorum({ 'x-message-ttl': 40, ...deadTo('dead') }));
    await s.send('q', '1');
    await s.untilDepth('dead', 1);
    return s.take('dead');
  },
  'expire by the message’s own time to live': async (s) => {
    await s.queue('dead');
    await s.queue('q', quorum(deadTo('dead')));
    await s.publish('', 'q', '1', { expiration: 40 });
    await s.untilDepth('dead', 1);
    return s.take('dead');
  },
  'drop their head when full': async (s) => {
    await s.queue('dead');
    await s.queue('q', quorum({ 'x-max-length': 2, ...deadTo('dead') }));
    await s.send('q', '1', '2', '3', '4');
    await s.untilDepth('dead', 2);
    return [await s.bodies('q'), await s.take('dead')];
  },
  'serve a single active consumer': async (s) => {
    await s.queue('q', quorum({ 'x-single-active-consumer': true }));
    const one = await s.consume('q', { noAck: true });
    const two = await s.consume('q', { noAck: true });
    await s.send('q', '1', '2');
    await s.until('both arrive', () => one.messages.length === 2);
    await s.main.cancel(one.tag);
    await s.send('q', '3');
    await s.until('the third arrives', () => two.messages.length === 1);
    return [one.bodies, two.bodies];
  },
  'dead-letter at least once': async (s) => {
    await s.queue('dead');
    await s.queue(
      'q',
      quorum({ 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish', ...deadTo('dead') }),
    );
    await s.send('q', '1');
    s.main.nack(await s.get('q'), false, false);
    await s.untilDepth('dead', 1);
    return s.take('dead');
  },
  'refuse global prefetch or not': async (s) => {
    await s.queue('q', quorum());
    return s.attemptApart(async (channel) => {
      await channel.prefetch(5, true);
      await channel.consume('q', () => {});
    });
  },
  'cannot be deleted on condition': async (s) => {
    await s.queue('q', quorum());
    return [
      await s.attemptAlone((channel) => channel.deleteQueue('q', { ifEmpty: true })),
      await s.attemptAlone((channel) => channel.deleteQueue('q', { ifUnused: true })),
      await s.attemptAlone((channel) => channel.deleteQueue('q')),
    ];
  },
  'purge and delete tell their counts': async (s) => {
    await s.queue('q', quorum());
    await s.send('q', '1', '2');
    const purged = await s.main.purgeQueue('q');
    await s.send('q', '3');
    return [purged, await s.main.deleteQueue('q')];
  },
});
