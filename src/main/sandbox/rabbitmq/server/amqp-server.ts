import { createServer, type Server } from 'node:net';
import { SANDBOX_PRODUCT } from '@shared/kinds/rabbitmq/sandbox-gaps';
import type { SandboxBroker } from '../broker/broker';
import { AmqpError } from '../broker/errors';
import type { QueueEntry } from '../broker/message';
import type { Queue } from '../broker/queue';
import { Connection } from './connection';

export interface AmqpServerOptions {
  /** Announced to clients; some libraries' own tests insist on `RabbitMQ`. Default `Tapline sandbox`. */
  product?: string;
  reportBug?: (error: unknown) => void;
}

/** Serves a sandbox over AMQP 0-9-1. Loopback only, unless told otherwise. */
export class AmqpServer {
  readonly connections = new Set<Connection>();
  private readonly server: Server;

  constructor(
    readonly broker: SandboxBroker,
    options: AmqpServerOptions = {},
  ) {
    const host = { broker, product: options.product ?? SANDBOX_PRODUCT, reportBug: options.reportBug ?? (() => {}) };
    broker.onPressure = (isFull) => {
      for (const connection of this.connections) connection.setPressure(isFull);
    };
    this.server = createServer((socket) => {
      if (this.connections.size >= broker.limits.maxConnections) {
        socket.destroy();
        return;
      }
      const connection = new Connection(host, socket);
      this.connections.add(connection);
      socket.on('close', () => this.connections.delete(connection));
    });
  }

  /** Resolves with the port. */
  listen(port = 0, host = '127.0.0.1'): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        const address = this.server.address();
        resolve(typeof address === 'object' && address ? address.port : port);
      });
    });
  }

  /** What consumers hold unacknowledged, by queue; for the snapshot. */
  unackedEntries(): Map<Queue, QueueEntry[]> {
    const byQueue = new Map<Queue, QueueEntry[]>();
    for (const connection of this.connections) {
      for (const channel of connection.channels.values()) {
        for (const { queue, entry } of channel.unacked.values()) {
          const entries = byQueue.get(queue);
          if (entries) entries.push(entry);
          else byQueue.set(queue, [entry]);
        }
      }
    }
    return byQueue;
  }

  /** Closes every connection of a vhost that is deleted. */
  forceClose(reason: string, applies: (connection: Connection) => boolean): number {
    const closing = [...this.connections].filter(applies);
    for (const connection of closing) connection.close(new AmqpError(320, reason, 'connection'));
    return closing.length;
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
