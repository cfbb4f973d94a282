import type { Message } from 'amqplib';
import { theme } from './behaviour';
import { describe, type Session } from './session';

/** Gets `count` messages without settling them. */
async function hold(s: Session, count: number): Promise<Message[]> {
  const held: Message[] = [];
  for (let index = 0; index < count; index++) held.push(await s.get('q'));
  return held;
}

async function filled(s: Session, ...bodies: string[]): Promise<void> {
  await s.queue('q');
  await s.send('q', ...bodies);
}

export const consuming = theme('consuming', {
  'a prefetch limits each consumer': async (s) => {
    await filled(s, '1', '2', '3', '4', '5', '6');
    await s.main.prefetch(2);
    const [one, two] = [await s.consume('q'), await s.consume('q')];
    await s.sync('q');
    const before = [[...one.bodies], [...two.bodies]];
    s.main.ack(one.messages[0] as Message);
    await s.sync('q');
    return { before, after: [one.bodies, two.bodies] };
  },
  'a global prefetch limits the channel': async (s) => {
    await filled(s, '1', '2', '3', '4', '5', '6');
    await s.main.prefetch(3, true);
    const [one, two] = [await s.consume('q'), await s.consume('q')];
    await s.sync('q');
    const before = one.messages.length + two.messages.length;
    const [first] = [...one.messages, ...two.messages];
    s.main.ack(first as Message);
    await s.sync('q');
    await s.until('one more arrives', () => one.messages.length + two.messages.length > before);
    return [before, one.messages.length + two.messages.length];
  },
  'a changed prefetch leaves consumers as they are': async (s) => {
    await filled(s, '1', '2', '3', '4');
    await s.main.prefetch(1);
    const one = await s.consume('q');
    await s.main.prefetch(10);
    await s.sync('q');
    return one.bodies;
  },
  'no acknowledgement means no limit': async (s) => {
    await filled(s, '1', '2', '3');
    await s.main.prefetch(1);
    const inbox = await s.consume('q', { noAck: true });
    await s.sync('q');
    return [inbox.bodies, await s.depth('q')];
  },
  'basic.get ignores the prefetch but a global one counts it': async (s) => {
    await filled(s, '1', '2', '3', '4');
    await s.main.prefetch(1);
    await hold(s, 2);
    const inbox = await s.consume('q');
    await s.sync('q');
    return inbox.bodies;
  },
  'consumers take turns': async (s) => {
    await s.queue('q');
    const inboxes = [await s.consume('q'), await s.consume('q'), await s.consume('q')];
    await s.send('q', '1', '2', '3', '4', '5', '6', '7');
    await s.sync('q');
    return inboxes.map((inbox) => inbox.bodies);
  },
  'a consumer of higher priority is served first': async (s) => {
    await s.queue('q');
    const low = await s.consume('q', { priority: 1 });
    const none = await s.consume('q');
    await s.main.prefetch(2);
    const high = await s.consume('q', { priority: 10 });
    await s.send('q', '1', '2', '3', '4');
    await s.sync('q');
    return { low: low.bodies, none: none.bodies, high: high.bodies };
  },
  'a consumer priority must be a whole number': async (s) => {
    await s.queue('q');
    return [
      await s.attemptApart((channel) => channel.consume('q', () => {}, { arguments: { 'x-priority': 'high' } })),
      await s.attemptApart((channel) => channel.consume('q', () => {}, { arguments: { 'x-priority': -3 } })),
      await s.attemptApart((channel) => channel.consume('q', () => {}, { arguments: { 'x-priority': 1.5 } })),
    ];
  },
  'a single active consumer gets all until it goes': async (s) => {
    await s.queue('q', { arguments: { 'x-single-active-consumer': true } });
    const one = await s.consume('q', { noAck: true });
    const two = await s.consume('q', { noAck: true });
    await s.send('q', '1', '2', '3');
    await s.main.cancel(one.tag);
    await s.send('q', '4', '5');
    await s.sync('q');
    return [one.bodies, two.bodies];
  },
  'a single active consumer that is full lets nobody in': async (s) => {
    await s.queue('q', { arguments: { 'x-single-active-consumer': true } });
    await s.main.prefetch(1);
    const one = await s.consume('q');
    const two = await s.consume('q');
    await s.send('q', '1', '2');
    await s.sync('q');
    return [one.bodies, two.bodies, await s.depth('q')];
  },
  'a single active consumer may not be exclusive': async (s) => {
    await s.queue('q', { arguments: { 'x-single-active-consumer': true } });
    return s.attemptApart((channel) => channel.consume('q', () => {}, { exclusive: true }));
  },
  'the active consumer’s channel closing hands over in order': async (s) => {
    await s.queue('q', { arguments: { 'x-single-active-consumer': true } });
    const channel = await s.channel();
    await channel.prefetch(2);
    const one = await s.consume('q', {}, channel);
    const two = await s.consume('q');
    await s.send('q', '1', '2', '3');
    await s.until('two are held', () => one.messages.length === 2);
    await channel.close();
    await s.until('the other has all', () => two.messages.length === 3);
    return [one.bodies, two.messages.map(describe)];
  },
  'an exclusive consumer keeps others out': async (s) => {
    await s.queue('q');
    const inbox = await s.consume('q', { exclusive: true });
    const refused = [
      await s.attemptApart((channel) => channel.consume('q', () => {})),
      await s.attemptApart((channel) => channel.consume('q', () => {}, { exclusive: true })),
      await s.attemptApart((channel) => channel.get('q')),
    ];
    await s.main.cancel(inbox.tag);
    return [...refused, await s.attemptApart((channel) => channel.consume('q', () => {}))];
  },
  'a consumer cannot become exclusive beside another': async (s) => {
    await s.queue('q');
    await s.consume('q');
    return s.attemptApart((channel) => channel.consume('q', () => {}, { exclusive: true }));
  },
  'a used consumer tag closes the connection': async (s) => {
    await s.queue('q');
    return s.attemptAlone(async (channel) => {
      await channel.consume('q', () => {}, { consumerTag: 'same' });
      await channel.consume('q', () => {}, { consumerTag: 'same' });
    });
  },
  'a consumer tag is free again after cancelling, and is the channel’s own': async (s) => {
    await s.queue('q');
    const other = await s.channel();
    const tags: string[] = [];
    tags.push((await s.main.consume('q', () => {}, { consumerTag: 'same' })).consumerTag);
    tags.push((await other.consume('q', () => {}, { consumerTag: 'same' })).consumerTag);
    await s.main.cancel('same');
    tags.push((await s.main.consume('q', () => {}, { consumerTag: 'same' })).consumerTag);
    return tags;
  },
  'the server makes up consumer tags': async (s) => {
    await s.queue('q');
    const { tag } = await s.consume('q');
    return [tag.replace(/-.*/, '-…'), tag.length];
  },
  'cancelling an unknown consumer is accepted': (s) => s.attempt(() => s.main.cancel('unknown')),
  'cancelling keeps what is unacknowledged': async (s) => {
    await filled(s, '1');
    const inbox = await s.consume('q');
    await s.until('one arrives', () => inbox.messages.length === 1);
    await s.main.cancel(inbox.tag);
    await s.send('q', '2');
    const depth = await s.depth('q');
    return [depth, inbox.bodies, await s.attempt(() => s.main.ack(inbox.messages[0] as Message))];
  },
  'basic.get tells how many are left': async (s) => {
    await filled(s, '1', '2');
    const counts: unknown[] = [];
    for (let index = 0; index < 3; index++) {
      const got = await s.main.get('q', { noAck: true });
      counts.push(got && { ...got.fields });
    }
    return counts;
  },
  'delivery tags begin at 1 on each channel': async (s) => {
    await filled(s, '1', '2', '3');
    const other = await s.channel();
    const tags = [await s.get('q'), await s.get('q', other), await s.get('q')];
    return tags.map((message) => message.fields.deliveryTag);
  },
  'a message given back is first again, and redelivered': async (s) => {
    await filled(s, '1', '2', '3');
    s.main.nack(await s.get('q'));
    await s.sync('q');
    return s.take('q');
  },
  'basic.reject gives back too': async (s) => {
    await filled(s, '1', '2');
    s.main.reject(await s.get('q'), true);
    await s.sync('q');
    return s.take('q');
  },
  'nack multiple gives back in order': async (s) => {
    await filled(s, '1', '2', '3', '4');
    const held = await hold(s, 3);
    s.main.nack(held[2] as Message, true);
    await s.sync('q');
    return s.take('q');
  },
  'given back out of order, each returns to its place': async (s) => {
    await filled(s, '1', '2', '3', '4', '5');
    const held = await hold(s, 4);
    for (const index of [1, 0, 3, 2]) s.main.nack(held[index] as Message);
    await s.sync('q');
    return s.bodies('q');
  },
  'ack multiple settles all up to the tag': async (s) => {
    await filled(s, '1', '2', '3');
    const channel = await s.channel();
    await s.get('q', channel);
    const second = await s.get('q', channel);
    await s.get('q', channel);
    channel.ack(second, true);
    await channel.close();
    await s.untilDepth('q', 1);
    return s.take('q');
  },
  'ack all and nack all settle everything': async (s) => {
    await filled(s, '1', '2', '3');
    await hold(s, 2);
    s.main.ackAll();
    await s.sync('q');
    const left = await s.depth('q');
    await hold(s, 1);
    s.main.nackAll(true);
    await s.sync('q');
    return [left, await s.take('q'), await s.attempt(() => s.main.ackAll())];
  },
  'a closed channel gives back': async (s) => {
    await filled(s, '1', '2');
    const channel = await s.channel();
    const inbox = await s.consume('q', {}, channel);
    await s.until('both arrive', () => inbox.messages.length === 2);
    await channel.close();
    await s.untilDepth('q', 2);
    return s.take('q');
  },
  'a closed connection gives back': async (s) => {
    await filled(s, '1', '2');
    const connection = await s.connection();
    const channel = await s.channel(connection);
    const inbox = await s.consume('q', {}, channel);
    await s.until('both arrive', () => inbox.messages.length === 2);
    await connection.close();
    await s.untilDepth('q', 2);
    return s.take('q');
  },
  'a channel closed by an error gives back': async (s) => {
    await filled(s, '1');
    const channel = await s.channel();
    await s.get('q', channel);
    const refusal = await s.attempt(() => channel.checkQueue('missing'), channel);
    await s.untilDepth('q', 1);
    return [refusal, await s.take('q')];
  },
  'settling twice, an unknown tag or another channel’s is refused': async (s) => {
    await filled(s, '1', '2', '3');
    const forged = (deliveryTag: number) => ({ fields: { deliveryTag } }) as Message;
    return [
      await s.attemptApart(async (channel) => {
        const message = await s.get('q', channel);
        channel.ack(message);
        channel.ack(message);
      }),
      await s.attemptApart((channel) => channel.ack(forged(99))),
      await s.attemptApart((channel) => channel.ack(forged(99), true)),
      await s.attemptApart((channel) => channel.nack(forged(99))),
      await s.attemptApart((channel) => channel.reject(forged(0))),
      await s.attemptApart((channel) => channel.ack(forged(0))),
      await s.attemptApart((channel) => channel.ack(forged(0), true)),
      await s.attemptApart(async (channel) => {
        const [first, second] = [await s.get('q', channel), await s.get('q', channel)];
        channel.ack(second);
        channel.ack(second, true);
        channel.ack(first);
      }),
    ];
  },
  'recover gives everything back': async (s) => {
    await filled(s, '1', '2');
    await hold(s, 2);
    await s.main.recover();
    await s.sync('q');
    return s.take('q');
  },
  'a message given back reaches the next consumer': async (s) => {
    await filled(s, '1', '2');
    await s.main.prefetch(1);
    const one = await s.consume('q');
    const two = await s.consume('q');
    await s.until('both have one', () => one.messages.length === 1 && two.messages.length === 1);
    s.main.nack(one.messages[0] as Message);
    await s.sync('q');
    await s.until('it comes back', () => one.messages.length + two.messages.length === 3);
    return [one.messages.map(describe), two.messages.map(describe)];
  },
  'a consumer that gives back keeps the order': async (s) => {
    await filled(s, '1', '2', '3');
    await s.main.prefetch(1);
    const seen: string[] = [];
    await s.consume('q', {}, s.main, (message) => {
      seen.push(message.content.toString());
      if (seen.length <= 3) s.main.nack(message);
      else s.main.ack(message);
    });
    await s.until('all are done', () => seen.length === 6);
    return seen;
  },
  'a consumer added later gets what waits': async (s) => {
    await filled(s, '1', '2', '3');
    const inbox = await s.consume('q');
    await s.until('all arrive', () => inbox.messages.length === 3);
    return inbox.messages.map(describe);
  },
  'several queues feed one channel': async (s) => {
    await s.queue('a');
    await s.queue('b');
    await s.main.prefetch(1);
    const [a, b] = [await s.consume('a'), await s.consume('b')];
    await s.send('a', 'a1', 'a2');
    await s.send('b', 'b1', 'b2');
    await s.sync('a', 'b');
    return [a.bodies, b.bodies];
  },
});
