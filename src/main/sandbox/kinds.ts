import type { SandboxVersion } from '@shared/api/sandbox';
import type { HolderList } from './holders';
import { startSandbox } from './rabbitmq/sandbox';
import { REDIS_USER, startRedisSandbox } from './redis/sandbox';
import type { SandboxKind } from './start';

/** What every kind's sandbox is started with. */
export interface HostedStart {
  version: SandboxVersion;
  password: string;
  /** By which ledgers tell it from others. */
  clusterName: string;
  holders: HolderList;
  reportBug: (error: unknown) => void;
  /** Default: free ones. */
  port?: number;
  controlPort?: number;
  snapshotPath?: string;
}

/** A sandbox that listens: for clients, and for Tapline's control endpoints. */
export interface HostedBroker {
  port: number;
  controlPort: number;
  /** Saves and closes. */
  close: () => Promise<void>;
}

const RABBITMQ_USER = 'sandbox';

/** How a sandbox of each kind is started; throws when a port is taken. */
export const SANDBOXES: Record<SandboxKind, { user: string; start: (how: HostedStart) => Promise<HostedBroker> }> = {
  rabbitmq: {
    user: RABBITMQ_USER,
    start: async ({ port, controlPort, ...rest }) => {
      const ports = { amqpPort: port, managementPort: controlPort };
      const { amqpPort, managementPort, close } = await startSandbox({ ...rest, ...ports, user: RABBITMQ_USER });
      return { port: amqpPort, controlPort: managementPort, close };
    },
  },
  redis: { user: REDIS_USER, start: startRedisSandbox },
};
