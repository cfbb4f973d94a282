/** Messages between the engine and the thread that runs scripts, and the limits both sides keep. */

/** Messages sent to the thread at once, at most. */
export const MOST_PER_TURN = 64;
/**
 * A handler's turn begins no further message after this time, so that another handler waits for at most this and one
 * message's limit. Milliseconds.
 */
export const TURN_MS = 10;
/** The thread is ended when a message takes this many times its limit: inside long native calls the limit is not looked at. */
export const BACKSTOP = 2;

/** Caps on what one message may lead to. Beyond the logs' lines are counted, beyond the publishes' the message fails. */
export const CAPS = {
  logLines: 100,
  logLineLength: 2000,
  publishes: 1000,
  /** Characters of all bodies and headers published. */
  publishedLength: 8_000_000,
} as const;

/** A script as the thread needs it. */
export interface Program {
  /** Plain JavaScript, a module. */
  code: string;
  /** Names of the outputs, each once. */
  outputs: string[];
  /** What is said of an output that is not there, after its name. */
  outputsSentence: string;
  timeLimitMs: number;
  memoryLimitBytes: number;
}

/** A message as the thread needs it: everything but the body as JSON, and the body. */
export interface ScriptMessage {
  meta: string;
  body: string;
  encoding: 'text' | 'base64';
}

/** Give a handler a turn; without messages it is only started. `program` is sent when the thread does not have it yet. */
export interface TurnRequest {
  handler: number;
  program?: Program;
  messages: ScriptMessage[];
}

export type ThreadRequest = ({ type: 'turn' } & TurnRequest) | { type: 'remove'; handler: number };

/** `ran`: outcomes of the first messages of the turn, as JSON of `ScriptOutcome`; `problem`: the script did not start. */
export type ThreadReply =
  | { type: 'ready' }
  | { type: 'ran'; outcomes: string[] }
  | { type: 'problem'; failure: ScriptFailure };

/** Why a message failed. */
export interface ScriptFailure {
  /** `TypeError`, a name of the script's own, `timeout`, `memory`, … */
  type: string;
  message: string;
  /** The engine's stack, whose first place inside the script tells line and column. */
  stack?: string;
}

export interface ScriptPublish {
  output: string;
  body: string;
  isBase64?: boolean;
  key?: string;
  headers?: Record<string, unknown>;
  contentType?: string;
}

/** What a script did with one message. */
export interface ScriptOutcome {
  failure?: ScriptFailure;
  publishes: ScriptPublish[];
  logs: string[];
  /** Lines that were not kept. */
  droppedLogs: number;
}

/** What the thread gets when it is started: memory through which the engine sees how far it is. */
export interface ThreadData {
  /** One 32-bit cell: index of the message that is being handled, or one of `PROGRESS`. */
  progress: SharedArrayBuffer;
  /** One 64-bit float: when that began, as `Date.now()` tells it. */
  since: SharedArrayBuffer;
}

/** What the thread does when it handles no message. */
export const PROGRESS = { starting: -1, idle: -2 } as const;
