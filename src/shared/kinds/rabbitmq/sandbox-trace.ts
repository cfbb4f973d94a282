/** Why a message died; RabbitMQ's own words in `x-death`. */
export type DeathReason = 'rejected' | 'expired' | 'maxlen' | 'delivery_limit';

/** How a message was given to a client, in the words of the management API's statistics. */
export type DeliveryMode = 'deliver' | 'deliver_no_ack' | 'get' | 'get_no_ack';

/** Name of the connections by which handlers of Tapline send on what they failed on. */
export const HANDLER_CLIENT = 'Tapline retry';

/** Everything counted about one exchange since the sandbox began; exact. */
export interface ExchangeTotals {
  /** By clients. */
  published: number;
  /** Copies of those in queues. */
  publishedOut: number;
  /** Copies passed on to queues and other exchanges, those of dead letters included. */
  routed: number;
  unroutable: number;
  returned: number;
}

/** Everything counted about one queue, and what it holds now; exact. */
export interface QueueTotals {
  routed: number;
  /** Of those, what clients published: dead letters are not among them. */
  published: number;
  delivered: number;
  deliveredBy: Partial<Record<DeliveryMode, number>>;
  redelivered: number;
  acked: number;
  requeued: number;
  /** Refused since it was full (`x-overflow: reject-publish`). */
  refused: number;
  purged: number;
  /** What a handler of Tapline with a retry policy gave up and sent to the dead letters itself. */
  givenUp: number;
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
  /** Epoch milliseconds of real time, as all other events of a journey have it, whatever the sandbox's own clock says. */
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
