import type { FieldTable } from '../codec/table';
import type { CancelTimer } from './clock';
import type { DeathReason } from './events';
import type { Message, QueueEntry } from './message';
import { PriorityLanes } from './priority-lanes';
import { addInTurn, type QueueConsumer, takeTurn } from './queue-consumers';
import { type QueueLimits, readQueueLimits } from './queue-limits';
import { Refusal } from './refusal';
import type { Vhost } from './vhost';

/** Owner of an exclusive queue: a connection. */
export interface QueueOwner {
  readonly exclusiveQueues: Set<Queue>;
}

export interface QueueDeclaration {
  name: string;
  durable: boolean;
  autoDelete: boolean;
  arguments: FieldTable;
  owner: QueueOwner | null;
}

/**
 * A classic queue, or a quorum one as far as a client can tell (delivery count and limit, requeue position). Keeps
 * order by sequence, hands messages to consumers with credit in turn, and expires its head by the sandbox's clock.
 */
export class Queue {
  readonly name: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly arguments: FieldTable;
  readonly owner: QueueOwner | null;
  readonly isQuorum: boolean;
  readonly consumers: QueueConsumer[] = [];
  deleted = false;
  ready = 0;
  readyBytes = 0;
  unacked = 0;
  /** Only the first consumer is served. */
  get isSingleActive(): boolean {
    return this.limits.singleActive;
  }

  private readonly limits: QueueLimits;
  private readonly lanes: PriorityLanes;
  private readonly refusal: Refusal;
  private sequence = 0;
  private isDelivering = false;
  private cancelExpiry: CancelTimer | undefined;
  private nextExpiryAt = 0;
  private cancelIdle: CancelTimer | undefined;

  constructor(
    readonly vhost: Vhost,
    declaration: QueueDeclaration,
  ) {
    this.name = declaration.name;
    this.durable = declaration.durable;
    this.autoDelete = declaration.autoDelete;
    this.arguments = declaration.arguments;
    this.owner = declaration.owner;
    this.isQuorum = this.arguments['x-queue-type'] === 'quorum';
    this.limits = readQueueLimits(this.arguments, this.isQuorum, vhost.broker.behaviour);
    this.lanes = new PriorityLanes(this.limits.maxPriority);
    this.refusal = new Refusal(this.limits, this.isQuorum);
    this.touch();
  }

  /** Takes a message; false when the queue is full and refuses. */
  push(message: Message): boolean {
    if (this.refusal.applies(this, message.body.length)) {
      if (this.limits.deadLettersRefused) this.vhost.deadLetters.bury(this, message, 'maxlen');
      else this.vhost.broker.observe?.({ type: 'refused', vhost: this.vhost.name, queue: this.name, message });
      return false;
    }
    const now = this.vhost.broker.clock.now();
    const entry: QueueEntry = {
      message,
      sequence: ++this.sequence,
      redelivered: false,
      deliveryCount: 0,
      expiresAt: this.expiryOf(message, now),
    };
    this.lanes.push(entry);
    this.count(entry, 1);
    this.deliverReady(now);
    const hasDropped = !this.limits.refusesWhenFull && this.dropOverflow();
    this.refusal.hasTaken(this);
    // As RabbitMQ: only a message that may have become the head is looked at, so that one of higher priority may be got
    // although its time has passed.
    if (hasDropped || (entry.expiresAt && this.ready === 1)) this.expireHead();
    return true;
  }

  /** Puts a message back from a snapshot, without limits or delivery. */
  restore(message: Message, redelivered: boolean, deliveryCount: number): void {
    const entry: QueueEntry = {
      message,
      sequence: ++this.sequence,
      redelivered,
      deliveryCount,
      expiresAt: this.expiryOf(message, this.vhost.broker.clock.now()),
    };
    this.lanes.push(entry);
    this.count(entry, 1);
  }

  /** basic.get: the head, or undefined. The caller counts it as unacked when it must be acknowledged. */
  get(noAck: boolean): QueueEntry | undefined {
    this.touch();
    this.expireOverdue();
    return this.fetch(noAck);
  }

  /**
   * Messages came back: each returns to its place. A quorum queue may bury them, or put last what the client itself gave
   * back; what a closing channel leaves behind returns to its place there too.
   */
  requeue(entries: QueueEntry[], by: 'client' | 'closing'): void {
    const returning: QueueEntry[] = [];
    for (const entry of entries) {
      this.countUnacked(entry, -1);
      entry.redelivered = true;
      entry.deliveryCount++;
      if (entry.deliveryCount > this.limits.deliveryLimit) this.bury(entry.message, 'delivery_limit');
      else returning.push(entry);
    }
    if (this.deleted || returning.length === 0) return;
    const { quorumRequeue } = this.vhost.broker.behaviour;
    const hasLimit = Number.isFinite(this.limits.deliveryLimit);
    const toTail = by === 'client' && this.isQuorum && !hasLimit && quorumRequeue === 'tail';
    for (const entry of returning) {
      if (toTail) entry.sequence = ++this.sequence;
      this.count(entry, 1);
      this.vhost.broker.observe?.({
        type: 'requeued',
        vhost: this.vhost.name,
        queue: this.name,
        message: entry.message,
      });
    }
    this.lanes.restore(returning);
    // As RabbitMQ: what no longer fits goes before a waiting consumer gets any of it, in a classic queue before it expires, too.
    if (this.isQuorum) this.expireHead();
    if (!this.limits.refusesWhenFull) this.dropOverflow();
    this.expireHead();
    this.deliverReady();
    this.refusal.hasTaken(this);
  }

  /** It was given to a client that has yet to settle it. */
  hold(entry: QueueEntry): void {
    this.countUnacked(entry, 1);
  }

  ack(entry: QueueEntry): void {
    this.countUnacked(entry, -1);
    this.vhost.broker.observe?.({ type: 'acked', vhost: this.vhost.name, queue: this.name, message: entry.message });
  }

  reject(entry: QueueEntry): void {
    this.countUnacked(entry, -1);
    this.bury(entry.message, 'rejected');
  }

  /**
   * Gives ready messages to consumers with credit, in turn within a priority. `now` decides what has expired: for a
   * message that just came it is the time of its arrival, so that a waiting consumer gets it even with a TTL of 0.
   */
  deliverReady(now = this.vhost.broker.clock.now()): void {
    if (this.isDelivering || this.consumers.length === 0) return;
    this.isDelivering = true;
    try {
      while (this.ready) {
        const consumer = takeTurn(this.consumers, this.limits.singleActive);
        if (!consumer) break;
        this.expireOverdue(now);
        const entry = this.fetch(consumer.noAck);
        if (!entry) break;
        if (!consumer.noAck) this.hold(entry);
        consumer.deliver(this, entry);
      }
    } finally {
      this.isDelivering = false;
    }
  }

  addConsumer(consumer: QueueConsumer): void {
    addInTurn(this.consumers, consumer, this.limits.singleActive);
    this.cancelIdle?.();
    this.deliverReady();
  }

  removeConsumer(consumer: QueueConsumer): void {
    const index = this.consumers.indexOf(consumer);
    if (index < 0) return;
    this.consumers.splice(index, 1);
    this.touch();
    if (this.consumers.length === 0 && this.autoDelete) this.vhost.deleteQueue(this);
    else this.deliverReady();
  }

  /** Drops all ready messages and returns how many. */
  purge(): number {
    const count = this.ready;
    for (const entry of this.lanes.drain()) this.count(entry, -1);
    if (count)
      this.vhost.broker.observe?.({ type: 'purged', vhost: this.vhost.name, queue: this.name, messages: count });
    return count;
  }

  /** Ready messages that were published as persistent, head first. */
  persistentEntries(): QueueEntry[] {
    return this.lanes.toArray().filter((entry) => entry.message.isPersistent);
  }

  /** Buries what has expired at the head and waits for the next; messages behind an unexpired head stay, as in RabbitMQ. */
  expireHead(): void {
    const now = this.vhost.broker.clock.now();
    const dead: Message[] = [];
    let head = this.lanes.first();
    for (; head?.expiresAt && head.expiresAt <= now; head = this.lanes.first()) {
      this.takeHead();
      dead.push(head.message);
    }
    this.awaitExpiry();
    for (const message of dead) this.bury(message, 'expired');
  }

  private awaitExpiry(): void {
    const next = this.lanes.first()?.expiresAt;
    if (!next || next === this.nextExpiryAt) return;
    this.cancelExpiry?.();
    this.nextExpiryAt = next;
    this.cancelExpiry = this.vhost.broker.clock.at(next, () => {
      this.nextExpiryAt = 0;
      if (!this.deleted) this.vhost.deadLetters.afterAllDue(() => this.expireHead());
    });
  }

  /** Does what the expiry timer, a little late, has not done yet. */
  expireOverdue(now = this.vhost.broker.clock.now()): void {
    if (this.nextExpiryAt && this.nextExpiryAt < now) this.expireHead();
  }

  /** The queue was used: `x-expires` starts anew. */
  touch(): void {
    const { expiresMs } = this.limits;
    if (expiresMs === undefined) return;
    this.cancelIdle?.();
    if (this.consumers.length > 0) return;
    const { clock } = this.vhost.broker;
    this.cancelIdle = clock.at(clock.now() + expiresMs, () => {
      if (!this.deleted && this.consumers.length === 0) this.vhost.deleteQueue(this);
    });
  }

  stopTimers(): void {
    this.cancelExpiry?.();
    this.cancelIdle?.();
  }

  private expiryOf(message: Message, now: number): number {
    const own = message.expiration;
    const ttlMs =
      own === undefined ? this.limits.ttlMs : Math.min(Number(own), this.limits.ttlMs ?? Number.POSITIVE_INFINITY);
    return ttlMs === undefined ? 0 : Math.max(1, now + ttlMs);
  }

  /** Takes the head for a client. What it leaves at the head may have expired long ago, and is neither left nor next. */
  private fetch(noAck: boolean): QueueEntry | undefined {
    const entry = this.takeHead();
    if (!this.lanes.first()?.expiresAt) return entry;
    // A quorum queue looks again when a message is settled, else it leaves that to its timer.
    if (this.isQuorum && !noAck) this.awaitExpiry();
    else this.expireHead();
    return entry;
  }

  private takeHead(): QueueEntry | undefined {
    const entry = this.lanes.shift();
    if (entry) this.count(entry, -1);
    return entry;
  }

  /** The oldest message of the highest priority goes first, as in RabbitMQ. True when any went. */
  private dropOverflow(): boolean {
    const { maxLength, maxBytes } = this.limits;
    let hasDropped = false;
    while (this.ready && (this.ready > maxLength || this.readyBytes > maxBytes)) {
      const entry = this.takeHead();
      if (entry) this.bury(entry.message, 'maxlen');
      hasDropped = true;
    }
    return hasDropped;
  }

  private bury(message: Message, reason: DeathReason): void {
    this.vhost.deadLetters.bury(this, message, reason);
  }

  private count({ message }: QueueEntry, change: 1 | -1): void {
    this.ready += change;
    this.readyBytes += change * message.body.length;
    this.vhost.broker.account(change, change * message.size);
    if (change < 0) this.refusal.hasLost(this);
  }

  private countUnacked({ message }: QueueEntry, change: 1 | -1): void {
    this.unacked += change;
    this.vhost.broker.accountUnacked(change, change * message.size);
  }
}
