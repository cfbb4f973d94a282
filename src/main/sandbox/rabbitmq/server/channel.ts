import { joinProperties } from '../../../amqp/raw-properties';
import { erlangPair, erlangString } from '../broker/erlang-text';
import { AmqpError, closesConnection, notFound, precondition, refused } from '../broker/errors';
import { Message, type QueueEntry } from '../broker/message';
import type { Queue } from '../broker/queue';
import { MAX_EXPIRY_MS } from '../broker/queue-arguments';
import type { Vhost } from '../broker/vhost';
import { shortString } from '../codec/fields';
import { encodeMethod, type MethodArguments, type MethodName, methodIds } from '../codec/methods';
import { ConfirmRun } from './confirms';
import type { Connection } from './connection';
import type { ChannelConsumer } from './consumer';
import { ContentAssembly, NOT_A_METHOD } from './content-assembly';

/** A delivery that waits for its acknowledgement; `consumer` is null for basic.get. */
export interface Unacked {
  queue: Queue;
  entry: QueueEntry;
  consumer: ChannelConsumer | null;
}

/** `abandon`: its channel is closing. */
export type Settlement = 'ack' | 'reject' | 'requeue' | 'abandon';

/** One AMQP channel: its consumers, unacknowledged deliveries, publish in progress, confirms and transaction. */
export class Channel {
  readonly consumers = new Map<string, ChannelConsumer>();
  readonly unacked = new Map<number, Unacked>();
  /** For consumers that begin from now on. */
  prefetch = 0;
  /** Over all consumers of the channel. */
  globalPrefetch = 0;
  confirms: ConfirmRun | undefined;
  /** Operations that wait for tx.commit. */
  transaction: (() => void)[] | undefined;
  /** Deliveries acknowledged in the open transaction; they return on rollback. */
  heldByTransaction: [number, Unacked][] = [];
  /** Queue meant by an empty name. */
  lastQueue = '';
  /** Its direct-reply address. */
  replyKey: string | undefined;
  /** The client was sent channel.close and has not answered. */
  isClosing = false;
  private isTornDown = false;
  private deliveryTag = 0;
  private assembly: ContentAssembly | undefined;

  constructor(
    readonly connection: Connection,
    readonly id: number,
    readonly vhost: Vhost,
  ) {}

  nextDeliveryTag(): number {
    return ++this.deliveryTag;
  }

  send<N extends MethodName>(name: N, args: MethodArguments<N>): void {
    this.confirms?.flush();
    this.connection.sendMethod(this.id, name, args);
  }

  enableConfirms(): void {
    this.confirms ??= new ConfirmRun((kind, deliveryTag, multiple) => {
      if (kind === 'ack') this.connection.sendMethod(this.id, 'basic.ack', { deliveryTag, multiple });
      else this.connection.sendMethod(this.id, 'basic.nack', { deliveryTag, multiple, requeue: false });
    });
  }

  /** The queue a method means: the one named, or the last declared. */
  queueName(name: string): string {
    if (name !== '') return name;
    if (this.lastQueue === '') throw new AmqpError(404, 'no previously declared queue');
    return this.lastQueue;
  }

  beginPublish(method: MethodArguments<'basic.publish'>): void {
    this.assembly = new ContentAssembly(method);
  }

  get isReceivingContent(): boolean {
    return this.assembly !== undefined;
  }

  /** A method may come now: refused while a message is on its way in. */
  assertNoContentPending(): void {
    if (this.assembly) throw this.assembly.unexpected();
  }

  contentHeader(payload: Buffer): void {
    if (!this.assembly) throw closesConnection(505, NOT_A_METHOD);
    if (this.assembly.header(payload, this.vhost.broker.behaviour.maxMessageBytes)) this.completePublish();
  }

  contentBody(payload: Buffer): void {
    if (!this.assembly) throw closesConnection(505, NOT_A_METHOD);
    if (this.assembly.append(payload)) this.completePublish();
  }

  private completePublish(): void {
    const { assembly } = this;
    if (!assembly) return;
    this.assembly = undefined;
    const { exchange: name, routingKey, mandatory, immediate } = assembly.method;
    if (immediate) throw closesConnection(540, 'immediate=true');
    const sequence = this.confirms?.next() ?? 0;
    const { vhost } = this;
    const exchange = vhost.exchanges.get(name);
    if (!exchange) throw notFound('exchange', name, vhost.name);
    if (exchange.internal) throw refused(`cannot publish to internal exchange '${name}' in vhost '${vhost.name}'`);
    const { properties, body } = assembly.content();
    const message = this.addressed(
      new Message(name, routingKey, properties, body, undefined, vhost.broker.nextMessageId()),
    );
    const refusal = vhost.broker.refusal(body.length + properties.length);
    if (refusal) {
      // Confirming publishers are told by a nack; the others lose the channel with the reason, rather than a message in silence.
      if (!sequence) throw precondition(refusal);
      this.settleConfirm(sequence, false);
      return;
    }
    const dispatch = (confirm: number) => {
      vhost.broker.observe?.({
        type: 'published',
        vhost: vhost.name,
        message,
        mandatory,
        client: this.connection.clientName,
        process: this.connection.clientProcess,
      });
      const { routed, accepted, message: sent } = vhost.publish(exchange, message);
      if (!routed && mandatory) this.returnMessage(sent);
      if (confirm) this.settleConfirm(confirm, accepted);
    };
    if (this.transaction) this.transaction.push(() => dispatch(0));
    else dispatch(sequence);
  }

  /** Checks the properties RabbitMQ looks at, and fills in the direct-reply address. */
  private addressed(message: Message): Message {
    const { expiration, userId } = message;
    if (expiration !== undefined) assertExpiration(expiration);
    if (userId !== undefined && userId !== this.connection.handshake.user)
      throw precondition(
        `user_id property set to '${userId}' but authenticated user was '${this.connection.handshake.user}'`,
      );
    if (message.replyTo !== 'amq.rabbitmq.reply-to') return message;
    if (!this.replyKey) throw precondition('fast reply consumer does not exist');
    const properties = joinProperties({ ...message.raw, replyTo: shortString(this.replyKey) });
    return new Message(message.exchange, message.routingKey, properties, message.body, undefined, message.id);
  }

  private returnMessage(message: Message): void {
    const { exchange, routingKey, properties, body } = message;
    this.vhost.broker.observe?.({ type: 'returned', vhost: this.vhost.name, message });
    this.confirms?.flush();
    const method = encodeMethod(this.id, 'basic.return', {
      replyCode: 312,
      replyText: 'NO_ROUTE',
      exchange,
      routingKey,
    });
    this.connection.sendContent(this.id, method, properties, body);
  }

  private settleConfirm(sequence: number, accepted: boolean): void {
    this.confirms?.settle(sequence, accepted);
    this.connection.channels.flushConfirmsLater(this);
  }

  /** ack, reject or nack by tag; held back while a transaction is open. */
  acknowledge(deliveryTag: number, multiple: boolean, settlement: Settlement): void {
    const settled = this.takeUnacked(deliveryTag, multiple);
    const deliveries = settled.map(([, delivery]) => delivery);
    if (this.transaction) {
      this.heldByTransaction.push(...settled);
      this.transaction.push(() => this.settle(deliveries, settlement));
    } else this.settle(deliveries, settlement);
  }

  private takeUnacked(deliveryTag: number, multiple: boolean): [number, Unacked][] {
    if (multiple && deliveryTag === 0) {
      const all = [...this.unacked];
      this.unacked.clear();
      return all;
    }
    const one = this.unacked.get(deliveryTag);
    if (!one) throw precondition(`unknown delivery tag ${deliveryTag}`);
    if (!multiple) {
      this.unacked.delete(deliveryTag);
      return [[deliveryTag, one]];
    }
    const taken: [number, Unacked][] = [];
    for (const item of this.unacked) {
      if (item[0] > deliveryTag) break;
      taken.push(item);
      this.unacked.delete(item[0]);
    }
    return taken;
  }

  settle(deliveries: Unacked[], settlement: Settlement): void {
    const byQueue = new Map<Queue, QueueEntry[]>();
    const inOrder = deliveries.length > 1 ? [...deliveries].sort(compareSettled) : deliveries;
    for (const { queue, entry, consumer } of inOrder) {
      if (consumer) consumer.unacked--;
      const entries = byQueue.get(queue);
      if (entries) entries.push(entry);
      else byQueue.set(queue, [entry]);
      if (settlement === 'ack') queue.ack(entry);
      else if (settlement === 'reject') queue.reject(entry);
    }
    const isReturned = settlement === 'requeue' || settlement === 'abandon';
    if (isReturned)
      for (const [queue, entries] of byQueue) queue.requeue(entries, settlement === 'abandon' ? 'closing' : 'client');
    // With a limit over the whole channel, any queue of it may now have room.
    if (this.globalPrefetch) this.deliverAll();
    else if (!isReturned) for (const queue of byQueue.keys()) queue.deliverReady();
  }

  deliverAll(): void {
    for (const consumer of this.consumers.values()) consumer.queue?.deliverReady();
  }

  recover(): void {
    const all = [...this.unacked.values()];
    this.unacked.clear();
    this.settle(all, 'requeue');
  }

  rollback(): void {
    const returning = this.heldByTransaction;
    this.heldByTransaction = [];
    const all = [...this.unacked, ...returning].sort(([a], [b]) => a - b);
    this.unacked.clear();
    for (const [tag, delivery] of all) this.unacked.set(tag, delivery);
  }

  /** Takes all back: consumers go first, so that nothing is delivered to a channel that is closing. */
  tearDown(): void {
    if (this.isTornDown) return;
    this.isTornDown = true;
    this.assembly = undefined;
    this.transaction = undefined;
    const deliveries = [...this.unacked.values(), ...this.heldByTransaction.map(([, delivery]) => delivery)];
    this.unacked.clear();
    this.heldByTransaction = [];
    const consumers = [...this.consumers.values()];
    this.consumers.clear();
    for (const consumer of consumers) {
      const index = consumer.queue?.consumers.indexOf(consumer) ?? -1;
      if (index >= 0) consumer.queue?.consumers.splice(index, 1);
    }
    this.globalPrefetch = 0;
    this.vhost.deadLetters.after(() => this.settle(deliveries, 'abandon'));
    for (const consumer of consumers) {
      if (!consumer.queue || consumer.queue.deleted) continue;
      // Put back for a moment: removing it is what starts x-expires and deletes auto-delete queues.
      consumer.queue.consumers.push(consumer);
      consumer.queue.removeConsumer(consumer);
    }
    if (this.replyKey) this.vhost.replyConsumers.delete(this.replyKey);
  }

  /** Tells the client why its channel is gone; `method` is what it had sent. */
  close(error: AmqpError, method: MethodName | undefined): void {
    this.isClosing = true;
    this.confirms?.flush();
    const ids = method ? methodIds(method) : { classId: 0, methodId: 0 };
    this.connection.sendMethod(this.id, 'channel.close', {
      replyCode: error.replyCode,
      replyText: error.message,
      ...ids,
    });
    this.tearDown();
  }
}

/** RabbitMQ settles queue by queue, by name, and within a queue consumer by consumer, basic.get first. */
function compareSettled(a: Unacked, b: Unacked): number {
  return compareText(a.queue.name, b.queue.name) || compareText(a.consumer?.tag ?? '', b.consumer?.tag ?? '');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function assertExpiration(expiration: string): void {
  const where = `invalid expiration '${expiration}': `;
  const pair = (name: string, value: string) => precondition(where + erlangPair(name, value, where.length));
  const digits = /^[+-]?\d+/.exec(expiration)?.[0];
  if (digits === undefined) throw precondition(`${where}no_integer`);
  const rest = expiration.slice(digits.length);
  if (rest) throw pair('leftover_string', erlangString(rest));
  const ms = BigInt(digits.replace('+', ''));
  if (ms < 0n) throw pair('value_negative', String(ms));
  if (ms > BigInt(MAX_EXPIRY_MS)) throw pair('value_too_large', String(ms));
}
