import type { DeadLetterQueue } from '@shared/dead-letters/dead-letter';
import type { Flow } from '@shared/flow/schema';
import { deadStreamOf, isStream, streamOfGroup } from './resolve';

/** The streams of one Redis in which dead letters end by the drawing: of groups, and those drawn as such. Pure. */
export function findDeadStreams(flow: Flow, broker: string): DeadLetterQueue[] {
  const found = new Map<string, DeadLetterQueue>();
  const nodes = Object.entries(flow.nodes).filter(([, node]) => node.broker === broker && node.ownership !== 'ignored');
  const take = (name: string, because: string, source?: string) => {
    const drawn = nodes.find(([, node]) => isStream(node) && node.name === name)?.[0];
    const queue = found.get(name) ?? {
      broker,
      vhost: '',
      name,
      because: [],
      sources: [],
      ...(drawn ? { node: drawn } : {}),
    };
    found.set(name, queue);
    queue.because.push(because);
    if (source !== undefined && !queue.sources.includes(source)) queue.sources.push(source);
  };
  for (const [id, node] of nodes) {
    if (node.type === 'redis.dead-stream') take(node.name, 'It is drawn as a dead-letter stream.');
    if (node.type !== 'redis.group') continue;
    const stream = flow.nodes[streamOfGroup(flow, id) ?? '']?.name;
    const dead = deadStreamOf(flow, id);
    if (stream !== undefined && dead !== undefined && dead !== stream)
      take(dead, `Entries that the group ${node.name} of ${stream} gives up come here.`, stream);
  }
  return [...found.values()];
}
