import { endNode, type Flow, type LinkEnd } from '@shared/flow/schema';

/** Where a publish link ends in the broker. */
export interface PublishEnd {
  vhost: string;
  /** `''` is the default exchange: the link ends at a queue. */
  exchange: string;
  /** Name of the queue, which is the key of everything sent there; absent for exchanges. */
  queue?: string;
  /** Publisher or handler the link begins at. */
  node: string;
}

/** Where a consume link takes messages from. */
export interface ConsumeEnd {
  vhost: string;
  queue: string;
  /** Handler the link leads to. */
  node: string;
  /** Queue node; absent for a queue that is only named. */
  queueNode?: string;
}

/** Undefined when the link is no publish link with both ends in place. */
export function publishEnd(flow: Flow, linkId: string, defaultVhost: string): PublishEnd | undefined {
  const link = flow.links[linkId];
  const node = link && endNode(link.from);
  const to = link && objectAt(flow, link.to, defaultVhost);
  if (link?.type !== 'publish' || node === undefined || !to) return undefined;
  const { vhost, name, objectType } = to;
  return objectType === 'queue' ? { vhost, exchange: '', queue: name, node } : { vhost, exchange: name, node };
}

/** Undefined when the link is no consume link with both ends in place. */
export function consumeEnd(flow: Flow, linkId: string, defaultVhost: string): ConsumeEnd | undefined {
  const link = flow.links[linkId];
  const node = link && endNode(link.to);
  const from = link && objectAt(flow, link.from, defaultVhost);
  if (link?.type !== 'consume' || node === undefined || from?.objectType !== 'queue') return undefined;
  const queueNode = endNode(link.from);
  return { vhost: from.vhost, queue: from.name, node, ...(queueNode === undefined ? {} : { queueNode }) };
}

/** The exchange or queue at a link's end, drawn or only named. */
export function objectAt(flow: Flow, end: LinkEnd, defaultVhost: string) {
  if (!('node' in end)) return { vhost: end.vhost ?? defaultVhost, name: end.name, objectType: end.objectType };
  const node = flow.nodes[end.node];
  if (node?.type !== 'rabbitmq.exchange' && node?.type !== 'rabbitmq.queue') return undefined;
  const { vhost } = node.settings;
  const objectType = node.type === 'rabbitmq.queue' ? ('queue' as const) : ('exchange' as const);
  return { vhost: typeof vhost === 'string' ? vhost : defaultVhost, name: node.name, objectType };
}
