import type { PublishReport } from '@shared/api/contract';
import type { Flow } from '@shared/flow/schema';
import type { Journey, JourneyList } from '@shared/journey/journey';
import type { ReplaySummary } from '@shared/tape/replay';
import type { Frame, WatchMode } from '@shared/traffic/frame';
import type { ConnectionTarget } from '../kinds/driver';
import type { EventListener } from './event-log';
import type { ReplayRequest } from './tape/replay';

/** What a live session needs to know of the environment it works in. */
export interface LiveContext {
  /** Always the flow as it is now; asked again at every start and reconnect. */
  flow: () => Flow;
  /** Connections of the active environment, by broker id; absent brokers are `idle` in frames. */
  targets: () => Promise<Record<string, ConnectionTarget>>;
  /** Bodies of sampled messages are masked on protected environments. */
  maskBodies: () => boolean;
  /** The environment's variables, for templates. */
  variables: () => Readonly<Record<string, string>>;
  /** False refuses `run` (read-only environments, or those that do not allow Tapline's handlers to consume). */
  mayRun: () => { allowed: true } | { allowed: false; reason: string };
}

export interface PublishRequest {
  node: string;
  count: number;
  ratePerSecond?: number;
  /** Templates that replace the node's own for this request. */
  body?: string;
  routingKey?: string;
  headers?: Record<string, unknown>;
  signal?: AbortSignal;
}

/** Publishers, handlers, watching and counting of one open flow. Close it to leave no consumer, tap or timer behind. */
export interface LiveService {
  /** Pulled by the view at most ten times a second and by the command line. `epoch` and `cursor` are the caller's last, or `''` and 0. */
  frame: (request: { epoch: string; cursor: number; maxEvents?: number }) => Frame;
  /** Journeys of messages that are remembered, narrowed to those in which all words occur. */
  journeys: (request: { search: string; limit: number }) => Promise<JourneyList>;
  /** By any id of it; null when it is not remembered. */
  journey: (id: string) => Promise<Journey | null>;
  /** Tells of every event until the function returned is called, or of its end when the session ends. */
  listen: (listener: EventListener & { closed: () => void }) => () => void;
  watch: (mode: WatchMode) => Promise<void>;
  /** Starts publishers and handlers; throws a Failure naming consumers it would compete with unless their queue nodes are in `competeWith`. */
  run: (options: { competeWith: string[] }) => Promise<void>;
  /** Stops publishers, lets handlers finish what they hold, then closes them. */
  stop: () => Promise<void>;
  publish: (request: PublishRequest) => Promise<PublishReport>;
  /** Publishes a tape again; see `replayTape`. `confirmation`: the environment's name as typed. */
  replay: (request: ReplayRequest & { confirmation?: string }) => Promise<ReplaySummary>;
  close: () => Promise<void>;
}
