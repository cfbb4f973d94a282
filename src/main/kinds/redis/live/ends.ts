import { endNode, type Flow, type FlowNode } from '@shared/flow/schema';
import { deadStreamOf, isStream, streamOfGroup } from '@shared/kinds/redis/resolve';
import { type StreamSettings, streamSettingsSchema } from '@shared/kinds/redis/schema';

/** Where a publish link ends. */
export type RedisPublishEnd = {
  /** Publisher or handler the link begins at. */
  node: string;
} & ({ type: 'channel'; channel: string } | { type: 'stream'; stream: string; trim: StreamSettings['trim'] });

/** Where a consume or subscribe link takes messages from. */
export type RedisConsumeEnd = {
  /** Handler the link leads to. */
  node: string;
  /** Node the link begins at. */
  source: string;
} & (
  | { type: 'channel'; channel: string }
  | { type: 'pattern'; pattern: string }
  | { type: 'group'; stream: string; group: string; dead: string; takeOverAfterMs: number }
);

const nodeAt = (flow: Flow, end: Parameters<typeof endNode>[0]): { id: string; node: FlowNode } | undefined => {
  const id = endNode(end);
  const node = id === undefined ? undefined : flow.nodes[id];
  return id !== undefined && node ? { id, node } : undefined;
};

const trimOf = (node: FlowNode) => streamSettingsSchema.safeParse(node.settings).data?.trim ?? { by: 'none' as const };

/** Undefined when the link is no publish link to a channel or stream. */
export function publishEnd(flow: Flow, linkId: string): RedisPublishEnd | undefined {
  const link = flow.links[linkId];
  if (link?.type !== 'publish') return undefined;
  const from = endNode(link.from);
  const to = nodeAt(flow, link.to);
  if (from === undefined || !to) return undefined;
  if (to.node.type === 'redis.channel') return { node: from, type: 'channel', channel: to.node.name };
  return isStream(to.node) ? { node: from, type: 'stream', stream: to.node.name, trim: trimOf(to.node) } : undefined;
}

/** A consumer that was silent for so long is taken for dead, and what it owes is taken over. */
const TAKE_OVER_AFTER_MS = 60_000;

/** Undefined when the link does not lead from a channel, pattern or group to a handler. */
export function consumeEnd(flow: Flow, linkId: string): RedisConsumeEnd | undefined {
  const link = flow.links[linkId];
  const from = link && nodeAt(flow, link.from);
  const to = link && endNode(link.to);
  if (!from || to === undefined) return undefined;
  const ends = { node: to, source: from.id };
  switch (from.node.type) {
    case 'redis.channel':
      return { ...ends, type: 'channel', channel: from.node.name };
    case 'redis.pattern':
      return { ...ends, type: 'pattern', pattern: from.node.name };
    case 'redis.group': {
      const stream = flow.nodes[streamOfGroup(flow, from.id) ?? '']?.name;
      const dead = deadStreamOf(flow, from.id);
      if (stream === undefined || dead === undefined) return undefined;
      const { takeOverAfterMs } = from.node.settings;
      return {
        ...ends,
        type: 'group',
        stream,
        group: from.node.name,
        dead,
        takeOverAfterMs: typeof takeOverAfterMs === 'number' ? takeOverAfterMs : TAKE_OVER_AFTER_MS,
      };
    }
    default:
      return undefined;
  }
}
