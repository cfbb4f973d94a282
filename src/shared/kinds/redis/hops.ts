import { endNode, type Flow } from '@shared/flow/schema';
import type { RouteHop } from '@shared/journey/journey';

/** The groups that get an entry which was added to a drawn stream: each that reads it. Pure. */
export function groupHops(flow: Flow, stream: string): RouteHop[] {
  return Object.entries(flow.links).flatMap(([link, { type, from, to }]) => {
    const group = flow.nodes[endNode(to) ?? '']?.name;
    if (type !== 'redis.read' || endNode(from) !== stream || group === undefined) return [];
    return [{ node: stream, link, sentence: `the group ${group} reads ${flow.nodes[stream]?.name ?? stream}.` }];
  });
}
