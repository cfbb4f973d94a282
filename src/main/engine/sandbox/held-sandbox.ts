import { randomUUID } from 'node:crypto';
import type { SandboxVersion } from '@shared/api/sandbox';
import { Failure } from '@shared/failure';
import {
  readSandboxLock,
  type SandboxAddress,
  type SandboxKind,
  type SandboxLock,
  type SandboxStart,
  type SpawnSandbox,
  sandboxFiles,
} from '../../sandbox/start';
import type { Logger } from '../log';
import { releaseHold, renewHold } from './sandbox-control';

export interface HoldOptions {
  start: SandboxStart;
  /** Left out: only one that is running already is joined. */
  spawn?: SpawnSandbox;
  log?: Logger;
  /** It ended by itself and was started again, without the last seconds; `isElsewhere`: its port was taken meanwhile, or it is another version. */
  onRestarted?: (event: { isElsewhere: boolean }) => void;
  /** It ended by itself and could not be started again. */
  onLost?: (reason: string) => void;
}

/** A sandbox that runs as long as this is not released. */
export interface HeldSandbox {
  kind: SandboxKind;
  address: () => SandboxAddress;
  version: () => SandboxVersion;
  /** Resolves when it has ended and saved, unless others hold it too. */
  release: () => Promise<void>;
}

/** Invariant: well below the time after which a sandbox takes its holder for gone (see Holders). */
const RENEW_MS = 2000;
/** How long a sandbox may take to listen, or to save and end, before that is an error. */
const PATIENCE_MS = 15_000;
const LOOK_MS = 25;
/** More ends than this within the window are not an accident. */
const MOST_ENDS = 3;
const ENDS_WINDOW_MS = 60_000;

/** Joins the sandbox of a flow's broker, or starts it. Null when there is none and it may not be started. @throws Failure */
export async function holdSandbox(options: HoldOptions): Promise<HeldSandbox | null> {
  const id = randomUUID();
  const found = await find(options, id);
  if (!found) return null;
  let current = found;
  let isReleased = false;
  let renewing: Promise<void> = Promise.resolve();
  const endedAt: number[] = [];
  const timer = setInterval(() => {
    renewing = renewing.then(renew);
  }, RENEW_MS);
  timer.unref();

  async function renew(): Promise<void> {
    if (isReleased || (await renewHold(current.address, id)) || isReleased) return;
    const now = Date.now();
    endedAt.push(now);
    try {
      if (endedAt.filter((at) => now - at < ENDS_WINDOW_MS).length > MOST_ENDS)
        throw new Failure('sandbox/ends', 'The sandbox ended several times in a row.');
      const again = await find(options, id);
      if (!again) throw new Failure('sandbox/not-there', 'The sandbox has ended.');
      const isElsewhere = again.address.port !== current.address.port || again.version !== current.version;
      current = again;
      options.onRestarted?.({ isElsewhere });
    } catch (error) {
      clearInterval(timer);
      options.log?.error({ err: error }, 'the sandbox cannot be started again');
      options.onLost?.(error instanceof Error ? error.message : String(error));
    }
  }

  return {
    kind: options.start.kind,
    address: () => current.address,
    version: () => current.version,
    async release() {
      isReleased = true;
      clearInterval(timer);
      await renewing;
      if (await releaseHold(current.address, id)) await ended(options.start, current.id);
    },
  };
}

type FoundSandbox = SandboxLock & { address: SandboxAddress };

/** Looks until a sandbox listens and takes our hold, starting one where there is none. */
async function find({ start, spawn }: HoldOptions, id: string): Promise<FoundSandbox | null> {
  const { lock: file } = sandboxFiles(start);
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await pause()) {
    const lock = await readSandboxLock(file);
    if (lock?.address && (await renewHold(lock.address, id))) return { ...lock, address: lock.address };
    if (lock) continue;
    if (!spawn) return null;
    const reason = await spawn(start);
    if (reason !== null) throw new Failure('sandbox/cannot-start', `The sandbox cannot start: ${reason}`);
  }
  throw new Failure('sandbox/cannot-start', 'The sandbox was started, but does not answer.', { retryable: true });
}

/** Waits until a sandbox has saved and taken its lock away. */
async function ended(start: SandboxStart, sandboxId: string): Promise<void> {
  const { lock: file } = sandboxFiles(start);
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await pause())
    if ((await readSandboxLock(file))?.id !== sandboxId) return;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_MS));
}
