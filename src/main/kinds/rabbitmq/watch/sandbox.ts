import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import type { TraceFrame } from '@shared/kinds/rabbitmq/sandbox-trace';
import type { ConnectionTarget } from '../../driver';
import type { Closable, WatchBroker, WatchRequest } from '../../live';
import { ManagementClient } from '../management';
import { defaultVhost } from '../target';
import { type CounterContext, readConsumers } from './read-management';
import { SandboxEvents } from './sandbox-events';
import { readWayLinks, reportFrame, type WayLinks } from './sandbox-numbers';
import { readSubjects, type Subjects } from './subjects';
import { createBrokerTotals } from './totals';

const EVERY_MS = 100;
const CONSUMERS_EVERY_MS = 1000;
const RETRY_MS = 500;
/** Events asked for at a time; the others are counted. */
const MAX_EVENTS = 1000;

/** Watches a sandbox by what it tells of itself: every number is exact, every message seen, nothing inferred or tapped. */
export const watchSandbox: WatchBroker = async (target, request) => {
  const watch = new SandboxWatch(target, request);
  await watch.open();
  return watch;
};

interface Drawn {
  flow: Flow;
  subjects: Subjects;
  ways: WayLinks;
}

class SandboxWatch implements Closable {
  private readonly end = new AbortController();
  private readonly client: ManagementClient;
  private readonly context: CounterContext;
  private readonly events: SandboxEvents;
  private drawn: Drawn;
  private epoch: string | undefined;
  private cursor = 0;
  private consumersAt = 0;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly target: ConnectionTarget,
    private readonly request: WatchRequest,
  ) {
    const { sink, maskBodies } = request;
    this.client = new ManagementClient(target, target.managementUrl ?? '');
    this.drawn = this.read(request.flow());
    this.context = {
      sink,
      subjects: () => this.latest().subjects,
      totals: createBrokerTotals(sink, 'sandbox'),
      alone: new Set(),
    };
    this.events = new SandboxEvents(sink, maskBodies);
  }

  /** Resolves when the first numbers are in. @throws Failure when it does not answer */
  async open(): Promise<void> {
    const { sink, broker } = this.request;
    try {
      await this.look();
    } catch (error) {
      this.client.close();
      if (error instanceof Failure) sink.status(broker, { state: 'failed', lastError: error.message });
      throw error;
    }
    sink.status(broker, { state: 'connected', since: Date.now() });
    this.running = this.follow();
  }

  async close(): Promise<void> {
    this.end.abort();
    await this.running;
    this.client.close();
  }

  private read(flow: Flow): Drawn {
    const { broker } = this.request;
    const home = defaultVhost(this.target);
    return { flow, subjects: readSubjects(flow, broker, home), ways: readWayLinks(flow, broker, home) };
  }

  /** As drawn now: the flow is edited while it is watched. */
  private latest(): Drawn {
    const flow = this.request.flow();
    if (flow !== this.drawn.flow) this.drawn = this.read(flow);
    return this.drawn;
  }

  private async follow(): Promise<void> {
    const { signal } = this.end;
    const { sink, broker } = this.request;
    let attempt = 0;
    while (!signal.aborted) {
      await delay(attempt === 0 ? EVERY_MS : RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.look();
        if (attempt > 0) sink.status(broker, { state: 'connected', since: Date.now() });
        attempt = 0;
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof Failure)) throw error;
        attempt += 1;
        const nextAttemptAt = Date.now() + RETRY_MS;
        sink.status(broker, { state: 'reconnecting', attempt, nextAttemptAt, lastError: error.message });
      }
    }
  }

  private async look(): Promise<void> {
    const { signal } = this.end;
    const isFirst = this.epoch === undefined;
    const path = `/api/tapline/trace?cursor=${this.cursor}&max=${isFirst ? 1 : MAX_EVENTS}`;
    const frame = await this.client.get<TraceFrame>(path, signal);
    const { subjects, ways } = this.latest();
    if (!isFirst && frame.epoch !== this.epoch) {
      // Started again or reset: what happened in between is not known.
      this.epoch = frame.epoch;
      this.cursor = 0;
      return this.look();
    }
    this.epoch = frame.epoch;
    this.cursor = frame.cursor;
    if (subjects.elsewhere.length > 0) await this.lookAtConsumers(signal);
    reportFrame(frame, this.context, ways);
    if (isFirst) return;
    for (const event of frame.events) this.events.tell(event, frame.epoch, subjects, ways);
    this.request.sink.notSampled(frame.notSampled);
  }

  private async lookAtConsumers(signal: AbortSignal): Promise<void> {
    if (Date.now() - this.consumersAt < CONSUMERS_EVERY_MS) return;
    this.consumersAt = Date.now();
    await readConsumers(this.client, this.context, signal);
  }
}
