import { connect, type Socket } from 'node:net';
import { FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD } from '@main/sandbox/rabbitmq/codec/fields';
import {
  decodeMethod,
  encodeMethod,
  type Method,
  type MethodArguments,
  type MethodName,
} from '@main/sandbox/rabbitmq/codec/methods';
import type { FieldTable } from '@main/sandbox/rabbitmq/codec/table';

/** What a server sent: a method, or a frame of another type. */
export type Incoming =
  | ({ channel: number } & Method)
  | { channel: number; name: 'frame'; type: number; payload: Buffer };

const PATIENCE_MS = 8000;
export const PROTOCOL_HEADER = Buffer.from('AMQP\0\0\x09\x01', 'latin1');
const CAPABILITIES = { authentication_failure_close: true, consumer_cancel_notify: true, 'connection.blocked': true };

export interface Handshaking {
  user?: string;
  password?: string;
  mechanism?: string;
  vhost?: string;
  capabilities?: FieldTable;
  tune?: Partial<MethodArguments<'connection.tune-ok'>>;
}

/** One frame of any kind, well formed. */
export function frame(type: number, channel: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(7);
  head[0] = type;
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.of(FRAME_END)]);
}

/** Payload of a content header: class 60, body size, properties (flags first). */
export function contentHeader(bodySize: number, properties: Buffer = Buffer.alloc(2), classId = 60): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(classId, 0);
  head.writeBigUInt64BE(BigInt(bodySize), 4);
  return Buffer.concat([head, properties]);
}

/** A client that sends exactly what it is told, for what well-behaved libraries never send. */
export class RawClient {
  isClosed = false;
  private input = Buffer.alloc(0);
  private readonly received: Incoming[] = [];
  private wake: () => void = () => {};

  private constructor(
    private readonly socket: Socket,
    private readonly url: URL,
  ) {
    socket.on('data', (chunk) => this.read(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isClosed = true;
      this.wake();
    });
  }

  /** Only the TCP connection. */
  static async dial(target: { url: string }): Promise<RawClient> {
    const url = new URL(target.url);
    const socket = connect(Number(url.port || 5672), url.hostname);
    socket.setNoDelay(true);
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket, url);
  }

  /** Connected, in the target's vhost, with channel 1 open. */
  static async open(target: { url: string }, handshaking: Handshaking = {}): Promise<RawClient> {
    const client = await RawClient.dial(target);
    await client.shakeHands(handshaking);
    client.send(1, 'channel.open', {});
    await client.expect('channel.open-ok');
    return client;
  }

  /** The handshake up to open-ok; ends early, without throwing, when the server closes. */
  async shakeHands(options: Handshaking = {}): Promise<void> {
    const user = options.user ?? decodeURIComponent(this.url.username);
    const password = options.password ?? decodeURIComponent(this.url.password);
    this.write(PROTOCOL_HEADER);
    await this.next();
    this.send(0, 'connection.start-ok', {
      clientProperties: { capabilities: options.capabilities ?? CAPABILITIES },
      mechanism: options.mechanism ?? 'PLAIN',
      response: Buffer.from(`\0${user}\0${password}`),
      locale: 'en_US',
    });
    const tune = await this.next();
    if (tune === 'closed' || tune.name !== 'connection.tune') return this.pushBack(tune);
    const { channelMax, frameMax, heartbeat } = tune.args;
    this.send(0, 'connection.tune-ok', { channelMax, frameMax, heartbeat, ...options.tune });
    this.send(0, 'connection.open', { virtualHost: options.vhost ?? decodeURIComponent(this.url.pathname.slice(1)) });
    const opened = await this.next();
    if (opened !== 'closed' && opened.name !== 'connection.open-ok') this.pushBack(opened);
  }

  send<N extends MethodName>(channel: number, name: N, args: MethodArguments<N>): void {
    this.write(encodeMethod(channel, name, args));
  }

  write(bytes: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** basic.publish with header and body, on channel 1. */
  publish(routingKey: string, body: string, exchange = ''): void {
    this.send(1, 'basic.publish', { exchange, routingKey, mandatory: false, immediate: false });
    this.write(frame(FRAME_HEADER, 1, contentHeader(Buffer.byteLength(body))));
    if (body) this.write(frame(FRAME_BODY, 1, Buffer.from(body)));
  }

  /** The next thing the server says, heartbeats left out. */
  async next(patienceMs = PATIENCE_MS): Promise<Incoming | 'closed'> {
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const first = this.received.shift();
      if (first) return first;
      if (this.isClosed) return 'closed';
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) throw new Error('the server said nothing');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** The next method, which must be `name`. */
  async expect<N extends MethodName>(name: N): Promise<MethodArguments<N>> {
    const got = await this.next();
    if (got === 'closed' || got.name !== name)
      throw new Error(`expected ${name}, got ${got === 'closed' ? got : JSON.stringify(got)}`);
    return got.args as MethodArguments<N>;
  }

  /** Calls a method and waits for its answer. */
  async call<N extends MethodName, A extends MethodName>(
    name: N,
    args: MethodArguments<N>,
    answer: A,
  ): Promise<MethodArguments<A>> {
    this.send(1, name, args);
    return this.expect(answer);
  }

  /** Reads until the server closes channel or connection, and answers how; `accepted` if channel.flow-ok comes first. */
  async farewell(): Promise<
    { name: string; code: number; text: string; classId: number; methodId: number } | 'closed' | 'accepted'
  > {
    for (;;) {
      const got = await this.next();
      if (got === 'closed') return got;
      if (got.name === 'channel.flow-ok') return 'accepted';
      if (got.name !== 'connection.close' && got.name !== 'channel.close') continue;
      const { replyCode, replyText, classId, methodId } = got.args;
      return { name: got.name, code: replyCode, text: replyText, classId, methodId };
    }
  }

  /** Reads nothing until `resume`, as a client that hangs. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.destroy();
  }

  private pushBack(got: Incoming | 'closed'): void {
    if (got !== 'closed') this.received.unshift(got);
  }

  private read(chunk: Buffer): void {
    this.input = Buffer.concat([this.input, chunk]);
    // A server that does not speak our version answers with its protocol header, which is no frame.
    while (this.input.length >= 8 && !this.input.subarray(0, 4).equals(PROTOCOL_HEADER.subarray(0, 4))) {
      const size = this.input.readUInt32BE(3);
      if (this.input.length < size + 8) break;
      const type = this.input.readUInt8(0);
      const channel = this.input.readUInt16BE(1);
      const payload = this.input.subarray(7, 7 + size);
      this.input = this.input.subarray(size + 8);
      if (type === 8) continue;
      const method = type === FRAME_METHOD ? decodeMethod(payload) : undefined;
      this.received.push(method ? { channel, ...method } : { channel, name: 'frame', type, payload });
    }
    this.wake();
  }

  /** What came that is no frame: the protocol header of a server that refuses ours. */
  get unread(): string {
    return this.input.toString('latin1');
  }
}
