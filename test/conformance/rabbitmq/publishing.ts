import { theme } from './behaviour';

export const publishing = theme('publishing', {
  'CC and BCC add keys; BCC is hidden': async (s) => {
    await s.exchange('x', 'direct');
    for (const key of ['to', 'cc', 'bcc']) {
      await s.queue(key);
      await s.main.bindQueue(key, 'x', key);
    }
    await s.publish('x', 'to', 'm', { CC: ['cc'], BCC: ['bcc'], headers: { a: 1 } });
    return { to: await s.take('to'), cc: await s.take('cc'), bcc: await s.take('bcc') };
  },
  'CC must be a list': async (s) => {
    await s.queue('q');
    return [
      await s.attemptApart((channel) => s.publishQuietly(channel, '', 'q', { headers: { CC: 'text' } })),
      await s.attemptApart((channel) => s.publishQuietly(channel, '', 'q', { headers: { BCC: 5 } })),
      await s.attemptApart((channel) => s.publishQuietly(channel, '', 'q', { headers: { CC: ['a', 5] as never } })),
    ];
  },
  'CC routes by name through the default exchange, each queue once': async (s) => {
    await s.queue('a');
    await s.queue('b');
    await s.publish('', 'a', 'm', { CC: ['b', 'a', 'missing'] });
    return { a: await s.bodies('a'), b: await s.bodies('b') };
  },
  'an unroutable mandatory message is returned before its confirm': async (s) => {
    await s.exchange('x', 'direct');
    const order: string[] = [];
    s.main.on('return', () => order.push('return'));
    order.push(await s.publish('x', 'nowhere', 'hey', { mandatory: true, headers: { a: 1 }, messageId: 'id' }));
    return { order, returned: await s.takeReturned() };
  },
  'a returned message has no BCC': async (s) => {
    await s.publish('amq.direct', 'nowhere', 'm', { mandatory: true, CC: ['cc'], BCC: ['bcc'] });
    return s.takeReturned();
  },
  'a mandatory message to a missing queue is returned': async (s) => {
    const confirm = await s.publish('', 'missing', 'm', { mandatory: true });
    return { confirm, returned: await s.takeReturned() };
  },
  'an unroutable message without mandatory is dropped and confirmed': async (s) => [
    await s.publish('', 'missing'),
    await s.publish('amq.topic', 'nobody'),
    await s.takeReturned(),
  ],
  'a mandatory message that is refused or expires at once is not returned': async (s) => {
    await s.queue('full', { maxLength: 0, overflow: 'reject-publish' });
    await s.queue('brief', { messageTtl: 0 });
    return [
      await s.publish('', 'full', 'm', { mandatory: true }),
      await s.publish('', 'brief', 'm', { mandatory: true }),
      await s.takeReturned(),
    ];
  },
  'five hundred publishes are confirmed': async (s) => {
    await s.queue('q');
    const confirms = await Promise.all(Array.from({ length: 500 }, (_, index) => s.publish('', 'q', `${index}`)));
    return [confirms.filter((confirm) => confirm === 'ack').length, await s.depth('q')];
  },
  'confirms of refused and accepted publishes keep apart': async (s) => {
    await s.queue('q', { maxLength: 3, overflow: 'reject-publish' });
    return Promise.all(Array.from({ length: 6 }, (_, index) => s.publish('', 'q', `${index}`)));
  },
  'all properties arrive as sent': async (s) => {
    await s.queue('q');
    await s.publish('', 'q', 'm', {
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      deliveryMode: 2,
      priority: 3,
      correlationId: 'c',
      replyTo: 'r',
      messageId: 'm',
      timestamp: 1_700_000_000,
      type: 't',
      appId: 'a',
      userId: 'guest',
      headers: {
        text: 'str',
        small: 1,
        big: 2 ** 40,
        negative: -5,
        half: 1.5,
        flag: true,
        nothing: null as never,
        list: [1, 'a', { b: [true] }] as never,
        table: { n: { m: 1 } },
        stamp: { '!': 'timestamp', value: 5 },
        bytes: Buffer.from([0, 255]) as never,
        typed: { '!': 'int16', value: 7 } as never,
        Ünïcode: 'ключ',
      },
    });
    return s.take('q');
  },
  'a user id must be the user’s own': async (s) => {
    await s.queue('q');
    return s.attemptApart((channel) => s.publishQuietly(channel, '', 'q', { userId: 'somebody' }));
  },
  'bodies of a megabyte and of nothing arrive': async (s) => {
    await s.queue('q');
    const large = Buffer.alloc(1 << 20, 'tapline');
    await s.publish('', 'q', large);
    await s.publish('', 'q', '');
    const first = await s.main.get('q', { noAck: true });
    const second = await s.main.get('q', { noAck: true });
    return [first ? first.content.equals(large) : 'nothing', second ? second.content.length : 'nothing'];
  },
  'a body above the maximum is refused': async (s) => {
    await s.queue('q');
    return s.attemptApart((channel) => s.publishQuietly(channel, '', 'q', {}, 'x'.repeat(17 * 1024 * 1024)));
  },
  'bodies at the edge of a frame arrive': async (s) => {
    await s.queue('q');
    const sizes = [131_063, 131_064, 131_065, 262_128, 262_129];
    for (const size of sizes) await s.publish('', 'q', Buffer.alloc(size, 1));
    const got: number[] = [];
    for (const _ of sizes) {
      const message = await s.main.get('q', { noAck: true });
      got.push(message ? message.content.length : -1);
    }
    return got;
  },
  'a small frame size agreed on splits bodies': async (s) => {
    await s.queue('q');
    const channel = await s.channel(await s.connection('?frameMax=4096'));
    const body = Buffer.alloc(50_000, 'frame');
    await s.publish('', 'q', body, {}, channel);
    const got = await channel.get('q', { noAck: true });
    return got ? got.content.equals(body) : 'nothing';
  },
  'a direct reply reaches the asker': async (s) => {
    await s.queue('questions');
    const server = await s.channel(await s.connection());
    await s.consume('questions', { noAck: true }, server, (message) => {
      const { replyTo, correlationId } = message.properties;
      server.sendToQueue(String(replyTo), Buffer.from(`re: ${message.content}`), { correlationId });
    });
    const replies = await s.consume('amq.rabbitmq.reply-to', { noAck: true });
    await s.publish('', 'questions', 'hi', { replyTo: 'amq.rabbitmq.reply-to', correlationId: '7' });
    await s.until('the reply arrives', () => replies.messages.length > 0);
    const [reply] = replies.messages;
    return {
      body: reply?.content.toString(),
      correlationId: reply?.properties.correlationId,
      exchange: reply?.fields.exchange,
      isOwnKey: reply?.fields.routingKey.startsWith('amq.rabbitmq.reply-to.'),
    };
  },
  'direct replies need a consumer without acknowledgement, one a channel, before asking': async (s) => {
    await s.queue('q');
    const options = { replyTo: 'amq.rabbitmq.reply-to' };
    return [
      await s.attemptApart((channel) => channel.consume('amq.rabbitmq.reply-to', () => {})),
      await s.attemptApart((channel) => s.publishQuietly(channel, '', 'q', options)),
      await s.attemptApart(async (channel) => {
        await channel.consume('amq.rabbitmq.reply-to', () => {}, { noAck: true });
        await channel.consume('amq.rabbitmq.reply-to', () => {}, { noAck: true });
      }),
    ];
  },
  'a reply to nobody is dropped, or returned if mandatory': async (s) => {
    const key = 'amq.rabbitmq.reply-to.nobody';
    return [await s.publish('', key), await s.publish('', key, 'm', { mandatory: true }), await s.takeReturned()];
  },
  'the reply queue can be declared and checked': async (s) => [
    await s.attemptApart((channel) => channel.assertQueue('amq.rabbitmq.reply-to')),
    await s.attemptApart((channel) => channel.checkQueue('amq.rabbitmq.reply-to')),
    await s.attemptApart((channel) => channel.checkQueue('amq.rabbitmq.reply-to.nobody')),
  ],
  'after a channel error the other channels live on': async (s) => {
    await s.queue('q');
    const failed = await s.attemptApart((channel) => channel.checkQueue('missing'));
    return [failed, await s.publish('', 'q', 'alive'), await s.bodies('q')];
  },
  'publishes after a refusal are dropped': async (s) => {
    await s.queue('q');
    const refused = await s.attemptApart((channel) => {
      s.publishQuietly(channel, '', 'q', {}, 'before');
      s.publishQuietly(channel, 'missing');
      s.publishQuietly(channel, '', 'q', {}, 'after');
    });
    return [refused, await s.bodies('q')];
  },
});
