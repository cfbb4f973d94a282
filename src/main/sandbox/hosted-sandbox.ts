import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { Failure } from '@shared/failure';
import { errorCode, writeOwnJson } from '../engine/files';
import { ownHolder, releaseLock, takeLock } from '../engine/lock-file';
import { Holders } from './holders';
import { type HostedBroker, SANDBOXES } from './kinds';
import { type SandboxAddress, type SandboxLock, type SandboxStart, sandboxFiles, sandboxLockSchema } from './start';

export interface HostedSandboxOptions {
  reportBug: (error: unknown) => void;
  /** Nobody needs it any more: it saved what it holds and closed. */
  onEnded: () => void;
}

/** A sandbox that others can find by its lock file and that ends when nobody needs it. */
export interface HostedSandbox {
  /** Saves, closes, and takes the lock away. */
  close: () => Promise<void>;
}

/**
 * Starts the sandbox of a flow's broker. Null when one is running already. After a crash it takes over the ports and the
 * password of the one that ended, so that its clients find it again. @throws Failure
 */
export async function hostSandbox(start: SandboxStart, options: HostedSandboxOptions): Promise<HostedSandbox | null> {
  const files = sandboxFiles(start);
  await mkdir(start.folder, { recursive: true, mode: 0o700 });
  const own: SandboxLock = { ...ownHolder(), version: start.version, address: null };
  const lock = await takeLock(files.lock, own, sandboxLockSchema);
  if (!lock.taken) return null;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= end();
    return closing;
  };
  const holders = new Holders(() => void close().then(options.onEnded, options.reportBug));

  const { user, start: startBroker } = SANDBOXES[start.kind];

  async function open(): Promise<HostedBroker> {
    const before = lock.taken ? lock.cleared?.address : undefined;
    const password = before?.password ?? randomBytes(18).toString('base64url');
    const common = {
      version: start.version,
      password,
      clusterName: files.clusterName,
      holders,
      reportBug: options.reportBug,
      ...(start.isKept ? { snapshotPath: files.snapshot } : {}),
    };
    const isWanted = before && (start.port ?? before.port) === before.port;
    const sandbox =
      (isWanted && (await startBroker({ ...common, ...portsOf(before) }).catch(unlessTaken))) ||
      (await startBroker({ ...common, port: start.port }));
    const { port, controlPort } = sandbox;
    // Says where it is to whoever looks for it.
    await writeOwnJson(files.lock, { ...own, address: { port, controlPort, user, password } });
    return sandbox;
  }

  let sandbox: HostedBroker;
  try {
    sandbox = await open();
  } catch (error) {
    holders.close();
    await releaseLock(files.lock, own);
    throw startFailure(start, error);
  }

  async function end(): Promise<void> {
    holders.close();
    try {
      await sandbox.close();
    } finally {
      await releaseLock(files.lock, own);
    }
  }
  return { close };
}

function portsOf({ port, controlPort }: SandboxAddress): { port: number; controlPort: number } {
  return { port, controlPort };
}

function unlessTaken(error: unknown): null {
  if (errorCode(error) === 'EADDRINUSE') return null;
  throw error;
}

function startFailure({ port, broker }: SandboxStart, error: unknown): Error {
  const code = errorCode(error);
  if (port === undefined || (code !== 'EADDRINUSE' && code !== 'EACCES'))
    return error instanceof Error ? error : new Error(String(error));
  return new Failure(
    'sandbox/cannot-listen',
    code === 'EACCES' ? `Port ${port} needs more rights.` : `Port ${port} is taken.`,
    { hint: 'Choose another with --port, or leave it out.', object: broker, cause: error },
  );
}
