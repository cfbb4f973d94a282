import { endNode, type Flow, type FlowLink, type FlowNode, type LinkEnd } from '@shared/flow/schema';
import { handlerSettingsSchema } from '@shared/kinds/common/schema';
import { derivedQueueId } from '@shared/kinds/rabbitmq/derived';
import { type BindingObject, objectKey } from '@shared/kinds/rabbitmq/objects';
import { bindingKey, resolveTopology, topologyKey } from '@shared/kinds/rabbitmq/resolve';

/** A handler that somebody else runs, with how its live consumers are recognised. */
export interface ElsewhereHandler {
  node: string;
  /** Queues it is drawn to consume from; `link` is that consume link. */
  queues: { vhost: string; name: string; link: string }[];
  connectionName?: string;
  consumerTag?: string;
  user?: string;
}

/** An exchange or queue that is drawn. */
export interface DrawnObject {
  node: string;
  vhost: string;
  name: string;
}

/** Where numbers of broker objects belong on the drawing. Keys are `objectKey(vhost, name)`. */
export interface Subjects {
  vhosts: string[];
  exchanges: ReadonlyMap<string, DrawnObject>;
  queues: ReadonlyMap<string, DrawnObject>;
  /** The drawn link of a binding that was found. */
  bindingLink: (binding: BindingObject) => string | undefined;
  /** By queue. */
  deadLetterLinks: ReadonlyMap<string, string>;
  /** By exchange. */
  alternateLinks: ReadonlyMap<string, string>;
  /** Queues that retry policies are made of: not drawn, but how much waits in them is shown. `node` is a `derivedId`. */
  derived: ReadonlyMap<string, DrawnObject>;
  elsewhere: readonly ElsewhereHandler[];
}

/** Reads from the flow what of one broker is drawn. */
export function readSubjects(flow: Flow, broker: string, defaultVhost: string): Subjects {
  const { topology, origins, derived } = resolveTopology(flow, broker, { defaultVhost });
  const exchanges = new Map<string, DrawnObject>();
  const queues = new Map<string, DrawnObject>();
  const byBinding = new Map<string, string>();
  for (const [key, origin] of Object.entries(origins)) {
    const [objectType, vhost = '', name = ''] = key.split('\u0000');
    if (origin.type === 'link' && !derived.has(key)) byBinding.set(key, origin.id);
    if (origin.type !== 'node') continue;
    const { id } = origin;
    if (objectType === 'exchange') exchanges.set(objectKey(vhost, name), { node: id, vhost, name });
    if (objectType === 'queue') queues.set(objectKey(vhost, name), { node: id, vhost, name });
  }
  const derivedQueues = new Map<string, DrawnObject>();
  for (const queue of topology.queues) {
    const { vhost, name } = queue;
    const key = topologyKey('queue', vhost, name);
    const origin = derived.has(key) ? origins[key] : undefined;
    if (origin?.type !== 'link') continue;
    derivedQueues.set(objectKey(vhost, name), { node: derivedQueueId(origin.id, queue), vhost, name });
  }
  const nodeKeys = new Map([...exchanges, ...queues].map(([key, { node }]) => [node, key]));
  const linksFrom = (type: string) => {
    const links = new Map<string, string>();
    for (const [id, link] of Object.entries(flow.links)) {
      const from = link.type === type ? endNode(link.from) : undefined;
      const key = from === undefined ? undefined : nodeKeys.get(from);
      if (key !== undefined) links.set(key, id);
    }
    return links;
  };
  const drawn = [...exchanges.values(), ...queues.values()];
  return {
    vhosts: [...new Set([defaultVhost, ...drawn.map(({ vhost }) => vhost)])],
    exchanges,
    queues,
    bindingLink: (binding) =>
      byBinding.get(bindingKey(binding)) ?? byBinding.get(bindingKey({ ...binding, arguments: {} })),
    deadLetterLinks: linksFrom('dead-letter'),
    alternateLinks: linksFrom('alternate'),
    derived: derivedQueues,
    elsewhere: readElsewhere(flow, queues),
  };
}

function readElsewhere(flow: Flow, queues: ReadonlyMap<string, DrawnObject>): ElsewhereHandler[] {
  const queueOf = new Map([...queues.values()].map((queue) => [queue.node, queue]));
  const consumed = (link: FlowLink, handler: string) => {
    const isTo = (end: LinkEnd) => endNode(end) === handler;
    const from = endNode(link.from);
    return link.type === 'consume' && isTo(link.to) && from !== undefined ? queueOf.get(from) : undefined;
  };
  return Object.entries(flow.nodes).flatMap(([node, drawn]): ElsewhereHandler[] => {
    const settings = readHandler(drawn);
    if (!settings) return [];
    const links = Object.entries(flow.links).flatMap(([link, one]) => {
      const queue = consumed(one, node);
      return queue ? [{ vhost: queue.vhost, name: queue.name, link }] : [];
    });
    if (links.length === 0) return [];
    const { matchConnectionName: connectionName, matchConsumerTag: consumerTag, matchUser: user } = settings;
    return [{ node, queues: links, connectionName, consumerTag, user }];
  });
}

function readHandler(node: FlowNode) {
  if (node.type !== 'handler') return undefined;
  const settings = handlerSettingsSchema.safeParse(node.settings).data;
  return settings?.runsIn === 'elsewhere' ? settings : undefined;
}
