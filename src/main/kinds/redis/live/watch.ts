import type { Flow } from '@shared/flow/schema';
import { isStream, streamOfGroup } from '@shared/kinds/redis/resolve';
import type { Redis } from 'ioredis';
import type { Closable, WatchBroker, WatchRequest } from '../../live';
import { readFields, readGroups } from '../inspect';
import { superviseRedis } from './supervise';
import { openTap } from './tap';

/** Between two readings of lengths, lags and debts. */
const POLL_MS = 1000;

/**
 * Watches what is drawn: streams and groups by asking once a second (`XINFO`), with a tap also by reading along: plain `XREAD` on
 * streams, which changes nothing, and subscriptions to exactly the channels and patterns drawn.
 */
export const watchRedis: WatchBroker = async (target, request) => {
  const { sink, broker } = request;
  const redis = await superviseRedis(target, { purpose: 'watch', onStatus: (status) => sink.status(broker, status) });
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let tap: Closable | undefined;
  let lastTrouble: string | undefined;
  const base = new Map<string, number>();

  async function poll(): Promise<void> {
    try {
      await readNumbers(redis, request, base);
      lastTrouble = undefined;
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      if (!isClosed && sentence !== lastTrouble) sink.notice('warning', `Watching Redis: ${sentence}`);
      lastTrouble = sentence;
    }
    if (!isClosed) timer = setTimeout(() => void poll(), POLL_MS);
  }

  try {
    await poll();
    // In a sandbox nobody else pays for it.
    if (request.mode === 'tap' || target.isSandbox) tap = await openTap(target, request);
    else sink.taps(broker, []);
  } catch (error) {
    isClosed = true;
    clearTimeout(timer);
    redis.disconnect();
    throw error;
  }
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
      redis.disconnect();
      await tap?.close();
    },
  };
};

async function readNumbers(
  redis: Redis,
  { flow, broker, sink }: WatchRequest,
  base: Map<string, number>,
): Promise<void> {
  const drawn = flow();
  const ours = Object.entries(drawn.nodes).filter(([, node]) => node.broker === broker);
  const channels = ours.filter(([, node]) => node.type === 'redis.channel');
  await Promise.all([
    ...ours
      .filter(([, node]) => isStream(node))
      .map(([id, { name }]) => readStreamNumbers(redis, drawn, { id, name, sink, base })),
    readListeners(
      redis,
      channels.map(([id, { name }]) => ({ id, name })),
      sink,
    ),
  ]);
}

async function readStreamNumbers(
  redis: Redis,
  flow: Flow,
  { id, name, sink, base }: { id: string; name: string; sink: WatchRequest['sink']; base: Map<string, number> },
): Promise<void> {
  if ((await redis.type(name)) !== 'stream') {
    sink.set({ node: id }, 'ready', 0, 'broker');
    return;
  }
  const [info, groups] = await Promise.all([redis.xinfo('STREAM', name), redis.xinfo('GROUPS', name)]);
  const fields = readFields(info);
  sink.set({ node: id }, 'ready', Number(fields['length']), 'broker');
  const added = fields['entries-added'];
  if (typeof added === 'number') {
    // A stream that was deleted and made anew counts from 0.
    const before = base.get(id);
    if (before === undefined || before > added) base.set(id, added);
    sink.set(
      { node: id },
      'publishIn',
      added - (base.get(id) ?? added),
      'broker',
      before !== undefined && before > added ? 'atLeast' : 'exact',
    );
  }
  const found = readGroups(groups);
  for (const [groupId, node] of Object.entries(flow.nodes)) {
    if (node.type !== 'redis.group' || streamOfGroup(flow, groupId) !== id) continue;
    const group = found.find((one) => one.name === node.name);
    if (!group) continue;
    sink.set({ node: groupId }, 'ready', group.lag, 'broker', group.lag === null ? 'unknown' : 'exact');
    sink.set({ node: groupId }, 'unacked', group.pending, 'broker');
    sink.set({ node: groupId }, 'consumers', group.consumers, 'broker');
  }
}

/** Subscriptions by name; how many listen through patterns Redis does not tell. */
async function readListeners(
  redis: Redis,
  channels: { id: string; name: string }[],
  sink: WatchRequest['sink'],
): Promise<void> {
  if (channels.length === 0) return;
  const counts = (await redis.pubsub('NUMSUB', ...channels.map(({ name }) => name))) as (string | number)[];
  for (const [index, { id }] of channels.entries()) {
    sink.set({ node: id }, 'consumers', Number(counts[2 * index + 1]), 'broker');
  }
}
