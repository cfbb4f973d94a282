import type { Socket } from 'node:net';
import type { SandboxBroker } from '../broker/broker';
import { erlangBinary } from '../broker/erlang-text';
import { AmqpError, closesConnection, SilentClose } from '../broker/errors';
import type { Queue, QueueOwner } from '../broker/queue';
import type { Vhost } from '../broker/vhost';
import { encodeContent } from '../codec/content';
import { FRAME_BODY, FRAME_HEADER, FRAME_HEARTBEAT, FRAME_METHOD } from '../codec/fields';
import {
  encodeMethod,
  type Method,
  type MethodArguments,
  type MethodName,
  methodIds,
  methodNameOf,
} from '../codec/methods';
import type { Channel } from './channel';
import { ChannelTable } from './channel-table';
import { FrameReader, frameError, readMethod } from './frame-reader';
import { Handshake } from './handshake';
import { Heartbeat } from './heartbeat';
import { BatchedOutput } from './output';

/** A client that does not answer connection.close is cut off after this long. */
const CLOSE_TIMEOUT_MS = 5000;

export interface ConnectionHost {
  readonly broker: SandboxBroker;
  /** Exceptions that are our own bugs; the connection is closed with 541 and the server lives on. */
  reportBug: (error: unknown) => void;
  /** Product name announced to clients. */
  readonly product: string;
}

type State = 'handshake' | 'open' | 'closing' | 'closed';

/** One client connection: frames in, channels, frames out. */
export class Connection implements QueueOwner {
  readonly exclusiveQueues = new Set<Queue>();
  readonly channels: ChannelTable;
  readonly handshake: Handshake;
  /** `127.0.0.1:50000 -> 127.0.0.1:5672`, as RabbitMQ names connections. */
  readonly name: string;
  readonly connectedAt = Date.now();
  vhost: Vhost | undefined;
  /** What is being done: an error names it. */
  currentMethod: MethodName | undefined;
  private hasPublished = false;
  private state: State = 'handshake';
  private readonly frames: FrameReader;
  private readonly output: BatchedOutput;
  private readonly heartbeat: Heartbeat;
  private readonly handshakeTimer: NodeJS.Timeout;
  private isPaused = false;

  constructor(
    private readonly host: ConnectionHost,
    private readonly socket: Socket,
  ) {
    const { broker } = host;
    this.name = `${socket.remoteAddress}:${socket.remotePort} -> ${socket.localAddress}:${socket.localPort}`;
    this.handshake = new Handshake(this, broker, host.product);
    this.frames = new FrameReader((type, channel, payload) => this.onFrame(type, channel, payload));
    this.channels = new ChannelTable(this);
    this.output = new BatchedOutput(socket, () => this.channels.deliverAll());
    this.heartbeat = new Heartbeat(
      (frame) => this.output.write(frame),
      () => socket.destroy(),
      () => this.isPaused,
    );
    this.handshakeTimer = setTimeout(() => socket.destroy(), broker.limits.handshakeMs);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.onData(chunk));
    socket.on('error', () => {}); // 'close' follows and says the same
    socket.on('close', () => this.release());
  }

  /** As the client named its connection; empty when it did not. */
  get clientName(): string {
    const { connection_name: name } = this.handshake.clientProperties;
    return typeof name === 'string' ? name : '';
  }

  /** Tapline's own clients say in which process they live. */
  get clientProcess(): string | undefined {
    const { process } = this.handshake.clientProperties;
    return typeof process === 'string' ? process : undefined;
  }

  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** Too much is unsent: its consumers get nothing until the client has read on. */
  get isCongested(): boolean {
    return this.output.isCongested;
  }

  sendMethod<N extends MethodName>(channel: number, name: N, args: MethodArguments<N>): void {
    if (this.state !== 'closed') this.output.write(encodeMethod(channel, name, args));
  }

  sendContent(channel: number, method: Buffer, properties: Buffer, body: Buffer): void {
    if (this.state === 'closed') return;
    for (const part of encodeContent(channel, method, properties, body, this.handshake.frameMax))
      this.output.write(part);
  }

  /** Called by the handshake when the client has opened its vhost. */
  open(vhost: Vhost): void {
    clearTimeout(this.handshakeTimer);
    this.vhost = vhost;
    this.state = 'open';
    this.heartbeat.start(this.handshake.heartbeatSeconds);
  }

  /** It publishes: from now on it has to wait while the sandbox is full. */
  publishes(): void {
    this.hasPublished = true;
    if (this.host.broker.isFull) this.setPressure(true);
  }

  /** Stops reading from a publisher while the sandbox is full, and says so. */
  setPressure(isFull: boolean): void {
    if (this.state !== 'open' || isFull === this.isPaused || (isFull && !this.hasPublished)) return;
    this.isPaused = isFull;
    const wantsNotice = this.handshake.hasCapability('connection.blocked');
    if (isFull) {
      if (wantsNotice)
        this.sendMethod(0, 'connection.blocked', { reason: 'the sandbox holds as many messages as it may' });
      this.socket.pause();
    } else {
      this.heartbeat.heard();
      if (wantsNotice) this.sendMethod(0, 'connection.unblocked', {});
      this.socket.resume();
    }
  }

  /** Closes it with a reason the client is told, and by default with the method it was about. */
  close(error: AmqpError, { namesMethod = true } = {}): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    this.state = 'closing';
    const ids = namesMethod && this.currentMethod ? methodIds(this.currentMethod) : { classId: 0, methodId: 0 };
    this.output.write(
      encodeMethod(0, 'connection.close', { replyCode: error.replyCode, replyText: error.message, ...ids }),
    );
    this.releaseObjects();
    setTimeout(() => this.socket.destroy(), CLOSE_TIMEOUT_MS).unref();
  }

  /** Ends it at once, unsaid. */
  destroy(): void {
    this.socket.destroy();
  }

  /** Sends what is left and ends the connection. */
  end(last?: Buffer): void {
    if (last) this.output.write(last);
    this.output.flush();
    this.state = 'closed';
    this.socket.end();
  }

  private onData(chunk: Buffer): void {
    this.heartbeat.heard();
    if (this.state === 'closed') return;
    try {
      if (!this.handshake.hasHeader) {
        const rest = this.handshake.readHeader(chunk);
        if (rest === 'mismatch') return this.end(this.host.broker.behaviour.protocolHeader);
        if (rest) this.frames.push(rest, this.handshake.frameMax);
      } else this.frames.push(chunk, this.handshake.frameMax);
    } catch (error) {
      this.currentMethod = undefined;
      this.fail(error, undefined);
    }
    this.channels.flushConfirms();
  }

  private onFrame(type: number, id: number, payload: Buffer): void {
    if (this.state === 'closed') return;
    if (type === FRAME_HEARTBEAT && payload.length === 0) return;
    let channel: Channel | undefined;
    try {
      this.currentMethod = undefined;
      const isContent = type === FRAME_HEADER || type === FRAME_BODY;
      if (!isContent && (type !== FRAME_METHOD || payload.length < 4)) throw frameError(type, payload, 'unknown_frame');
      if (!isContent) this.currentMethod = methodNameOf(payload);
      const method = isContent ? undefined : readMethod(payload);
      if (this.state === 'closing') return this.finishClosing(method);
      if (id === 0 && !method) throw closesConnection(505, `type ${type}, all octets = ${erlangBinary(payload)}`);
      if (id === 0) return this.onConnectionMethod(method as Method);
      if (this.state !== 'open') throw new SilentClose('the connection is not open');
      channel = this.channels.get(id);
      if (method) this.channels.onMethod(id, method);
      else this.channels.onContent(channel, type, payload);
    } catch (error) {
      this.fail(error, channel);
    }
  }

  private onConnectionMethod(method: Method): void {
    if (method.name === 'connection.close') {
      this.releaseObjects();
      return this.end(encodeMethod(0, 'connection.close-ok', {}));
    }
    if (this.state === 'open' && method.name === 'connection.update-secret')
      return this.sendMethod(0, 'connection.update-secret-ok', {});
    if (this.state === 'open') throw closesConnection(504, 'unexpected method in connection state running');
    this.handshake.onMethod(method);
  }

  /** After connection.close only its answer matters. */
  private finishClosing(method: Method | undefined): void {
    if (method?.name === 'connection.close') this.end(encodeMethod(0, 'connection.close-ok', {}));
    else if (method?.name === 'connection.close-ok') this.end();
  }

  private fail(error: unknown, channel: Channel | undefined): void {
    // A table that cannot be read (RangeError) ends the connection in silence too.
    if (error instanceof SilentClose || error instanceof RangeError) return this.destroy();
    const refusal = this.asRefusal(error);
    if (refusal.closes === 'connection' || !channel) this.close(refusal);
    else channel.close(refusal, this.currentMethod);
  }

  private asRefusal(error: unknown): AmqpError {
    if (error instanceof AmqpError) return error;
    this.host.reportBug(error);
    return closesConnection(541, 'internal error of the sandbox');
  }

  private releaseObjects(): void {
    this.heartbeat.stop();
    clearTimeout(this.handshakeTimer);
    this.channels.tearDown();
    for (const queue of [...this.exclusiveQueues]) this.vhost?.deleteQueue(queue);
  }

  private release(): void {
    this.state = 'closed';
    try {
      this.releaseObjects();
    } catch (error) {
      this.host.reportBug(error);
    }
  }
}
