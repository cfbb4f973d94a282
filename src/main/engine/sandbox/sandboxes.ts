import { join } from 'node:path';
import { connectionSchema } from '@shared/api/environment';
import { type RunningSandbox, type SandboxState, type SandboxVersion, sandboxVersionSchema } from '@shared/api/sandbox';
import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import { z } from 'zod';
import type { ConnectionTarget } from '../../kinds/driver';
import { SANDBOX_KINDS, type SandboxAddress, type SandboxKind, sandboxFolder } from '../../sandbox/start';
import type { SandboxTargets } from '../environments';
import { readOwnJson, writeOwnJson } from '../files';
import type { HostPort } from '../host';
import { createTurns } from '../in-turn';
import type { Logger } from '../log';
import { flowIdentity } from '../planner';
import type { Redactor } from '../redact';
import { type HeldSandbox, holdSandbox } from './held-sandbox';
import { plainUrlOf, sandboxBrokers, urlsOf } from './sandbox-address';
import { reportOf, resetSandbox, setClock, stepClock } from './sandbox-control';

/** The sandboxes of the open flow, one for each of its brokers. They start when first needed and end with the document. */
export interface Sandboxes extends SandboxTargets {
  state: () => Promise<SandboxState>;
  /** Starts running ones again as another version; durable objects and messages come along. @throws Failure */
  setVersion: (version: SandboxVersion) => Promise<void>;
  /** Drops all objects and messages. */
  reset: () => Promise<void>;
  setClock: (clock: { paused?: boolean; speed?: number }) => Promise<void>;
  step: (ms: number) => Promise<void>;
  /** Another document is open: lets the sandboxes of the one before go. */
  letGo: () => Promise<void>;
  /** Lets all go and starts no more. */
  close: () => Promise<void>;
}

export interface SandboxesOptions {
  host: Pick<HostPort, 'dataFolder'> & Required<Pick<HostPort, 'spawnSandbox'>>;
  flow: () => Flow;
  log: Logger;
  redactor: Redactor;
}

const settingsSchema = z.object({ version: sandboxVersionSchema });
const DEFAULT_VERSION: SandboxVersion = '3.10';

export function createSandboxes({ host, flow, log, redactor }: SandboxesOptions): Sandboxes {
  const settingsFile = join(host.dataFolder, 'sandbox.json');
  const held = new Map<string, HeldSandbox>();
  const listeners = new Set<() => void>();
  const inTurn = createTurns();
  let restarts = 0;
  let failure: string | null = null;
  let isClosed = false;

  const announce = () => {
    for (const listener of listeners) listener();
  };
  const brokers = () => sandboxBrokers(flow());
  const version = async () => (await readOwnJson(settingsFile, settingsSchema, { version: DEFAULT_VERSION })).version;

  /** The sandbox of a broker; one that was of another kind before is let go. */
  async function open([broker, kind]: [string, SandboxKind]): Promise<void> {
    const before = held.get(broker);
    if (before?.kind === kind) return;
    held.delete(broker);
    await before?.release();
    try {
      const sandbox = await holdSandbox({
        start: {
          folder: sandboxFolder(host.dataFolder),
          flow: flowIdentity(flow()),
          broker,
          kind,
          version: await version(),
          isKept: true,
        },
        spawn: host.spawnSandbox,
        log,
        onRestarted: ({ isElsewhere }) => {
          restarts += 1;
          const sandbox = held.get(broker);
          if (sandbox) redactor.add(sandbox.address().password);
          if (isElsewhere) announce();
        },
        onLost: (reason) => {
          failure = reason;
          held.delete(broker);
          announce();
        },
      });
      if (!sandbox) throw new Failure('sandbox/not-there', 'There is no sandbox.');
      redactor.add(sandbox.address().password);
      held.set(broker, sandbox);
      failure = null;
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  /** Those of brokers that are still drawn. */
  const running = (): [string, HeldSandbox][] =>
    brokers().flatMap(([broker, kind]) => {
      const sandbox = held.get(broker);
      return sandbox?.kind === kind ? [[broker, sandbox] as [string, HeldSandbox]] : [];
    });
  const forAll = async (sandboxes: HeldSandbox[], work: (address: SandboxAddress) => Promise<unknown>) =>
    void (await Promise.all(sandboxes.map((sandbox) => work(sandbox.address()))));
  const all = () => running().map(([, sandbox]) => sandbox);
  const withClock = () => all().filter(({ kind }) => SANDBOX_KINDS[kind].hasClock);

  async function letGo(): Promise<void> {
    const gone = [...held.values()];
    held.clear();
    await Promise.all(gone.map((sandbox) => sandbox.release()));
  }

  async function describe(broker: string, sandbox: HeldSandbox): Promise<RunningSandbox[]> {
    const address = sandbox.address();
    try {
      return [{ broker, ...urlsOf(sandbox.kind, sandbox.address()), ...(await reportOf(address)) }];
    } catch (error) {
      // It is about to be started again.
      if (error instanceof Failure) return [];
      throw error;
    }
  }

  return {
    connections: () =>
      Object.fromEntries(
        brokers().map(([broker, kind]) => [
          broker,
          connectionSchema.parse({ url: plainUrlOf(kind, held.get(broker)?.address()), hasSecret: true }),
        ]),
      ),
    targets: () =>
      inTurn(async () => {
        if (isClosed) throw new Failure('sandbox/not-there', 'Tapline is ending.');
        await Promise.all(brokers().map(open));
        const targets: Record<string, ConnectionTarget> = {};
        for (const [broker, sandbox] of running())
          targets[broker] = { broker, ...urlsOf(sandbox.kind, sandbox.address()), isSandbox: true };
        return targets;
      }),
    async state() {
      const described = await Promise.all(running().map(([broker, sandbox]) => describe(broker, sandbox)));
      return { version: await version(), running: described.flat(), restarts, failure };
    },
    setVersion: (wanted) =>
      inTurn(async () => {
        await writeOwnJson(settingsFile, { version: wanted });
        const others = running().filter(
          ([, sandbox]) => SANDBOX_KINDS[sandbox.kind].hasVersions && sandbox.version() !== wanted,
        );
        for (const [broker, sandbox] of others) {
          held.delete(broker);
          await sandbox.release();
          await open([broker, sandbox.kind]);
          announce();
          if (held.get(broker)?.version() !== wanted)
            throw new Failure('sandbox/in-use', 'Another Tapline uses this sandbox: its version stays as it is.', {
              hint: 'End the other one first; the version counts from the next start.',
            });
        }
      }),
    async reset() {
      await forAll(all(), resetSandbox);
      // What runs and what was counted speaks of objects that are gone.
      announce();
    },
    setClock: (clock) => forAll(withClock(), (address) => setClock(address, clock)),
    step: (ms) => forAll(withClock(), (address) => stepClock(address, ms)),
    letGo: () => inTurn(letGo),
    close() {
      isClosed = true;
      return inTurn(letGo);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
