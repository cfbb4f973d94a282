import type { Json } from '@shared/flow/schema';
import { objectKey } from '@shared/kinds/rabbitmq/objects';
import type { CounterName } from '@shared/traffic/counter';
import type { TrafficSink } from '../../live';
import type { ApiConsumer, ApiQueue } from '../api-shapes';
import { unlessRefused } from '../facts';
import type { ManagementClient } from '../management';
import { type LiveConsumer, reportConsumers } from './consumers';
import type { Subjects } from './subjects';
import type { BrokerTotals } from './totals';

/** What reading the broker's own numbers needs. */
export interface CounterContext {
  sink: TrafficSink;
  /** As drawn now. */
  subjects: () => Subjects;
  totals: BrokerTotals;
  /** Nodes of handlers elsewhere that are the only consumers of their queues. */
  alone: Set<string>;
}

/** Totals of one object, as the statistics have them; absent before its first message. */
interface ApiTotals {
  name: string;
  message_stats?: Record<string, Json>;
}
interface ApiConnectionName {
  name: string;
  user_provided_name?: string;
}
interface ApiNodeAlarms {
  name: string;
  mem_alarm?: boolean;
  disk_free_alarm?: boolean;
}

/** A queue with what waits in it, drawn or not. */
export interface QueueDepth {
  vhost: string;
  name: string;
  ready: number;
}

/** Sets ready and unacknowledged messages of the drawn and derived queues. @throws Failure */
export async function readDepths(
  client: ManagementClient,
  { sink, subjects }: CounterContext,
  signal: AbortSignal,
): Promise<QueueDepth[]> {
  const { queues, derived, vhosts } = subjects();
  const depths: QueueDepth[] = [];
  const seen = new Set<string>();
  for (const vhost of vhosts) {
    // As the queues know them now; with statistics they would be seconds old.
    const path = `/api/queues/${encodeURIComponent(vhost)}?disable_stats=true&enable_queue_totals=true`;
    for (const { name, messages_ready: ready, messages_unacknowledged: unacked } of await client.list<ApiQueue>(
      path,
      signal,
    )) {
      depths.push({ vhost, name, ready: ready ?? 0 });
      const key = objectKey(vhost, name);
      const drawn = queues.get(key) ?? derived.get(key);
      if (!drawn) continue;
      seen.add(drawn.node);
      // A queue whose node is down has no totals: not known is not zero.
      sink.set(drawn, 'ready', ready ?? null, 'broker', ready === undefined ? 'unknown' : 'exact');
      sink.set(drawn, 'unacked', unacked ?? null, 'broker', unacked === undefined ? 'unknown' : 'exact');
    }
  }
  for (const drawn of [...queues.values(), ...derived.values()]) {
    if (seen.has(drawn.node)) continue;
    for (const name of ['ready', 'unacked'] as const) sink.set(drawn, name, null, 'broker', 'unknown');
  }
  return depths;
}

/** Sets the number of consumers of the drawn queues and of handlers that run elsewhere. @throws Failure */
export async function readConsumers(
  client: ManagementClient,
  context: CounterContext,
  signal: AbortSignal,
): Promise<void> {
  const { vhosts, elsewhere } = context.subjects();
  const consumers: LiveConsumer[] = [];
  const names = elsewhere.some(({ connectionName }) => connectionName !== undefined)
    ? await readConnectionNames(client, signal)
    : new Map<string, string>();
  for (const vhost of vhosts) {
    for (const one of await client.list<ApiConsumer>(`/api/consumers/${encodeURIComponent(vhost)}`, signal)) {
      const peer = one.channel_details?.connection_name ?? '';
      consumers.push({
        vhost,
        queue: one.queue.name,
        tag: one.consumer_tag,
        user: one.channel_details?.user ?? '',
        connectionName: names.get(peer) ?? peer,
      });
    }
  }
  reportConsumers(consumers, context);
}

/** The names that clients gave their connections; consumers are listed under those of their sockets. */
export async function readConnectionNames(
  client: ManagementClient,
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const list = await client
    .list<ApiConnectionName>('/api/connections?columns=name,user_provided_name', signal)
    .catch(unlessRefused);
  return new Map(
    (list ?? []).flatMap(({ name, user_provided_name: given }) => (given === undefined ? [] : [[name, given]])),
  );
}

/** What each total of a queue is called here. Dead letters are never among the broker's `publish`. */
const QUEUE_TOTALS: readonly [CounterName, readonly string[]][] = [
  ['publishIn', ['publish']],
  ['delivered', ['deliver', 'deliver_no_ack', 'get', 'get_no_ack']],
  ['acked', ['ack']],
  ['redelivered', ['redeliver']],
];

function sumOf(stats: Record<string, Json> | undefined, fields: readonly string[]): number | undefined {
  if (!stats) return undefined;
  return fields.reduce((sum, field) => sum + Number(stats[field] ?? 0), 0);
}

/** What the statistics said of one queue, drawn or not. */
export interface QueuePublished {
  vhost: string;
  name: string;
  published: number;
}

export interface TotalsOptions {
  /** Messages may also come in by ways that the broker does not count: dead-lettering, other exchanges. */
  hasOtherWaysIn: (type: 'exchange' | 'queue', vhost: string, name: string) => boolean;
  /** False while taps add copies of their own to what the broker says an exchange passed on. */
  isRoutedTrue: boolean;
}

/** Sets the broker's totals of the drawn exchanges and queues. They are as old as the statistics, 5 s at most by default. @throws Failure */
export async function readTotals(
  client: ManagementClient,
  context: CounterContext,
  { hasOtherWaysIn, isRoutedTrue }: TotalsOptions,
  signal: AbortSignal,
): Promise<QueuePublished[]> {
  const { totals } = context;
  const { exchanges, queues, vhosts } = context.subjects();
  const published: QueuePublished[] = [];
  const stats = { exchange: new Map<string, ApiTotals>(), queue: new Map<string, ApiTotals>() };
  for (const vhost of vhosts) {
    const at = (list: string) => `/api/${list}/${encodeURIComponent(vhost)}?columns=name,message_stats`;
    const [apiExchanges, apiQueues] = await Promise.all([
      client.list<ApiTotals>(at('exchanges'), signal),
      client.list<ApiTotals>(at('queues'), signal),
    ]);
    for (const one of apiExchanges) stats.exchange.set(objectKey(vhost, one.name), one);
    for (const one of apiQueues) {
      stats.queue.set(objectKey(vhost, one.name), one);
      published.push({ vhost, name: one.name, published: sumOf(one.message_stats, ['publish']) ?? 0 });
    }
  }
  for (const [key, drawn] of exchanges) {
    const { message_stats: raw } = stats.exchange.get(key) ?? {};
    const whole = hasOtherWaysIn('exchange', drawn.vhost, drawn.name) ? 'atLeast' : 'exact';
    totals.observe(drawn, 'publishIn', sumOf(raw, ['publish_in']), whole);
    if (isRoutedTrue) totals.observe(drawn, 'routed', sumOf(raw, ['publish_out']), whole);
  }
  for (const [key, drawn] of queues) {
    const { message_stats: raw } = stats.queue.get(key) ?? {};
    const isFedOtherwise = hasOtherWaysIn('queue', drawn.vhost, drawn.name);
    for (const [name, fields] of QUEUE_TOTALS)
      totals.observe(drawn, name, sumOf(raw, fields), name === 'publishIn' && isFedOtherwise ? 'atLeast' : 'exact');
  }
  reportElsewhere(context, stats.queue);
  return published;
}

/** Deliveries of a handler elsewhere are known where it alone consumes from its queues: the broker does not tell consumers apart. */
function reportElsewhere(
  { sink, subjects, totals, alone }: CounterContext,
  stats: ReadonlyMap<string, ApiTotals>,
): void {
  for (const { node, queues } of subjects().elsewhere) {
    const delivered = queues.map(({ vhost, name, link }) => {
      const raw = stats.get(objectKey(vhost, name))?.message_stats;
      return { subject: { link }, raw: sumOf(raw, ['deliver', 'deliver_no_ack']) ?? 0 };
    });
    const sum = { subject: { node }, raw: delivered.reduce((total, { raw }) => total + raw, 0) };
    for (const { subject, raw } of [sum, ...delivered]) {
      if (alone.has(node)) totals.observe(subject, 'delivered', raw);
      else {
        totals.skip(subject, 'delivered');
        sink.set(subject, 'delivered', null, 'broker', 'unknown');
      }
    }
  }
}

/** Sentence on an alarm that stops publishers, if there is one; null where the user may not ask. @throws Failure */
export async function readAlarm(client: ManagementClient, signal: AbortSignal): Promise<string | undefined | null> {
  const nodes = await client
    .list<ApiNodeAlarms>('/api/nodes?columns=name,mem_alarm,disk_free_alarm', signal)
    .catch(unlessRefused);
  if (nodes === null) return null;
  const node = nodes.find(({ mem_alarm: memory, disk_free_alarm: disk }) => memory || disk);
  return node && `${node.name} is short of ${node.mem_alarm ? 'memory' : 'disk space'}: it blocks publishers`;
}
