import type { Json } from '@shared/flow/schema';
import type { HandledMessage } from '../kinds/message';

export type { HandledMessage } from '../kinds/message';

/** A message to send on after the handler succeeded; nothing is sent when it fails. */
export interface Forward {
  /** Publish link of the flow that it leaves by. */
  link: string;
  body: Buffer;
  /** Default: the link's own key, else the key of the handled message. */
  routingKey?: string;
  /** Default: the headers of the handled message without those of death and retry. */
  headers?: Record<string, Json>;
  contentType?: string;
}

/** What handling one message led to. */
export interface Handled {
  forwards: Forward[];
  /** Lines the handler wrote, oldest first. */
  logs: string[];
  /** Name of the route that matched; `null` when none did. Absent for behaviours without routes. */
  route?: string | null;
}

/** An output of a handler: a publish link that begins at it. `name` is what scripts and rules call it. */
export interface Output {
  name: string;
  link: string;
}

/** Thrown by a behaviour when handling failed. Anything else that is thrown counts as a failure too. */
export class HandlingFailed extends Error {
  override name = 'HandlingFailed';

  constructor(
    message: string,
    /** Class of the failure, for retry policies that tell failures apart: `Error`, `timeout`, `http 503`, … */
    readonly type = 'Error',
    /** Lines the handler wrote before it failed, oldest first. */
    readonly logs: readonly string[] = [],
  ) {
    super(message);
  }
}

/** Handles messages one after the other or side by side. Close it to end what it holds (workers, sockets). */
export interface Behaviour {
  /** @throws HandlingFailed */
  handle: (message: HandledMessage, signal: AbortSignal) => Promise<Handled>;
  close: () => Promise<void>;
}

/** What a behaviour is made of: the handler's settings as the flow holds them, and where it may send. */
export interface BehaviourRequest {
  settings: Record<string, Json>;
  outputs: Output[];
  /** The environment's variables. */
  variables: Readonly<Record<string, string>>;
  random: () => number;
}

/** @throws Failure when the settings cannot be carried out, with the field in one sentence */
export type CreateBehaviour = (request: BehaviourRequest) => Promise<Behaviour>;
