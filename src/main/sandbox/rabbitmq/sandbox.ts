import type { SandboxVersion } from '@shared/api/sandbox';
import type { HolderList } from '../holders';
import { badRequest, LocalJsonServer, NOT_FOUND } from '../local-json-server';
import { SnapshotFile } from '../snapshot-file';
import { BEHAVIOURS } from './broker/behaviour';
import { DEFAULT_LIMITS, SandboxBroker, type SandboxLimits } from './broker/broker';
import { SandboxClock } from './broker/clock';
import { AmqpError } from './broker/errors';
import { handleManagementRequest } from './management/routes';
import { AmqpServer } from './server/amqp-server';
import { rabbitSnapshot } from './snapshot';
import { Tracer } from './trace/tracer';

export interface SandboxOptions {
  /** Which RabbitMQ it behaves like where versions differ. Default `3.10`. */
  version?: SandboxVersion;
  user: string;
  password: string;
  /** Default `tapline-sandbox`. */
  clusterName?: string;
  /** 0 picks a free port. Default 0. */
  amqpPort?: number;
  managementPort?: number;
  /** Where durable objects and messages are kept between starts; without it nothing is kept. */
  snapshotPath?: string;
  limits?: SandboxLimits;
  /** Who keeps it alive, told through the control endpoints. */
  holders?: HolderList;
  /** See AmqpServerOptions. */
  product?: string;
  reportBug?: (error: unknown) => void;
}

/** How often a changed sandbox is written to its snapshot: what a crash can lose. */
const SNAPSHOT_EVERY_MS = 3000;

/** A running sandbox: AMQP and management servers on loopback, tracer, snapshot. */
export interface Sandbox {
  amqpPort: number;
  managementPort: number;
  broker: SandboxBroker;
  tracer: Tracer;
  /** Drops all objects and messages, and the snapshot. Clients stay connected. */
  reset: () => void;
  /** Saves the snapshot and closes everything. */
  close: () => Promise<void>;
}

/** Starts a sandbox in this process; ready in some milliseconds. Throws when a port is taken. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const reportBug = options.reportBug ?? (() => {});
  const clock = new SandboxClock(reportBug);
  const users = new Map([[options.user, options.password]]);
  const broker = new SandboxBroker(
    BEHAVIOURS[options.version ?? '3.10'],
    clock,
    options.limits ?? DEFAULT_LIMITS,
    users,
    options.clusterName,
  );
  const amqp = new AmqpServer(broker, { product: options.product, reportBug });
  const tracer = new Tracer(broker);
  const snapshot = options.snapshotPath
    ? new SnapshotFile(
        options.snapshotPath,
        rabbitSnapshot(broker, () => amqp.unackedEntries()),
      )
    : undefined;
  const remarks = snapshot ? await snapshot.restore() : [];
  tracer.start(() => snapshot?.markDirty());
  snapshot?.start(SNAPSHOT_EVERY_MS);

  const reset = () => {
    for (const vhost of broker.vhosts.values()) vhost.clear();
    tracer.reset();
    snapshot?.remove();
  };
  const managed = {
    amqp,
    tracer,
    reset,
    holders: options.holders,
    remarks: () => [...remarks, ...(snapshot?.remarks() ?? []), broker.fullness() ?? []].flat(),
  };
  /** The part of RabbitMQ's management HTTP API that Tapline's driver and rabbitmqadmin use. */
  const management = new LocalJsonServer({
    accepts: (user, password) => broker.users.get(user) === password,
    answer(method, url, body) {
      try {
        return handleManagementRequest(managed, method, url, body);
      } catch (error) {
        if (error instanceof AmqpError) return error.replyCode === 404 ? NOT_FOUND : badRequest(error.sentence);
        throw error;
      }
    },
    reportBug,
  });
  let amqpPort: number;
  let managementPort: number;
  try {
    amqpPort = await amqp.listen(options.amqpPort);
    managementPort = await management.listen(options.managementPort);
  } catch (error) {
    snapshot?.stop();
    await management.close();
    await amqp.close();
    broker.close();
    throw error;
  }
  return {
    amqpPort,
    managementPort,
    broker,
    tracer,
    reset,
    close: async () => {
      const saved = snapshot?.saveLast();
      await amqp.close();
      await saved;
      await management.close();
      broker.close();
    },
  };
}
