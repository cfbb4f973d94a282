import { PROPERTY_FLAG, type RawProperties, splitProperties } from '../../../amqp/raw-properties';
import { readHeaders, readShortString } from '../codec/properties';
import type { FieldTable } from '../codec/table';

/** A published message. Properties and body are the publisher's own bytes, shared by every queue that holds it. */
export class Message {
  /** Bits of the properties that are present. */
  readonly flags: number;
  private rawProperties: RawProperties | undefined;
  private decodedHeaders: FieldTable | undefined;

  constructor(
    readonly exchange: string,
    readonly routingKey: string,
    readonly properties: Buffer,
    readonly body: Buffer,
    /** All keys it is routed by, when CC or BCC add to the routing key. */
    readonly keys: readonly string[] | undefined,
    /** Rises by one with every publish and dead-lettering; ties the events of one message together. */
    readonly id: number,
    /** The broker itself wrote its death headers, so they can be trusted. */
    readonly hasDied = false,
  ) {
    this.flags = properties.readUInt16BE(0);
  }

  /** Bytes of what the publisher sent. */
  get size(): number {
    return this.properties.length + this.body.length;
  }

  get raw(): RawProperties {
    this.rawProperties ??= splitProperties(this.properties);
    return this.rawProperties;
  }

  get headers(): FieldTable {
    if (!(this.flags & PROPERTY_FLAG.headers)) return {};
    this.decodedHeaders ??= readHeaders(this.raw.headers);
    return this.decodedHeaders;
  }

  /** Lets go of what was decoded for routing, so that waiting messages stay small; it is decoded again when wanted. */
  forgetDecoded(): void {
    this.rawProperties = undefined;
    this.decodedHeaders = undefined;
  }

  get expiration(): string | undefined {
    return this.flags & PROPERTY_FLAG.expiration ? readShortString(this.raw.expiration) : undefined;
  }

  get priority(): number {
    return this.flags & PROPERTY_FLAG.priority ? (this.raw.priority?.readUInt8(0) ?? 0) : 0;
  }

  get isPersistent(): boolean {
    return (this.flags & PROPERTY_FLAG.deliveryMode) !== 0 && this.raw.deliveryMode?.readUInt8(0) === 2;
  }

  get userId(): string | undefined {
    return this.flags & PROPERTY_FLAG.userId ? readShortString(this.raw.userId) : undefined;
  }

  get replyTo(): string | undefined {
    return this.flags & PROPERTY_FLAG.replyTo ? readShortString(this.raw.replyTo) : undefined;
  }
}

/** A message's place in one queue. */
export interface QueueEntry {
  readonly message: Message;
  /** Order in the queue; a requeued entry returns to its place by it. */
  sequence: number;
  redelivered: boolean;
  /** Deliveries that came back; quorum queues tell consumers and limit it. */
  deliveryCount: number;
  /** Clock milliseconds; 0: never. */
  readonly expiresAt: number;
}
