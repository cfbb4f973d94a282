import { Failure } from '@shared/failure';
import type { ChannelModel, ConfirmChannel, Message } from 'amqplib';
import { closeQuietly } from '../close';
import { replyOf } from '../replies';
import type { Outgoing } from './outgoing';

/** What became of a published message: in a queue, in none, or refused by the broker (or too large for it, and not sent). */
export type Fate = 'confirmed' | 'returned' | 'refused';

interface Pending {
  outgoing: Outgoing;
  isReturned: boolean;
  fail: (failure: Failure) => void;
}

/** Publishes with confirms, mandatory. Closing the connection is the caller's. */
export class Publisher {
  /** In the order of publishing. */
  private readonly pending = new Set<Pending>();
  private failure: Failure | undefined;

  private constructor(private readonly channel: ConfirmChannel) {
    const lost = (error?: unknown) => {
      this.failure ??= lostFailure(error);
      for (const { fail } of this.pending) fail(this.failure);
    };
    channel.on('error', lost);
    channel.on('close', lost);
    channel.on('return', (message: Message) => this.markReturned(message));
  }

  static async start(connection: ChannelModel): Promise<Publisher> {
    return new Publisher(await connection.createConfirmChannel());
  }

  /** Resolves when the broker said what became of it. @throws Failure when it never will */
  publish(outgoing: Outgoing): Promise<Fate> {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      const entry: Pending = { outgoing, isReturned: false, fail: reject };
      this.pending.add(entry);
      const { exchange, routingKey, content, options } = outgoing;
      try {
        this.channel.publish(exchange, routingKey, content, options, (error) => {
          this.pending.delete(entry);
          if (this.failure) reject(this.failure);
          else resolve(error ? 'refused' : entry.isReturned ? 'returned' : 'confirmed');
        });
      } catch (error) {
        this.pending.delete(entry);
        // Its headers fill more than a frame: nothing was written, and the others can go.
        if (error instanceof RangeError) resolve('refused');
        else reject(error);
      }
    });
  }

  async close(): Promise<void> {
    this.channel.removeAllListeners('close');
    await closeQuietly(this.channel);
  }

  /** A return carries no number, but comes before its confirm; messages that are equal are routed equally, so that any of them will do. */
  private markReturned({ fields, properties, content }: Message): void {
    for (const entry of this.pending) {
      const { outgoing } = entry;
      const isEqual =
        !entry.isReturned &&
        outgoing.exchange === fields.exchange &&
        outgoing.routingKey === fields.routingKey &&
        outgoing.options.messageId === properties.messageId &&
        outgoing.content.equals(content);
      if (!isEqual) continue;
      entry.isReturned = true;
      return;
    }
  }
}

function lostFailure(error: unknown): Failure {
  const { code, sentence } = error === undefined ? { code: 0, sentence: 'the connection went away' } : replyOf(error);
  return new Failure('dead-letters/publish-lost', `The broker stopped taking redriven messages: ${sentence}.`, {
    hint: 'What was not confirmed is still in the dead-letter queue. Start again to go on.',
    retryable: code === 0,
    cause: error,
  });
}
