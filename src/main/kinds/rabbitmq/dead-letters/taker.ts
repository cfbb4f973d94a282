import { Failure } from '@shared/failure';
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import { closeQuietly } from '../close';
import { replyOf } from '../replies';

/** Messages that may be held back, to be put back at the end; more would fill the memory. */
const MOST_HELD = 10_000;
const MOST_HELD_BYTES = 64 * 1024 * 1024;
/** After so long without a delivery the queue is asked whether it is empty. */
const QUIET_MS = 300;
/**
 * A channel of RabbitMQ passes acknowledgements on to a quorum queue a few at a time, and forgets the rest when it is closed: those
 * messages would come again. Nothing tells when the last has been passed on.
 */
const SETTLE_MS = 250;
/** Longest wait for the broker to put messages back; others may take them at once. */
const PUT_BACK_MS = 1000;
/** A queue that has messages and gives none for so many times is somebody else's (single active consumer). */
const MOST_QUIET = 10;

/** Why no more messages come: the budget is used up; none is left; too much is held; others have it; it was deleted. */
type Ending = 'budget' | 'empty' | 'full' | 'starved' | 'gone';

/**
 * Takes messages from a queue without acknowledging them. Whatever is not removed goes back in order: at the end, or, when this
 * process or the connection dies, by the broker itself. At most `prefetch` are outstanding besides those held back.
 */
export class Taker {
  /** Set once no more come. */
  ending: Ending | undefined;
  private waiting: ConsumeMessage[] = [];
  private received = 0;
  /** In order, as long as nothing is held. */
  private handedOut: ConsumeMessage[] = [];
  /** Removed, and not acknowledged yet. */
  private readonly done = new Set<ConsumeMessage>();
  private hasRemoved = false;
  private turning: Promise<void> = Promise.resolve();
  private quiet = 0;
  private held = 0;
  private heldBytes = 0;
  private heldOfPage = 0;
  private tag = '';
  private wake: () => void = () => {};
  private failure: Failure | undefined;

  private constructor(
    connection: ChannelModel,
    private readonly channel: Channel,
    private readonly options: { queue: string; prefetch: number; budget: number },
  ) {
    const lost = (error?: unknown) => {
      this.failure ??= lostFailure(options.queue, error);
      this.wake();
    };
    channel.on('error', lost);
    channel.on('close', lost);
    connection.on('close', lost);
  }

  /** Starts taking; closing the connection is the caller's. @throws Failure */
  static async start(
    connection: ChannelModel,
    options: { queue: string; prefetch: number; budget: number },
  ): Promise<Taker> {
    const channel = await connection.createChannel();
    const taker = new Taker(connection, channel, options);
    await channel.prefetch(options.prefetch);
    await taker.turnPage();
    return taker;
  }

  /** The next messages, at least one; none when no more come: `ending` tells why. @throws Failure when the connection is lost */
  async next(most: number, signal?: AbortSignal): Promise<ConsumeMessage[]> {
    for (;;) {
      if (this.failure) throw this.failure;
      if (this.waiting.length > 0) return this.handOut(this.waiting.splice(0, most));
      if (this.ending || signal?.aborted) return [];
      if (this.received >= this.options.budget) this.ending = 'budget';
      else if (!(await this.delivered(signal))) await this.checkEmpty();
    }
  }

  /** Takes messages out of the queue for good. */
  remove(messages: readonly ConsumeMessage[]): void {
    this.hasRemoved ||= messages.length > 0;
    for (const message of messages) this.done.add(message);
    if (this.held > 0) return this.acknowledgeEach();
    // One command for many, as far as all that came before are done, too: quorum queues take them in slowly.
    let upTo: ConsumeMessage | undefined;
    for (let first = this.handedOut[0]; first && this.done.delete(first); first = this.handedOut[0]) {
      upTo = first;
      this.handedOut.shift();
    }
    if (upTo) this.channel.ack(upTo, true);
  }

  /** Held messages stay: what is done beside them is acknowledged one by one. */
  private acknowledgeEach(): void {
    for (const message of this.done) this.channel.ack(message);
    this.done.clear();
  }

  /** Keeps messages from being delivered again until the end, when they go back to where they were. */
  async hold(messages: readonly ConsumeMessage[]): Promise<void> {
    if (messages.length === 0) return;
    this.held += messages.length;
    this.handedOut = [];
    this.acknowledgeEach();
    this.heldOfPage += messages.length;
    for (const { content } of messages) this.heldBytes += content.length;
    if (this.held >= MOST_HELD || this.heldBytes >= MOST_HELD_BYTES) this.ending ??= 'full';
    await this.turning;
    if (this.heldOfPage * 2 < this.options.prefetch || this.ending || this.received >= this.options.budget) return;
    this.turning = this.turnPage();
    await this.turning;
  }

  /** Puts everything back that was not removed, and waits until the broker has taken note. */
  async close(): Promise<void> {
    if (this.failure) return;
    if (this.tag !== '') await this.channel.cancel(this.tag);
    // Not left to the closing of the channel: from 4.3 on a nack, unlike a crash, does not count as a failed delivery.
    this.channel.nackAll(true);
    if (this.hasRemoved) await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    await this.untilBack();
    this.channel.removeAllListeners('close');
    this.channel.on('error', () => {});
    await closeQuietly(this.channel);
  }

  /** Quorum queues take a moment to put messages back; who looks at the depth next shall see them. */
  private async untilBack(): Promise<void> {
    const deadline = performance.now() + PUT_BACK_MS;
    while (this.held > 0 && performance.now() < deadline) {
      const { messageCount } = await this.channel.checkQueue(this.options.queue);
      if (messageCount >= this.held) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** What is held back counts against a consumer's prefetch, but not against that of another: so that one takes over. */
  private async turnPage(): Promise<void> {
    const { queue } = this.options;
    const before = this.tag;
    this.heldOfPage = 0;
    if (before !== '') await this.channel.cancel(before);
    try {
      const { consumerTag } = await this.channel.consume(queue, (message) => this.take(message));
      this.tag = consumerTag;
    } catch (error) {
      throw refusedFailure(queue, error);
    }
  }

  private handOut(messages: ConsumeMessage[]): ConsumeMessage[] {
    if (this.held === 0) this.handedOut.push(...messages);
    return messages;
  }

  private take(message: ConsumeMessage | null): void {
    if (message === null) this.ending ??= 'gone';
    // What comes above the budget stays outstanding and goes back at the end.
    else if (this.received < this.options.budget) {
      this.received += 1;
      this.quiet = 0;
      this.waiting.push(message);
    }
    this.wake();
  }

  /** Waits for a delivery; false when it stayed quiet. */
  private delivered(signal: AbortSignal | undefined): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (isNews: boolean) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        this.wake = () => {};
        resolve(isNews);
      };
      const timer = setTimeout(() => done(false), QUIET_MS);
      const stop = () => done(true);
      this.wake = () => done(true);
      signal?.addEventListener('abort', stop, { once: true });
    });
  }

  private async checkEmpty(): Promise<void> {
    try {
      const { messageCount } = await this.channel.checkQueue(this.options.queue);
      if (this.waiting.length > 0) return;
      if (messageCount === 0) this.ending ??= 'empty';
      else if (++this.quiet >= MOST_QUIET) this.ending ??= 'starved';
    } catch (error) {
      this.failure ??= lostFailure(this.options.queue, error);
    }
  }
}

function refusedFailure(queue: string, error: unknown): Failure {
  const { code, sentence } = replyOf(error);
  if (code === 404) return new Failure('dead-letters/no-queue', `There is no queue ${queue}.`, { object: queue });
  if (code === 403)
    return new Failure(
      'dead-letters/refused',
      `The broker does not let Tapline take messages from ${queue}: ${sentence}`,
      {
        hint: 'Another consumer may have it for itself alone, or the permission to read is missing.',
        object: queue,
      },
    );
  return lostFailure(queue, error);
}

function lostFailure(queue: string, error: unknown): Failure {
  const why = error === undefined ? '' : `: ${replyOf(error).sentence}`;
  return new Failure('dead-letters/lost', `The connection was lost while messages of ${queue} were held${why}.`, {
    hint: 'Nothing is lost by that: the broker puts back what was not taken out. Start again to go on.',
    object: queue,
    retryable: true,
    cause: error,
  });
}
