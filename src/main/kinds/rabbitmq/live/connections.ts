import type { BrokerStatus } from '@shared/traffic/frame';
import { worstStatus } from '@shared/traffic/worst-status';
import type { ChannelModel } from 'amqplib';
import type { ConnectionTarget } from '../../driver';
import type { Closable } from '../../live';
import { superviseConnection } from './supervise';

/** A supervised connection to each vhost that is used. */
export interface VhostConnections extends Closable {
  /** Resolves when the vhost's connection stands for the first time. @throws Failure */
  open: (vhost: string) => Promise<void>;
  /** Undefined while there is none. */
  current: (vhost: string) => ChannelModel | undefined;
}

export function createVhostConnections(
  target: ConnectionTarget,
  options: {
    purpose: string;
    onStatus: (status: BrokerStatus) => void;
    /** Must not reject for what concerns one channel only. */
    onConnected: (vhost: string, connection: ChannelModel) => Promise<void>;
    onLost: (vhost: string) => void;
  },
): VhostConnections {
  const { purpose, onStatus, onConnected, onLost } = options;
  const supervised = new Map<string, Promise<Closable>>();
  const connected = new Map<string, ChannelModel>();
  const statuses = new Map<string, BrokerStatus>();
  return {
    current: (vhost) => connected.get(vhost),
    async open(vhost) {
      const known = supervised.get(vhost);
      if (known) return void (await known);
      const opening = superviseConnection(target, {
        purpose,
        vhost,
        onStatus(status) {
          statuses.set(vhost, status);
          onStatus(worstStatus(statuses.values()));
        },
        onConnected: async (connection) => {
          connected.set(vhost, connection);
          await onConnected(vhost, connection);
        },
        onLost: () => {
          connected.delete(vhost);
          onLost(vhost);
        },
      });
      supervised.set(vhost, opening);
      try {
        await opening;
      } catch (error) {
        supervised.delete(vhost);
        statuses.delete(vhost);
        throw error;
      }
    },
    async close() {
      const open = await Promise.allSettled(supervised.values());
      await Promise.all(open.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
    },
  };
}
