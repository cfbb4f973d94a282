import type { Redis } from 'ioredis';
import type { ConnectionTarget } from '../../driver';
import type { Closable, ConsumeRequest, TrafficRequest } from '../../live';
import type { HandledMessage } from '../../message';
import type { RedisConsumeEnd } from './ends';
import { createReporter } from './report';
import { superviseRedis } from './supervise';

type SubscribeEnd = Extract<RedisConsumeEnd, { type: 'channel' | 'pattern' }>;

/** Messages held while the handler is busy; a channel has no memory, so those beyond are lost, and counted. */
const MAX_WAITING = 10_000;

/** Listens for a handler, on a connection of its own. Nothing can be given back: a message that fails is gone, and told so. */
export async function subscribe(
  target: ConnectionTarget,
  traffic: TrafficRequest,
  request: ConsumeRequest,
  end: SubscribeEnd,
): Promise<Closable> {
  const report = createReporter(traffic, request.link, end);
  const waiting: { channel: string; body: Buffer }[] = [];
  let active = 0;
  let isClosing = false;
  let onIdle: () => void = () => {};
  const redis: Redis = await superviseRedis(target, {
    purpose: 'subscribe',
    onStatus: (status) => traffic.sink.status(traffic.broker, status),
    onReconnected: () => {
      report.gap(['delivered']);
      traffic.sink.notice(
        'warning',
        `What was published to “${nameOf(end)}” while the connection was lost was not heard.`,
        end.node,
      );
    },
  });

  const handle = async (channel: string, body: Buffer): Promise<void> => {
    report.count('delivered');
    report.tell('delivered', { queue: channel, body });
    const message: HandledMessage = {
      source: channel,
      routingKey: channel,
      headers: {},
      properties: {},
      body,
      attempt: 1,
      redelivered: false,
    };
    const handling = await request.handle(message);
    if (handling.outcome === 'done') {
      report.count('acked');
      return report.tell('acked', { queue: channel, body });
    }
    const reason = handling.outcome === 'failed' ? handling.reason : 'It was interrupted.';
    report.count('failed');
    report.tell('failed', { queue: channel, body, reason: `${reason} A channel keeps nothing: the message is lost.` });
  };

  const work = () => {
    while (active < request.concurrency) {
      const next = waiting.shift();
      if (!next) return;
      active += 1;
      void handle(next.channel, next.body).finally(() => {
        active -= 1;
        work();
        if (active === 0 && waiting.length === 0) onIdle();
      });
    }
  };
  const take = (channel: Buffer, body: Buffer) => {
    if (isClosing) return;
    if (waiting.length < MAX_WAITING) {
      waiting.push({ channel: channel.toString(), body });
      return work();
    }
    report.count('delivered');
    report.count('failed');
    report.tell('failed', {
      queue: channel.toString(),
      body,
      reason: `The handler is ${MAX_WAITING.toLocaleString('en')} messages behind: this one is lost.`,
    });
  };
  if (end.type === 'channel') {
    redis.on('messageBuffer', take);
    await redis.subscribe(end.channel);
  } else {
    redis.on('pmessageBuffer', (_pattern: unknown, channel: Buffer, body: Buffer) => take(channel, body));
    await redis.psubscribe(end.pattern);
  }
  return {
    async close() {
      isClosing = true;
      redis.disconnect();
      if (active > 0 || waiting.length > 0) await new Promise<void>((resolve) => (onIdle = resolve));
    },
  };
}

const nameOf = (end: SubscribeEnd) => (end.type === 'channel' ? end.channel : end.pattern);
