import { objectKey } from '@shared/kinds/rabbitmq/objects';
import type { TraceEvent } from '@shared/kinds/rabbitmq/sandbox-trace';
import type { Phase } from '@shared/traffic/event';
import type { Observation, TrafficSink } from '../../live';
import { showBody, toJsonTable } from '../../message-details';
import { OWN_PROCESS } from '../connect';
import type { WayLinks } from './sandbox-numbers';
import type { Subjects } from './subjects';

/** Clients whose connections are ours: what they publish and consume is told by themselves, with the handler that did it. */
const isOwn = ({ client, process = OWN_PROCESS }: TraceEvent) =>
  client?.startsWith('Tapline ') === true && process === OWN_PROCESS;
/** Messages delivered to others and not yet settled; more are not followed. */
const MAX_FOLLOWED = 100_000;

const DEATHS: Record<string, string> = {
  rejected: 'rejected by a consumer',
  expired: 'its time to live was over',
  maxlen: 'the queue was full',
  delivery_limit: 'delivered too often',
};

interface Happening {
  phase: Phase;
  node: string | undefined;
  link?: string;
  queue?: string;
  reason?: string;
}

/** Tells the traffic log what the sandbox saw. */
export class SandboxEvents {
  /** Message and queue of deliveries to others: their acknowledgements are worth telling. */
  private readonly elsewhere = new Set<string>();

  constructor(
    private readonly sink: TrafficSink,
    private readonly maskBodies: () => boolean,
  ) {}

  /** @param epoch the sandbox's: it numbers messages anew in each */
  tell(event: TraceEvent, epoch: string, subjects: Subjects, ways: WayLinks): void {
    for (const happening of this.happeningsOf(event, subjects, ways)) {
      const { node, ...facts } = happening;
      if (node !== undefined) this.sink.event({ ...observe(event, epoch, this.maskBodies), ...facts, node });
    }
  }

  private happeningsOf(event: TraceEvent, subjects: Subjects, ways: WayLinks): Happening[] {
    const { vhost, queue = '', reason } = event;
    const exchange = subjects.exchanges.get(objectKey(vhost, event.exchange))?.node;
    const queueKey = objectKey(vhost, queue);
    const node = subjects.queues.get(queueKey)?.node;
    const delivery = `${event.message} ${queueKey}`;
    switch (event.type) {
      case 'published':
        return isOwn(event) ? [] : [{ phase: 'published', node: exchange }];
      case 'routed':
        return routedHops(event, subjects, ways, exchange);
      case 'returned':
        return [{ phase: 'returned', node: exchange, reason: 'no queue takes it' }];
      case 'delivered':
        if (isOwn(event)) return [];
        if (this.elsewhere.size < MAX_FOLLOWED) this.elsewhere.add(delivery);
        return [{ phase: 'delivered', node, queue, reason: event.client ? `to ${event.client}` : undefined }];
      case 'acked':
        return this.elsewhere.delete(delivery) ? [{ phase: 'acked', node, queue }] : [];
      case 'requeued':
        this.elsewhere.delete(delivery);
        return [{ phase: 'requeued', node, queue }];
      case 'refused':
        return [{ phase: 'rejected', node, queue, reason: 'the queue is full and takes no more' }];
      case 'died': {
        this.elsewhere.delete(delivery);
        const why = `${reason}: ${DEATHS[reason ?? ''] ?? reason} in ${queue}`;
        if (event.target === null)
          return [{ phase: reason === 'expired' ? 'expired' : 'dropped', node, queue, reason: why }];
        const link = subjects.deadLetterLinks.get(queueKey);
        return [{ phase: 'dead-lettered', node, queue, reason: why, ...(link === undefined ? {} : { link }) }];
      }
    }
  }
}

/** One for each drawn way, and one if it reached no queue at all. */
function routedHops(
  event: TraceEvent,
  { exchanges }: Subjects,
  ways: WayLinks,
  exchange: string | undefined,
): Happening[] {
  const { vhost, hops = [], queues = [] } = event;
  const links = new Map<string, Happening>();
  for (const hop of hops) {
    const link = ways.linkOf(vhost, hop);
    if (link === undefined || links.has(link)) continue;
    const node = exchanges.get(objectKey(vhost, hop.source))?.node;
    links.set(link, {
      phase: 'routed',
      node,
      link,
      ...(hop.destinationType === 'queue' ? { queue: hop.destination } : {}),
    });
  }
  if (queues.length === 0)
    return [...links.values(), { phase: 'dropped', node: exchange, reason: 'no queue takes it' }];
  return [...links.values()];
}

function observe(event: TraceEvent, epoch: string, maskBodies: () => boolean): Omit<Observation, 'node' | 'phase'> {
  const { at, exchange, routingKey, sizeBytes, message, properties } = event;
  const { headers, ...others } = properties;
  const { messageId } = properties;
  return {
    at,
    // Without an id of its own, the sandbox's number of the message ties its events together.
    messageId: typeof messageId === 'string' ? messageId : `sandbox-${epoch.slice(0, 8)}-${message}`,
    exchange,
    routingKey,
    sizeBytes,
    details: () => ({
      body: bodyOf(event, maskBodies()),
      headers: toJsonTable((headers ?? {}) as Record<string, unknown>),
      properties: toJsonTable(others),
    }),
  };
}

/** The sandbox cut long bodies before it sent them. */
function bodyOf({ body, sizeBytes }: TraceEvent, isMasked: boolean): ReturnType<typeof showBody> {
  const bytes = Buffer.from(body, 'base64');
  const shown = showBody(bytes, isMasked);
  return shown.format === 'masked' ? shown : { ...shown, cut: shown.cut || bytes.length < sizeBytes };
}
