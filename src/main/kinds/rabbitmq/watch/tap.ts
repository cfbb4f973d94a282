import { randomUUID } from 'node:crypto';
import { objectKey } from '@shared/kinds/rabbitmq/objects';
import type { TapKey } from '@shared/kinds/rabbitmq/tap/tap-bindings';
import { TAP_PREFIX } from '@shared/kinds/rabbitmq/tap/tap-safety';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { toAmqpTable } from '../arguments';
import { closeQuietly } from '../close';
import type { WatchLimits } from './limits';

export interface TapOptions {
  vhost: string;
  exchange: string;
  limits: WatchLimits;
  /** Returns whether it was a dead letter, which the statistics do not count as published. */
  onMessage: (message: ConsumeMessage) => boolean;
  /** The broker ended it: the queue was deleted, the exchange went away, the connection was lost. Not called by `close`. */
  onLost: () => void;
}

/** A queue beside those that an exchange is bound to, which gets copies of what goes to them. */
export class Tap {
  /** `objectKey` of the exchange. */
  readonly key: string;
  readonly queue = TAP_PREFIX + randomUUID();
  private channel: Channel | undefined;
  private bound = new Map<string, TapKey>();
  /** Got, without dead letters. */
  private received = 0;
  private published: number | undefined;

  constructor(private readonly options: TapOptions) {
    this.key = objectKey(options.vhost, options.exchange);
  }

  /** @throws the broker's refusal */
  async open(connection: ChannelModel, keys: ReadonlyMap<string, TapKey>): Promise<void> {
    const { limits, onMessage } = this.options;
    const channel = await connection.createChannel();
    this.channel = channel;
    channel.on('error', () => {}); // 'close' follows
    channel.on('close', () => this.lose(channel));
    await channel.assertQueue(this.queue, {
      exclusive: true,
      autoDelete: true,
      durable: false,
      // Arguments beat policies: none may make it refuse messages, dead-letter what falls out, or turn it into another type.
      arguments: {
        'x-queue-type': 'classic',
        'x-max-length': limits.maxTapMessages,
        'x-max-length-bytes': limits.maxTapBytes,
        'x-overflow': 'drop-head',
        'x-dead-letter-exchange': `${this.queue}.nowhere`,
      },
    });
    await channel.consume(
      this.queue,
      (message) => {
        if (!message) return this.lose(channel);
        if (!onMessage(message)) this.received += 1;
      },
      { noAck: true },
    );
    await this.rebind(keys);
  }

  /** Makes its bindings those of `keys`; says whether anything had to change. What is gone goes first. @throws the broker's refusal */
  async rebind(keys: ReadonlyMap<string, TapKey>): Promise<boolean> {
    const { channel } = this;
    if (!channel) return false;
    const gone = [...this.bound].filter(([id]) => !keys.has(id));
    const added = [...keys].filter(([id]) => !this.bound.has(id));
    const { exchange } = this.options;
    await Promise.all(
      gone.map(([, key]) => channel.unbindQueue(this.queue, exchange, key.routingKey, toAmqpTable(key.arguments))),
    );
    await Promise.all(
      added.map(([, key]) => channel.bindQueue(this.queue, exchange, key.routingKey, toAmqpTable(key.arguments))),
    );
    this.bound = new Map(keys);
    return gone.length + added.length > 0;
  }

  /**
   * Compares with what the broker says it put into the queue. What it said last time should have arrived by now, so that a
   * difference was lost: that many. Dead letters are not among either.
   */
  reconcile(published: number): number {
    const lost = this.published === undefined ? 0 : Math.max(0, this.published - this.received);
    this.received += lost;
    this.published = published;
    return lost;
  }

  /** Leaves nothing behind. */
  async close(): Promise<void> {
    const { channel } = this;
    this.channel = undefined;
    if (!channel) return;
    await channel.deleteQueue(this.queue).catch(() => {}); // gone already
    await closeQuietly(channel);
  }

  private lose(channel: Channel): void {
    if (this.channel !== channel) return;
    this.channel = undefined;
    void closeQuietly(channel);
    this.options.onLost();
  }
}
