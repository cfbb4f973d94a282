import type { Message, QueueEntry } from '../broker/message';
import type { Queue } from '../broker/queue';
import { integerOf } from '../broker/queue-arguments';
import type { QueueConsumer } from '../broker/queue-consumers';
import type { ReplyConsumer } from '../broker/vhost';
import { encodeDeliver } from '../codec/content';
import type { MethodArguments } from '../codec/methods';
import type { Channel } from './channel';
import { withDeliveryCount } from './delivery-count';

/** basic.consume on a channel: of a queue, or of direct replies (then `queue` is null). */
export class ChannelConsumer implements QueueConsumer, ReplyConsumer {
  readonly noAck: boolean;
  readonly exclusive: boolean;
  readonly priority: number;
  unacked = 0;
  readonly prefetch: number;
  private readonly tagBytes: Buffer;

  constructor(
    readonly channel: Channel,
    readonly tag: string,
    readonly queue: Queue | null,
    method: MethodArguments<'basic.consume'>,
  ) {
    this.noAck = method.noAck;
    this.exclusive = method.exclusive;
    this.priority = integerOf(method.arguments['x-priority']) ?? 0;
    this.prefetch = channel.prefetch;
    this.tagBytes = Buffer.from(tag);
  }

  hasCredit(): boolean {
    const { channel } = this;
    if (channel.connection.isCongested) return false;
    if (this.noAck) return true;
    if (this.prefetch && this.unacked >= this.prefetch) return false;
    return !channel.globalPrefetch || channel.unacked.size < channel.globalPrefetch;
  }

  deliver(queue: Queue, entry: QueueEntry): void {
    const { channel } = this;
    const deliveryTag = channel.nextDeliveryTag();
    if (!this.noAck) {
      channel.unacked.set(deliveryTag, { queue, entry, consumer: this });
      this.unacked++;
    }
    const { broker, name } = queue.vhost;
    broker.observe?.({
      type: 'delivered',
      vhost: name,
      queue: queue.name,
      message: entry.message,
      client: channel.connection.clientName,
      process: channel.connection.clientProcess,
      redelivered: entry.redelivered,
      mode: this.noAck ? 'deliver_no_ack' : 'deliver',
    });
    this.send(entry.message, deliveryTag, entry.redelivered, withDeliveryCount(queue, entry, false));
  }

  deliverReply(message: Message): void {
    this.send(message, this.channel.nextDeliveryTag(), false, message.properties);
  }

  cancel(): void {
    this.channel.consumers.delete(this.tag);
    if (this.channel.connection.handshake.hasCapability('consumer_cancel_notify'))
      this.channel.send('basic.cancel', { consumerTag: this.tag, noWait: true });
  }

  private send(message: Message, deliveryTag: number, redelivered: boolean, properties: Buffer): void {
    const { channel } = this;
    const method = encodeDeliver(
      channel.id,
      this.tagBytes,
      deliveryTag,
      redelivered,
      Buffer.from(message.exchange),
      Buffer.from(message.routingKey),
    );
    channel.connection.sendContent(channel.id, method, properties, message.body);
  }
}
