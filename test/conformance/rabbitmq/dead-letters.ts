import type { Options } from 'amqplib';
import { theme } from './behaviour';
import type { Session } from './session';

/** A queue `work` whose dead letters go through the topic exchange `dlx` to `dead`. */
async function withDeadLetters(s: Session, options: Options.AssertQueue = {}): Promise<void> {
  await s.exchange('dlx', 'topic');
  await s.queue('dead');
  await s.main.bindQueue('dead', 'dlx', '#');
  await s.queue('work', { deadLetterExchange: 'dlx', ...options });
}

async function rejectOne(s: Session): Promise<void> {
  s.main.nack(await s.get('work'), false, false);
  await s.sync('work');
}

const to = (queue: string): Options.AssertQueue => ({ deadLetterExchange: '', deadLetterRoutingKey: queue });

export const deadLetters = theme('dead letters', {
  'a rejected message carries its history': async (s) => {
    await withDeadLetters(s);
    await s.publish('', 'work', 'm', {
      headers: { keep: 'me', n: 5 },
      messageId: 'id-1',
      contentType: 'text/plain',
      deliveryMode: 2,
      priority: 3,
    });
    s.main.reject(await s.get('work'), false);
    await s.sync('work');
    return s.take('dead');
  },
  'a blind copy to the routing key itself moves that key behind the others': async (s) => {
    await withDeadLetters(s);
    await s.exchange('x', 'fanout');
    await s.main.bindQueue('work', 'x', '');
    await s.publish('x', 'key', 'm', { CC: ['copy'], BCC: ['key', 'blind'] });
    await rejectOne(s);
    return s.take('dead');
  },
  'a dead-letter routing key replaces the key': async (s) => {
    await withDeadLetters(s, { deadLetterRoutingKey: 'other.key' });
    await s.send('work', 'm');
    await rejectOne(s);
    return s.take('dead');
  },
  'an expired message says so': async (s) => {
    await withDeadLetters(s, { messageTtl: 30 });
    await s.send('work', 'm');
    await s.untilDepth('dead', 1);
    return s.take('dead');
  },
  'a message with its own time to live keeps it as original-expiration': async (s) => {
    await withDeadLetters(s);
    await s.publish('', 'work', 'm', { expiration: 30 });
    await s.untilDepth('dead', 1);
    return s.take('dead');
  },
  'a rejected message with an expiration loses it': async (s) => {
    await withDeadLetters(s);
    await s.publish('', 'work', 'm', { expiration: 60_000 });
    await rejectOne(s);
    return s.take('dead');
  },
  'a full queue says maxlen': async (s) => {
    await withDeadLetters(s, { maxLength: 1 });
    await s.send('work', '1', '2', '3');
    await s.sync('work');
    return s.take('dead');
  },
  'a returned message that has no room dies': async (s) => {
    await withDeadLetters(s, { maxLength: 1 });
    await s.send('work', '1');
    const held = await s.get('work');
    await s.send('work', '2');
    s.main.nack(held);
    await s.sync('work');
    return { dead: await s.take('dead'), work: await s.take('work') };
  },
  'the default exchange can be the dead-letter exchange': async (s) => {
    await s.queue('dead');
    await s.queue('work', to('dead'));
    await s.send('work', 'm');
    await rejectOne(s);
    return s.take('dead');
  },
  'the default exchange without a routing key leads back to the queue itself': async (s) => {
    await s.queue('work', { deadLetterExchange: '' });
    await s.send('work', 'm');
    await rejectOne(s);
    await s.untilDepth('work', 1);
    return s.take('work');
  },
  'a missing dead-letter exchange drops in silence': async (s) => {
    await s.queue('work', { deadLetterExchange: 'missing' });
    await s.send('work', 'm');
    await rejectOne(s);
    return [await s.depth('work'), await s.attempt(() => {})];
  },
  'a dead-letter exchange declared later works': async (s) => {
    await s.queue('work', { deadLetterExchange: 'late' });
    await s.exchange('late', 'fanout');
    await s.queue('dead');
    await s.main.bindQueue('dead', 'late', '');
    await s.send('work', 'm');
    await rejectOne(s);
    return s.bodies('dead');
  },
  'an internal exchange takes dead letters': async (s) => {
    await s.exchange('inner', 'fanout', { internal: true });
    await s.queue('dead');
    await s.main.bindQueue('dead', 'inner', '');
    await s.queue('work', { deadLetterExchange: 'inner' });
    await s.send('work', 'm');
    await rejectOne(s);
    return s.bodies('dead');
  },
  'unroutable dead letters go to the alternate exchange': async (s) => {
    await s.exchange('spare', 'fanout');
    await s.exchange('dlx', 'direct', { alternateExchange: 'spare' });
    await s.queue('dead');
    await s.main.bindQueue('dead', 'spare', '');
    await s.queue('work', { deadLetterExchange: 'dlx', deadLetterRoutingKey: 'nowhere' });
    await s.send('work', 'm');
    await rejectOne(s);
    return s.take('dead');
  },
  'unroutable dead letters are not returned': async (s) => {
    await s.exchange('dlx', 'direct');
    await s.queue('work', { deadLetterExchange: 'dlx', messageTtl: 0 });
    await s.publish('', 'work', 'm', { mandatory: true });
    await s.sync('work');
    return s.takeReturned();
  },
  'a retry by time to live counts its deaths': async (s) => {
    await s.queue('work', to('wait'));
    await s.queue('wait', { messageTtl: 20, ...to('work') });
    const seen: unknown[] = [];
    await s.consume('work', {}, s.main, (message) => {
      const deaths = message.properties.headers?.['x-death'] ?? [];
      seen.push(deaths.map(({ queue, reason, count }) => `${queue} ${reason} ${count}`));
      if (seen.length < 4) s.main.nack(message, false, false);
      else s.main.ack(message);
    });
    await s.send('work', 'm');
    await s.until('four deliveries', () => seen.length === 4);
    return seen;
  },
  'a retry carries all its history': async (s) => {
    await s.exchange('dlx', 'topic');
    await s.queue('wait', { messageTtl: 20, deadLetterExchange: 'dlx', deadLetterRoutingKey: 'back' });
    await s.queue('work', { deadLetterExchange: 'dlx', deadLetterRoutingKey: 'wait' });
    await s.main.bindQueue('wait', 'dlx', 'wait');
    await s.main.bindQueue('work', 'dlx', 'back');
    await s.send('work', 'm');
    await rejectOne(s);
    await s.untilDepth('work', 1);
    await rejectOne(s);
    await s.untilDepth('work', 1);
    return s.take('work');
  },
  'a circle after rejections goes round for ever, or not': async (s) => {
    await s.exchange('in', 'fanout');
    await s.exchange('around', 'fanout');
    await s.queue('one', { maxLength: 3, deadLetterExchange: '' });
    await s.queue('two', { maxLength: 1, deadLetterExchange: 'around' });
    await s.queue('collector');
    await s.main.bindQueue('one', 'in', '');
    for (const queue of ['one', 'collector']) await s.main.bindQueue(queue, 'around', '');
    for (let message = 1; message <= 6; message++) {
      await s.publish('in', 'two', String(message));
      s.main.reject(await s.get('one'), false);
      await s.untilDepth('two', 1);
      s.main.reject(await s.get('two'), false);
      await s.untilDepth('one', 1);
      await s.get('one');
    }
    s.main.nackAll(true);
    let collected = 6;
    for (let unchanged = 0; unchanged < 50 && collected < 500; unchanged++) {
      await s.sync('one', 'two');
      const now = await s.depth('collector');
      if (now !== collected) unchanged = 0;
      collected = now;
    }
    return collected < 500 ? collected : 'for ever';
  },
  'a circle in which nobody rejects is cut': async (s) => {
    await s.queue('a', { messageTtl: 20, ...to('b') });
    await s.queue('b', { messageTtl: 20, ...to('a') });
    await s.send('a', 'm');
    await s.queue('clock', { messageTtl: 200 });
    await s.send('clock', 'tick');
    await s.untilDepth('clock', 0);
    return [await s.depth('a'), await s.depth('b')];
  },
  'a circle of full queues is cut': async (s) => {
    await s.queue('a', { maxLength: 1, ...to('b') });
    await s.queue('b', { maxLength: 1, ...to('a') });
    await s.send('a', '1', '2');
    await s.sync('a', 'b', 'a', 'b');
    await s.send('a', '3');
    await s.sync('a', 'b', 'a', 'b');
    return { a: await s.bodies('a'), b: await s.bodies('b') };
  },
  'a queue that dead-letters to itself by expiry drops': async (s) => {
    await s.queue('q', { messageTtl: 20, ...to('q') });
    await s.send('q', 'm');
    await s.untilDepth('q', 0);
    return s.depth('q');
  },
  'what waits is delivered before a dead letter comes round': async (s) => {
    await s.queue('work', { maxPriority: 4, ...to('work') });
    await s.publish('', 'work', 'rejected', { priority: 1 });
    await s.publish('', 'work', 'waits', { priority: 0 });
    await s.main.prefetch(1);
    const inbox = await s.consume('work');
    await s.until('the first arrives', () => inbox.messages.length === 1);
    const [first] = inbox.messages;
    if (first) s.main.reject(first, false);
    await s.until('the next arrives', () => inbox.messages.length === 2);
    await s.untilDepth('work', 1);
    return inbox.bodies;
  },
  'CC keys count as routing keys of the dead message': async (s) => {
    await withDeadLetters(s);
    await s.publish('', 'work', 'm', { CC: ['extra.cc'] });
    await rejectOne(s);
    return s.take('dead');
  },
  'CC goes when the queue has a dead-letter routing key': async (s) => {
    await withDeadLetters(s, { deadLetterRoutingKey: 'k' });
    await s.publish('', 'work', 'm', { CC: ['extra.cc'] });
    await rejectOne(s);
    return s.take('dead');
  },
  'CC keys that route no longer are not in the next death': async (s) => {
    await s.queue('grave');
    await s.queue('dead', to('grave'));
    await s.queue('work', to('dead'));
    await s.publish('', 'work', 'm', { CC: ['extra.cc'] });
    await rejectOne(s);
    await s.untilDepth('dead', 1);
    s.main.nack(await s.get('dead'), false, false);
    await s.untilDepth('grave', 1);
    return s.take('grave');
  },
  'CC keys route the dead message': async (s) => {
    await s.exchange('dlx', 'direct');
    for (const key of ['work', 'cc', 'bcc']) {
      await s.queue(`to ${key}`);
      await s.main.bindQueue(`to ${key}`, 'dlx', key);
    }
    await s.queue('work', { deadLetterExchange: 'dlx' });
    await s.publish('', 'work', 'm', { CC: ['cc'], BCC: ['bcc'] });
    await rejectOne(s);
    return { work: await s.take('to work'), cc: await s.take('to cc'), bcc: await s.take('to bcc') };
  },
  'nack multiple dead-letters in order': async (s) => {
    await withDeadLetters(s);
    await s.send('work', '1', '2', '3');
    await s.get('work');
    await s.get('work');
    s.main.nack(await s.get('work'), true, false);
    await s.sync('work');
    return s.bodies('dead');
  },
  'purge and deletion dead-letter nothing': async (s) => {
    await withDeadLetters(s);
    await s.send('work', '1');
    await s.main.purgeQueue('work');
    await s.send('work', '2');
    await s.main.deleteQueue('work');
    return s.depth('dead');
  },
  'x-death of another queue comes first': async (s) => {
    await s.queue('c');
    await s.queue('b', to('c'));
    await s.queue('a', to('b'));
    await s.send('a', 'm');
    s.main.nack(await s.get('a'), false, false);
    await s.sync('a');
    s.main.nack(await s.get('b'), false, false);
    await s.sync('b');
    return s.take('c');
  },
  'deaths in one queue for two reasons are two entries': async (s) => {
    await s.queue('c', to('work'));
    await s.queue('work', { maxLength: 1, ...to('c') });
    await s.send('work', '1', '2');
    await s.sync('work');
    s.main.nack(await s.get('c'), false, false);
    await s.sync('c', 'work', 'c');
    s.main.nack(await s.get('work'), false, false);
    await s.sync('work', 'c');
    return { c: await s.take('c'), work: await s.take('work') };
  },
  'a message republished by a client with its x-death': async (s) => {
    await withDeadLetters(s);
    await s.send('work', 'm');
    await rejectOne(s);
    const dead = await s.get('dead');
    await s.publish('', 'work', 'again', { headers: dead.properties.headers });
    await rejectOne(s);
    return s.take('dead');
  },
  'an x-death that is nonsense': async (s) => {
    await withDeadLetters(s);
    // A list of anything but tables makes a real queue crash.
    for (const value of ['text', 5, { a: 1 }]) {
      await s.publish('', 'work', JSON.stringify(value), { headers: { 'x-death': value as never } });
      await rejectOne(s);
    }
    return s.take('dead');
  },
  'a dead letter goes to every matching queue': async (s) => {
    await withDeadLetters(s);
    await s.queue('also');
    await s.main.bindQueue('also', 'dlx', 'work');
    await s.send('work', 'm');
    await rejectOne(s);
    return [await s.bodies('dead'), await s.bodies('also')];
  },
  'consumers of the dead-letter queue get dead letters in order': async (s) => {
    await withDeadLetters(s, { maxLength: 2 });
    const inbox = await s.consume('dead', { noAck: true });
    await s.send('work', '1', '2', '3', '4', '5');
    await s.sync('work', 'dead');
    return inbox.bodies;
  },
});
