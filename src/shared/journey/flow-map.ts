import { endNode, type Flow } from '@shared/flow/schema';
import type { TrafficEvent } from '@shared/traffic/event';

/** Where events happen, in terms of the drawing. */
export interface FlowMap {
  nameOf: (node: string) => string;
  /** Does the node send or handle, rather than hold messages in a broker? */
  isWorker: (node: string) => boolean;
  /** The drawn queue that an event speaks of; the event's own node where it is none. */
  queueNodeOf: (event: TrafficEvent) => string;
  /** A queue near the event, its own by default; tells queues of one name in two brokers apart. */
  placeOf: (event: TrafficEvent, queue?: string) => string;
  /** The drawn dead-letter link of the queue that an event speaks of. */
  deadLetterLinkOf: (event: TrafficEvent) => string | undefined;
  /** Does that queue dead-letter, as far as it is drawn? */
  isDeadLettering: (event: TrafficEvent) => boolean;
  /** Drawn ends of a link. */
  endsOf: (link: string | undefined) => string[];
}

export function mapFlow({ nodes, links }: Flow): FlowMap {
  const typeOf = (node: string) => nodes[node]?.type;
  const isWorker = (node: string) => typeOf(node) === 'publisher' || typeOf(node) === 'handler';
  const endsOf = (link: string | undefined) => {
    const drawn = link === undefined ? undefined : links[link];
    return drawn ? [endNode(drawn.from), endNode(drawn.to)].filter((node) => node !== undefined) : [];
  };
  const queueNodeOf = ({ node, link, queue }: TrafficEvent) => {
    const near = [node, ...endsOf(link)];
    return near.find((id) => nodes[id]?.name === queue && !isWorker(id)) ?? node;
  };
  const deadLetterLinkOf = (event: TrafficEvent) => {
    const queue = queueNodeOf(event);
    return Object.keys(links).find((id) => links[id]?.type === 'dead-letter' && endNode(links[id].from) === queue);
  };
  return {
    deadLetterLinkOf,
    nameOf: (node) => nodes[node]?.name ?? node,
    isWorker,
    endsOf,
    queueNodeOf,
    isDeadLettering(event) {
      const queue = queueNodeOf(event);
      const { arguments: given } = nodes[queue]?.settings ?? {};
      if (typeof given === 'object' && given !== null && 'x-dead-letter-exchange' in given) return true;
      return deadLetterLinkOf(event) !== undefined;
    },
    placeOf(event, queue = event.queue ?? '') {
      const brokers = [event.node, ...endsOf(event.link)].map((id) => nodes[id]?.broker);
      return `${brokers.find((broker) => broker !== undefined) ?? ''}\u0000${queue}`;
    },
  };
}
