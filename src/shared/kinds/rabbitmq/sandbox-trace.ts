/** Why a message died; RabbitMQ's own words in `x-death`. */
export type DeathReason = 'rejected' | 'expired' | 'maxlen' | 'delivery_limit';

/** Everything counted about one exchange since the sandbox began; exact. */
export interface ExchangeTotals {
  /** By clients. */
  published: number;
  /** Copies passed on to queues and other exchanges, those of dead letters included. */
  routed: number;
  unroutable: number;
  returned: number;
}

/** Everything counted about one queue, and what it holds now; exact. */
export interface QueueTotals {
  routed: number;
  delivered: number;
  redelivered: number;
  acked: number;
  requeued: number;
  /** Refused since it was full (`x-overflow: reject-publish`). */
  refused: number;
  purged: number;
  /** Messages that left for the dead-letter exchange, and those that had none to go to, by reason. */
  deadLettered: Partial<Record<DeathReason, number>>;
  dropped: Partial<Record<DeathReason, number>>;
}

export interface QueueGauges {
  ready: number;
  unacked: number;
  consumers: number;
}

/** A binding or alternate exchange that a message took. */
export interface TraceHop {
  source: string;
  destination: string;
  destinationType: 'queue' | 'exchange' | 'alternate';
  routingKey: string;
}

/** What happened to one message in the sandbox. */
export interface TraceEvent {
  seq: number;
  /** Epoch milliseconds of the sandbox's clock. */
  at: number;
  type: 'published' | 'routed' | 'returned' | 'delivered' | 'acked' | 'requeued' | 'died' | 'refused';
  vhost: string;
  /** Ties the events of one message together, dead-lettering included. */
  message: number;
  exchange: string;
  routingKey: string;
  /** Name that the publishing or consuming client gave its connection. */
  client?: string;
  /** Which process of Tapline that client is in, if it is one of Tapline's. */
  process?: string;
  queue?: string;
  queues?: string[];
  hops?: TraceHop[];
  reason?: DeathReason;
  /** The dead-letter exchange; null: there is none, the message is gone. */
  target?: string | null;
  sizeBytes: number;
  properties: Record<string, unknown>;
  /** Base64, cut. */
  body: string;
}

/** One answer of the sandbox's trace. Keys are `objectKey(vhost, name)`. */
export interface TraceFrame {
  /** Another one: the sandbox was started again or reset, and counts from zero. */
  epoch: string;
  cursor: number;
  /** Events since the asked cursor that are not among `events`. */
  notSampled: number;
  events: TraceEvent[];
  exchanges: Record<string, ExchangeTotals>;
  queues: Record<string, QueueTotals>;
  /** Of all queues that are there. */
  gauges: Record<string, QueueGauges>;
  /** Messages by way taken: vhost, source, destination type and destination, joined with U+0000; see `hopKey`. */
  hops: Record<string, number>;
}

/** Key of a way in `TraceFrame.hops`. */
export function hopKey(vhost: string, source: string, type: TraceHop['destinationType'], destination: string): string {
  return `${vhost}\u0000${source}\u0000${type}\u0000${destination}`;
}
