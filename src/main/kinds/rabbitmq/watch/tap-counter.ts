import type { Json } from '@shared/flow/schema';
import { type BindingObject, type FoundTopology, objectKey } from '@shared/kinds/rabbitmq/objects';
import { compileTracer, readDeath, type Trace, type Tracer } from '@shared/kinds/rabbitmq/tap/trace';
import type { CounterName, CounterSource } from '@shared/traffic/counter';
import type { ConsumeMessage } from 'amqplib';
import type { Subject, WatchRequest } from '../../live';
import { isBytes, showBody, toJsonTable } from '../../message-details';
import { setProperties } from '../live/properties';
import type { DeadLetterExchanges } from './dead-letters';
import type { Subjects } from './subjects';

/** Ways of messages remembered; a stream of ever new keys must not fill the memory. */
const MAX_TALLIES = 4096;

/** What is tapped, of what was found. */
export interface TapView {
  found: FoundTopology;
  subjects: Subjects;
  /** Has a tap the key of this binding? */
  isTapped: (binding: BindingObject) => boolean;
  /** By queue. */
  deadLetterExchanges: DeadLetterExchanges;
}

/** One number that a message of some way raises. */
interface Raise {
  subject: Subject;
  name: CounterName;
  by: number;
  source: CounterSource;
}

/** Messages of one way that are not yet handed on. */
interface Tally {
  trace: Trace;
  node: string | undefined;
  raises: readonly Raise[];
  count: number;
}

/** Counts what the taps get: each message once, whichever of them got it, and its way by the bindings. */
export class TapCounter {
  private readonly tracer: Tracer;
  private readonly tallies = new Map<string, Tally>();
  private readonly bindingIds = new Map<BindingObject, number>();
  private readonly deaths = new Map<string, number>();

  constructor(
    private readonly view: TapView,
    private readonly request: WatchRequest,
  ) {
    this.tracer = compileTracer({ ...view.found, bindings: view.found.bindings ?? [] }, view.isTapped);
    for (const binding of view.found.bindings ?? []) this.bindingIds.set(binding, this.bindingIds.size);
  }

  /**
   * Takes in a message that the tap of `tap` (`objectKey` of its exchange) got; called tens of thousands of times a second.
   * Returns whether it is a dead letter, which the broker's statistics do not count as published.
   */
  take(vhost: string, tap: string, message: ConsumeMessage): boolean {
    const tally = this.tallyOf(vhost, message);
    const { exchange } = message.fields;
    const death = readDeath(message.properties.headers);
    const deadQueue = death && objectKey(vhost, death.queue);
    const isDead = deadQueue !== undefined && this.view.deadLetterExchanges.leads(deadQueue, exchange);
    if (tally.trace.observer !== undefined && tally.trace.observer !== tap) return isDead;
    tally.count += 1;
    if (isDead) this.deaths.set(deadQueue, (this.deaths.get(deadQueue) ?? 0) + 1);
    this.tell(tap, tally, message, isDead ? death : undefined);
    return isDead;
  }

  /** Hands on what was counted since the last time. */
  flush(): void {
    const { sink } = this.request;
    for (const tally of this.tallies.values()) {
      if (tally.count === 0) continue;
      for (const { subject, name, by, source } of tally.raises) sink.add(subject, name, by * tally.count, source);
      tally.count = 0;
    }
    for (const [queue, count] of this.deaths)
      for (const subject of deadLetterSubjects(this.view.subjects, queue))
        sink.add(subject, 'deadLettered', count, 'tap');
    this.deaths.clear();
  }

  private tallyOf(vhost: string, { fields, properties }: ConsumeMessage): Tally {
    const { exchange, routingKey } = fields;
    const headers = properties.headers ?? {};
    const isByKeyAlone = !this.tracer.readsHeaders(vhost) && !('CC' in headers);
    const key = `${vhost}\u0000${exchange}\u0000${routingKey}`;
    const known = isByKeyAlone ? this.tallies.get(key) : undefined;
    if (known) return known;
    const table = isByKeyAlone ? {} : toRoutingTable(headers);
    const trace = this.tracer.trace({ vhost, exchange, routingKey, headers: table });
    const way = isByKeyAlone ? key : `${vhost}\u0000${exchange}\u0001${this.signatureOf(trace)}`;
    const same = this.tallies.get(way);
    if (same) return same;
    if (this.tallies.size >= MAX_TALLIES) {
      this.flush();
      this.tallies.clear();
    }
    const tally: Tally = {
      trace,
      node: this.view.subjects.exchanges.get(objectKey(vhost, exchange))?.node,
      raises: this.raisesOf(vhost, trace),
      count: 0,
    };
    this.tallies.set(way, tally);
    return tally;
  }

  private signatureOf({ bindings, alternates }: Trace): string {
    return [
      ...bindings.map((binding) => this.bindingIds.get(binding)),
      ...alternates.map(({ exchange }) => exchange),
    ].join();
  }

  private raisesOf(vhost: string, { exchanges, bindings, alternates }: Trace): Raise[] {
    const { subjects } = this.view;
    const raises: Raise[] = [];
    for (const { key, passedOn } of exchanges) {
      const drawn = subjects.exchanges.get(key);
      if (!drawn) continue;
      raises.push({ subject: { node: drawn.node }, name: 'tapped', by: 1, source: 'tap' });
      raises.push({ subject: { node: drawn.node }, name: 'routed', by: passedOn, source: 'computed' });
    }
    const links = bindings.flatMap((binding) => subjects.bindingLink(binding) ?? []);
    for (const link of new Set(links)) raises.push({ subject: { link }, name: 'routed', by: 1, source: 'computed' });
    for (const { exchange } of alternates) {
      const key = objectKey(vhost, exchange);
      const drawn = subjects.exchanges.get(key);
      const link = subjects.alternateLinks.get(key);
      if (drawn) raises.push({ subject: { node: drawn.node }, name: 'unroutable', by: 1, source: 'computed' });
      if (link !== undefined) raises.push({ subject: { link }, name: 'routed', by: 1, source: 'computed' });
    }
    return raises;
  }

  private tell(
    tap: string,
    { node }: Tally,
    message: ConsumeMessage,
    death: { queue: string; reason: string; count: number } | undefined,
  ): void {
    const { subjects } = this.view;
    const { fields, properties, content } = message;
    const { exchange, routingKey } = fields;
    const messageId: unknown = properties.messageId;
    const deadKey = death && objectKey(tap.split('\u0000')[0] ?? '', death.queue);
    const deadNode = deadKey && subjects.queues.get(deadKey)?.node;
    // One object of one shape for each message: it is made tens of thousands of times a second.
    this.request.sink.event({
      at: Date.now(),
      node: deadNode ?? node ?? subjects.exchanges.get(tap)?.node ?? '',
      link: deadKey && subjects.deadLetterLinks.get(deadKey),
      phase: death ? 'dead-lettered' : 'published',
      messageId: typeof messageId === 'string' ? messageId : undefined,
      exchange,
      routingKey,
      queue: death?.queue,
      reason: death && tellDeath(death),
      sizeBytes: content.length,
      details: () => ({
        body: showBody(content, this.request.maskBodies()),
        headers: toJsonTable(properties.headers ?? {}),
        properties: setProperties(properties),
      }),
    });
  }
}

/** The drawn queue and its dead-letter link. */
export function deadLetterSubjects({ queues, deadLetterLinks }: Subjects, queueKey: string): Subject[] {
  const node = queues.get(queueKey)?.node;
  const link = deadLetterLinks.get(queueKey);
  return [...(node === undefined ? [] : [{ node }]), ...(link === undefined ? [] : [{ link }])];
}

const DEATHS: Record<string, string> = {
  rejected: 'rejected by a consumer',
  expired: 'its time to live was over',
  maxlen: 'the queue was full',
  delivery_limit: 'delivered too often',
};

function tellDeath({ reason, count, queue }: { queue: string; reason: string; count: number }): string {
  const times = count > 1 ? `, ${count} times by now` : '';
  return `${reason}: ${DEATHS[reason] ?? reason} in ${queue}${times}`;
}

/** Headers as routing compares them: bytes and times keep their type. */
function toRoutingTable(headers: Record<string, unknown>): Record<string, Json> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, toRoutingValue(value)]));
}

function toRoutingValue(value: unknown): Json {
  if (isBytes(value)) return { $type: 'bytes', value: value.toString('base64') };
  if (Array.isArray(value)) return value.map(toRoutingValue);
  if (typeof value === 'object' && value !== null) {
    const { '!': type, value: inner } = value as { '!'?: unknown; value?: unknown };
    if (type === 'timestamp' && typeof inner === 'number') return { $type: 'timestamp', value: String(inner) };
    return toRoutingTable({ ...value });
  }
  return typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number' ? value : null;
}
