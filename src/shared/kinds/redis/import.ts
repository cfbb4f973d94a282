import { stableId } from '@shared/flow/ids';
import { emptyFlow, endNode, type Flow, type FlowNode } from '@shared/flow/schema';
import type { FoundStream } from './objects';
import { isStream, streamOfGroup } from './resolve';

/** What was read of a live Redis. */
export interface ReadRedis {
  streams: FoundStream[];
  /** Channels that somebody listened to. */
  channels: string[];
}

const LOOKS_DEAD = /(^|[:._-])(dead|dlq|dead-letters?)$/i;

/**
 * Draws streams, groups and channels as a flow with ownership `referenced`. Ids are made from names, so that the same Redis gives
 * the same drawing; nothing has a place yet.
 */
export function drawRedis({ streams, channels }: ReadRedis, broker: string): Flow {
  const flow: Flow = { ...emptyFlow(broker), brokers: { [broker]: { kind: 'redis', name: broker, settings: {} } } };
  const put = (type: string, name: string, ...parts: string[]) => {
    const id = stableId('redis', broker, type, ...parts, name);
    flow.nodes[id] = { type, name, broker, ownership: 'referenced', settings: {} };
    return id;
  };
  const join = (type: string, from: string, to: string) => {
    flow.links[stableId('redis', broker, type, from, to)] = {
      type,
      from: { node: from },
      to: { node: to },
      settings: {},
    };
  };
  const ids = new Map<string, string>();
  for (const { key } of streams) ids.set(key, put(LOOKS_DEAD.test(key) ? 'redis.dead-stream' : 'redis.stream', key));
  for (const { key, groups } of streams) {
    // Tapline's own naming of dead-letter streams; others are left alone.
    const dead = ids.get(`{${key}}:dead`) ?? ids.get(`${key}:dead`);
    for (const { name } of groups) {
      const group = put('redis.group', name, key);
      join('redis.read', ids.get(key) ?? '', group);
      if (dead !== undefined) join('redis.dead-letter', group, dead);
    }
  }
  for (const channel of channels) put('redis.channel', channel);
  return flow;
}

/** A node's identity in its Redis: keys share one space, whatever the drawing calls the stream. */
function identityOf(flow: Flow, id: string, node: FlowNode): string {
  if (node.type === 'redis.group') {
    return `group\u0000${flow.nodes[streamOfGroup(flow, id) ?? '']?.name ?? ''}\u0000${node.name}`;
  }
  return `${isStream(node) ? 'stream' : node.type}\u0000${node.name}`;
}

/** Brings a drawing into a flow: what is there keeps its id, place, ownership and settings; the rest is added. */
export function mergeRedis(current: Flow, drawn: Flow, broker: string): Flow {
  const known = new Map(
    Object.entries(current.nodes)
      .filter(([, node]) => node.broker === broker)
      .map(([id, node]) => [identityOf(current, id, node), id]),
  );
  const idOf = new Map<string, string>();
  const nodes = { ...current.nodes };
  for (const [id, node] of Object.entries(drawn.nodes)) {
    const existing = known.get(identityOf(drawn, id, node));
    idOf.set(id, existing ?? id);
    if (existing === undefined) nodes[id] = node;
  }
  const links = { ...current.links };
  for (const [id, link] of Object.entries(drawn.links)) {
    const [from, to] = [idOf.get(endNode(link.from) ?? '') ?? '', idOf.get(endNode(link.to) ?? '') ?? ''];
    const isThere = Object.values(current.links).some(
      (other) => other.type === link.type && endNode(other.from) === from && endNode(other.to) === to,
    );
    if (!isThere) links[id] = { ...link, from: { node: from }, to: { node: to } };
  }
  const entry = current.brokers[broker] ?? drawn.brokers[broker];
  return { ...current, brokers: entry ? { ...current.brokers, [broker]: entry } : current.brokers, nodes, links };
}
