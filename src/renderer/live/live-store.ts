import { engine } from '@renderer/engine/client';
import { readFailure } from '@renderer/engine/failure';
import { sameJson } from '@shared/flow/diff';
import type { RecordingState } from '@shared/tape/recording';
import type { TrafficEvent } from '@shared/traffic/event';
import type { BrokerStatus, Frame, TapReport, Trouble, WatchMode } from '@shared/traffic/frame';
import { createNextAttempts, type NextAttempts } from '@shared/traffic/next-attempts';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import { type FrameLink, pullFrames } from './frame-loop';
import { createMetricsTracker, type Metrics, type MetricsTracker, NO_METRICS } from './metrics';
import { createRing } from './ring';

export type Notice = Frame['notices'][number];

/** What the last frame said of the session as a whole. Numbers are in `metricsStore`, messages in `eventLog`. */
export interface LiveState {
  watch: WatchMode;
  running: boolean;
  /** By broker id of the flow. */
  brokers: Record<string, BrokerStatus>;
  taps: TapReport[];
  troubles: Trouble[];
  /** Oldest first. */
  notices: Notice[];
  /** The tape being written, or the last one; null: there is none. */
  recording: RecordingState | null;
  /** Whether frames arrive at all. */
  link: FrameLink;
}

export const liveStore = createStore<LiveState>(() => ({
  watch: 'off',
  running: false,
  brokers: {},
  taps: [],
  troubles: [],
  notices: [],
  recording: null,
  link: { state: 'starting' },
}));

/** Reads the live state in React. */
export function useLive<T>(selector: (state: LiveState) => T): T {
  return useStore(liveStore, selector);
}

/** Numbers of nodes and links; select by id, so that one number redraws one card. */
export const metricsStore = createStore<Metrics>(() => NO_METRICS);

/** When the next of the messages that wait for another attempt is due, by the id of the queue they wait in; renewed with the numbers. */
export const attemptsStore = createStore<{ next: NextAttempts['next']; at: number }>(() => ({
  next: () => undefined,
  at: 0,
}));

/** Messages kept for the traffic panel; older ones fall out and are counted. */
export const EVENT_CAPACITY = 5000;

/** What is known of messages; `version` rises with every batch. */
export interface EventLogState {
  version: number;
  /** Observations the engine counted since the log began: those received and those it did not sample. */
  counted: number;
  notSampled: number;
}

const events = createRing<TrafficEvent>(EVENT_CAPACITY);
export const eventLogStore = createStore<EventLogState>(() => ({ version: 0, counted: 0, notSampled: 0 }));

/** The messages kept, newest first. */
export function readEvents(): TrafficEvent[] {
  return events.newestFirst();
}

/** Forgets the messages shown; counting goes on from zero. */
export function clearEvents(): void {
  events.clear();
  eventLogStore.setState(({ version }) => ({ version: version + 1, counted: 0, notSampled: 0 }));
}

/** Numbers are drawn at most four times a second: faster ones cannot be read. */
const METRICS_INTERVAL_MS = 250;

let epoch = '';
let tracker: MetricsTracker = createMetricsTracker();
let attempts = createNextAttempts();
let metricsDrawnAt = 0;

/** The counter as the engine told it, with the time at which it was read. */
export function readCounter(...key: Parameters<MetricsTracker['counter']>) {
  return tracker.counter(...key);
}

/** Takes in one frame; another epoch forgets everything of the last. */
export function takeFrame(frame: Frame): void {
  if (frame.epoch !== epoch) {
    epoch = frame.epoch;
    tracker = createMetricsTracker();
    attempts = createNextAttempts();
    metricsStore.setState(NO_METRICS, true);
    metricsDrawnAt = 0;
    clearEvents();
  }
  tracker.observe(frame);
  attempts.observe(frame);
  if (frame.at - metricsDrawnAt >= METRICS_INTERVAL_MS) {
    metricsDrawnAt = frame.at;
    metricsStore.setState((previous) => tracker.read(previous, frame.at), true);
    attemptsStore.setState({ next: attempts.next, at: frame.at });
  }
  takeEvents(frame);
  takeSession(frame);
}

function takeEvents({ events: seen, notSampled }: Frame): void {
  if (seen.length === 0 && notSampled === 0) return;
  events.push(seen);
  eventLogStore.setState((log) => ({
    version: log.version + 1,
    counted: log.counted + seen.length + notSampled,
    notSampled: log.notSampled + notSampled,
  }));
}

/** Unchanged parts keep their identity: nothing redraws for a frame that says the same. */
function takeSession({ watch, running, brokers, taps, troubles, notices, recording }: Frame): void {
  const before = liveStore.getState();
  const next = { watch, running, brokers, taps, troubles, notices, recording: recording ?? null };
  const changed = Object.entries(next).filter(([key, value]) => !sameJson(before[key as keyof LiveState], value));
  if (changed.length > 0) liveStore.setState(Object.fromEntries(changed));
}

let hurry: () => void = () => undefined;

/** Asks for the next frame at once: after Run, Stop, Watch, Publish. */
export function hurryFrame(): void {
  hurry();
}

function waitOrHurry(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    hurry = () => {
      clearTimeout(timer);
      resolve();
    };
  });
}

/** Starts pulling frames; returns the function that stops it. */
export function startLive(): () => void {
  const end = new AbortController();
  void pullFrames(
    {
      pull: (last) => engine.traffic.frame(last),
      wait: waitOrHurry,
      now: Date.now,
      isHidden: () => document.hidden,
      onFrame: takeFrame,
      onLink: (link) => {
        if (link.state !== 'live' || liveStore.getState().link.state !== 'live') liveStore.setState({ link });
      },
      describe: (error) => readFailure(error).message,
    },
    end.signal,
  );
  const onVisible = () => {
    if (!document.hidden) hurry();
  };
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    end.abort();
    hurry();
    document.removeEventListener('visibilitychange', onVisible);
  };
}
