import type { HeldCount } from '@shared/api/sandbox';
import type { HolderList } from '../holders';
import { type JsonResponse, LocalJsonServer, NOT_FOUND, ok } from '../local-json-server';
import { SnapshotFile } from '../snapshot-file';
import { RedisServer } from './server';
import { redisSnapshot } from './snapshot';
import { Stream } from './stream';
import { REDIS_VERSION } from './version';

export interface RedisSandboxOptions {
  password: string;
  /** 0 picks a free port. Default 0. */
  port?: number;
  controlPort?: number;
  /** Where keys are kept between starts; without it nothing is kept. */
  snapshotPath?: string;
  /** Who keeps it alive, told through the control endpoints. */
  holders?: HolderList;
  reportBug?: (error: unknown) => void;
}

/** Its user: Redis' own without users defined. */
export const REDIS_USER = 'default';

/** How often a changed sandbox is written to its snapshot: what a crash can lose. */
const SNAPSHOT_EVERY_MS = 3000;

/** A running sandbox: the Redis server on loopback, and control endpoints beside it. */
export interface RedisSandbox {
  port: number;
  controlPort: number;
  /** Saves the snapshot and closes everything. */
  close: () => Promise<void>;
}

/** Starts a sandbox in this process; ready in some milliseconds. Throws when a port is taken. */
export async function startRedisSandbox(options: RedisSandboxOptions): Promise<RedisSandbox> {
  const { password, holders, snapshotPath, reportBug = () => {} } = options;
  const server = new RedisServer({
    password,
    reportBug,
    onKeyEvent: () => snapshot?.markDirty(),
    // What groups deliver and settle is no event of the key.
    observe: (event) => 'stream' in event && snapshot?.markDirty(),
  });
  const { keyspace } = server;
  const snapshot = snapshotPath === undefined ? undefined : new SnapshotFile(snapshotPath, redisSnapshot(keyspace));
  const remarks = (await snapshot?.restore()) ?? [];
  snapshot?.start(SNAPSHOT_EVERY_MS);

  const held = (): HeldCount[] => {
    const streams = keyspace.keys().flatMap((key) => {
      const value = keyspace.get(key);
      return value instanceof Stream ? [value] : [];
    });
    return [
      { one: 'stream with its groups', many: 'streams with their groups', count: streams.length },
      { one: 'entry', many: 'entries', count: streams.reduce((sum, { entries }) => sum + entries.length, 0) },
      { one: 'other key', many: 'other keys', count: keyspace.size - streams.length },
    ];
  };
  /** `GET state`, `POST reset`, `PUT|DELETE holders/ID`, below /api/tapline as in RabbitMQ's sandbox. */
  const answer = (method: string, url: string): JsonResponse => {
    const [what, id] = /^\/api\/tapline\/(.*)$/.exec(url)?.[1]?.split('/') ?? [];
    if (what === 'state' && method === 'GET') {
      const told = [...remarks, ...(snapshot?.remarks() ?? [])];
      return ok({ version: REDIS_VERSION, clock: null, holds: held(), remarks: told });
    }
    if (what === 'reset' && method === 'POST') {
      server.reset();
      snapshot?.remove();
      return { status: 204 };
    }
    if (what === 'holders' && id !== undefined && holders) {
      if (method === 'PUT') return { status: holders.renew(decodeURIComponent(id)) ? 204 : 503 };
      if (method === 'DELETE') return ok({ ending: holders.release(decodeURIComponent(id)) });
    }
    return NOT_FOUND;
  };
  const control = new LocalJsonServer({
    accepts: (user, given) => user === REDIS_USER && given === password,
    answer,
    reportBug,
  });
  try {
    const port = await server.listen(options.port);
    const controlPort = await control.listen(options.controlPort);
    return {
      port,
      controlPort,
      async close() {
        const saved = snapshot?.saveLast();
        await server.close();
        await saved;
        // Last: whoever let it go waits for the answer.
        await control.close();
      },
    };
  } catch (error) {
    snapshot?.stop();
    await server.close();
    await control.close();
    throw error;
  }
}
