import { FRAME_BODY, FRAME_HEADER, FRAME_HEARTBEAT, FRAME_METHOD } from '@main/sandbox/rabbitmq/codec/fields';
import { encodeMethod } from '@main/sandbox/rabbitmq/codec/methods';
import { theme } from './behaviour';
import { contentHeader, frame, type Handshaking, RawClient } from './raw-client';
import type { Session } from './session';

type Talk = (client: RawClient) => unknown;

/**
 * What an open client with channel 1 is told when it does `talk`; `accepted` when a round trip on the channel follows
 * without a complaint. A message begun and not ended makes that round trip the complaint.
 */
async function told(s: Session, talk: Talk, handshaking: Handshaking = {}) {
  const andRoundTrip: Talk = async (client) => {
    await talk(client);
    client.send(1, 'channel.flow', { active: true });
  };
  return closed(s, andRoundTrip, handshaking);
}

/** How the server ends what an open client with channel 1 does, which it must. */
async function closed(s: Session, talk: Talk, handshaking: Handshaking = {}) {
  const client = await RawClient.open(s.target, handshaking);
  try {
    await talk(client);
    const answer = await client.farewell();
    return typeof answer === 'string' ? answer : { ...answer, text: answer.text.replaceAll(s.target.vhost, 'v') };
  } finally {
    client.end();
  }
}

/** How a handshake ends. */
async function shaken(s: Session, handshaking: Handshaking) {
  const client = await RawClient.dial(s.target);
  try {
    await client.shakeHands(handshaking);
    client.send(1, 'channel.open', {});
    const answer = await client.next();
    if (answer === 'closed') return answer;
    if (answer.name === 'connection.close') {
      const { replyCode, replyText, classId, methodId } = answer.args;
      return { code: replyCode, text: replyText.replaceAll(s.target.vhost, 'v'), classId, methodId };
    }
    return answer.name;
  } finally {
    client.end();
  }
}

const PUBLISH = { exchange: '', routingKey: 'q', mandatory: false, immediate: false };
const beginPublish = () => encodeMethod(1, 'basic.publish', PUBLISH);
const method = (classId: number, methodId: number, ...rest: number[]) =>
  Buffer.from([classId >> 8, classId & 255, methodId >> 8, methodId & 255, ...rest]);

export const wire = theme('wire', {
  'another protocol is answered with the right header': async (s) => {
    const client = await RawClient.dial(s.target);
    client.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    const answer = await client.next();
    return [answer, client.unread];
  },
  'wrong credentials are refused': (s) => shaken(s, { password: 'wrong' }),
  'wrong credentials close in silence for clients that cannot be told': (s) =>
    shaken(s, { password: 'wrong', capabilities: {} }),
  'an unknown mechanism is refused': (s) => shaken(s, { mechanism: 'SECRET' }),
  'a missing vhost is refused': (s) => shaken(s, { vhost: 'no such vhost' }),
  'a frame size below the minimum is refused': (s) => shaken(s, { tune: { frameMax: 100 } }),
  'a frame size above what was offered is refused': (s) => shaken(s, { tune: { frameMax: 500_000 } }),
  'a channel maximum above what was offered is refused': (s) => shaken(s, { tune: { channelMax: 60_000 } }),
  'a frame size of 0 is taken': (s) => shaken(s, { tune: { frameMax: 0 } }),
  'the server offers sizes and heartbeat': async (s) => {
    const client = await RawClient.dial(s.target);
    client.write(Buffer.from('AMQP\0\0\x09\x01', 'latin1'));
    const start = await client.expect('connection.start');
    client.send(0, 'connection.start-ok', {
      clientProperties: {},
      mechanism: 'PLAIN',
      response: Buffer.from('\0guest\0guest'),
      locale: 'en_US',
    });
    const tune = await client.expect('connection.tune');
    client.end();
    return { capabilities: start.serverProperties.capabilities, locales: start.locales.toString(), tune };
  },
  'AMQPLAIN is taken': async (s) => {
    const client = await RawClient.dial(s.target);
    client.write(Buffer.from('AMQP\0\0\x09\x01', 'latin1'));
    await client.expect('connection.start');
    const entry = (name: string, value: string) =>
      Buffer.concat([
        Buffer.of(name.length),
        Buffer.from(name),
        Buffer.from('S'),
        Buffer.of(0, 0, 0, value.length),
        Buffer.from(value),
      ]);
    client.send(0, 'connection.start-ok', {
      clientProperties: {},
      mechanism: 'AMQPLAIN',
      response: Buffer.concat([entry('LOGIN', 'guest'), entry('PASSWORD', 'guest')]),
      locale: 'en_US',
    });
    const answer = await client.next();
    client.end();
    return answer === 'closed' ? answer : answer.name;
  },
  'heartbeats are sent when agreed on': async (s) => {
    const client = await RawClient.open(s.target, { tune: { heartbeat: 1 } });
    client.write(frame(FRAME_HEARTBEAT, 0, Buffer.alloc(0)));
    client.send(1, 'channel.flow', { active: true });
    const answer = await client.expect('channel.flow-ok');
    client.end();
    return answer;
  },
  'a mute client is cut off after its heartbeat': async (s) => {
    const client = await RawClient.open(s.target, { tune: { heartbeat: 1 } });
    return client.next();
  },
  'bytes that come one by one are understood': async (s) => {
    const client = await RawClient.open(s.target);
    for (const byte of encodeMethod(1, 'channel.flow', { active: true })) client.write(Buffer.of(byte));
    const answer = await client.expect('channel.flow-ok');
    client.end();
    return answer;
  },
  'transactions publish on commit and forget on rollback': async (s) => {
    await s.queue('q');
    const client = await RawClient.open(s.target);
    await client.call('tx.select', {}, 'tx.select-ok');
    const depths: number[] = [];
    client.publish('q', '1');
    await client.call('channel.flow', { active: true }, 'channel.flow-ok');
    depths.push(await s.depth('q'));
    await client.call('tx.commit', {}, 'tx.commit-ok');
    depths.push(await s.depth('q'));
    client.publish('q', '2');
    await client.call('tx.rollback', {}, 'tx.rollback-ok');
    depths.push(await s.depth('q'));
    client.end();
    return [depths, await s.bodies('q')];
  },
  'a rolled back acknowledgement can be given again': async (s) => {
    await s.queue('q');
    await s.send('q', '1');
    const client = await RawClient.open(s.target);
    await client.call('tx.select', {}, 'tx.select-ok');
    client.send(1, 'basic.get', { queue: 'q', noAck: false });
    const { deliveryTag } = await client.expect('basic.get-ok');
    await client.next();
    await client.next();
    client.send(1, 'basic.ack', { deliveryTag, multiple: false });
    await client.call('tx.rollback', {}, 'tx.rollback-ok');
    client.send(1, 'basic.nack', { deliveryTag, multiple: false, requeue: true });
    await client.call('tx.commit', {}, 'tx.commit-ok');
    await s.untilDepth('q', 1);
    client.end();
    return s.take('q');
  },
  'an acknowledgement in a transaction waits for commit': async (s) => {
    await s.queue('q');
    await s.send('q', '1');
    const client = await RawClient.open(s.target);
    await client.call('tx.select', {}, 'tx.select-ok');
    client.send(1, 'basic.get', { queue: 'q', noAck: false });
    const { deliveryTag } = await client.expect('basic.get-ok');
    client.send(1, 'basic.ack', { deliveryTag, multiple: false });
    client.end();
    await s.untilDepth('q', 1);
    return s.take('q');
  },
  'transactions and confirms exclude each other': async (s) => [
    await told(s, async (client) => {
      await client.call('tx.select', {}, 'tx.select-ok');
      client.send(1, 'confirm.select', { noWait: false });
    }),
    await told(s, async (client) => {
      await client.call('confirm.select', { noWait: false }, 'confirm.select-ok');
      client.send(1, 'tx.select', {});
    }),
    await told(s, (client) => client.send(1, 'tx.commit', {})),
    await told(s, (client) => client.send(1, 'tx.rollback', {})),
  ],
  'methods that ask for no answer get none': async (s) => {
    const client = await RawClient.open(s.target);
    const declared = { passive: false, durable: false, autoDelete: false, noWait: true, arguments: {} };
    client.send(1, 'queue.declare', { queue: s.owns('queue', 'q'), exclusive: false, ...declared });
    client.send(1, 'exchange.declare', {
      exchange: s.owns('exchange', 'x'),
      type: 'direct',
      internal: false,
      ...declared,
    });
    const bound = { routingKey: 'k', noWait: true, arguments: {} };
    client.send(1, 'queue.bind', { queue: 'q', exchange: 'x', ...bound });
    client.send(1, 'exchange.bind', { destination: 'x', source: 'amq.topic', ...bound });
    client.send(1, 'exchange.unbind', { destination: 'x', source: 'amq.topic', ...bound });
    const consumer = { queue: 'q', consumerTag: 't', noLocal: false, noAck: true, exclusive: false, arguments: {} };
    client.send(1, 'basic.consume', { ...consumer, noWait: true });
    client.send(1, 'basic.cancel', { consumerTag: 't', noWait: true });
    client.send(1, 'queue.purge', { queue: 'q', noWait: true });
    client.send(1, 'confirm.select', { noWait: true });
    client.send(1, 'queue.delete', { queue: 'q', ifUnused: false, ifEmpty: false, noWait: true });
    client.send(1, 'exchange.delete', { exchange: 'x', ifUnused: false, noWait: true });
    client.send(1, 'channel.flow', { active: true });
    const answer = await client.next();
    client.end();
    return answer === 'closed' ? answer : answer.name;
  },
  'a refusal without an answer asked for still closes': (s) =>
    told(s, (client) =>
      client.send(1, 'queue.bind', { queue: 'nope', exchange: 'nope', routingKey: '', noWait: true, arguments: {} }),
    ),
  'what RabbitMQ has not is not implemented': async (s) => [
    await told(s, (client) => client.send(1, 'channel.flow', { active: false })),
    await told(s, (client) => client.send(1, 'basic.qos', { prefetchSize: 10, prefetchCount: 0, global: false })),
    await told(s, (client) => client.send(1, 'basic.recover', { requeue: false })),
    await told(s, (client) => client.send(1, 'basic.recover-async', { requeue: false })),
    await told(s, (client) => {
      client.send(1, 'basic.publish', { ...PUBLISH, immediate: true });
      client.write(frame(FRAME_HEADER, 1, contentHeader(0)));
    }),
  ],
  'unknown methods and classes are refused': async (s) => [
    await told(s, (client) => client.write(frame(FRAME_METHOD, 1, method(60, 999)))),
    await told(s, (client) => client.write(frame(FRAME_METHOD, 1, method(999, 10)))),
    await told(s, (client) => client.write(frame(FRAME_METHOD, 0, method(10, 99)))),
  ],
  'methods that only servers send are refused': async (s) => [
    await told(s, (client) => client.send(1, 'queue.declare-ok', { queue: 'q', messageCount: 0, consumerCount: 0 })),
    await told(s, (client) => client.send(1, 'channel.open-ok', {})),
    await told(s, (client) => client.send(1, 'basic.get-empty', {})),
    await told(s, (client) => client.send(0, 'connection.open-ok', {})),
  ],
  'methods on the wrong channel are refused': async (s) => [
    await closed(s, (client) => client.send(7, 'channel.flow', { active: true })),
    await closed(s, (client) => {
      client.send(7, 'basic.publish', PUBLISH);
      client.write(frame(FRAME_HEADER, 7, contentHeader(0)));
    }),
    await closed(s, (client) => client.send(0, 'channel.open', {})),
    await closed(s, (client) => client.send(0, 'queue.purge', { queue: 'q', noWait: false })),
    await closed(s, (client) => client.send(1, 'connection.open', { virtualHost: '/' })),
    await closed(s, (client) => client.send(0, 'connection.open', { virtualHost: '/' })),
  ],
  'opening a channel twice is refused': (s) => told(s, (client) => client.send(1, 'channel.open', {})),
  'opening a channel beyond the maximum is refused': (s) =>
    closed(
      s,
      (client) => {
        for (let channel = 2; channel <= 6; channel++) client.send(channel + 10, 'channel.open', {});
      },
      { tune: { channelMax: 5 } },
    ),
  'content without a method is refused': async (s) => [
    await told(s, (client) => client.write(frame(FRAME_HEADER, 1, contentHeader(3)))),
    await told(s, (client) => client.write(frame(FRAME_BODY, 1, Buffer.from('abc')))),
    await told(s, (client) => client.write(frame(FRAME_HEADER, 0, contentHeader(3)))),
    await told(s, (client) => client.write(frame(FRAME_HEADER, 9, contentHeader(3)))),
  ],
  'frames in the wrong order are refused': async (s) => [
    await told(s, (client) => client.write(Buffer.concat([beginPublish(), beginPublish()]))),
    await told(s, (client) => client.write(Buffer.concat([beginPublish(), frame(FRAME_BODY, 1, Buffer.from('abc'))]))),
    await told(s, (client) =>
      client.write(
        Buffer.concat([
          beginPublish(),
          frame(FRAME_HEADER, 1, contentHeader(3)),
          frame(FRAME_HEADER, 1, contentHeader(3)),
        ]),
      ),
    ),
    await told(s, (client) =>
      client.write(Buffer.concat([beginPublish(), frame(FRAME_HEADER, 1, contentHeader(3)), beginPublish()])),
    ),
    await told(s, (client) =>
      client.write(
        Buffer.concat([
          beginPublish(),
          frame(FRAME_HEADER, 1, contentHeader(3)),
          frame(FRAME_BODY, 1, Buffer.from('abcd')),
        ]),
      ),
    ),
    await told(s, (client) =>
      client.write(Buffer.concat([beginPublish(), frame(FRAME_HEADER, 1, contentHeader(3, undefined, 50))])),
    ),
  ],
  'a frame without its end octet is refused': (s) =>
    told(s, (client) => {
      const bytes = encodeMethod(1, 'channel.flow', { active: true });
      bytes[bytes.length - 1] = 0;
      client.write(bytes);
    }),
  'an unknown frame type is refused': async (s) => [
    await told(s, (client) => client.write(frame(4, 1, Buffer.from('abc')))),
    await told(s, (client) => client.write(frame(200, 0, Buffer.from('abc')))),
  ],
  'a frame above the size agreed on is refused': (s) =>
    told(s, (client) => client.write(frame(FRAME_BODY, 1, Buffer.alloc(140_000)))),
  'arguments cut short are refused': async (s) => [
    await told(s, (client) => client.write(frame(FRAME_METHOD, 1, method(50, 10, 0, 0)))),
    await told(s, (client) => client.write(frame(FRAME_METHOD, 1, method(60, 80, 0)))),
    await told(s, (client) => client.write(frame(FRAME_METHOD, 1, Buffer.from([0, 60])))),
    await told(s, (client) => client.write(frame(FRAME_METHOD, 1, method(60, 80, 97, 98, 99)))),
    await told(s, (client) => client.write(frame(FRAME_METHOD, 1, method(20, 20, 1, 1)))),
    await told(s, (client) => client.write(frame(FRAME_METHOD, 1, Buffer.alloc(0)))),
  ],
  'a heartbeat with content is refused or ignored': (s) =>
    told(s, (client) => {
      client.write(frame(FRAME_HEARTBEAT, 0, Buffer.from('abc')));
      client.send(1, 'channel.open', {});
    }),
  'a broken table in a declaration is refused': (s) =>
    told(s, (client) => {
      const bytes = encodeMethod(1, 'queue.declare', {
        queue: 'q',
        passive: false,
        durable: false,
        exclusive: false,
        autoDelete: false,
        noWait: false,
        arguments: { a: 'text' },
      });
      bytes[bytes.length - 10] = 0x7a; // the type tag of the value: no such type
      client.write(bytes);
    }),
  'an announced body above the maximum is refused': (s) =>
    told(s, (client) => client.write(Buffer.concat([beginPublish(), frame(FRAME_HEADER, 1, contentHeader(2 ** 40))]))),
  'channel and connection close in turn': async (s) => {
    const client = await RawClient.open(s.target);
    client.send(1, 'channel.close', { replyCode: 200, replyText: 'bye', classId: 0, methodId: 0 });
    await client.expect('channel.close-ok');
    client.send(1, 'channel.open', {});
    await client.expect('channel.open-ok');
    client.send(0, 'connection.close', { replyCode: 200, replyText: 'bye', classId: 0, methodId: 0 });
    await client.expect('connection.close-ok');
    client.end();
    return 'closed in turn';
  },
});
