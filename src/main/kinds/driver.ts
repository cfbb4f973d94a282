import type { ConnectionReport } from '@shared/api/environment';
import type { BrokerPlan, Outcome, Step } from '@shared/deploy/plan';
import type { Flow } from '@shared/flow/schema';
import type { BrokerFacts } from '@shared/kinds/facts';
import type { DeadLetterDriver } from './dead-letters';
import type { LiveDriver } from './live';

/** Where a broker really is, with its secret: lives in memory only, never logged, never sent to the view. */
export interface ConnectionTarget {
  /** Broker id in the flow. */
  broker: string;
  /** Password included, percent-encoded. Several hosts separated by commas are tried in order. */
  url: string;
  /** Without it, drivers try the usual port with the same credentials. */
  managementUrl?: string;
  tls?: { caFile?: string; certFile?: string; keyFile?: string; verify: boolean; serverName?: string };
  /** A sandbox: it tells of every message, so that nothing needs to be inferred or tapped. */
  isSandbox?: boolean;
  /** `{{secret:ID}}` inside parameter values. */
  secrets?: Record<string, string>;
}

/** Objects that Tapline made in a broker for a flow; only these are ever pruned or destroyed. Keys: `objectType\u0000vhost\u0000name`. */
export type OwnedObjects = ReadonlySet<string>;

export interface PlanRequest {
  flow: Flow;
  owned: OwnedObjects;
  /** Also delete owned objects that are no longer drawn. */
  prune: boolean;
  /** Delete everything owned instead (`tapline destroy`). */
  destroy?: boolean;
  signal?: AbortSignal;
}

export interface ApplyRequest {
  steps: Step[];
  /** Called once per step, in the order in which they end. */
  onOutcome: (outcome: Outcome) => void;
  signal?: AbortSignal;
}

/** What a kind can do with a live broker. Apart from live traffic it holds no connection between calls. */
export interface KindDriver {
  kind: string;
  test: (target: ConnectionTarget) => Promise<ConnectionReport>;
  facts: (target: ConnectionTarget, signal?: AbortSignal) => Promise<BrokerFacts>;
  /** Inspects and compares; changes nothing. */
  plan: (target: ConnectionTarget, request: PlanRequest) => Promise<{ brokerPlan: BrokerPlan; steps: Step[] }>;
  /** Carries out steps of one broker; each gets exactly one outcome, also when cancelled (`skipped`). Resolves when all have. */
  apply: (target: ConnectionTarget, request: ApplyRequest) => Promise<void>;
  /** Reads the live broker once. What was found is `referenced`, since it is somebody's already. @throws Failure */
  importLive: (target: ConnectionTarget, request: LiveImportRequest) => Promise<Importer>;
  /** Absent where the kind has no dead letters. */
  deadLetters?: DeadLetterDriver;
  live?: LiveDriver;
}

export interface LiveImportRequest {
  /** Parts of the broker to read beside the connection's own, or all that the user may see. */
  vhosts: readonly string[] | 'all';
  signal?: AbortSignal;
}

/** What an import makes of a flow. */
export interface ImportResult {
  /** Nodes that were not placed before have no position: lay them out. */
  flow: Flow;
  /** How many nodes and links the source has. */
  imported: { nodes: number; links: number };
  /** Sentences on what was left out, replaced, kept or changed. */
  notices: string[];
  /** Values behind `{{secret:ID}}`, for the host's secret store and nothing else. */
  secrets: Record<string, string>;
}

/** A source that was read, to be brought into a flow, or to make a fresh one. Pure: it can be asked again. */
export type Importer = (into?: Flow) => ImportResult;
