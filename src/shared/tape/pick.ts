import { endNode, type Flow, type FlowNode, type LinkEnd } from '@shared/flow/schema';
import type { TrafficEvent } from '@shared/traffic/event';
import { JOURNEY_HEADERS } from '@shared/traffic/journey-headers';
import { hasWholeBody } from './mask';

/** Why a message that was published on the tape is not published again. */
export type SkipReason =
  /** A handler of the flow sent it: it does so again when its message comes. */
  | 'forwarded'
  /** It is on the tape twice: where it was sent, and where it arrived. */
  | 'seen-twice'
  /** It came as a dead letter of some queue. */
  | 'dead-letter'
  | 'masked'
  | 'cut'
  /** Its body was never on the tape. */
  | 'no-body'
  /** The flow has nothing of that name to publish to. */
  | 'no-destination';

export const SKIP_SENTENCES: Record<SkipReason, string> = {
  forwarded: 'sent by handlers of the flow, which send them again themselves',
  'seen-twice': 'on the tape twice, as sent and as arrived',
  'dead-letter': 'dead letters, which their queues bring forth themselves',
  masked: 'masked on the tape',
  cut: 'longer than what is kept of a body',
  'no-body': 'without their body on the tape',
  'no-destination': 'for something that the flow does not have',
};

/** Where a message is published: along a publish link of the flow, or straight to what the end names. */
export type Destination = { link: string } | { to: LinkEnd; broker: string };

export type Picked = { event: TrafficEvent; destination: Destination } | { skipped: SkipReason };

/** Whether an event is a message that came from outside, and where it goes; undefined for all other events. Ask in order of time. */
export type Pick = (event: TrafficEvent) => Picked | undefined;

/**
 * Picks what publishers sent, and what arrived from others: never what handlers of the flow made of it.
 * @param recorded the flow on the tape @param flow the flow that is published into
 */
export function createPick(recorded: Flow, flow: Flow, options: { maskedBodies: boolean }): Pick {
  /** Messages that Tapline sent and that may yet be seen to arrive, by journey and way. */
  const sent = new Map<string, number>();
  const destinationOf = createDestinations(recorded, flow);

  function isSeenTwice(event: TrafficEvent): boolean {
    const way = wayOf(event);
    const open = sent.get(way) ?? 0;
    if (open > 0) sent.set(way, open - 1);
    return open > 0;
  }

  return (event) => {
    if (event.phase !== 'published') return undefined;
    const origin = originOf(recorded, event);
    if (event.link !== undefined) sent.set(wayOf(event), (sent.get(wayOf(event)) ?? 0) + 1);
    else if (origin !== undefined && isSeenTwice(event)) return { skipped: 'seen-twice' };
    else if (event.headers && 'x-death' in event.headers) return { skipped: 'dead-letter' };
    if (origin === 'handler') return { skipped: 'forwarded' };
    const destination = destinationOf(event);
    if (!destination)
      return { skipped: recorded.nodes[event.node]?.type === 'redis.pattern' ? 'seen-twice' : 'no-destination' };
    const fault = options.maskedBodies ? undefined : faultOf(event);
    return fault ? { skipped: fault } : { event, destination };
  };
}

/** The type of node that sent it, as it says itself; undefined for what others sent. */
function originOf({ nodes, links }: Flow, { link, headers }: TrafficEvent): string | undefined {
  const from = link === undefined ? undefined : links[link]?.from;
  const origin = from ? endNode(from) : headers?.[JOURNEY_HEADERS.origin];
  return typeof origin === 'string' ? nodes[origin]?.type : undefined;
}

function wayOf({ headers, exchange, routingKey, queue }: TrafficEvent): string {
  return JSON.stringify([headers?.[JOURNEY_HEADERS.journey] ?? null, exchange ?? queue ?? null, routingKey ?? null]);
}

function faultOf(event: TrafficEvent): SkipReason | undefined {
  const { body, masked = [] } = event;
  if (!body) return 'no-body';
  if (body.format === 'masked' || masked.length > 0) return 'masked';
  return hasWholeBody(event) ? undefined : 'cut';
}

function createDestinations(recorded: Flow, flow: Flow): (event: TrafficEvent) => Destination | undefined {
  const same = (id: string): string | undefined => {
    const node = recorded.nodes[id];
    if (!node) return undefined;
    const here = flow.nodes[id];
    if (here && isSame(here, node)) return id;
    return Object.keys(flow.nodes).find((other) => isSame(flow.nodes[other], node));
  };
  const namedIn = (broker: string | undefined, to: LinkEnd): Destination | undefined =>
    broker !== undefined && flow.brokers[broker]?.kind === 'rabbitmq' ? { to, broker } : undefined;

  function byLink(id: string): Destination | undefined {
    const link = recorded.links[id];
    if (!link) return undefined;
    if (!('node' in link.to)) return namedIn(link.broker, link.to);
    const node = same(link.to.node);
    if (node === undefined) return undefined;
    const here = flow.links[id];
    return here?.type === 'publish' && endNode(here.to) === node ? { link: id } : toNode(node);
  }

  function toNode(id: string): Destination | undefined {
    const broker = flow.nodes[id]?.broker;
    return broker === undefined ? undefined : { to: { node: id }, broker };
  }

  return ({ node, link, exchange, queue, routingKey = '' }) => {
    if (link !== undefined) return byLink(link);
    const at = recorded.nodes[node];
    if (!at) return undefined;
    if (exchange === undefined) {
      const id = at.name === queue ? same(node) : undefined;
      return id === undefined ? undefined : toNode(id);
    }
    if (at.name === exchange) {
      const id = same(node);
      return id === undefined ? undefined : toNode(id);
    }
    // It was seen where it was passed on to; what it was published to is not drawn.
    const vhost = at.settings['vhost'];
    const where = typeof vhost === 'string' ? { vhost } : {};
    return exchange === ''
      ? namedIn(at.broker, { name: routingKey, objectType: 'queue', ...where })
      : namedIn(at.broker, { name: exchange, objectType: 'exchange', ...where });
  };
}

function isSame(a: FlowNode | undefined, b: FlowNode): boolean {
  return a !== undefined && a.type === b.type && a.name === b.name && a.settings['vhost'] === b.settings['vhost'];
}
