import type { Channel, ConsumeMessage } from 'amqplib';

/** An acknowledgement waits so long for others to leave with it, milliseconds. */
const LONGEST_WAIT_MS = 1;
/** So much of the prefetch may wait: the broker goes on sending meanwhile. */
const WAITING_SHARE = 1 / 4;

interface Waiting {
  message: ConsumeMessage;
  onWritten: () => void;
}

/**
 * Settles what one channel delivered. Acknowledgements leave together, those without a gap as one: the broker answers in larger
 * packets, and both sides do less for a message. What was not written when the channel closes is delivered again.
 */
export class Settlements {
  /** Delivery tags that are not settled, in order. */
  private readonly open = new Set<number>();
  private readonly waiting = new Map<number, Waiting>();
  private readonly most: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly channel: Channel,
    prefetch: number,
  ) {
    this.most = Math.max(1, Math.floor(prefetch * WAITING_SHARE));
  }

  delivered({ fields }: ConsumeMessage): void {
    this.open.add(fields.deliveryTag);
  }

  /** `onWritten` is called once it is on its way. */
  ack(message: ConsumeMessage, onWritten: () => void): void {
    this.waiting.set(message.fields.deliveryTag, { message, onWritten });
    if (this.waiting.size >= this.most) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), LONGEST_WAIT_MS);
  }

  /** At once. @throws when the channel is closed */
  reject(message: ConsumeMessage, requeue: boolean): void {
    this.channel.nack(message, false, requeue);
    this.open.delete(message.fields.deliveryTag);
  }

  /** Writes what waits. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = [...this.waiting.values()];
    this.waiting.clear();
    try {
      this.write(batch);
    } catch {
      return; // closed: the broker delivers them again
    }
    for (const { onWritten } of batch) onWritten();
  }

  private write(batch: readonly Waiting[]): void {
    const byTag = new Map(batch.map((one) => [one.message.fields.deliveryTag, one.message]));
    let last: ConsumeMessage | undefined;
    for (const tag of this.open) {
      const message = byTag.get(tag);
      if (!message) break;
      last = message;
      this.open.delete(tag);
    }
    if (last) this.channel.ack(last, true);
    for (const [tag, message] of byTag) if (this.open.delete(tag)) this.channel.ack(message);
  }
}
