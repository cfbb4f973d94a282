import { isStream } from '@shared/kinds/redis/resolve';
import type { TapReport } from '@shared/traffic/frame';
import type { Redis } from 'ioredis';
import type { ConnectionTarget } from '../../driver';
import type { Closable, WatchRequest } from '../../live';
import { showBody } from '../../message-details';
import { fromFields } from '../entry';
import { readFields } from '../inspect';
import { superviseRedis } from './supervise';

const BLOCK_MS = 500;
const COUNT = 1000;

/** Reads along with the streams, channels and patterns drawn. Nothing is consumed; subscribing to a channel adds one to what `PUBLISH` answers. */
export async function openTap(target: ConnectionTarget, request: WatchRequest): Promise<Closable> {
  const { flow, broker, sink } = request;
  const drawn = Object.entries(flow().nodes).filter(([, node]) => node.broker === broker);
  const streams = drawn
    .filter(([, node]) => isStream(node))
    .map(([id, node]) => ({ id, key: node.name, isDead: node.type === 'redis.dead-stream' }));
  const channels = new Map(
    drawn.filter(([, node]) => node.type === 'redis.channel').map(([id, { name }]) => [name, id]),
  );
  const patterns = new Map(
    drawn.filter(([, node]) => node.type === 'redis.pattern').map(([id, { name }]) => [name, id]),
  );
  const open: Redis[] = [];
  const loops: Promise<void>[] = [];
  let isClosed = false;

  const tell = (
    node: string,
    phase: 'published' | 'dead-lettered',
    queue: string,
    body: Buffer,
    rest: Partial<ReturnType<typeof fromFields>> & { reason?: string } = {},
  ) => {
    sink.add({ node }, phase === 'published' ? 'published' : 'deadLettered', 1, 'tap');
    const { messageId, routingKey, headers, properties, reason } = rest;
    sink.event({
      at: Date.now(),
      node,
      phase,
      queue,
      sizeBytes: body.length,
      ...(messageId === undefined ? {} : { messageId }),
      ...(routingKey === undefined ? {} : { routingKey }),
      ...(reason === undefined ? {} : { reason }),
      details: () => ({
        body: showBody(body, request.maskBodies()),
        ...(headers ? { headers } : {}),
        ...(properties ? { properties } : {}),
      }),
    });
  };

  if (channels.size + patterns.size > 0) {
    const listener = await superviseRedis(target, {
      purpose: 'tap',
      onReconnected: () => {
        for (const node of [...channels.values(), ...patterns.values()]) sink.gap({ node }, ['published']);
      },
    });
    open.push(listener);
    listener.on('messageBuffer', (channel: Buffer, body: Buffer) => {
      const node = channels.get(channel.toString());
      if (node !== undefined) tell(node, 'published', channel.toString(), body);
    });
    listener.on('pmessageBuffer', (pattern: Buffer | string, channel: Buffer, body: Buffer) => {
      const node = patterns.get(pattern.toString());
      if (node !== undefined) tell(node, 'published', channel.toString(), body);
    });
    if (channels.size > 0) await listener.subscribe(...channels.keys());
    if (patterns.size > 0) await listener.psubscribe(...patterns.keys());
  }

  if (streams.length > 0) {
    const reader = await superviseRedis(target, { purpose: 'tap' });
    open.push(reader);
    const last = new Map<string, string>();
    for (const { key } of streams) last.set(key, await lastId(reader, key));
    loops.push(readAlong());

    async function readAlong(): Promise<void> {
      while (!isClosed) {
        try {
          const keys = [...last.keys()];
          const reply = await reader.callBuffer(
            'xread',
            'COUNT',
            COUNT,
            'BLOCK',
            BLOCK_MS,
            'STREAMS',
            ...keys,
            ...last.values(),
          );
          for (const [key, entries] of (reply ?? []) as [Buffer, [Buffer, Buffer[]][]][]) {
            const stream = streams.find((one) => one.key === key.toString());
            if (!stream) continue;
            for (const [id, fields] of entries) {
              last.set(stream.key, id.toString());
              const message = fromFields(fields);
              const reason = message.headers['x-reason'];
              tell(stream.id, stream.isDead ? 'dead-lettered' : 'published', stream.key, message.body, {
                ...message,
                ...(typeof reason === 'string' ? { reason } : {}),
              });
            }
          }
        } catch (error) {
          if (isClosed) return;
          sink.notice('warning', `Reading along: ${error instanceof Error ? error.message : String(error)}`);
          await new Promise((resolve) => setTimeout(resolve, BLOCK_MS));
        }
      }
    }
  }

  const reports: TapReport[] = [
    ...streams.map(({ id }) => ({ node: id, tapped: true })),
    ...[...channels.values(), ...patterns.values()].map((node) => ({
      node,
      tapped: true,
      reason: 'Who else got a message cannot be seen; PUBLISH answers one receiver more while Tapline listens.',
    })),
  ];
  sink.taps(broker, reports);
  return {
    async close() {
      isClosed = true;
      for (const redis of open) redis.disconnect();
      await Promise.all(loops);
      sink.taps(broker, []);
    },
  };
}

/** Where reading along begins: after what is there now. */
async function lastId(redis: Redis, key: string): Promise<string> {
  if ((await redis.type(key)) !== 'stream') return '0-0';
  return String(readFields(await redis.xinfo('STREAM', key))['last-generated-id']);
}
