import type { ChannelModel, ConfirmChannel, Options } from 'amqplib';
import type { SendResult } from '../../message';
import { closeQuietly } from '../close';
import { replyOf } from '../replies';

/** Messages and bytes on the way at most, before the sender is asked to wait. */
const MAX_UNCONFIRMED = 1000;
const MAX_UNCONFIRMED_BYTES = 8 * 1024 * 1024;
/** A message that costs the connection each time it is sent is given up. */
const MAX_WRITES = 10;
/** After a refusal that closed the channel. */
const REOPEN_MS = 1000;

/** A message for one exchange. */
export interface Parcel {
  exchange: string;
  routingKey: string;
  body: Buffer;
  options: Options.Publish;
}

/** Told once each per message, whatever was sent again in between. */
export interface OutletObserver {
  written: (parcel: Parcel) => void;
  settled: (parcel: Parcel, result: SendResult) => void;
  /** The broker closed the channel; everything on the way failed for this reason. */
  refused: (sentence: string) => void;
}

interface Entry {
  parcel: Parcel;
  writes: number;
  /** Came back; its confirm follows. */
  isReturned: boolean;
  settle: (result: SendResult) => void;
}

/**
 * Publishes with confirms and `mandatory` on a channel of its own. Holds what is not confirmed and sends it again on the next
 * connection, in order. A refusal that closes the channel (no such exchange, no permission) fails what is on the way.
 */
export class Outlet {
  private readonly unsettled = new Set<Entry>();
  private bytes = 0;
  private waiting: (() => void)[] = [];
  private connection: ChannelModel | undefined;
  private channel: ConfirmChannel | undefined;
  private reopening: NodeJS.Timeout | undefined;
  private isClosed = false;
  /** By delivery tag of the channel. */
  private inFlight = new Map<number, Entry>();
  private nextTag = 1;
  private lowestTag = 1;
  private lastReturned = 0;

  constructor(private readonly observer: OutletObserver) {}

  /** Begins to work on a connection. Never rejects: the connection's end or the next attempt follows. */
  async attach(connection: ChannelModel): Promise<void> {
    this.connection = connection;
    try {
      const channel = await connection.createConfirmChannel();
      if (this.isClosed || this.connection !== connection) return void closeQuietly(channel);
      this.use(channel);
    } catch {
      if (this.connection === connection) this.reopenLater();
    }
  }

  /** The connection is gone; what is on the way waits for the next. */
  detach(): void {
    clearTimeout(this.reopening);
    this.connection = undefined;
    this.channel = undefined;
    this.inFlight = new Map();
  }

  room(): Promise<void> | undefined {
    if (this.hasRoom() || this.isClosed) return undefined;
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  send(parcel: Parcel): Promise<SendResult> {
    return new Promise((resolve) => {
      const entry: Entry = { parcel, writes: 0, isReturned: false, settle: resolve };
      this.unsettled.add(entry);
      this.bytes += parcel.body.length;
      if (this.isClosed) return this.settle(entry, stopped());
      if (this.channel) this.write(entry, this.channel);
    });
  }

  /** Ends what is on the way as failed. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.reopening);
    const channel = this.channel;
    this.channel = undefined;
    for (const entry of [...this.unsettled]) this.settle(entry, stopped());
    this.makeRoom();
    if (channel) await closeQuietly(channel);
  }

  private hasRoom(): boolean {
    return this.unsettled.size < MAX_UNCONFIRMED && this.bytes < MAX_UNCONFIRMED_BYTES;
  }

  private makeRoom(): void {
    if (this.waiting.length === 0 || !(this.hasRoom() || this.isClosed)) return;
    const waiting = this.waiting;
    this.waiting = [];
    for (const go of waiting) go();
  }

  private use(channel: ConfirmChannel): void {
    this.channel = channel;
    this.inFlight = new Map();
    this.nextTag = 1;
    this.lowestTag = 1;
    this.lastReturned = 0;
    channel.on('ack', ({ deliveryTag, multiple }) => this.confirmed(channel, deliveryTag, multiple, true));
    channel.on('nack', ({ deliveryTag, multiple }) => this.confirmed(channel, deliveryTag, multiple, false));
    channel.on('return', ({ fields, properties }) => {
      if (channel === this.channel) this.returned(fields, properties.messageId);
    });
    channel.on('error', (error) => {
      if (channel !== this.channel) return;
      const { sentence } = replyOf(error);
      for (const entry of [...this.unsettled])
        if (entry.writes > 0) this.settle(entry, { state: 'failed', reason: sentence });
      this.observer.refused(sentence);
    });
    channel.on('close', () => {
      if (channel !== this.channel) return;
      this.channel = undefined;
      this.inFlight = new Map();
      this.reopenLater();
      this.makeRoom();
    });
    for (const entry of [...this.unsettled]) this.write(entry, channel);
  }

  private reopenLater(): void {
    if (this.isClosed || !this.connection) return;
    clearTimeout(this.reopening);
    this.reopening = setTimeout(() => {
      if (this.connection && !this.isClosed) void this.attach(this.connection);
    }, REOPEN_MS);
  }

  private write(entry: Entry, channel: ConfirmChannel): void {
    const { exchange, routingKey, body, options } = entry.parcel;
    if (entry.writes === MAX_WRITES) {
      const reason = `The connection was lost each of the ${MAX_WRITES} times that it was sent.`;
      return this.settle(entry, { state: 'failed', reason });
    }
    try {
      channel.publish(exchange, routingKey, body, options);
    } catch (error) {
      if (this.channel !== channel) return;
      return this.settle(entry, { state: 'failed', reason: error instanceof Error ? error.message : String(error) });
    }
    this.inFlight.set(this.nextTag, entry);
    this.nextTag += 1;
    entry.isReturned = false;
    entry.writes += 1;
    if (entry.writes === 1) this.observer.written(entry.parcel);
  }

  private confirmed(channel: ConfirmChannel, tag: number, multiple: boolean, isAck: boolean): void {
    if (channel !== this.channel) return;
    if (!multiple) this.take(tag, isAck);
    else for (let each = this.lowestTag; each <= tag; each++) this.take(each, isAck);
    while (this.lowestTag < this.nextTag && !this.inFlight.has(this.lowestTag)) this.lowestTag += 1;
    this.makeRoom();
  }

  private take(tag: number, isAck: boolean): void {
    const entry = this.inFlight.get(tag);
    if (!entry) return;
    this.inFlight.delete(tag);
    if (!isAck) {
      const reason = 'The broker refused it: a queue is full and rejects what is published, or could not store it.';
      return this.settle(entry, { state: 'failed', reason });
    }
    const { exchange, routingKey } = entry.parcel;
    const where =
      exchange === ''
        ? `There is no queue “${routingKey}”.`
        : `No queue of “${exchange}” takes the key “${routingKey}”.`;
    this.settle(entry, entry.isReturned ? { state: 'returned', reason: where } : { state: 'confirmed' });
  }

  /** Returns come in the order in which messages were sent, each before its confirm. */
  private returned(fields: { exchange?: string; routingKey: string }, messageId: unknown): void {
    for (let tag = Math.max(this.lastReturned + 1, this.lowestTag); tag < this.nextTag; tag++) {
      const entry = this.inFlight.get(tag);
      if (!entry || entry.parcel.exchange !== fields.exchange || entry.parcel.routingKey !== fields.routingKey)
        continue;
      if (entry.parcel.options.messageId !== (messageId ?? undefined)) continue;
      entry.isReturned = true;
      this.lastReturned = tag;
      return;
    }
  }

  private settle(entry: Entry, result: SendResult): void {
    if (!this.unsettled.delete(entry)) return;
    this.bytes -= entry.parcel.body.length;
    this.observer.settled(entry.parcel, result);
    entry.settle(result);
  }
}

function stopped(): SendResult {
  return { state: 'failed', reason: 'Tapline stopped before the broker confirmed it.' };
}
