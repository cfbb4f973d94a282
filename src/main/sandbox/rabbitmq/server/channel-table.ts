import { closesConnection } from '../broker/errors';
import { FRAME_HEADER } from '../codec/fields';
import type { Method } from '../codec/methods';
import { Channel } from './channel';
import { channelMethods } from './channel-methods';
import type { Connection } from './connection';
import { NOT_A_METHOD } from './content-assembly';

/** The channels of one connection: opens and closes them, and hands each the methods and content meant for it. */
export class ChannelTable {
  private readonly channels = new Map<number, Channel>();
  private readonly unflushedConfirms: Channel[] = [];

  constructor(private readonly connection: Connection) {}

  get size(): number {
    return this.channels.size;
  }

  get(id: number): Channel | undefined {
    return this.channels.get(id);
  }

  values(): IterableIterator<Channel> {
    return this.channels.values();
  }

  /** Header or body of a message. @throws AmqpError */
  onContent(channel: Channel | undefined, type: number, payload: Buffer): void {
    if (!channel) throw closesConnection(505, NOT_A_METHOD);
    if (channel.isClosing) return;
    if (channel.isReceivingContent) this.connection.currentMethod = 'basic.publish';
    if (type === FRAME_HEADER) channel.contentHeader(payload);
    else channel.contentBody(payload);
  }

  /** Confirms leave once per input chunk, so that neighbours share a frame. */
  flushConfirmsLater(channel: Channel): void {
    if (this.unflushedConfirms.at(-1) !== channel) this.unflushedConfirms.push(channel);
  }

  flushConfirms(): void {
    for (const channel of this.unflushedConfirms.splice(0)) if (!channel.isClosing) channel.confirms?.flush();
  }

  deliverAll(): void {
    for (const channel of this.channels.values()) channel.deliverAll();
  }

  tearDown(): void {
    for (const channel of this.channels.values()) channel.tearDown();
    this.channels.clear();
  }

  /** A method other than those of channel 0. @throws AmqpError */
  onMethod(id: number, method: Method): void {
    const { connection } = this;
    const channel = this.channels.get(id);
    if (method.name === 'channel.open') return this.open(id, channel);
    if (!channel) {
      if (method.name === 'channel.close-ok' || method.name === 'channel.close') return;
      throw closesConnection(504, "expected 'channel.open'");
    }
    if (channel.isClosing || method.name === 'channel.close') return this.close(channel, method);
    if (channel.isReceivingContent) {
      connection.currentMethod = 'basic.publish';
      channel.assertNoContentPending();
    }
    if (method.name === 'basic.publish') connection.publishes();
    const handle = channelMethods[method.name] as ((channel: Channel, args: unknown) => void) | undefined;
    if (!handle) throw closesConnection(503, 'unimplemented method');
    // What dies meanwhile comes round when the method is done with, as with RabbitMQ's processes.
    channel.vhost.deadLetters.after(() => handle(channel, method.args));
  }

  private open(id: number, existing: Channel | undefined): void {
    const { connection } = this;
    const { handshake, vhost } = connection;
    if (existing) throw closesConnection(504, "second 'channel.open' seen");
    if (!vhost) throw closesConnection(503, 'connection is not open');
    if (this.channels.size >= handshake.channelMax) {
      connection.currentMethod = undefined;
      throw closesConnection(
        530,
        `number of channels opened (${this.channels.size}) has reached the negotiated channel_max (${handshake.channelMax})`,
      );
    }
    this.channels.set(id, new Channel(connection, id, vhost));
    connection.sendMethod(id, 'channel.open-ok', {});
  }

  private close(channel: Channel, method: Method): void {
    if (method.name === 'channel.close') {
      channel.confirms?.flush();
      channel.tearDown();
      this.channels.delete(channel.id);
      this.connection.sendMethod(channel.id, 'channel.close-ok', {});
    } else if (method.name === 'channel.close-ok') this.channels.delete(channel.id);
  }
}
