import { type Channel, type ChannelModel, type ConfirmChannel, connect, type Message, type Options } from 'amqplib';

/** A broker a behaviour runs against: the sandbox or a real RabbitMQ. */
export interface Target {
  url: string;
  vhost: string;
  /** The channel of that name on a connection that outlives the session: for cleaning up, and for asking without disturbing. */
  shared: (name: string) => Promise<Channel>;
  /** Are dead letters still on their way? Only a sandbox can be asked. */
  isRestless?: () => boolean;
}

/** A server's refusal as the client saw it. */
export interface Refusal {
  code: number;
  text: string;
  closes: 'channel' | 'connection';
}

/** One delivery, without what differs from run to run. */
export interface Seen {
  body: string;
  exchange: string;
  key: string;
  redelivered?: true;
  [property: string]: unknown;
}

/** Messages a consumer got, in order; `cancelled` where the server cancelled it. */
export interface Inbox {
  tag: string;
  messages: Message[];
  readonly bodies: (string | 'cancelled')[];
}

/** Longer than anything a behaviour waits for, on a busy machine too. */
const PATIENCE_MS = 8000;
const POLL_MS = 5;

/** No behaviour leaves so many messages in a queue. */
const MOST_TAKEN = 2000;

/** Dead letters go round for ever. */
export class Restless extends Error {}

interface Failing {
  refusal?: Refusal;
}

/** What one behaviour works with: connections and channels that record their refusals, objects that are removed afterwards. */
export class Session {
  /** The channel used when a behaviour needs no other; confirms are on. */
  main!: ConfirmChannel;
  isClosed = false;
  private readonly connections: ChannelModel[] = [];
  private readonly failures = new Map<object, Failing>();
  private readonly queues = new Set<string>();
  private readonly exchanges = new Set<string>();
  private readonly returned: Message[] = [];

  constructor(readonly target: Target) {}

  static async open(target: Target): Promise<Session> {
    const session = new Session(target);
    session.main = await session.channel();
    return session;
  }

  async connection(parameters = ''): Promise<ChannelModel> {
    const connection = await connect(this.target.url + parameters, { noDelay: true, timeout: PATIENCE_MS });
    this.connections.push(connection);
    connection.setMaxListeners(0);
    this.watch(connection, 'connection');
    return connection;
  }

  async channel(connection?: ChannelModel): Promise<ConfirmChannel> {
    const owner = connection ?? this.connections[0] ?? (await this.connection());
    const channel = await owner.createConfirmChannel();
    this.watch(channel, 'channel');
    channel.on('return', (message) => this.returned.push(message));
    // A closing connection ends its channels without an error of theirs.
    owner.on('error', () => this.copyRefusal(owner, channel));
    return channel;
  }

  /** Declares a queue that is deleted afterwards. */
  async queue(name: string, options: Options.AssertQueue = {}, channel: Channel = this.main): Promise<string> {
    this.queues.add(name);
    return (await channel.assertQueue(name, options)).queue;
  }

  /** Declares an exchange that is deleted afterwards. */
  async exchange(name: string, type: string, options: Options.AssertExchange = {}): Promise<string> {
    this.exchanges.add(name);
    return (await this.main.assertExchange(name, type, options)).exchange;
  }

  /** Has these deleted afterwards too; for objects a behaviour declares by itself. */
  owns(kind: 'queue' | 'exchange', name: string): string {
    (kind === 'queue' ? this.queues : this.exchanges).add(name);
    return name;
  }

  /** Publishes and waits for the confirm. */
  publish(
    exchange: string,
    key: string,
    body: string | Buffer = 'm',
    options: Options.Publish = {},
    channel: ConfirmChannel = this.main,
  ): Promise<'ack' | 'nack'> {
    return new Promise((resolve) => {
      channel.publish(exchange, key, Buffer.from(body), options, (error) => resolve(error ? 'nack' : 'ack'));
    });
  }

  /** Publishes without waiting, where a refusal is expected instead of a confirm. */
  publishQuietly(channel: Channel, exchange: string, key = '', options: Options.Publish = {}, body = 'm'): void {
    channel.publish(exchange, key, Buffer.from(body), options);
  }

  /** Publishes several, one confirmed after the other, to a queue. */
  async send(queue: string, ...bodies: string[]): Promise<void> {
    for (const body of bodies) await this.publish('', queue, body);
  }

  /**
   * Runs `action` and answers `ok` or the refusal. A round trip follows, so that refusals of methods without an answer
   * are seen.
   */
  async attempt(action: () => unknown, channel: Channel = this.main): Promise<'ok' | Refusal> {
    try {
      await action();
      await channel.checkExchange('amq.direct');
      return 'ok';
    } catch (error) {
      const refusal = () => this.failures.get(channel)?.refusal;
      await this.until('the refusal arrives', () => refusal()).catch(() => {
        throw error;
      });
      return refusal() as Refusal;
    }
  }

  /** `attempt` on a channel of its own, for methods that may close it. */
  async attemptApart(action: (channel: ConfirmChannel) => unknown): Promise<'ok' | Refusal> {
    const channel = await this.channel();
    return this.attempt(() => action(channel), channel);
  }

  /** `attempt` on a connection of its own, for methods that may close that. */
  async attemptAlone(action: (channel: ConfirmChannel) => unknown): Promise<'ok' | Refusal> {
    const channel = await this.channel(await this.connection());
    return this.attempt(() => action(channel), channel);
  }

  /** What came back as unroutable since the last call. */
  async takeReturned(channel: Channel = this.main): Promise<(Seen & { code: unknown; text: unknown })[]> {
    await channel.checkExchange('amq.direct');
    return this.returned.splice(0).map((message) => {
      const { replyCode, replyText } = message.fields as unknown as { replyCode: unknown; replyText: unknown };
      return { ...describe(message), code: replyCode, text: replyText };
    });
  }

  /**
   * Waits until the broker has done what was asked before: a passive declare goes through the queue itself, so what the
   * queue sent to this channel or on to the next queue was sent before its answer. Name dead-letter hops in their order.
   */
  async sync(...queues: string[]): Promise<void> {
    await this.main.checkExchange('amq.direct');
    for (const queue of queues) await this.main.checkQueue(queue);
  }

  async depth(queue: string): Promise<number> {
    return (await this.main.checkQueue(queue)).messageCount;
  }

  async untilDepth(queue: string, depth: number): Promise<void> {
    await this.until(`${queue} holds ${depth}`, async () => (await this.depth(queue)) === depth);
  }

  async until(what: string, check: () => unknown): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await check())) {
      if (Date.now() > deadline) throw new Error(`gave up waiting until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Is the queue (or exchange) there? Asked on a channel of its own. */
  async exists(kind: 'queue' | 'exchange', name: string): Promise<boolean> {
    const answer = await this.attemptApart((channel) =>
      kind === 'queue' ? channel.checkQueue(name) : channel.checkExchange(name),
    );
    return answer === 'ok';
  }

  /** One message by basic.get, to be settled by the caller; throws when there is none. */
  async get(queue: string, channel: Channel = this.main): Promise<Message> {
    const message = await channel.get(queue);
    if (!message) throw new Error(`${queue} is empty`);
    return message;
  }

  /** Empties a queue by basic.get. @throws Restless where it fills as fast */
  async take(queue: string): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (
      let got = await this.main.get(queue, { noAck: true });
      got;
      got = await this.main.get(queue, { noAck: true })
    ) {
      seen.push(describe(got));
      if (seen.length > MOST_TAKEN) throw new Restless();
    }
    return seen;
  }

  async bodies(queue: string): Promise<string[]> {
    return (await this.take(queue)).map((message) => message.body);
  }

  async consume(
    queue: string,
    options: Options.Consume = {},
    channel: Channel = this.main,
    onMessage: (message: Message) => void = () => {},
  ): Promise<Inbox> {
    const messages: Message[] = [];
    const bodies: string[] = [];
    const { consumerTag } = await channel.consume(
      queue,
      (message) => {
        bodies.push(message ? message.content.toString() : 'cancelled');
        if (!message) return;
        messages.push(message);
        onMessage(message);
      },
      options,
    );
    return { tag: consumerTag, messages, bodies };
  }

  /** Closes everything and removes the objects. */
  async close(): Promise<void> {
    this.isClosed = true;
    const janitor = await this.target.shared('janitor');
    // First of all, so that dead letters that go round stop, and queues have time for what follows.
    await Promise.all([...this.exchanges].map((name) => janitor.deleteExchange(name)));
    await Promise.all(this.connections.map((connection) => connection.close().catch(() => {})));
    const queues = [...this.queues].filter((name) => name !== '');
    await Promise.all(queues.map((name) => janitor.deleteQueue(name)));
  }

  private watch(emitter: Channel | ChannelModel, closes: Refusal['closes']): void {
    const failing: Failing = {};
    this.failures.set(emitter, failing);
    (emitter as ChannelModel).on('error', (error: Error & { code?: number }) => {
      const text = /with message "([\s\S]*)"$/.exec(error.message)?.[1] ?? error.message;
      const current = this.failures.get(emitter) ?? failing;
      current.refusal ??= { code: error.code ?? 0, text: this.anonymous(text), closes };
    });
  }

  private copyRefusal(from: object, to: object): void {
    const refusal = this.failures.get(from)?.refusal;
    const failing = this.failures.get(to);
    if (failing && refusal) failing.refusal ??= refusal;
  }

  private anonymous(text: string): string {
    return text.replaceAll(this.target.vhost, 'v');
  }
}

/** A message as plain data; times and generated tags are left out. */
export function describe(message: Message): Seen {
  const { fields, properties } = message;
  const kept = Object.entries(properties).filter(([, value]) => value !== undefined);
  const { headers, ...rest } = Object.fromEntries(kept);
  const hasHeaders = headers && Object.keys(headers).length > 0;
  return {
    body: message.content.toString(),
    exchange: fields.exchange,
    key: fields.routingKey,
    ...(fields.redelivered ? { redelivered: true as const } : {}),
    ...rest,
    ...(hasHeaders ? { headers: withoutTimes(headers) } : {}),
  };
}

function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, key === 'time' ? 'a time' : withoutTimes(item)]));
}
