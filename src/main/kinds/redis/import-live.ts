import { drawRedis, mergeRedis } from '@shared/kinds/redis/import';
import type { ConnectionTarget, Importer, LiveImportRequest } from '../driver';
import { withRedis } from './connect';
import { inspectKeys, scanStreams } from './inspect';

/** Notices say when more streams are there than a drawing can hold. */
const MAX_STREAMS = 2000;

/** Reads streams, groups, and channels that somebody listens to right now. @throws Failure when it cannot be reached */
export function importLive(target: ConnectionTarget, { signal }: LiveImportRequest): Promise<Importer> {
  const { broker } = target;
  return withRedis(target, 'import', async (redis) => {
    const keys = await scanStreams(redis, signal);
    const { streams } = await inspectKeys(redis, keys.slice(0, MAX_STREAMS));
    const listened = (await redis.pubsub('CHANNELS')) as string[];
    const patterns = Number(await redis.pubsub('NUMPAT'));
    // Redis's own channels: keyspace notifications, sentinels.
    const channels = listened.filter((channel) => !channel.startsWith('__')).sort();
    const drawn = drawRedis({ streams: Object.values(streams), channels }, broker);
    const imported = { nodes: Object.keys(drawn.nodes).length, links: Object.keys(drawn.links).length };
    const notices = noticesOf(keys.length, channels.length, patterns);
    return (into) => ({ flow: into ? mergeRedis(into, drawn, broker) : drawn, imported, notices, secrets: {} });
  });
}

function noticesOf(streams: number, channels: number, patterns: number): string[] {
  const many = (count: number) => count.toLocaleString('en');
  return [
    ...(streams > MAX_STREAMS
      ? [`${many(streams)} streams are there; the first ${many(MAX_STREAMS)} by name were drawn.`]
      : []),
    ...(channels === 0 ? ['Channels exist only while somebody listens: there were none just now.'] : []),
    ...(patterns > 0
      ? [`Patterns are listened to (${many(patterns)}); Redis does not tell which, so none is drawn.`]
      : []),
  ];
}
