import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import { createPick, type Destination, type Pick as PickMessage, type SkipReason } from '@shared/tape/pick';
import type { ReplayOptions, ReplayPreview, ReplayProgress, ReplaySummary } from '@shared/tape/replay';
import type { TrafficEvent } from '@shared/traffic/event';
import type { Drivers } from '../kinds';
import type { LiveContext } from '../live';
import { createTally, keepPatience } from '../publish-tally';
import { createSenders } from '../senders';
import type { TrafficHub } from '../traffic-hub';
import { outgoing } from './outgoing';
import { readTapeFile } from './tape-file';

/** What publishes when a message has no publisher in the flow. */
const REPLAY_NODE = 'tape:replay';
/** Who falls further behind than this does not catch up in a storm. */
const MOST_BEHIND_MS = 1000;

export interface ReplayRequest extends ReplayOptions {
  /** The tape, on this machine. */
  path: string;
  signal?: AbortSignal;
  /** Called when it is certain that it begins, and then for each message. */
  onProgress?: (progress: ReplayProgress) => void;
}

interface Way {
  key: string;
  name: string;
  destination: Destination;
}

/** What a replay into a flow would publish, and what not. Reads the tape and touches no broker. @throws Failure */
export async function previewReplay(
  flow: Flow,
  { path, limit = Number.POSITIVE_INFINITY, ...options }: ReplayOptions & { path: string },
): Promise<ReplayPreview> {
  const { preview } = await survey(flow, path, limit, options.maskedBodies);
  return preview;
}

/** Reads a tape once: how many messages are meant, and the ways they take. */
async function survey(flow: Flow, path: string, limit: number, maskedBodies: boolean) {
  const ways = new Map<string, Way & { messages: number }>();
  const skipped: Partial<Record<SkipReason, number>> = {};
  let pick: PickMessage = () => undefined;
  let messages = 0;
  let first: number | undefined;
  let last = 0;
  let recorded = flow;
  const ending = await readTapeFile(path, {
    onHeader(header) {
      recorded = header.flow;
      pick = createPick(header.flow, flow, { maskedBodies });
    },
    onLine(line) {
      const picked = 'event' in line ? pick(line.event) : undefined;
      if (!picked) return;
      if ('skipped' in picked) {
        skipped[picked.skipped] = (skipped[picked.skipped] ?? 0) + 1;
        return;
      }
      if (messages >= limit) return;
      messages += 1;
      first ??= line.t;
      last = line.t;
      const way = wayTo(flow, picked.destination);
      const known = ways.get(way.key) ?? { ...way, messages: 0 };
      known.messages += 1;
      ways.set(way.key, known);
    },
  });
  const missing = (ending.end?.lost ?? 0) + (ending.end?.notSeen ?? 0);
  const foreign = Object.values(recorded.nodes).some(
    ({ type, settings }) => type === 'handler' && settings['runsIn'] === 'elsewhere',
  );
  const preview: ReplayPreview = {
    messages,
    spanMs: last - (first ?? last),
    skipped,
    destinations: [...ways.values()].map(({ name, messages: count }) => ({ name, messages: count })),
    warnings: [
      ...(ending.end ? [] : ['The tape ends abruptly: the recording was killed.']),
      ...(missing > 0 ? [`${missing.toLocaleString('en')} events are not on the tape.`] : []),
      ...(foreign
        ? [
            'What services elsewhere sent cannot be told from what came from outside: where they run, they send it again.',
          ]
        : []),
    ],
  };
  return { preview, ways: [...ways.values()] };
}

function wayTo(flow: Flow, destination: Destination): Way {
  const end = 'link' in destination ? flow.links[destination.link]?.to : destination.to;
  const name = end === undefined ? '' : 'node' in end ? (flow.nodes[end.node]?.name ?? end.node) : end.name;
  return 'link' in destination
    ? { key: destination.link, name, destination }
    : { key: `tape:${JSON.stringify([destination.broker, destination.to])}`, name, destination };
}

/** The flow with a publish link for each way that has none. */
function withWays(flow: Flow, ways: readonly Way[]): Flow {
  const links = { ...flow.links };
  for (const { key, destination } of ways) {
    if ('link' in destination) continue;
    const { to, broker } = destination;
    links[key] = { type: 'publish', from: { node: REPLAY_NODE }, to, broker, settings: {} };
  }
  const nodes = { ...flow.nodes, [REPLAY_NODE]: { type: 'publisher', name: 'Replay', settings: {} } };
  return { ...flow, nodes, links };
}

/**
 * Publishes the messages of a tape again, confirmed, with the time between them kept at the speed asked for.
 * @throws Failure when nothing can be published; ends `cancelled` or `lost` rather than throwing once it has begun
 */
export async function replayTape(
  context: LiveContext,
  drivers: Drivers,
  hub: TrafficHub,
  request: ReplayRequest,
): Promise<ReplaySummary> {
  const { path, speed, limit = Number.POSITIVE_INFINITY, maskedBodies, onProgress = () => {} } = request;
  const flow = context.flow();
  const { preview, ways } = await survey(flow, path, limit, maskedBodies);
  if (preview.messages === 0)
    throw new Failure('replay/nothing', 'The tape holds no message that could be published again.', {
      hint: explainNothing(preview),
      object: path,
    });
  const senders = createSenders({ ...context, flow: () => withWays(context.flow(), ways) }, drivers, hub);
  const acquired = await senders.acquire(ways.map(({ key }) => key));
  const tally = createTally();
  const patience = keepPatience(tally, request.signal);
  const begunAt = performance.now();
  const progress = (): ReplayProgress => {
    const { published, confirmed, returned, failed } = tally.report();
    return { total: preview.messages, published, confirmed, returned, failed };
  };

  const clock = createTapeClock(speed, patience.signal);
  let pick: PickMessage = () => undefined;
  let sent = 0;

  async function send(event: TrafficEvent, destination: Destination, t: number): Promise<void> {
    await clock.until(t);
    if (patience.signal.aborted) return;
    const { key } = wayTo(flow, destination);
    const sender = acquired.of(key);
    sent += 1;
    tally.expect(sender.send(key, outgoing(event)));
    onProgress(progress());
    await sender.room(key);
  }

  try {
    onProgress(progress());
    const sending = readTapeFile(path, {
      onHeader: (header) => {
        pick = createPick(header.flow, flow, { maskedBodies });
      },
      isOver: () => sent >= preview.messages || patience.signal.aborted,
      onLine: (line) => {
        const picked = 'event' in line ? pick(line.event) : undefined;
        return picked && 'event' in picked ? send(picked.event, picked.destination, line.t) : undefined;
      },
    });
    await Promise.race([sending, tally.givenUp]);
    await Promise.race([tally.settled(), tally.givenUp]);
  } finally {
    patience.end();
    await acquired.release();
  }
  const isCancelled = request.signal?.aborted === true && sent < preview.messages;
  const summary = progress();
  onProgress(summary);
  return {
    ...summary,
    ended: isCancelled ? 'cancelled' : sent < preview.messages ? 'lost' : 'done',
    skipped: preview.skipped,
    errors: tally.report().errors,
    tookMs: Math.round(performance.now() - begunAt),
  };
}

/** Waits until a moment of the tape has come, at a speed. */
function createTapeClock(speed: number, signal: AbortSignal) {
  let first: number | undefined;
  let startedAt = 0;
  return {
    async until(t: number): Promise<void> {
      if (first === undefined) {
        first = t;
        startedAt = performance.now();
      }
      const aheadMs = startedAt + (t - first) / speed - performance.now();
      if (aheadMs < -MOST_BEHIND_MS) startedAt -= aheadMs;
      else if (aheadMs > 1) await sleep(aheadMs, undefined, { signal }).catch(() => {});
    },
  };
}

function explainNothing({ skipped }: ReplayPreview): string | undefined {
  const reasons = Object.keys(skipped);
  if (reasons.length === 0) return 'It was recorded without messages: record with --tap, or from a sandbox.';
  return skipped.masked ? 'Bodies are masked on it; replay masked bodies if they will do.' : undefined;
}
