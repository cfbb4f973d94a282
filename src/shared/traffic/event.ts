import type { Json } from '@shared/flow/schema';

/** What happened to a message. `logged`: its handler wrote a line; `unmatched`: no rule of its router took it. `expired` and `dropped`: it is gone for good, since there was no dead-letter exchange. */
export type Phase =
  | 'published'
  | 'confirmed'
  | 'returned'
  | 'routed'
  | 'delivered'
  | 'logged'
  | 'unmatched'
  | 'acked'
  | 'failed'
  | 'retried'
  | 'rejected'
  | 'requeued'
  | 'dead-lettered'
  | 'expired'
  | 'dropped';

/** A message body as it can be shown. Long bodies are cut, and say so: `sizeBytes` on the event is always the full size. */
export type Body =
  | { format: 'json' | 'text'; text: string; cut: boolean }
  | { format: 'hex'; text: string; cut: boolean }
  | { format: 'masked' };

/** One observation of one message. */
export interface TrafficEvent {
  /** Rises by one for each event the engine counted, sampled or not. */
  seq: number;
  /** Epoch milliseconds. */
  at: number;
  node: string;
  link?: string;
  phase: Phase;
  messageId?: string;
  exchange?: string;
  routingKey?: string;
  queue?: string;
  sizeBytes: number;
  body?: Body;
  headers?: Record<string, Json>;
  /** AMQP basic properties that were set, by their AMQP name. */
  properties?: Record<string, Json>;
  /** Why it failed, was returned or died. */
  reason?: string;
  /** Of deliveries and failures: the attempt it is, 1 for the first; of retries: the attempt that comes. */
  attempt?: number;
  /** Of retries: how long until the next attempt. */
  delayMs?: number;
  /** True when the hop was computed by Tapline and not observed. */
  inferred?: boolean;
  /** On a tape: the rules by which parts of it were masked, `body.card.number` or `header.authorization`. */
  masked?: string[];
}
