import { oc } from '@orpc/contract';
import {
  type DeadLetterOverview,
  queueRefSchema,
  type ReadLetters,
  type RedriveJob,
  type RedrivePreview,
  redriveRequestSchema,
} from '@shared/dead-letters/redrive';
import type { DeploySummary, Outcome, Plan } from '@shared/deploy/plan';
import { EXAMPLE_IDS } from '@shared/examples/index';
import type { FlowDiff } from '@shared/flow/diff';
import type { Flow } from '@shared/flow/schema';
import type { Journey, JourneyList } from '@shared/journey/journey';
import type { BrokerFacts } from '@shared/kinds/facts';
import { parseMaskRule } from '@shared/tape/mask';
import type { RecordingState } from '@shared/tape/recording';
import { MAX_SPEED, type ReplayPreview } from '@shared/tape/replay';
import { USUAL_MAX_BYTES } from '@shared/tape/tape';
import type { Frame } from '@shared/traffic/frame';
import { z } from 'zod';
import { type ConnectionReport, connectionSchema, type Environment, environmentSchema } from './environment';
import { type SandboxState, sandboxVersionSchema } from './sandbox';
import type { OpenTape, ReplayJob, TapeFile } from './tapes';
import { type TryReport, tryRequestSchema } from './try-handler';

/** What the host can do; the view asks this and never which host it is. */
export interface HostInfo {
  version: string;
  /** Native open and save dialogs; without them the view uses upload and download. */
  fileDialogs: boolean;
  /** Where passwords go. `memory`: forgotten at exit, and the dialog says so. */
  secretStore: 'keychain' | 'memory';
}

/** The open document as the engine holds it. */
export interface DocumentState {
  flow: Flow;
  /** Rises by one with every accepted edit. */
  revision: number;
  /** File on the engine's machine, null for a document never saved. */
  path: string | null;
  dirty: boolean;
  /** The file changed on disk since it was read or saved. */
  changedOnDisk: boolean;
  /** The document was restored from autosave after the engine ended unexpectedly. */
  recovered: boolean;
}

export interface RecentFile {
  path: string;
  name: string;
  openedAt: number;
}

/** What an import did, for the notice shown afterwards. */
export interface ImportReport {
  nodes: number;
  links: number;
  /** Sentences: users dropped, secrets replaced, dangling bindings kept. */
  notices: string[];
  /** The edit that the import was, for undo. */
  diff: FlowDiff;
}

export type ExportFormat = 'flow' | 'rabbitmq' | 'svg' | 'mermaid';

export interface DeployJob {
  jobId: string;
  state: 'running' | 'verifying' | 'finished' | 'cancelled';
  total: number;
  /** All so far, in the order in which they ended; never only the new ones. */
  outcomes: Outcome[];
  /** Present when it ended. A deploy that could not be carried out as a whole fails `deploy.progress` instead. */
  summary?: DeploySummary;
}

export interface PublishReport {
  published: number;
  confirmed: number;
  returned: number;
  /** Sentences of what failed, each once. */
  errors: string[];
}

/**
 * Errors every procedure may answer with. `data.code` is the Failure's code, `data.hint` says what to do.
 * Transported as the declared error FAILED so that the view can tell it from a bug.
 */
const failure = z.object({
  code: z.string(),
  hint: z.string().optional(),
  object: z.string().optional(),
  retryable: z.boolean(),
});
export type FailureData = z.infer<typeof failure>;

/** The tape and how it is replayed; into the open document, in an environment: default the active one. */
const replaySchema = z.object({
  tapeId: z.string(),
  environment: z.string().optional(),
  speed: z.number().positive().max(MAX_SPEED),
  limit: z.number().int().min(1).optional(),
  maskedBodies: z.boolean().default(false),
});
const journeysSchema = z.object({
  search: z.string().max(1000).default(''),
  limit: z.number().int().min(1).max(500).default(200),
});

const call = oc.errors({ FAILED: { data: failure } });
/** Types that only travel from the engine to the view are not validated again. */
const output = <T>() => z.custom<T>();
const nothing = output<undefined>();

/** The one typed contract between view and engine; served over a message port (Electron) or a WebSocket (browser). */
export const contract = {
  host: {
    info: call.output(output<HostInfo>()),
    /** Native dialogs; null when cancelled. Only where `fileDialogs` is true. */
    chooseFileToOpen: call
      .input(z.object({ purpose: z.enum(['flow', 'import', 'ca', 'tape']) }))
      .output(output<string | null>()),
    chooseFileToSave: call.input(z.object({ suggestedName: z.string() })).output(output<string | null>()),
  },
  document: {
    state: call.output(output<DocumentState>()),
    /** Waits until the revision, path, dirty or on-disk state differs from what the caller has, at most 20 s; then answers null. */
    next: call
      .input(
        z.object({
          revision: z.number(),
          dirty: z.boolean(),
          changedOnDisk: z.boolean(),
          /** The path the caller shows; left out, a Save As is not news. */
          path: z.string().nullable().optional(),
        }),
      )
      .output(output<DocumentState | null>()),
    /** Applies an edit; `accepted: false` carries the newer document when somebody else was faster. */
    edit: call
      .input(z.object({ baseRevision: z.number(), diff: z.custom<FlowDiff>((value) => Array.isArray(value)) }))
      .output(output<{ accepted: true; revision: number } | { accepted: false; state: DocumentState }>()),
    /** Begins an empty document, or one of the examples. */
    create: call.input(z.object({ template: z.enum(['empty', ...EXAMPLE_IDS]) })).output(output<DocumentState>()),
    open: call.input(z.object({ path: z.string() })).output(output<DocumentState>()),
    /** Opens a file's text (browser upload, drop). */
    openText: call.input(z.object({ name: z.string(), text: z.string() })).output(output<DocumentState>()),
    /** Without `path` saves where it came from. `overwrite` is needed when the file changed on disk. */
    save: call
      .input(z.object({ path: z.string().optional(), overwrite: z.boolean().default(false) }))
      .output(output<DocumentState>()),
    /** Tells the engine that the view downloaded the document, so that it is no longer dirty. */
    markSaved: call.input(z.object({ revision: z.number() })).output(output<DocumentState>()),
    recent: call.output(output<RecentFile[]>()),
    importText: call
      .input(z.object({ name: z.string(), text: z.string(), replace: z.boolean() }))
      .output(output<ImportReport>()),
    importLive: call.input(z.object({ broker: z.string(), replace: z.boolean() })).output(output<ImportReport>()),
    export: call
      .input(z.object({ format: z.enum(['flow', 'rabbitmq', 'svg', 'mermaid']), broker: z.string().optional() }))
      .output(output<{ fileName: string; mimeType: string; text: string; notices: string[] }>()),
  },
  environments: {
    list: call.output(output<{ active: string; environments: Environment[] }>()),
    /** Adds or replaces; `secrets` by broker id go to the secret store and never come back. */
    save: call
      .input(z.object({ environment: environmentSchema, secrets: z.record(z.string(), z.string()).default({}) }))
      .output(output<Environment>()),
    remove: call.input(z.object({ id: z.string() })).output(nothing),
    select: call.input(z.object({ id: z.string() })).output(nothing),
    test: call
      .input(
        z.object({
          kind: z.string(),
          connection: connectionSchema,
          secret: z.string().optional(),
          environment: z.string().optional(),
          broker: z.string().optional(),
        }),
      )
      .output(output<ConnectionReport>()),
  },
  /** The embedded brokers of the open flow. Where the host has none, every call but `state` fails. */
  sandbox: {
    /** Starts nothing; null where the host has no sandbox. */
    state: call.output(output<SandboxState | null>()),
    /** Running ones are started again; durable objects and persistent messages come along. */
    setVersion: call.input(z.object({ version: sandboxVersionSchema })).output(nothing),
    /** Drops all objects and messages of the open flow's sandboxes, and what was kept of them. */
    reset: call.output(nothing),
    setClock: call
      .input(z.object({ paused: z.boolean().optional(), speed: z.number().min(0.01).max(1000).optional() }))
      .output(nothing),
    /** Moves a paused clock on; what falls due meanwhile happens. */
    step: call.input(z.object({ ms: z.number().positive().max(86_400_000) })).output(nothing),
  },
  brokers: {
    /** What is known of a broker of the flow in the active environment; null when it was not reached. */
    facts: call
      .input(z.object({ broker: z.string(), refresh: z.boolean().default(false) }))
      .output(output<BrokerFacts | null>()),
  },
  deploy: {
    plan: call.input(z.object({ prune: z.boolean().default(false) })).output(output<{ planId: string; plan: Plan }>()),
    start: call
      .input(
        z.object({
          planId: z.string(),
          allowDataLoss: z.boolean().default(false),
          /** Needed on environments with protection `confirm`: the environment's name as typed. */
          confirmation: z.string().optional(),
          /** Only these steps; default all. */
          stepIds: z.array(z.string()).optional(),
        }),
      )
      .output(output<DeployJob>()),
    /** Waits for news on the job, at most 5 s. `seen` is the number of outcomes the caller has. */
    progress: call.input(z.object({ jobId: z.string(), seen: z.number() })).output(output<DeployJob>()),
    cancel: call.input(z.object({ jobId: z.string() })).output(nothing),
  },
  deadLetters: {
    /** Every dead-letter queue of the flow with its depth; no message is read. */
    list: call.output(output<DeadLetterOverview>()),
    /** Takes messages out, looks at them and puts them back: only ever at the user's explicit wish, after its costs were shown. */
    read: call
      .input(z.object({ queue: queueRefSchema, limit: z.number().int().min(1).max(1000) }))
      .output(output<ReadLetters>()),
    /** Dry run: changes nothing and reads nothing. */
    preview: call.input(redriveRequestSchema).output(output<RedrivePreview>()),
    redrive: call
      .input(z.object({ order: redriveRequestSchema, confirmation: z.string().optional() }))
      .output(output<RedriveJob>()),
    /** Waits for news on the job, at most 5 s. `seen` is the version the caller has. */
    progress: call.input(z.object({ jobId: z.string(), seen: z.number() })).output(output<RedriveJob>()),
    pause: call.input(z.object({ jobId: z.string(), paused: z.boolean() })).output(nothing),
    cancel: call.input(z.object({ jobId: z.string() })).output(nothing),
  },
  handlers: {
    /** Runs a scripting or routing handler on a sample message and tells what it would send; nothing is sent. */
    try: call.input(tryRequestSchema).output(output<TryReport>()),
  },
  traffic: {
    frame: call.input(z.object({ epoch: z.string(), cursor: z.number() })).output(output<Frame>()),
    /** Journeys of the messages that the engine remembers, newest first; all words of the search occur in each. */
    journeys: call.input(journeysSchema).output(output<JourneyList>()),
    /** One journey by any id of it: journey, message, correlation or trace id; null when it is not remembered. */
    journey: call.input(z.object({ id: z.string() })).output(output<Journey | null>()),
    watch: call.input(z.object({ mode: z.enum(['off', 'counters', 'tap']) })).output(nothing),
    /** Starts publishers and handlers. `competeWith`: queue node ids whose other consumers were named to the user and accepted. */
    run: call.input(z.object({ competeWith: z.array(z.string()).default([]) })).output(nothing),
    stop: call.output(nothing),
    /** Publishes at once from one publisher node; works whether or not the flow is running. */
    publish: call
      .input(
        z.object({
          node: z.string(),
          count: z.number().int().min(1).max(100_000).default(1),
          ratePerSecond: z.number().min(0).optional(),
          body: z.string().optional(),
          routingKey: z.string().optional(),
          headers: z.record(z.string(), z.json()).optional(),
        }),
      )
      .output(output<PublishReport>()),
  },
  /** Recorded traffic. How a recording stands is in every frame. */
  tapes: {
    /** Begins a tape of what is watched and run, in the engine's own folder. Bodies stay off it on protected environments. */
    record: call
      .input(
        z.object({
          bodies: z.boolean().default(true),
          mask: z.array(z.string().refine((rule) => parseMaskRule(rule) !== undefined)).default([]),
          maxBytes: z.number().int().positive().default(USUAL_MAX_BYTES),
        }),
      )
      .output(output<RecordingState>()),
    /** Null when nothing is recorded. */
    stop: call.output(output<RecordingState | null>()),
    /** Newest first. */
    list: call.output(output<TapeFile[]>()),
    open: call.input(z.object({ path: z.string() })).output(output<OpenTape>()),
    /** Opens a tape's text (browser upload, drop) and keeps it in the engine's folder. */
    openText: call.input(z.object({ name: z.string(), text: z.string() })).output(output<OpenTape>()),
    close: call.input(z.object({ tapeId: z.string() })).output(nothing),
    /** What leads the caller to a moment, see `TapePlayer.frames`. */
    frames: call
      .input(z.object({ tapeId: z.string(), epoch: z.string(), cursor: z.number(), from: z.number(), at: z.number() }))
      .output(output<Frame[]>()),
    journeys: call.input(journeysSchema.extend({ tapeId: z.string(), at: z.number() })).output(output<JourneyList>()),
    journey: call
      .input(z.object({ tapeId: z.string(), at: z.number(), id: z.string() }))
      .output(output<Journey | null>()),
    /** Dry run: publishes nothing. */
    preview: call.input(replaySchema).output(output<ReplayPreview>()),
    replay: call.input(replaySchema.extend({ confirmation: z.string().optional() })).output(output<ReplayJob>()),
    /** Waits for news on the job, at most 5 s. `seen` is the version the caller has. */
    progress: call.input(z.object({ jobId: z.string(), seen: z.number() })).output(output<ReplayJob>()),
    /** What is under way is finished, the rest is not published. */
    cancel: call.input(z.object({ jobId: z.string() })).output(nothing),
  },
};

export type Contract = typeof contract;
