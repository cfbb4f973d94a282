import type { Subject } from '@shared/flow/problem';

/** What a step does. `in-sync` steps are listed only on request, so that a plan of nothing is empty. */
export type StepAction = 'create' | 'change' | 'recreate' | 'delete';

/** Messages and consumers that a recreate or delete puts at risk, counted when the plan was made. */
export interface AtStake {
  /** Ready messages; null when it could not be counted. */
  messages: number | null;
  unacked: number | null;
  consumers: number | null;
}

/** One field that differs. Values are JSON as the broker shows them. */
export interface FieldChange {
  field: string;
  from: unknown;
  to: unknown;
}

/** One change of one object in one broker. `object` is the kind's own payload, needed to carry it out. */
export interface Step {
  /** Unique in the plan and stable between plans of the same difference. */
  id: string;
  broker: string;
  action: StepAction;
  /** `vhost`, `exchange`, `policy`, `operator-policy`, `parameter`, `queue`, `binding`; `stream`, `group`. */
  objectType: string;
  vhost: string;
  /** Object name; a binding is named `source → destination, key`. */
  name: string;
  /** Why the step is there, one sentence. */
  reason: string;
  /** What is drawn for it, if anything. */
  subject?: Subject;
  changes?: FieldChange[];
  atStake?: AtStake;
  /** Further consequences: matched queues of a policy, applications that will get 406, messages that stay behind. */
  notes: string[];
  /** Means needed to carry it out; a step that needs `management` is skipped where there is none. */
  requires: 'amqp' | 'management' | 'redis';
  /** True if carrying it out can lose messages; refused unless data loss was allowed. */
  canLoseMessages: boolean;
  /** Why this broker cannot have the object at all: the step is skipped with this sentence, and stays in every plan. */
  unsupported?: string;
  object: unknown;
}

/** `partial`: something could not be seen, so "in sync" is never claimed. */
export type PlanStatus = 'in-sync' | 'changes' | 'partial';

/** An object that Tapline made for the flow and that is no longer drawn. */
export type LeftOver = Pick<Step, 'objectType' | 'vhost' | 'name'>;

export interface BrokerPlan {
  broker: string;
  clusterName: string | null;
  version: string | null;
  /** Sentences on what could not be seen and why; empty with full sight. */
  cannotSee: string[];
  /** Sentences on what is not as the flow presumes and not Tapline's to change, such as a referenced queue that is missing. */
  warnings: string[];
  /** What stays because the plan was made without prune. */
  leftOver: LeftOver[];
  /** Hash of what was found; `deploy --plan` refuses when it has changed since. */
  foundFingerprint: string;
  /** Objects compared and found equal. */
  unchanged: number;
}

export interface Plan {
  format: 1;
  flowName: string;
  status: PlanStatus;
  brokers: BrokerPlan[];
  /** In the order in which they are carried out. */
  steps: Step[];
}

export type OutcomeState = 'done' | 'unchanged' | 'failed' | 'skipped';

/** What became of a step. */
export interface Outcome {
  stepId: string;
  outcome: OutcomeState;
  /** Set when failed or skipped: the broker's own sentence, and what to do. */
  error?: { code: string; message: string; hint?: string };
}

export interface DeploySummary {
  done: number;
  unchanged: number;
  failed: number;
  skipped: number;
  /** Steps that a second inspection still wanted; `in sync` only when it is 0 and everything could be seen. */
  remaining: number;
  status: PlanStatus;
  /** Why the second inspection could not be made; `status` is then `partial`. */
  notVerified?: string;
  /** Milliseconds: inspecting and comparing, carrying out (first declare to last reply), inspecting again. */
  planMs: number;
  applyMs: number;
  verifyMs: number;
}
