import { z } from 'zod';

/** Versions of RabbitMQ that the sandbox can behave like; others are not offered, since they were not compared. */
export const sandboxVersionSchema = z.enum(['3.10', '4.0']);
export type SandboxVersion = z.infer<typeof sandboxVersionSchema>;

/** The sandbox's own time, which every TTL in it follows. */
export interface ClockState {
  /** Epoch milliseconds. */
  now: number;
  paused: boolean;
  /** 1 is real time, 0.1 ten times slower. */
  speed: number;
}

/** How many of something a sandbox holds, and what they are called. */
export interface HeldCount {
  one: string;
  many: string;
  count: number;
}

/** One running sandbox: each broker of a flow has its own. */
export interface RunningSandbox {
  /** Broker id in the flow. */
  broker: string;
  /** For the user's own services; the password in it is made anew at every start and counts on this machine only. */
  url: string;
  /** Where the kind has one. */
  managementUrl?: string;
  /** Of the broker that it behaves like. */
  version: string;
  /** Null where it follows the real time. */
  clock: ClockState | null;
  /** What a reset would drop; predeclared exchanges are not among them. */
  holds: HeldCount[];
  /** Sentences on what was not kept: a snapshot that could not be read, messages it had no room for. */
  remarks: string[];
}

/** The sandboxes of the open flow. */
export interface SandboxState {
  /** The version for the next start; running ones tell their own. */
  version: SandboxVersion;
  running: RunningSandbox[];
  /** How often one ended by itself and was started again since the engine began. */
  restarts: number;
  /** Why the last start failed; null when it did not. */
  failure: string | null;
}
