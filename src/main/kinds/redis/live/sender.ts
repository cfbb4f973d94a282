import type { Phase } from '@shared/traffic/event';
import type { Redis } from 'ioredis';
import type { OpenSender, TrafficRequest } from '../../live';
import type { OutgoingMessage, SendResult } from '../../message';
import { showBody } from '../../message-details';
import { toFields } from '../entry';
import { publishEnd, type RedisPublishEnd } from './ends';
import { superviseRedis } from './supervise';

/** Messages on the way at most, before the sender is asked to wait. */
const MAX_UNANSWERED = 1000;

/** Publishes to channels and adds to streams, many commands a round trip. What had no answer when the connection broke is sent again. */
export const openSender: OpenSender = async (target, request) => {
  const redis = await superviseRedis(target, {
    purpose: 'publish',
    onStatus: (status) => request.sink.status(request.broker, status),
    options: { enableAutoPipelining: true },
  });
  let unanswered = 0;
  let waiting: (() => void)[] = [];
  let isClosed = false;

  const answered = () => {
    unanswered -= 1;
    if (unanswered >= MAX_UNANSWERED) return;
    const ready = waiting;
    waiting = [];
    for (const go of ready) go();
  };

  return {
    room: () => (unanswered < MAX_UNANSWERED || isClosed ? undefined : new Promise((resolve) => waiting.push(resolve))),
    async send(link, message) {
      const end = publishEnd(request.flow(), link);
      if (!end) return { state: 'failed', reason: 'Its publish link leads nowhere.' };
      const { count, tell } = reporter(request, link, end, message);
      unanswered += 1;
      count('published');
      tell('published');
      const result = await deliver(redis, end, message).finally(answered);
      if (result.state === 'failed') count('failed');
      else count('confirmed');
      if (result.state === 'returned') count('returned');
      if (result.state !== 'confirmed') tell(result.state, result.reason);
      return result;
    },
    async close() {
      isClosed = true;
      for (const go of waiting) go();
      // Commands that had no answer reject, and are told as failed.
      redis.disconnect();
    },
  };
};

async function deliver(redis: Redis, end: RedisPublishEnd, message: OutgoingMessage): Promise<SendResult> {
  try {
    if (end.type === 'channel') {
      const receivers = await redis.publish(end.channel, message.body);
      return receivers > 0
        ? { state: 'confirmed' }
        : { state: 'returned', reason: `Nobody listened to “${end.channel}”.` };
    }
    await redis.xadd(end.stream, ...trimArguments(end.trim), '*', ...toFields(message));
    return { state: 'confirmed' };
  } catch (error) {
    return { state: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

function trimArguments(trim: Extract<RedisPublishEnd, { type: 'stream' }>['trim']): string[] {
  switch (trim.by) {
    case 'none':
      return [];
    case 'length':
      return ['MAXLEN', '~', String(trim.entries)];
    case 'age':
      return ['MINID', '~', String(Date.now() - Math.round(trim.seconds * 1000))];
    default:
      return trim satisfies never;
  }
}

function reporter(request: TrafficRequest, link: string, end: RedisPublishEnd, message: OutgoingMessage) {
  const { sink } = request;
  const { messageId } = message.properties;
  return {
    count(name: 'published' | 'confirmed' | 'returned' | 'failed') {
      sink.add({ node: end.node }, name, 1, 'own');
      sink.add({ link }, name, 1, 'own');
    },
    tell(phase: Phase, reason?: string) {
      sink.event({
        at: Date.now(),
        node: end.node,
        link,
        phase,
        queue: end.type === 'channel' ? end.channel : end.stream,
        routingKey: message.routingKey,
        sizeBytes: message.body.length,
        ...(messageId === undefined || end.type === 'channel' ? {} : { messageId }),
        ...(reason === undefined ? {} : { reason }),
        details: () => ({
          body: showBody(message.body, request.maskBodies()),
          // A channel carries nothing but the body.
          headers: end.type === 'channel' ? {} : message.headers,
        }),
      });
    },
  };
}
