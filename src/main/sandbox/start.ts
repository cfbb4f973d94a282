import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { sandboxVersionSchema } from '@shared/api/sandbox';
import { z } from 'zod';
import { isStale, lockHolderSchema, readLock } from '../engine/lock-file';

/** The kinds of broker that have a sandbox, and what theirs can do. */
export const SANDBOX_KINDS = {
  rabbitmq: { hasVersions: true, hasClock: true },
  redis: { hasVersions: false, hasClock: false },
} as const;
export type SandboxKind = keyof typeof SANDBOX_KINDS;
const sandboxKindSchema = z.enum(Object.keys(SANDBOX_KINDS) as SandboxKind[]);

/** Is there a sandbox for brokers of this kind? */
export function hasSandbox(kind: string): kind is SandboxKind {
  return Object.hasOwn(SANDBOX_KINDS, kind);
}

/** What a sandbox process is started with; passed as JSON on its command line, so never a secret. */
export const sandboxStartSchema = z.object({
  /** Folder of lock files, snapshots and the log; made when missing. */
  folder: z.string(),
  /** Identity of the flow. */
  flow: z.string(),
  /** Broker id in the flow. */
  broker: z.string(),
  kind: sandboxKindSchema,
  /** Counts for kinds that have versions. */
  version: sandboxVersionSchema,
  /** For its clients. Default: a free one. */
  port: z.number().optional(),
  /** Durable objects and messages come back at the next start; false for a sandbox that leaves nothing behind. */
  isKept: z.boolean(),
});
export type SandboxStart = z.infer<typeof sandboxStartSchema>;

/** Starts a sandbox in a process of its own. Resolves with null when it is there, else with the sentence why it is not. */
export type SpawnSandbox = (start: SandboxStart) => Promise<string | null>;

/** What a sandbox process tells whoever spawned it, once. */
export type SandboxMessage = { type: 'ready' } | { type: 'running-already' } | { type: 'failed'; message: string };

const addressSchema = z.object({
  /** Its clients' protocol. */
  port: z.number(),
  /** HTTP: its management API, where the kind has one, and Tapline's own endpoints. */
  controlPort: z.number(),
  user: z.string(),
  /** Made anew at every start. */
  password: z.string(),
});
/** Where a sandbox listens, on loopback, and its credentials. */
export type SandboxAddress = z.infer<typeof addressSchema>;

/** The lock of a running sandbox (0600), by which a restarted engine and the command line find it. */
export const sandboxLockSchema = lockHolderSchema.extend({
  version: sandboxVersionSchema,
  /** Null until it listens. */
  address: addressSchema.nullable(),
});
export type SandboxLock = z.infer<typeof sandboxLockSchema>;

/** Files of one sandbox, a flow's broker has one at most; and the name by which ledgers tell it from others. */
export function sandboxFiles({
  folder,
  flow,
  broker,
  kind,
}: Pick<SandboxStart, 'folder' | 'flow' | 'broker' | 'kind'>): {
  lock: string;
  snapshot: string;
  log: string;
  clusterName: string;
} {
  const key = createHash('sha256').update(`${flow}\0${kind}\0${broker}`).digest('hex').slice(0, 24);
  const file = (extension: string) => join(folder, `${key}.${extension}`);
  return {
    lock: file('lock'),
    snapshot: file('snapshot'),
    log: join(folder, 'sandbox.log'),
    clusterName: `tapline-sandbox-${key.slice(0, 12)}`,
  };
}

/** Folder of the sandboxes in the data folder. */
export function sandboxFolder(dataFolder: string): string {
  return join(dataFolder, 'sandboxes');
}

/** The running sandbox of a lock file; null when there is none or its process has ended. It may be about to listen, or to end. */
export async function readSandboxLock(file: string): Promise<SandboxLock | null> {
  const lock = await readLock(file, sandboxLockSchema);
  return lock && !isStale(lock) ? lock : null;
}
