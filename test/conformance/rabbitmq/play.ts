import type { ConfirmChannel, Message } from 'amqplib';
import { EXCHANGES, QUEUES, SHORT_TTL_MS, type Step } from './random-sequence';
import { describe, type Refusal, Restless, Session, type Target } from './session';

/** What a client saw of one step: the answer, then what came back or was delivered meanwhile. */
export interface Observation {
  step: string;
  answer: unknown;
  returned?: unknown[];
  delivered?: Record<string, unknown[]>;
}

/** Rounds of asking every queue, after which dead letters have made as many hops. */
const HOPS_AWAITED = 5;
/**
 * No step takes so long, on a busy machine either, unless dead letters multiply on a real broker: every question then waits behind
 * them, and its memory grows until they are ended.
 */
const STEP_MS = 5000;
const PREFETCH = 2;
/** Steps that move no message. */
const SILENT: ReadonlySet<Step['do']> = new Set(['declare exchange', 'declare queue', 'bind', 'unbind']);

/**
 * Plays steps against a broker, one after the other, and notes all that a client can see. Leaves the vhost empty. Undefined where
 * dead letters go round for ever.
 */
export async function play(target: Target, steps: Step[]): Promise<Observation[] | undefined> {
  const session = await Session.open(target);
  for (const name of QUEUES) session.owns('queue', name);
  for (const name of EXCHANGES) session.owns('exchange', name);
  const player = new Player(session);
  try {
    await player.open();
    const seen: Observation[] = [];
    for (const [index, step] of steps.entries()) seen.push(await inTime(player.perform(step, index)));
    seen.push({ step: 'what is left', answer: await inTime(player.leftovers()) });
    return seen;
  } catch (error) {
    if (error instanceof Restless) return undefined;
    throw error;
  } finally {
    await session.close();
  }
}

/** @throws Restless where it takes too long */
function inTime<T>(doing: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Restless()), STEP_MS);
  });
  return Promise.race([doing, tooLong]).finally(() => clearTimeout(timer));
}

class Player {
  private channel!: ConfirmChannel;
  private held: Message[] = [];
  /** The queue of each held message. */
  private readonly origins = new WeakMap<Message, string>();
  private consumers: { tag: string; name: string; arrived: unknown[] }[] = [];
  private consumed = 0;
  /** Queues that exist, and whether all they hold expires soon. */
  private readonly existing = new Map<string, { isShortLived: boolean; isQuorum: boolean }>();
  /** A quorum queue beside them: what went through it took as long as what they were told before. */
  private beside: string | undefined;

  constructor(private readonly session: Session) {}

  async open(): Promise<void> {
    this.channel = await this.session.channel();
    this.held = [];
    this.consumers = [];
    await this.channel.prefetch(PREFETCH);
  }

  private async reopen(): Promise<void> {
    await this.channel.close();
    await this.open();
  }

  async perform(step: Step, index: number): Promise<Observation> {
    const observation: Observation = { step: JSON.stringify(step), answer: null };
    if (step.do === 'reopen channel') await this.reopen();
    const { channel } = this;
    const outcome = await this.session.attempt(async () => {
      observation.answer = (await this.act(step, index)) ?? null;
    }, channel);
    if (outcome !== 'ok') observation.answer = outcome satisfies Refusal;
    else if (step.do === 'publish' && Number(step.options.expiration) === SHORT_TTL_MS) await this.passShortTtl();
    if (outcome !== 'ok' || !SILENT.has(step.do)) await this.settleDown();
    const returned = await this.session.takeReturned(outcome === 'ok' ? channel : undefined);
    if (returned.length > 0) observation.returned = returned;
    for (const { name, arrived } of this.consumers) {
      if (arrived.length === 0) continue;
      observation.delivered ??= {};
      observation.delivered[name] = arrived.splice(0);
    }
    this.sortHeld();
    if (outcome !== 'ok') await this.open();
    return observation;
  }

  /** By queue first: which of two queues delivers its copy of a message sooner is an accident of RabbitMQ's processes. */
  private sortHeld(): void {
    const origin = (message: Message) => this.origins.get(message) ?? '';
    this.held.sort((a, b) => origin(a).localeCompare(origin(b)) || a.fields.deliveryTag - b.fields.deliveryTag);
  }

  /** All messages that can still be got, and those that come back when the channel is closed. */
  async leftovers(): Promise<Record<string, unknown>> {
    const left: Record<string, unknown> = {};
    for (const when of ['ready', 'given back']) {
      for (const queue of this.existing.keys()) left[`${queue} ${when}`] = await this.session.take(queue);
      if (when === 'ready') await this.channel.close();
      await this.settleDown();
    }
    return left;
  }

  /** Waits until nothing more expires or moves: what dead-letters from one queue arrives in the next. */
  private async settleDown(): Promise<void> {
    while (!this.session.isClosed) {
      for (let hop = 1; hop < HOPS_AWAITED; hop++) {
        await this.passThroughLog();
        await this.askAround();
      }
      const depths = await this.askAround();
      if (this.session.target.isRestless?.()) throw new Restless();
      if (![...depths].some(([queue, depth]) => depth > 0 && this.existing.get(queue)?.isShortLived)) return;
    }
  }

  /** Quorum queues do what they are told when their log has been written, and answer before that. */
  private async passThroughLog(): Promise<void> {
    if (![...this.existing.values()].some(({ isQuorum }) => isQuorum)) return;
    this.beside ??= await this.session.queue('beside', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    await this.session.publish('', this.beside);
    await this.session.take(this.beside);
  }

  /** Asks every queue that exists, each on a channel of its own, and answers how much is ready in it. */
  private async askAround(): Promise<Map<string, number>> {
    const { target } = this.session;
    const answers = [...this.existing.keys()].map(async (queue): Promise<[string, number]> => {
      const channel = await target.shared(queue);
      return [queue, (await channel.checkQueue(queue)).messageCount];
    });
    return new Map(await Promise.all(answers));
  }

  /** A message that lives longer has gone, so every short time to live that began before has passed. */
  private async passShortTtl(): Promise<void> {
    const clock = await this.session.queue('clock', { messageTtl: SHORT_TTL_MS * 2 });
    await this.session.publish('', clock);
    await this.session.untilDepth(clock, 0);
  }

  private async act(step: Step, index: number): Promise<unknown> {
    const { channel } = this;
    switch (step.do) {
      case 'declare exchange':
        return channel.assertExchange(step.name, step.type, step.options);
      case 'declare queue':
        return this.noting(channel.assertQueue(step.name, step.options), () => {
          const { messageTtl, arguments: args } = step.options;
          const isQuorum = (args as Record<string, unknown> | undefined)?.['x-queue-type'] === 'quorum';
          this.existing.set(step.name, { isShortLived: messageTtl === SHORT_TTL_MS, isQuorum });
        });
      case 'bind':
        if (step.to === 'queue') return channel.bindQueue(step.destination, step.source, step.key, step.args);
        return channel.bindExchange(step.destination, step.source, step.key, step.args);
      case 'unbind':
        if (step.to === 'queue') return channel.unbindQueue(step.destination, step.source, step.key, step.args);
        return channel.unbindExchange(step.destination, step.source, step.key, step.args);
      case 'publish':
        return this.publish(step, index);
      case 'get': {
        const message = await channel.get(step.queue, { noAck: step.noAck });
        if (message && !step.noAck) this.hold(message, step.queue);
        return message && { ...describe(message), left: message.fields.messageCount };
      }
      case 'settle':
        return this.settle(step);
      case 'purge':
        return channel.purgeQueue(step.queue);
      case 'delete queue':
        return this.noting(channel.deleteQueue(step.name, step.options), () => this.existing.delete(step.name));
      case 'delete exchange':
        return channel.deleteExchange(step.name, step.options);
      case 'consume':
        return this.consume(step);
      case 'cancel': {
        const last = this.consumers.pop();
        if (!last) return null;
        await channel.cancel(last.tag);
        return last.arrived;
      }
      case 'reopen channel':
        return null;
    }
  }

  private async noting<T>(answer: Promise<T>, note: () => void): Promise<T> {
    const answered = await answer;
    note();
    return answered;
  }

  private publish({ exchange, key, options }: Step & { do: 'publish' }, index: number): Promise<unknown> {
    const { channel } = this;
    return new Promise((resolve, reject) => {
      channel.once('close', reject);
      channel.publish(exchange, key, Buffer.from(`m${index}`), options, (error) => {
        channel.off('close', reject);
        resolve(error ? 'nack' : 'ack');
      });
    });
  }

  private hold(message: Message, queue: string): void {
    this.origins.set(message, queue);
    this.held.push(message);
  }

  private settle({ how, which, multiple, requeue }: Step & { do: 'settle' }): string | null {
    const message = this.held[Math.floor((which * this.held.length) / 100)];
    if (!message) return null;
    const all = multiple && how !== 'reject';
    const tag = message.fields.deliveryTag;
    this.held = this.held.filter(({ fields }) => (all ? fields.deliveryTag > tag : fields.deliveryTag !== tag));
    if (how === 'ack') this.channel.ack(message, all);
    else if (how === 'nack') this.channel.nack(message, all, requeue);
    else this.channel.reject(message, requeue);
    return message.content.toString();
  }

  private async consume({ queue, noAck, priority }: Step & { do: 'consume' }): Promise<string> {
    const arrived: unknown[] = [];
    const name = `consumer ${++this.consumed} of ${queue}`;
    const { consumerTag } = await this.channel.consume(
      queue,
      (message) => {
        arrived.push(message ? describe(message) : 'cancelled');
        if (message && !noAck) this.hold(message, queue);
      },
      { noAck, priority },
    );
    this.consumers.push({ tag: consumerTag, name, arrived });
    return name;
  }
}
