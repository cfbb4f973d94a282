import { randomUUID } from 'node:crypto';
import { objectKey } from '@shared/kinds/rabbitmq/objects';
import {
  type ExchangeTotals,
  hopKey,
  type QueueGauges,
  type QueueTotals,
  type TraceEvent,
  type TraceFrame,
  type TraceHop,
} from '@shared/kinds/rabbitmq/sandbox-trace';
import type { SandboxBroker } from '../broker/broker';
import type { SandboxEvent } from '../broker/events';
import { describeProperties } from '../codec/properties';
import { plainArguments } from '../management/describe';
import { GivenUpLetters } from './given-up';

/** Most events kept for whoever asks next, and most bytes of bodies among them. */
const MAX_EVENTS = 5000;
const MAX_BODY_BYTES = 32 * 1024;
const MAX_RING_BYTES = 32 * 1024 * 1024;

type MessageEvent = Exclude<SandboxEvent, { type: 'purged' | 'topology' }>;

/** Counts every event, and keeps the latest for the view. Events are made readable only when somebody asks. */
export class Tracer {
  private seq = 0;
  private epoch = randomUUID();
  private readonly ring: { seq: number; at: number; event: MessageEvent }[] = [];
  private ringBytes = 0;
  private readonly exchanges = new Map<string, ExchangeTotals>();
  private readonly queues = new Map<string, QueueTotals>();
  private readonly hops = new Map<string, number>();
  /** What is routed next was published just now: the two events follow each other. */
  private isPublished = false;
  private readonly givenUp = new GivenUpLetters((vhost, queue, by) => {
    this.queue(vhost, queue).givenUp += by;
  });

  constructor(private readonly broker: SandboxBroker) {}

  /** `onChange` is called with every event, for whoever keeps what the sandbox holds. */
  start(onChange: () => void): void {
    this.broker.observe = (event) => {
      this.record(event);
      onChange();
    };
  }

  /** Forgets all counts and events: another epoch begins. */
  reset(): void {
    this.epoch = randomUUID();
    this.seq = 0;
    this.ring.length = 0;
    this.ringBytes = 0;
    this.exchanges.clear();
    this.queues.clear();
    this.hops.clear();
  }

  /** What happened since `cursor`, at most `maxEvents` of it, the latest, oldest first; totals are always complete. */
  frame(cursor: number, maxEvents: number): TraceFrame {
    const missed = this.seq - cursor;
    const kept = this.ring.slice(Math.max(0, this.ring.length - Math.min(missed, maxEvents)));
    const events = missed > 0 ? kept.map(({ seq, at, event }) => describeEvent(seq, at, event)) : [];
    return {
      epoch: this.epoch,
      cursor: this.seq,
      notSampled: Math.max(0, missed - events.length),
      events,
      exchanges: Object.fromEntries(this.exchanges),
      queues: Object.fromEntries(this.queues),
      gauges: this.gauges(),
      hops: Object.fromEntries(this.hops),
    };
  }

  exchangeTotals(vhost: string, name: string): ExchangeTotals | undefined {
    return this.exchanges.get(objectKey(vhost, name));
  }

  queueTotals(vhost: string, name: string): QueueTotals | undefined {
    return this.queues.get(objectKey(vhost, name));
  }

  private gauges(): Record<string, QueueGauges> {
    const gauges: Record<string, QueueGauges> = {};
    for (const vhost of this.broker.vhosts.values())
      for (const { name, ready, unacked, consumers } of vhost.queues.values())
        gauges[objectKey(vhost.name, name)] = { ready, unacked, consumers: consumers.length };
    return gauges;
  }

  private record(event: SandboxEvent): void {
    if (event.type === 'topology') return;
    this.countEvent(event);
    this.givenUp.see(event);
    if (event.type === 'purged') return;
    this.ring.push({ seq: ++this.seq, at: Date.now(), event });
    this.ringBytes += event.message.body.length;
    // In steps, so that the array is not moved with every event.
    if (this.ring.length < MAX_EVENTS * 2 && this.ringBytes < MAX_RING_BYTES) return;
    const dropped = this.ring.splice(0, Math.max(1, this.ring.length - MAX_EVENTS, this.ring.length >> 1));
    for (const { event: old } of dropped) this.ringBytes -= old.message.body.length;
  }

  private countEvent(event: SandboxEvent): void {
    switch (event.type) {
      case 'published':
        this.exchange(event.vhost, event.message.exchange).published++;
        this.isPublished = true;
        break;
      case 'routed':
        if (event.queues.length === 0) this.exchange(event.vhost, event.message.exchange).unroutable++;
        for (const queue of event.queues) {
          const totals = this.queue(event.vhost, queue);
          totals.routed++;
          if (this.isPublished) totals.published++;
        }
        if (this.isPublished) this.exchange(event.vhost, event.message.exchange).publishedOut += event.queues.length;
        this.isPublished = false;
        this.countHops(event.vhost, event.hops);
        break;
      case 'returned':
        this.exchange(event.vhost, event.message.exchange).returned++;
        break;
      case 'delivered': {
        const totals = this.queue(event.vhost, event.queue);
        totals.delivered++;
        totals.deliveredBy[event.mode] = (totals.deliveredBy[event.mode] ?? 0) + 1;
        if (event.redelivered) totals.redelivered++;
        break;
      }
      case 'acked':
        this.queue(event.vhost, event.queue).acked++;
        break;
      case 'requeued':
        this.queue(event.vhost, event.queue).requeued++;
        break;
      case 'refused':
        this.queue(event.vhost, event.queue).refused++;
        break;
      case 'purged':
        this.queue(event.vhost, event.queue).purged += event.messages;
        break;
      case 'died': {
        const totals = this.queue(event.vhost, event.queue);
        const byReason = event.target === null ? totals.dropped : totals.deadLettered;
        byReason[event.reason] = (byReason[event.reason] ?? 0) + 1;
        break;
      }
      case 'topology':
        break;
    }
  }

  /** Each pair once for a message, whatever the number of bindings between them. */
  private countHops(vhost: string, hops: readonly TraceHop[]): void {
    const seen = new Set<string>();
    for (const { source, destinationType, destination } of hops) {
      const key = hopKey(vhost, source, destinationType, destination);
      if (seen.has(key)) continue;
      seen.add(key);
      this.hops.set(key, (this.hops.get(key) ?? 0) + 1);
      this.exchange(vhost, source).routed++;
    }
  }

  private exchange(vhost: string, name: string): ExchangeTotals {
    return entry(this.exchanges, vhost, name, () => ({
      published: 0,
      publishedOut: 0,
      routed: 0,
      unroutable: 0,
      returned: 0,
    }));
  }

  private queue(vhost: string, name: string): QueueTotals {
    return entry(this.queues, vhost, name, () => ({
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
    }));
  }
}

function entry<T>(map: Map<string, T>, vhost: string, name: string, create: () => T): T {
  const key = objectKey(vhost, name);
  const known = map.get(key);
  if (known) return known;
  const created = create();
  map.set(key, created);
  return created;
}

/** Properties as the view shows them: numbers without their width. */
function readable(properties: Buffer): Record<string, unknown> {
  const { headers, ...others } = describeProperties(properties);
  return typeof headers === 'object' ? { ...others, headers: plainArguments(headers, Number) } : others;
}

function describeEvent(seq: number, at: number, event: MessageEvent): TraceEvent {
  const { message, type, vhost } = event;
  return {
    seq,
    at,
    type,
    vhost,
    message: message.id,
    exchange: message.exchange,
    routingKey: message.routingKey,
    sizeBytes: message.body.length,
    properties: readable(message.properties),
    body: message.body.subarray(0, MAX_BODY_BYTES).toString('base64'),
    ...('queue' in event ? { queue: event.queue } : {}),
    ...('queues' in event ? { queues: event.queues } : {}),
    ...('client' in event ? { client: event.client } : {}),
    ...('process' in event && event.process !== undefined ? { process: event.process } : {}),
    ...('hops' in event ? { hops: event.hops } : {}),
    ...('reason' in event ? { reason: event.reason, target: event.target } : {}),
  };
}
