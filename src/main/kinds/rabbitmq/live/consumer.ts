import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRetried, jitteredDelays, type RetryPolicy, retryDelays } from '@shared/kinds/common/retry';
import type { Channel, ChannelModel, ConsumeMessage, Options } from 'amqplib';
import type { ConsumeRequest, TrafficRequest } from '../../live';
import { closeQuietly } from '../close';
import { replyOf } from '../replies';
import { ConsumeReport } from './consume-report';
import type { ConsumeEnd } from './ends';
import { attemptOf, deliveryOf, type FailedHandling, type FailedMessages } from './failures';
import { handledMessage } from './handled-message';
import { Settlements } from './settlements';

/** Between attempts to consume again from a queue that refused or went away. */
const RETRY_MS = 1000;
/** A message whose copy the broker did not take is held so long before it goes back, so that it does not come in circles. */
const HOLD_MS = 1000;
/** When consuming ends, the broker gets so long to confirm the copies of failed messages. */
const CONFIRM_MS = 5000;

/**
 * Consumes along one consume link, on a channel of its own that is made again when it is closed. A message is settled by what
 * the handler made of it, never before; what was not begun goes back to the queue when consuming ends.
 */
export class LinkConsumer {
  private connection: ChannelModel | undefined;
  private channel: Channel | undefined;
  /** Of the channel. */
  private settlements: Settlements | undefined;
  private tag: string | undefined;
  private waiting: ConsumeMessage[] = [];
  private active = 0;
  private readonly report: ConsumeReport;
  private readonly closing = new AbortController();
  private retrying: NodeJS.Timeout | undefined;
  private onIdle: () => void = () => {};

  constructor(
    private readonly traffic: TrafficRequest,
    private readonly request: ConsumeRequest,
    private readonly end: ConsumeEnd,
    private readonly options: Options.Consume,
    private readonly policy: RetryPolicy | undefined,
    /** Absent: the broker dead-letters what failed, as its queue says. */
    private readonly failed: FailedMessages | undefined,
    /** Drawn dead-letter link of the queue. */
    deadLetterLink: string | undefined,
  ) {
    this.report = new ConsumeReport(traffic, request.link, end, deadLetterLink);
    // One listener for each message that waits in memory.
    setMaxListeners(0, this.closing.signal);
  }

  private get isClosing(): boolean {
    return this.closing.signal.aborted;
  }

  get vhost(): string {
    return this.end.vhost;
  }

  /** Consumes on a connection. @throws the broker's refusal */
  async begin(connection: ChannelModel): Promise<void> {
    this.connection = connection;
    const channel = await connection.createChannel();
    this.channel = channel;
    this.settlements = new Settlements(channel, this.request.prefetch);
    this.waiting = [];
    channel.on('error', (error) => this.stopped(replyOf(error).sentence));
    channel.on('close', () => {
      if (this.channel !== channel) return;
      this.forget();
      this.beginLater();
    });
    await channel.prefetch(this.request.prefetch);
    const { consumerTag } = await channel.consume(
      this.end.queue,
      (message) => (message ? this.take(channel, message) : this.cancelled(channel)),
      this.options,
    );
    this.tag = consumerTag;
    this.trouble(null);
  }

  /** As `begin`, for connections that came back: what is refused is told and tried again. */
  async resume(connection: ChannelModel): Promise<void> {
    try {
      await this.begin(connection);
    } catch (error) {
      this.stopped(replyOf(error).sentence);
      this.beginLater();
    }
  }

  /** The connection is gone; the broker gives what was not settled to others. */
  detach(): void {
    clearTimeout(this.retrying);
    this.connection = undefined;
    this.forget();
  }

  /** Takes no more messages, gives back what was not begun, and resolves when the rest is settled. */
  async close(): Promise<void> {
    this.closing.abort();
    clearTimeout(this.retrying);
    const { channel, tag } = this;
    if (channel && tag !== undefined) await channel.cancel(tag).catch(() => {}); // closed meanwhile: just as well
    for (const message of this.waiting.splice(0)) this.on(channel, (open) => open.reject(message, true));
    const impatient = setTimeout(() => void this.failed?.outlet.close(), CONFIRM_MS);
    if (this.active > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    clearTimeout(impatient);
    await this.failed?.outlet.close();
    this.settlements?.flush();
    if (this.channel) await closeQuietly(this.channel);
  }

  private forget(): void {
    this.channel = undefined;
    this.settlements = undefined;
    this.tag = undefined;
    this.waiting = [];
  }

  private beginLater(): void {
    clearTimeout(this.retrying);
    if (this.isClosing || !this.connection) return;
    this.retrying = setTimeout(() => {
      if (this.connection && !this.isClosing) void this.resume(this.connection);
    }, RETRY_MS);
  }

  /** Told until it is taken back with null. */
  private trouble(sentence: string | null): void {
    if (!this.isClosing) this.traffic.sink.trouble({ node: this.end.node, link: this.request.link }, sentence);
  }

  private stopped(reason: string): void {
    this.trouble(`Consuming from “${this.end.queue}” stopped: ${reason}.`);
  }

  /** The queue was deleted, or its node went down. */
  private cancelled(channel: Channel): void {
    if (channel !== this.channel || this.isClosing) return;
    this.stopped('the queue was deleted');
    void closeQuietly(channel); // its 'close' begins again
  }

  private take(channel: Channel, message: ConsumeMessage): void {
    if (channel !== this.channel) return;
    this.settlements?.delivered(message);
    if (this.isClosing) return void this.on(channel, (open) => open.reject(message, true));
    this.waiting.push(message);
    this.work(channel);
  }

  private work(channel: Channel): void {
    while (this.active < this.request.concurrency && !this.isClosing) {
      const message = this.waiting.shift();
      if (!message) return;
      this.active += 1;
      void this.handle(channel, message).finally(() => {
        this.active -= 1;
        if (this.channel) this.work(this.channel);
        if (this.active === 0) this.onIdle();
      });
    }
  }

  private async handle(channel: Channel, message: ConsumeMessage): Promise<void> {
    let attempt = this.attemptOf(message);
    this.report.count('delivered');
    this.report.tell('delivered', message, undefined, { attempt });
    let handling = await this.request.handle(handledMessage(message, this.end.queue, attempt));
    for (; handling.outcome === 'failed' && this.isTriedHere(attempt, handling); attempt++) {
      if (!(await this.waitInMemory(message, handling, attempt))) {
        return void this.on(channel, (open) => open.reject(message, true));
      }
      if (channel !== this.channel) return;
      handling = await this.request.handle(handledMessage(message, this.end.queue, attempt + 1));
    }
    switch (handling.outcome) {
      case 'done':
        return this.acknowledge(channel, message, () => {
          this.report.count('acked');
          this.report.tell('acked', message, undefined, { attempt });
        });
      case 'requeue':
        return void this.on(channel, (open) => open.reject(message, true));
      case 'failed':
        this.report.count('failed');
        this.report.tell('failed', message, handling.reason, { attempt });
        if (this.failed) return this.sendOn(channel, message, handling, attempt, this.failed);
        return this.isGivenBack(attempt, handling)
          ? this.giveBack(channel, message, handling, attempt)
          : this.reject(channel, message, handling, attempt);
      default:
        return handling satisfies never;
    }
  }

  private attemptOf(message: ConsumeMessage): number {
    return this.policy?.wait === 'requeue' ? deliveryOf(message) : attemptOf(message);
  }

  private isTriedHere(attempt: number, { failureType }: FailedHandling): boolean {
    return this.policy?.wait === 'memory' && isRetried(this.policy, attempt, failureType);
  }

  private isGivenBack(attempt: number, { failureType }: FailedHandling): boolean {
    return this.policy?.wait === 'requeue' && isRetried(this.policy, attempt, failureType);
  }

  /** Between two attempts with the message in hand. False: consuming ends meanwhile. */
  private async waitInMemory(message: ConsumeMessage, failure: FailedHandling, attempt: number): Promise<boolean> {
    this.report.count('failed');
    this.report.tell('failed', message, failure.reason, { attempt });
    const choices = this.policy ? jitteredDelays(retryDelays(this.policy)[attempt - 1] ?? 0, this.policy) : [];
    const delayMs = choices[Math.floor(Math.random() * choices.length)] ?? 0;
    this.report.count('retried');
    this.report.tellRetried(message, failure.reason, this.policy?.attempts, { attempt: attempt + 1, delayMs });
    return sleep(delayMs, true, { signal: this.closing.signal }).catch(() => false);
  }

  /** Back to its queue at once, which counts how often. */
  private giveBack(channel: Channel, message: ConsumeMessage, failure: FailedHandling, attempt: number): void {
    if (!this.on(channel, (open) => open.reject(message, true))) return;
    this.report.count('retried');
    this.report.tellRetried(message, failure.reason, this.policy?.attempts, { attempt: attempt + 1, delayMs: 0 });
  }

  /** The broker dead-letters it, where its queue says so. */
  private reject(channel: Channel, message: ConsumeMessage, { reason }: FailedHandling, attempt: number): void {
    if (!this.on(channel, (open) => open.reject(message, false))) return;
    this.report.count('rejected');
    this.report.tell('rejected', message, reason, { attempt });
    this.report.countDeadLetter('computed');
  }

  /** The message is acknowledged when its copy is confirmed, never before; a copy that nothing took changes nothing. */
  private async sendOn(
    channel: Channel,
    message: ConsumeMessage,
    failure: FailedHandling,
    attempt: number,
    failed: FailedMessages,
  ): Promise<void> {
    // Its channel is gone: it will be delivered again, and a copy would be a second one.
    if (channel !== this.channel) return;
    const { step, parcel, result } = await failed.send(message, failure, attempt);
    if (result.state !== 'confirmed') {
      const what = step.type === 'retried' ? 'tried again' : 'dead-lettered';
      const sentence = `A message of “${this.end.queue}” could not be ${what}, and stays. ${result.reason}`;
      this.trouble(sentence);
      if (!this.isClosing) await sleep(HOLD_MS);
      return void this.on(channel, (open) => open.reject(message, true));
    }
    this.trouble(null);
    this.acknowledge(channel, message, () => {
      if (step.type === 'retried') {
        this.report.count('retried');
        return this.report.tellRetried(message, failure.reason, this.policy?.attempts, step);
      }
      this.report.count('deadLettered');
      this.report.countDeadLetter('own');
      const dead = {
        ...message,
        fields: { ...message.fields, ...parcel },
        properties: { ...message.properties, ...parcel.options },
      };
      this.report.tell('dead-lettered', dead, failure.reason, { attempt });
    });
  }

  private acknowledge(channel: Channel, message: ConsumeMessage, onWritten: () => void): void {
    this.on(channel, (settlements) => settlements.ack(message, onWritten));
  }

  /** False when the channel is gone: the message will be delivered again. */
  private on(channel: Channel | undefined, settle: (open: Settlements) => void): boolean {
    if (!channel || channel !== this.channel || !this.settlements) return false;
    try {
      settle(this.settlements);
      return true;
    } catch {
      return false; // closing: its 'close' follows
    }
  }
}
