import type { Options } from 'amqplib';
import { theme } from './behaviour';
import type { Session } from './session';

const LONG = 60_000;

/** Waits until a message with `ttlMs` in a queue of its own is gone: by then shorter times elsewhere have passed too. */
async function pass(s: Session, ttlMs: number): Promise<void> {
  await s.queue('clock', { messageTtl: ttlMs });
  await s.send('clock', 'tick');
  await s.untilDepth('clock', 0);
}

/** Publishes bodies to a fresh queue `q` and answers the confirms and what is left. */
async function filled(s: Session, options: Options.AssertQueue, bodies: string[]) {
  await s.queue('q', options);
  const confirms: string[] = [];
  for (const body of bodies) confirms.push(await s.publish('', 'q', body));
  return { confirms, left: await s.bodies('q') };
}

export const limitsAndExpiry = theme('limits and expiry', {
  'a full queue drops its head': (s) => filled(s, { maxLength: 2 }, ['1', '2', '3', '4']),
  'a queue of no length keeps nothing': (s) => filled(s, { maxLength: 0 }, ['1', '2']),
  'a queue of no length hands on to a waiting consumer': async (s) => {
    await s.queue('q', { maxLength: 0 });
    const inbox = await s.consume('q', { noAck: true });
    await s.send('q', '1', '2');
    await s.sync('q');
    return inbox.bodies;
  },
  'a queue full of bytes drops its head': (s) =>
    filled(s, { arguments: { 'x-max-length-bytes': 10 } }, ['aaaa', 'bbbb', 'cccc', 'dd']),
  'a message larger than the queue is dropped after all others': (s) =>
    filled(s, { arguments: { 'x-max-length-bytes': 10 } }, ['aaaa', 'bbbbbbbbbbbb', 'cc']),
  'both limits count': (s) =>
    filled(s, { maxLength: 3, arguments: { 'x-max-length-bytes': 6 } }, ['a', 'b', 'c', 'd', 'eeeee']),
  'reject-publish refuses with a nack': (s) =>
    filled(s, { maxLength: 2, overflow: 'reject-publish' }, ['1', '2', '3', '4']),
  'reject-publish counts bytes too': (s) =>
    filled(s, { overflow: 'reject-publish', arguments: { 'x-max-length-bytes': 6 } }, ['aaaa', 'bb', 'c', '']),
  'one refusing queue of several is a nack': async (s) => {
    await s.queue('open');
    await s.queue('full', { maxLength: 1, overflow: 'reject-publish' });
    await s.exchange('x', 'fanout');
    for (const queue of ['open', 'full']) await s.main.bindQueue(queue, 'x', '');
    const confirms = [await s.publish('x', '', '1'), await s.publish('x', '', '2')];
    return { confirms, open: await s.bodies('open'), full: await s.bodies('full') };
  },
  'reject-publish without confirms drops in silence': async (s) => {
    await s.queue('q', { maxLength: 1, overflow: 'reject-publish' });
    const plain = await (await s.connection()).createChannel();
    for (const body of ['1', '2']) plain.sendToQueue('q', Buffer.from(body));
    await plain.checkQueue('q');
    return s.bodies('q');
  },
  'reject-publish-dlx refuses and dead-letters': async (s) => {
    await s.queue('dead');
    const dlx = { deadLetterExchange: '', deadLetterRoutingKey: 'dead' };
    const result = await filled(s, { maxLength: 1, overflow: 'reject-publish-dlx', ...dlx }, ['1', '2']);
    await s.untilDepth('dead', 1);
    return { ...result, dead: await s.take('dead') };
  },
  'what is unacknowledged does not count as length': async (s) => {
    await s.queue('q', { maxLength: 1 });
    await s.send('q', '1');
    await s.get('q');
    await s.send('q', '2');
    return s.depth('q');
  },
  'a returned message counts again': async (s) => {
    await s.queue('q', { maxLength: 1 });
    await s.send('q', '1');
    const held = await s.get('q');
    await s.send('q', '2');
    s.main.nack(held);
    await s.sync('q');
    return s.take('q');
  },
  'a consumer saves messages from a full queue': async (s) => {
    await s.queue('q', { maxLength: 1 });
    const inbox = await s.consume('q');
    await s.send('q', '1', '2', '3');
    await s.sync('q');
    return [inbox.bodies, await s.depth('q')];
  },
  'higher priorities come first, without one counts as 0': async (s) => {
    await s.queue('q', { maxPriority: 5 });
    for (const priority of [1, 5, undefined, 3, 9, 5, 0]) await s.publish('', 'q', String(priority), { priority });
    return s.take('q');
  },
  'a full priority queue drops the oldest of the highest priority': async (s) => {
    await s.queue('q', { maxPriority: 5, maxLength: 3 });
    for (const priority of [1, 5, 2, 5, 0, 3]) await s.publish('', 'q', String(priority), { priority });
    return s.bodies('q');
  },
  'a returned message of a priority queue goes to its place': async (s) => {
    await s.queue('q', { maxPriority: 5 });
    for (const [body, priority] of [
      ['a', 1],
      ['b', 5],
      ['c', 5],
    ] as const)
      await s.publish('', 'q', body, { priority });
    const held = [await s.get('q'), await s.get('q')];
    await s.publish('', 'q', 'd', { priority: 5 });
    for (const message of held.reverse()) s.main.nack(message);
    await s.sync('q');
    return s.bodies('q');
  },
  'without x-max-priority priorities mean nothing': async (s) => {
    await s.queue('q');
    for (const priority of [1, 5, 3]) await s.publish('', 'q', String(priority), { priority });
    return s.bodies('q');
  },
  'basic.get counts what is left before dead letters come round': async (s) => {
    await s.queue('full', { maxLength: 1, deadLetterExchange: '', deadLetterRoutingKey: 'q' });
    await s.queue('q', { deadLetterExchange: '', deadLetterRoutingKey: 'full' });
    await s.send('full', 'driven out');
    await s.send('q', 'head');
    await s.publish('', 'q', 'expires behind it', { expiration: 20 });
    await s.send('q', 'last');
    await pass(s, 40);
    const { fields } = await s.get('q');
    await s.untilDepth('q', 2);
    return [fields.messageCount, await s.bodies('q')];
  },
  'a queue’s time to live passes without anybody looking': async (s) => {
    await s.queue('dead');
    await s.queue('q', { messageTtl: 40, deadLetterExchange: '', deadLetterRoutingKey: 'dead' });
    await s.send('q', '1', '2');
    await s.untilDepth('dead', 2);
    return [await s.depth('q'), await s.bodies('dead')];
  },
  'a message’s own time to live passes': async (s) => {
    await s.queue('q');
    await s.publish('', 'q', 'short', { expiration: 30 });
    await s.publish('', 'q', 'for ever');
    await s.untilDepth('q', 1);
    return s.bodies('q');
  },
  'messages expire at the head only': async (s) => {
    await s.queue('q');
    await s.publish('', 'q', 'long', { expiration: LONG });
    await s.publish('', 'q', 'short', { expiration: 10 });
    await pass(s, 60);
    const waiting = await s.depth('q');
    await s.main.get('q', { noAck: true });
    await s.untilDepth('q', 0);
    return waiting;
  },
  'behind a higher priority nothing expires': async (s) => {
    await s.queue('q', { maxPriority: 5 });
    await s.publish('', 'q', 'high', { priority: 5 });
    await s.publish('', 'q', 'low', { priority: 1, expiration: 10 });
    await pass(s, 60);
    const waiting = await s.depth('q');
    await s.main.get('q', { noAck: true });
    await s.untilDepth('q', 0);
    return waiting;
  },
  'what expired does not count as left by basic.get': async (s) => {
    await s.queue('q');
    await s.publish('', 'q', 'first');
    await s.publish('', 'q', 'brief', { expiration: '0' });
    const got = await s.main.get('q', { noAck: true });
    return got ? got.fields.messageCount : 'nothing got';
  },
  'the shorter of queue and message time to live counts': async (s) => {
    await s.queue('short', { messageTtl: 30 });
    await s.publish('', 'short', 'm', { expiration: LONG });
    await s.untilDepth('short', 0);
    await s.queue('long', { messageTtl: LONG });
    await s.publish('', 'long', 'm', { expiration: 30 });
    await s.untilDepth('long', 0);
    return 'both expired';
  },
  'a time to live of 0 reaches a waiting consumer or nobody': async (s) => {
    await s.queue('q', { messageTtl: 0 });
    await s.send('q', 'nobody waits');
    const depth = await s.depth('q');
    const inbox = await s.consume('q', { noAck: true });
    await s.send('q', 'somebody waits');
    await s.sync('q');
    return [depth, inbox.bodies];
  },
  'an expiration of 0 expires at once': async (s) => {
    await s.queue('dead');
    await s.queue('q', { deadLetterExchange: '', deadLetterRoutingKey: 'dead' });
    await s.publish('', 'q', 'm', { expiration: '0' });
    await s.untilDepth('dead', 1);
    return s.take('dead');
  },
  'expirations that are no time are refused': async (s) => {
    await s.queue('q');
    const answers: unknown[] = [];
    for (const expiration of ['soon', '-1', '', '1.5', ' 5', '+5', '4294967295', '4294967296', '99999999999999999999'])
      answers.push([
        expiration,
        await s.attemptApart((channel) => channel.sendToQueue('q', Buffer.from('m'), { expiration })),
      ]);
    return answers;
  },
  'unacknowledged messages do not expire until they come back': async (s) => {
    await s.queue('q', { messageTtl: 500 });
    await s.send('q', '1');
    const held = await s.get('q');
    await pass(s, 600);
    const acked = await s.attempt(() => s.main.nack(held));
    await s.untilDepth('q', 0);
    return acked;
  },
  'a returned message that has no room dies of that, though its time has passed': async (s) => {
    await s.queue('dead');
    await s.queue('q', { maxLength: 1, deadLetterExchange: '', deadLetterRoutingKey: 'dead' });
    await s.publish('', 'q', 'brief', { expiration: 20 });
    const held = await s.get('q');
    await s.send('q', 'stays');
    await pass(s, 40);
    s.main.nack(held);
    await s.untilDepth('dead', 1);
    return [await s.take('dead'), await s.bodies('q')];
  },
  'an unused queue expires': async (s) => {
    await s.queue('q', { expires: 60 });
    await s.send('q', '1');
    await pass(s, 250);
    return s.exists('queue', 'q');
  },
  'a consumed queue does not expire': async (s) => {
    await s.queue('q', { expires: 500 });
    const inbox = await s.consume('q');
    await pass(s, 1000);
    const during = await s.exists('queue', 'q');
    await s.main.cancel(inbox.tag);
    await pass(s, 1000);
    return { during, after: await s.exists('queue', 'q') };
  },
  'an expired queue dead-letters nothing': async (s) => {
    await s.queue('dead');
    await s.queue('q', { expires: 60, deadLetterExchange: '', deadLetterRoutingKey: 'dead' });
    await s.send('q', '1');
    await pass(s, 250);
    return [await s.exists('queue', 'q'), await s.depth('dead')];
  },
});
