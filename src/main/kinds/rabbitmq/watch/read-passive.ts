import type { Channel, ChannelModel } from 'amqplib';
import type { ConnectionTarget } from '../../driver';
import { closeQuietly } from '../close';
import { openConnection } from '../connect';
import type { CounterContext } from './read-management';
import type { DrawnObject } from './subjects';

/** Reads queues without the management API. */
export interface PassiveReader {
  /** Sets ready messages and consumers of the drawn and derived queues by passive declares, which cost the broker next to nothing. */
  read: () => Promise<void>;
  close: () => Promise<void>;
}

/** Makes a reader; it keeps one connection for each vhost. */
export function createPassiveReader(target: ConnectionTarget, { sink, subjects }: CounterContext): PassiveReader {
  const connections = new Map<string, ChannelModel>();
  const channels = new Map<string, Channel>();

  async function channelOf(vhost: string): Promise<Channel> {
    const known = channels.get(vhost);
    if (known) return known;
    let connection = connections.get(vhost);
    if (!connection) {
      connection = await openConnection(target, { purpose: 'watch', vhost });
      connection.on('close', () => connections.delete(vhost));
      connections.set(vhost, connection);
    }
    const channel = await connection.createChannel();
    // A queue that is not there closes the channel; the rejected answer says so.
    channel.on('error', () => {});
    channel.on('close', () => channels.delete(vhost));
    channels.set(vhost, channel);
    return channel;
  }

  async function readQueue(drawn: DrawnObject): Promise<void> {
    let found: { messageCount: number; consumerCount: number } | undefined;
    try {
      const channel = await channelOf(drawn.vhost);
      found = await channel.checkQueue(drawn.name);
    } catch {
      // Not there, not allowed, or no such vhost: not known either way. The channel is of no more use.
      channels.delete(drawn.vhost);
    }
    const completeness = found ? 'exact' : 'unknown';
    sink.set(drawn, 'ready', found?.messageCount ?? null, 'broker', completeness);
    sink.set(drawn, 'consumers', found?.consumerCount ?? null, 'broker', completeness);
    sink.set(drawn, 'unacked', null, 'broker', 'unknown');
  }

  return {
    read: async () => {
      const { queues, derived } = subjects();
      for (const drawn of [...queues.values(), ...derived.values()]) await readQueue(drawn);
    },
    close: async () => {
      await Promise.all([...connections.values()].map(closeQuietly));
    },
  };
}
