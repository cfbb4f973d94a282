import type { Counters } from '@shared/traffic/counter';
import type { TrafficEvent } from '@shared/traffic/event';
import type { Frame } from '@shared/traffic/frame';
import type { TapeEnding, TapeHeader } from './read';
import type { TapeFrame, TapeLine } from './tape';

/** Messages of a moment that was jumped to; while playing, a frame carries as many at most. */
const MAX_EVENTS = 1000;
/** A rate needs to be seen for a while: with a moment come the frames of so long before it. */
const LEAD_IN_MS = [2000, 1000];
/** Counters are kept ready every so many frames. */
const CHECKPOINT_EVERY = 32;

/** A tape, read whole. */
export interface WholeTape {
  header: TapeHeader;
  lines: readonly TapeLine[];
  ending: TapeEnding;
}

/** `from`: the moment that the caller shows; `at`: the one it wants. Epoch milliseconds. */
export interface TapeMoment {
  epoch: string;
  cursor: number;
  from: number;
  at: number;
}

/** Answers what was at any moment of a tape, in the words of live traffic. */
export interface TapePlayer {
  startedAt: number;
  endedAt: number;
  /** How many events there are, and how many of each part of the tape's length, for drawing. */
  events: number;
  busy: (parts: number) => number[];
  /**
   * What leads a caller to a moment. With the epoch, cursor and moment of its last frame it goes on from there; with the epoch `''`,
   * or backward, everything begins anew with the newest messages until then.
   */
  frames: (request: TapeMoment) => Frame[];
  /** The newest `max` events until a moment, oldest first. */
  until: (at: number, max: number) => { events: TrafficEvent[]; forgotten: number; notSeen: number };
}

interface Known extends Pick<Frame, 'watch' | 'running' | 'brokers' | 'taps' | 'troubles' | 'counters'> {
  missed: number;
}

/** @param id differs from tape to tape: epochs begin with it */
export function createPlayer({ header, lines }: WholeTape, id: string): TapePlayer {
  const events: TrafficEvent[] = [];
  const times: number[] = [];
  const frames: { t: number; frame: TapeFrame }[] = [];
  let endedAt = header.startedAt;
  for (const line of lines) {
    endedAt = Math.max(endedAt, line.t);
    if ('event' in line) {
      events.push({ ...line.event, seq: events.length + 1 });
      times.push(line.t);
    } else if ('frame' in line) frames.push(line);
  }
  const knownAt = createHistory(header, frames);
  let epochs = 0;

  /** How many events there were until a moment. */
  const countUntil = (at: number) => upperBound(times.length, (index) => (times[index] ?? 0) <= at);
  const within = (at: number) => Math.min(Math.max(at, header.startedAt), endedAt);

  function frame(epoch: string, at: number, part: { from: number; to: number; missed: number }): Frame {
    const { missed: _, ...known } = knownAt(at);
    const first = Math.max(part.from, part.to - MAX_EVENTS);
    const notSampled = first - part.from + part.missed;
    return { epoch, cursor: part.to, at, ...known, events: events.slice(first, part.to), notSampled, notices: [] };
  }

  return {
    startedAt: header.startedAt,
    endedAt,
    events: events.length,
    busy(parts) {
      const counts = Array<number>(parts).fill(0);
      const span = Math.max(1, endedAt - header.startedAt);
      for (const t of times) {
        const part = Math.min(parts - 1, Math.floor(((t - header.startedAt) / span) * parts));
        counts[part] = (counts[part] ?? 0) + 1;
      }
      return counts;
    },
    frames({ epoch, cursor, from, at: asked }) {
      const at = within(asked);
      const to = countUntil(at);
      const isOn = epoch.startsWith(`${id}:`) && cursor <= to && from <= at;
      if (!isOn) epochs += 1;
      const next = isOn ? epoch : `${id}:${epochs}`;
      const first = isOn ? cursor : 0;
      const missed = knownAt(at).missed - (isOn ? knownAt(from).missed : 0);
      const lead = LEAD_IN_MS.map((beforeMs) => at - beforeMs).filter((t) => (isOn ? t > from : t >= header.startedAt));
      return [
        ...lead.map((t) => frame(next, t, { from: first, to: first, missed: 0 })),
        frame(next, at, { from: first, to, missed }),
      ];
    },
    until(asked, max) {
      const at = within(asked);
      const to = countUntil(at);
      const from = Math.max(0, to - max);
      return { events: events.slice(from, to), forgotten: from, notSeen: knownAt(at).missed };
    },
  };
}

/** What was known at a moment: the frames until then, added up. */
function createHistory(
  { watched }: TapeHeader,
  frames: readonly { t: number; frame: TapeFrame }[],
): (at: number) => Known {
  const { mode: watch, running } = watched;
  const nothing: Known = {
    watch,
    running,
    brokers: {},
    taps: [],
    troubles: [],
    counters: { nodes: {}, links: {} },
    missed: 0,
  };
  /** What is known after 0, 32, 64 … frames. */
  const checkpoints = [nothing];
  let last = nothing;
  for (const [index, { frame }] of frames.entries()) {
    last = addFrame(last, frame);
    if ((index + 1) % CHECKPOINT_EVERY === 0) checkpoints.push(last);
  }
  return (at) => {
    const count = upperBound(frames.length, (index) => (frames[index]?.t ?? 0) <= at);
    const checkpoint = Math.floor(count / CHECKPOINT_EVERY);
    return frames
      .slice(checkpoint * CHECKPOINT_EVERY, count)
      .reduce((known, { frame }) => addFrame(known, frame), checkpoints[checkpoint] ?? nothing);
  };
}

function addFrame(known: Known, { whole, counters, missed = 0, ...session }: TapeFrame): Known {
  const before: Counters = whole ? { nodes: {}, links: {} } : known.counters;
  return {
    ...known,
    ...session,
    counters: { nodes: addSets(before.nodes, counters.nodes), links: addSets(before.links, counters.links) },
    missed: known.missed + missed,
  };
}

function addSets(before: Counters['nodes'], changed: Counters['nodes']): Counters['nodes'] {
  const ids = Object.keys(changed);
  if (ids.length === 0) return before;
  const sets = { ...before };
  for (const id of ids) sets[id] = { ...sets[id], ...changed[id] };
  return sets;
}

/** How many of `count` things in order pass a test that the first ones pass. */
function upperBound(count: number, passes: (index: number) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (passes(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
