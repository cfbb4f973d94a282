import type { BrokerStatus } from '@shared/traffic/frame';
import type { ChannelModel } from 'amqplib';
import type { ConnectionTarget } from '../../driver';
import type { Closable } from '../../live';
import { closeQuietly } from '../close';
import { openConnection } from '../connect';

/** Waits between attempts to reconnect; the last one repeats. */
const DELAYS_MS = [250, 500, 1000, 2000, 5000];
const LONGEST_MS = 5000;

export interface SuperviseOptions {
  /** Shown by the broker as the connection's name: `Tapline publish`. */
  purpose: string;
  vhost?: string;
  onStatus: (status: BrokerStatus) => void;
  /** Sets up channels and consumers; called for every new connection. When it rejects, the connection is given up and tried again. */
  onConnected: (connection: ChannelModel) => Promise<void>;
  /** The connection is gone, with all its channels. */
  onLost: () => void;
}

/**
 * Keeps a connection to a broker: when it is lost, it is opened again, for as long as it takes. Resolves when the first one
 * stands. @throws Failure when the first attempt fails
 */
export async function superviseConnection(target: ConnectionTarget, options: SuperviseOptions): Promise<Closable> {
  const { purpose, vhost, onStatus, onConnected, onLost } = options;
  let current: ChannelModel | undefined;
  let isClosed = false;
  let stopWaiting: () => void = () => {};

  async function connect(): Promise<void> {
    const connection = await openConnection(target, { purpose, vhost });
    if (isClosed) return closeQuietly(connection);
    let isUp = true;
    let isSetUp = false;
    connection.on('close', (error?: Error) => {
      isUp = false;
      if (current !== connection) return;
      current = undefined;
      onLost();
      if (isSetUp && !isClosed) void reconnect(error?.message ?? 'the broker closed the connection');
    });
    connection.on('blocked', (reason: string) => onStatus({ state: 'blocked', reason }));
    connection.on('unblocked', () => onStatus({ state: 'connected', since: Date.now() }));
    current = connection;
    try {
      await onConnected(connection);
      if (!isUp) throw new Error('the broker closed the connection');
      isSetUp = true;
      onStatus({ state: 'connected', since: Date.now() });
    } catch (error) {
      if (isUp) await closeQuietly(connection);
      throw error;
    }
  }

  async function reconnect(reason: string): Promise<void> {
    let lastError = reason;
    for (let attempt = 1; !isClosed; attempt++) {
      const delayMs = DELAYS_MS[attempt - 1] ?? LONGEST_MS;
      onStatus({ state: 'reconnecting', attempt, nextAttemptAt: Date.now() + delayMs, lastError });
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, delayMs);
        stopWaiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      if (isClosed) return;
      try {
        return await connect();
      } catch (error) {
        lastError = error instanceof Error ? error.message : String(error);
      }
    }
  }

  onStatus({ state: 'connecting' });
  try {
    await connect();
  } catch (error) {
    isClosed = true;
    onStatus({ state: 'failed', lastError: error instanceof Error ? error.message : String(error) });
    throw error;
  }
  return {
    async close() {
      isClosed = true;
      stopWaiting();
      if (current) await closeQuietly(current);
    },
  };
}
