import type { Subject } from '@shared/flow/problem';
import { endNode, type Flow, type FlowNode, type Ownership } from '@shared/flow/schema';
import type { GroupObject, RedisTopology } from './objects';
import { groupSettingsSchema } from './schema';

/** What is drawn of one Redis, by what it is. */
export interface ResolvedRedis {
  topology: RedisTopology;
  /** Keys: `streamKey` and `groupKey`. */
  origins: Record<string, Subject>;
  ownership: Record<string, Ownership>;
}

export const isStream = (node: FlowNode | undefined) =>
  node?.type === 'redis.stream' || node?.type === 'redis.dead-stream';

export function streamKey(stream: string): string {
  return `stream\u0000${stream}`;
}

/** Group names hold no U+0000, streams may hold anything else. */
export function groupKey({ stream, group }: Pick<GroupObject, 'stream' | 'group'>): string {
  return `group\u0000${stream}\u0000${group}`;
}

/** Id of the stream node that a group reads; undefined while it reads none. */
export function streamOfGroup(flow: Flow, group: string): string | undefined {
  for (const link of Object.values(flow.links)) {
    if (link.type !== 'redis.read' || endNode(link.to) !== group) continue;
    const from = endNode(link.from);
    if (from !== undefined && isStream(flow.nodes[from])) return from;
  }
  return undefined;
}

/** Where a group's dead letters go: the drawn stream, else a key made from the stream's that shares its slot in a cluster. */
export function deadStreamOf(flow: Flow, group: string): string | undefined {
  for (const link of Object.values(flow.links)) {
    if (link.type !== 'redis.dead-letter' || endNode(link.from) !== group) continue;
    const to = endNode(link.to);
    if (to !== undefined && isStream(flow.nodes[to])) return flow.nodes[to]?.name;
  }
  const stream = streamOfGroup(flow, group);
  const key = stream === undefined ? undefined : flow.nodes[stream]?.name;
  return key === undefined ? undefined : deadKeyFor(key);
}

/** `orders` → `{orders}:dead`; `{shop}:orders` → `{shop}:orders:dead`. */
export function deadKeyFor(stream: string): string {
  return hashTag(stream) === stream ? `{${stream}}:dead` : `${stream}:dead`;
}

/** The part of a key that decides its slot in a cluster. Source: Redis cluster specification, "hash tags". */
export function hashTag(key: string): string {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open + 1);
  return open >= 0 && close > open + 1 ? key.slice(open + 1, close) : key;
}

/** Turns the drawn nodes and links of one Redis into what it should have. Pure. */
export function resolveRedis(flow: Flow, broker: string): ResolvedRedis {
  const streams = new Set<string>();
  const groups: GroupObject[] = [];
  const origins: Record<string, Subject> = {};
  const ownership: Record<string, Ownership> = {};
  for (const [id, node] of Object.entries(flow.nodes)) {
    if (node.broker !== broker || node.ownership === 'ignored') continue;
    const owned = node.ownership ?? 'managed';
    if (isStream(node)) {
      streams.add(node.name);
      origins[streamKey(node.name)] = { type: 'node', id };
      ownership[streamKey(node.name)] = owned;
    }
    if (node.type !== 'redis.group') continue;
    const stream = flow.nodes[streamOfGroup(flow, id) ?? ''];
    if (!stream) continue;
    const settings = groupSettingsSchema.safeParse(node.settings);
    const group = { stream: stream.name, group: node.name, start: settings.data?.start ?? '$' };
    groups.push(group);
    origins[groupKey(group)] = { type: 'node', id };
    ownership[groupKey(group)] = owned;
  }
  return { topology: { streams: [...streams], groups }, origins, ownership };
}
