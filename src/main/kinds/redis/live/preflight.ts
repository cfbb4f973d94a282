import { hostname } from 'node:os';
import type { InspectTraffic, Preflight } from '../../live';
import { withRedis } from '../connect';
import { inspectKeys, readFields } from '../inspect';
import { consumeEnd } from './ends';

/** A consumer that asked for entries within this time is taken to be at work. */
const AT_WORK_MS = 30_000;

/** Asks for the groups that links need, and for consumers of others in them. Channels need nothing, and take nothing from anybody. */
export const preflight: InspectTraffic = async (target, { flow, links }) => {
  const ends = links.flatMap((link) => {
    const end = consumeEnd(flow, link);
    return end?.type === 'group' ? [end] : [];
  });
  const found: Preflight = { missing: [], competing: [] };
  return withRedis(target, 'inspect', async (redis) => {
    const { streams } = await inspectKeys(redis, [...new Set(ends.map(({ stream }) => stream))]);
    for (const { stream, group, source } of ends) {
      if (!streams[stream]?.groups.some(({ name }) => name === group)) {
        found.missing.push(`group “${group}” of the stream “${stream}”`);
        continue;
      }
      const consumers = ((await redis.xinfo('CONSUMERS', stream, group)) as unknown[]).map(readFields);
      const names = consumers
        .filter(({ name, idle }) => Number(idle) < AT_WORK_MS && !String(name).startsWith(`tapline-${hostname()}-`))
        .map(({ name }) => String(name));
      if (names.length > 0)
        found.competing.push({ node: source, queue: `${stream} → ${group}`, consumers: names.length, names });
    }
    return found;
  });
};
