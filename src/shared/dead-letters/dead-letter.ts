import type { Json } from '@shared/flow/schema';
import type { Body } from '@shared/traffic/event';

/** One time (or several like it) that a queue gave a message up. */
export interface Death {
  queue: string;
  /** The broker's word: `rejected`, `expired`, `maxlen`, `delivery_limit`. */
  reason: string;
  /** How often this happened to it in this queue for this reason. */
  count: number;
  /** Epoch milliseconds of the first of these deaths; brokers do not tell when the others were. */
  firstAt?: number;
  /** Where it is told (AMQP 1.0). */
  lastAt?: number;
  /** Exchange by which it had come into the queue; `""` is the default exchange. */
  exchange: string;
  routingKeys: string[];
  /** Its own time to live, milliseconds, which dying removed. */
  originalExpiration?: string;
}

/** A place to publish a dead letter to, so that it is handled again. */
export interface Home {
  exchange: string;
  routingKey: string;
  /** `queue`: straight into one queue, through the default exchange. `exchange`: as it was published, to all who are bound. */
  reach: 'queue' | 'exchange';
  /** The queue meant, or the exchange. */
  name: string;
  /** A sentence: how it is known, and what comes with it. */
  why: string;
  /** True when it follows from names or the drawing, and not from the message. */
  inferred?: boolean;
}

/** What an application or Tapline noted about the failure. */
export interface DeathError {
  /** Class of the exception. */
  type?: string;
  message?: string;
  attempts?: number;
}

/** A dead letter as it was read from its queue. */
export interface DeadLetter {
  /** Fingerprint of its content: the same however often it is read; equal messages have equal ids. */
  id: string;
  messageId?: string;
  /** The application's message type. */
  type?: string;
  /** By which it came into the dead-letter queue. */
  exchange: string;
  routingKey: string;
  sizeBytes: number;
  body: Body;
  headers: Record<string, Json>;
  /** AMQP basic properties that were set, by their AMQP name. */
  properties: Record<string, Json>;
  /** Newest first. */
  deaths: Death[];
  /** Of the last death; `unknown` when nothing tells. */
  reason: string;
  /** The queue it last died in. */
  from?: string;
  /** Epoch milliseconds, as well as it is known. */
  diedAt?: number;
  error?: DeathError;
  /** Null when Tapline never redrove it. */
  redriven: { times: number; lastAt?: number } | null;
  /** Where it can go back to, the best first; empty when nothing tells. */
  homes: Home[];
}

/** What reading a dead-letter queue does to it. */
export interface ReadingTerms {
  /** Sentences; each is a price. */
  costs: string[];
  /** Nothing is changed, not even for a moment. */
  isHarmless?: true;
  /** Why it must not be read at all. */
  refused?: string;
}

/** A queue of the flow in which dead letters end. */
export interface DeadLetterQueue {
  broker: string;
  vhost: string;
  name: string;
  /** Absent when it is not drawn. */
  node?: string;
  /** Sentences: why it is taken for one. */
  because: string[];
  /** Names of the queues whose dead letters come here. */
  sources: string[];
}

/** A dead-letter queue as it is now. Nothing was read to know it. */
export interface DeadLetterQueueState extends DeadLetterQueue {
  queueType: 'classic' | 'quorum' | 'stream' | null;
  /** Messages that are ready; null when it could not be asked. */
  depth: number | null;
  consumers: number | null;
  /** Why there are no numbers. */
  problem?: string;
  terms: ReadingTerms;
}
