import type { Json } from '@shared/flow/schema';

/** A message as a handler gets it, whatever broker it came from. */
export interface HandledMessage {
  messageId?: string;
  /** Where it was taken from: the queue, stream or channel. */
  source: string;
  /** Exchange it was published to; absent where brokers have none. */
  exchange?: string;
  routingKey: string;
  /** The application's message type: AMQP `type`, or what the kind has in its place. */
  type?: string;
  headers: Record<string, Json>;
  /** Other properties that were set, by the broker's own names. */
  properties: Record<string, Json>;
  /** For senders of the same kind, who know by it what JSON cannot tell: types of numbers, large ones, bytes. */
  native?: unknown;
  body: Buffer;
  /** 1 for the first attempt. */
  attempt: number;
  redelivered: boolean;
}

/** A message on its way out, templates filled in. */
export interface OutgoingMessage {
  routingKey: string;
  body: Buffer;
  headers: Record<string, Json>;
  /** By the names of AMQP's basic properties; other kinds carry what they can. `timestamp` is in epoch milliseconds. */
  properties: OutgoingProperties;
  /** Of the handled message that it follows from, if it follows from one. */
  native?: unknown;
}

export interface OutgoingProperties {
  contentType?: string;
  contentEncoding?: string;
  persistent?: boolean;
  priority?: number;
  correlationId?: string;
  replyTo?: string;
  /** Milliseconds, as AMQP's string. */
  expiration?: string;
  messageId?: string;
  timestamp?: number;
  type?: string;
  userId?: string;
  appId?: string;
}

/** Properties that are text. */
export const TEXT_PROPERTIES = [
  'contentType',
  'contentEncoding',
  'correlationId',
  'replyTo',
  'expiration',
  'messageId',
  'type',
  'userId',
  'appId',
] as const;

/**
 * What became of a message that was sent. `confirmed`: the broker has it; `returned`: the broker confirmed that nothing takes
 * it; `failed`: the broker refused it, or never said.
 */
export type SendResult = { state: 'confirmed' } | { state: 'returned' | 'failed'; reason: string };
