import type { Flow } from '@shared/flow/schema';
import type { Completeness, CounterName, CounterSource } from '@shared/traffic/counter';
import type { TrafficEvent } from '@shared/traffic/event';
import type { BrokerStatus, Frame, TapReport, WatchMode } from '@shared/traffic/frame';
import type { ConnectionTarget } from './driver';
import type { HandledMessage, OutgoingMessage, SendResult } from './message';

/** The node or link of the flow that a number or an event belongs to. */
export type Subject = { node: string } | { link: string };

/** An event as a driver saw it. What costs time to make (body, headers, properties) is made only for events that are shown. */
export interface Observation extends Omit<TrafficEvent, 'seq' | 'body' | 'headers' | 'properties'> {
  details?: () => Pick<TrafficEvent, 'body' | 'headers' | 'properties'>;
}

/** Where drivers report what they see and do. Every call is cheap: there are tens of thousands a second. */
export interface TrafficSink {
  /** Adds to a total that Tapline counts itself. */
  add: (subject: Subject, name: CounterName, by: number, source: CounterSource) => void;
  /** Sets a gauge, or a total that somebody else counts; null when it is not known. */
  set: (
    subject: Subject,
    name: CounterName,
    value: number | null,
    source: CounterSource,
    completeness?: Completeness,
  ) => void;
  /** Something may have been missed (overflow, reconnect, rebind): these totals are `atLeast` from now on. */
  gap: (subject: Subject, names: readonly CounterName[]) => void;
  event: (observation: Observation) => void;
  /** Events that were counted where they happened, and of which nothing else is known here. */
  notSampled: (count: number) => void;
  status: (broker: string, status: BrokerStatus) => void;
  /** Replaces what was reported for the broker's nodes. */
  taps: (broker: string, reports: TapReport[]) => void;
  /** What a link's handler or publisher cannot do from now on, told as a notice too; null when it works again. */
  trouble: (at: { node: string; link: string }, sentence: string | null) => void;
  notice: (severity: Frame['notices'][number]['severity'], message: string, subjectNode?: string) => void;
}

export interface WatchRequest {
  /** Broker id in the flow. */
  broker: string;
  /** The flow as it is now; asked again after every reconnect. */
  flow: () => Flow;
  mode: Exclude<WatchMode, 'off'>;
  sink: TrafficSink;
  maskBodies: () => boolean;
  /** Called once when a tap ends by itself (time, alarm, rate); counters go on. */
  onTapEnded: (reason: string) => void;
}

/** Something that runs until it is closed and then leaves nothing behind. */
export interface Closable {
  close: () => Promise<void>;
}

/** Watches one broker without consuming; reconnects by itself. Resolves when the first numbers are in. @throws Failure */
export type WatchBroker = (target: ConnectionTarget, request: WatchRequest) => Promise<Closable>;

/** What sending and receiving need to know. */
export interface TrafficRequest {
  /** Broker id in the flow. */
  broker: string;
  /** The flow as it is now. */
  flow: () => Flow;
  sink: TrafficSink;
  maskBodies: () => boolean;
}

/**
 * Publishes along the publish links that end in one broker, confirmed, and counts what it does. Reconnects by itself and sends
 * again what was not confirmed. Closing it ends what is still on the way as `failed`.
 */
export interface Sender extends Closable {
  /** Undefined while there is room for more on this link; else resolves when there is. */
  room: (link: string) => Promise<void> | undefined;
  /** Never rejects. Do not call it without room for long: what is on the way is held in memory. */
  send: (link: string, message: OutgoingMessage) => Promise<SendResult>;
}

/** Resolves when the broker was reached. @throws Failure */
export type OpenSender = (target: ConnectionTarget, request: TrafficRequest) => Promise<Sender>;

/** What a handler made of a message. `requeue`: it was interrupted and nothing is said about the message. */
export type Handling = { outcome: 'done' | 'requeue' } | { outcome: 'failed'; reason: string; failureType: string };

export interface ConsumeRequest {
  /** Consume link: from the queue to the handler. */
  link: string;
  prefetch: number;
  /** Messages handled at the same time. */
  concurrency: number;
  /** Never rejects. The message is settled by what it resolves to, never before. */
  handle: (message: HandledMessage) => Promise<Handling>;
}

/** Consumes for handlers from one broker; consumers come back by themselves after a reconnect. */
export interface Receiver extends Closable {
  /** Resolves when the broker accepted the consumer; closing it waits for what is being handled. @throws Failure */
  consume: (request: ConsumeRequest) => Promise<Closable>;
}

/** Resolves when the broker was reached. @throws Failure */
export type OpenReceiver = (target: ConnectionTarget, request: TrafficRequest) => Promise<Receiver>;

/** Why a flow cannot run in a broker as it is now. */
export interface Preflight {
  /** What the links in question need and is not there, as the broker calls it: `queue “orders”`. */
  missing: string[];
  /** Consumers that others have on queues of the links, by queue node; names where they can be told. */
  competing: { node: string; queue: string; consumers: number; names: string[] }[];
}

/** What running these consume and publish links would meet; changes nothing. @throws Failure when the broker is not reached */
export type InspectTraffic = (target: ConnectionTarget, request: { flow: Flow; links: string[] }) => Promise<Preflight>;

/** Live traffic of a kind; absent is what the kind cannot do. */
export interface LiveDriver {
  watch?: WatchBroker;
  send?: OpenSender;
  receive?: OpenReceiver;
  preflight?: InspectTraffic;
}
