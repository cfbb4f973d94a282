import type { Flow } from '@shared/flow/schema';
import { objectKey } from '@shared/kinds/rabbitmq/objects';
import { bindingKey, resolveTopology } from '@shared/kinds/rabbitmq/resolve';
import { hopKey, type QueueTotals, type TraceFrame, type TraceHop } from '@shared/kinds/rabbitmq/sandbox-trace';
import type { CounterName } from '@shared/traffic/counter';
import type { TrafficSink } from '../../live';
import type { CounterContext } from './read-management';

/** The drawn links that messages take. */
export interface WayLinks {
  /** Of a binding or alternate exchange. */
  linkOf: (vhost: string, hop: Pick<TraceHop, 'source' | 'destinationType' | 'destination'>) => string | undefined;
  /** Keys of `TraceFrame.hops` with their links. */
  drawn: ReadonlyMap<string, string>;
}

/** Bindings between one pair are one link, whatever their keys and arguments. */
export function readWayLinks(flow: Flow, broker: string, defaultVhost: string): WayLinks {
  const { topology, origins, derived } = resolveTopology(flow, broker, { defaultVhost });
  const drawn = new Map<string, string>();
  for (const binding of topology.bindings) {
    const key = bindingKey(binding);
    const origin = derived.has(key) ? undefined : origins[key];
    const { vhost, source, destinationType, destination } = binding;
    if (origin?.type === 'link') drawn.set(hopKey(vhost, source, destinationType, destination), origin.id);
  }
  for (const { vhost, name, arguments: args } of topology.exchanges) {
    const alternate = args['alternate-exchange'];
    const link =
      typeof alternate === 'string' ? alternateLinkOf(flow, origins[`exchange\u0000${vhost}\u0000${name}`]) : undefined;
    if (link !== undefined) drawn.set(hopKey(vhost, name, 'alternate', String(alternate)), link);
  }
  return {
    drawn,
    linkOf: (vhost, { source, destinationType, destination }) =>
      drawn.get(hopKey(vhost, source, destinationType, destination)),
  };
}

function alternateLinkOf(flow: Flow, origin: { type: string; id?: string } | undefined): string | undefined {
  if (origin?.type !== 'node') return undefined;
  const found = Object.entries(flow.links).find(
    ([, { type, from }]) => type === 'alternate' && 'node' in from && from.node === origin.id,
  );
  return found?.[0];
}

const NO_QUEUE_TOTALS: QueueTotals = {
  routed: 0,
  published: 0,
  delivered: 0,
  deliveredBy: {},
  redelivered: 0,
  acked: 0,
  requeued: 0,
  refused: 0,
  purged: 0,
  givenUp: 0,
  deadLettered: {},
  dropped: {},
};

const sumOf = (byReason: Partial<Record<string, number>>) =>
  Object.values(byReason).reduce((sum: number, count = 0) => sum + count, 0);

/** Sets the numbers of everything drawn: the sandbox counts each message, so that all of them are exact. */
export function reportFrame(frame: TraceFrame, context: CounterContext, { drawn }: WayLinks): void {
  const { sink, totals, subjects, alone } = context;
  const { exchanges, queues, deadLetterLinks, derived, elsewhere } = subjects();
  for (const [key, { node }] of exchanges) {
    const { published = 0, routed = 0, unroutable = 0 } = frame.exchanges[key] ?? {};
    totals.observe({ node }, 'publishIn', published);
    totals.observe({ node }, 'routed', routed);
    totals.observe({ node }, 'unroutable', unroutable);
  }
  for (const [key, link] of drawn) totals.observe({ link }, 'routed', frame.hops[key] ?? 0);
  for (const [key, { node }] of queues) {
    const { routed, delivered, redelivered, acked, deadLettered, givenUp } = frame.queues[key] ?? NO_QUEUE_TOTALS;
    const dead = sumOf(deadLettered) + givenUp;
    const counts: [CounterName, number][] = [
      ['publishIn', routed],
      ['delivered', delivered],
      ['redelivered', redelivered],
      ['acked', acked],
      ['deadLettered', dead],
    ];
    for (const [name, value] of counts) totals.observe({ node }, name, value);
    const link = deadLetterLinks.get(key);
    if (link !== undefined) totals.observe({ link }, 'deadLettered', dead);
    reportGauges(frame, key, node, sink);
  }
  for (const [key, { node }] of derived) reportGauges(frame, key, node, sink);
  // Consumers are not told apart; where a handler elsewhere is the only one, what its queues delivered is what it got.
  for (const { node, queues: from } of elsewhere.filter((handler) => alone.has(handler.node))) {
    const delivered = from.map(({ vhost, name }) => frame.queues[objectKey(vhost, name)]?.delivered ?? 0);
    for (const [index, { link }] of from.entries()) totals.observe({ link }, 'delivered', delivered[index]);
    totals.observe(
      { node },
      'delivered',
      delivered.reduce((sum, one) => sum + one, 0),
    );
  }
}

function reportGauges(frame: TraceFrame, key: string, node: string, sink: TrafficSink): void {
  const gauges = frame.gauges[key];
  for (const name of ['ready', 'unacked', 'consumers'] as const)
    sink.set({ node }, name, gauges?.[name] ?? null, 'sandbox', gauges ? 'exact' : 'unknown');
}
