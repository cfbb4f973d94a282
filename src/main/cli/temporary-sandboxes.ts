import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Flow } from '@shared/flow/schema';
import type { GivenConnection } from '../engine/given-connections';
import { flowIdentity } from '../engine/planner';
import { type HeldSandbox, holdSandbox } from '../engine/sandbox/held-sandbox';
import { sandboxBrokers, urlsOf } from '../engine/sandbox/sandbox-address';
import { spawnSandbox } from '../sandbox/spawn';
import type { CommandTools } from './command';

/** Sandboxes that only this command knows of. They leave nothing behind. */
export interface TemporarySandboxes {
  connections: Record<string, GivenConnection>;
  /** For what would otherwise be kept in the data folder; removed at the end. */
  folder: string;
  close: () => Promise<void>;
}

/**
 * Starts a sandbox for each of these brokers, in a folder of its own: whatever the window or `tapline sandbox` keep for the
 * flow is neither seen nor touched. @throws Failure
 */
export async function startTemporarySandboxes(
  flow: Flow,
  brokers: string[],
  { terminal, redactor }: CommandTools,
): Promise<TemporarySandboxes> {
  const folder = await mkdtemp(join(tmpdir(), 'tapline-'));
  const held: HeldSandbox[] = [];
  const connections: Record<string, GivenConnection> = {};
  const close = async () => {
    await Promise.all(held.map((sandbox) => sandbox.release()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    for (const [broker, kind] of sandboxBrokers(flow)) {
      if (!brokers.includes(broker)) continue;
      const sandbox = await holdSandbox({
        start: { folder, flow: flowIdentity(flow), broker, kind, version: '3.10', isKept: false },
        spawn: spawnSandbox,
        onRestarted: () => terminal.err('The temporary sandbox ended unexpectedly; what it held is lost.\n'),
        onLost: (reason) => terminal.err(`${redactor.redact(reason)}\n`),
      });
      if (!sandbox) continue;
      held.push(sandbox);
      connections[broker] = { ...urlsOf(kind, sandbox.address()), isSandbox: true };
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { connections, folder, close };
}
