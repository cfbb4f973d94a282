import { hostname } from 'node:os';
import {
  describeRetry,
  isRetried,
  jitteredDelays,
  type RetryPolicy,
  retryDelays,
  retryPolicyOf,
} from '@shared/kinds/common/retry';
import type { Redis } from 'ioredis';
import type { ConnectionTarget } from '../../driver';
import type { Closable, ConsumeRequest, TrafficRequest } from '../../live';
import { fromFields } from '../entry';
import { acknowledger } from './acknowledge';
import { buryEntry } from './bury';
import type { RedisConsumeEnd } from './ends';
import { claimIdle, type GroupMember, giveBack, pendingEntries, readNew } from './group-commands';
import { createReporter, type Reporter } from './report';
import { superviseRedis } from './supervise';

export type GroupEnd = Extract<RedisConsumeEnd, { type: 'group' }>;

/** Between looks at what nobody seems to work on. */
const SWEEP_MS = 1000;
/** Idle time asked for when the entry is ours already: others claim only what was idle for longer than any delay. */
const MINE = 0;
/** Without a policy a failed entry is given up at once. */
const NO_RETRY: Pick<RetryPolicy, 'attempts'> = { attempts: 1 };

interface Entry {
  id: string;
  fields: Buffer[];
  attempt: number;
}

/**
 * Consumes a group for a handler. An entry is acknowledged when the handler is done with it; one that failed stays pending and
 * is claimed again after its delay; others claim only what was idle for longer than any delay (`XCLAIM` makes sure of that); one that failed for the
 * last time is added to the dead-letter stream and acknowledged in one transaction. All state is in Redis: a crash loses nothing.
 */
export class GroupConsumer implements Closable {
  /** The same at every start, so that what an earlier run owed is found again. */
  private readonly member: GroupMember;
  private readonly report: Reporter;
  private readonly policy: RetryPolicy | undefined;
  private readonly delays: number[];
  private readonly acknowledge: (id: string) => Promise<unknown>;
  private readonly busy = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private waiting: Entry[] = [];
  private active = 0;
  private isClosing = false;
  private onIdle: () => void = () => {};
  /** Ends a pause of the reading loop. */
  private goOn: () => void = () => {};
  private loops: Promise<void>[] = [];
  private sweepTimer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly traffic: TrafficRequest,
    private readonly request: ConsumeRequest,
    private readonly end: GroupEnd,
    /** Reads that wait. */
    private readonly reading: Redis,
    /** Burials: what had no answer fails there. */
    private readonly burying: Redis,
    /** Everything else. */
    private readonly redis: Redis,
  ) {
    this.member = { stream: end.stream, group: end.group, consumer: `tapline-${hostname()}-${request.link}` };
    this.acknowledge = acknowledger(redis, end.stream, end.group);
    this.report = createReporter(traffic, request.link, end);
    this.policy = retryPolicyOf(traffic.flow().links[request.link]?.settings ?? {});
    this.delays = this.policy ? retryDelays(this.policy) : [];
  }

  /** Resolves when the group is there and reading began. @throws Failure when Redis is not reached */
  static async open(
    target: ConnectionTarget,
    traffic: TrafficRequest,
    request: ConsumeRequest,
    end: GroupEnd,
  ): Promise<GroupConsumer> {
    const onStatus = traffic.sink.status.bind(undefined, traffic.broker);
    const redis = await superviseRedis(target, { purpose: 'settle', onStatus });
    try {
      const reading = await superviseRedis(target, { purpose: 'consume' });
      const burying = await superviseRedis(target, { purpose: 'bury', options: { maxRetriesPerRequest: 0 } });
      const opened = new GroupConsumer(traffic, request, end, reading, burying, redis);
      await opened.takeBackOwn();
      opened.loops = [opened.read()];
      opened.sweepLater();
      return opened;
    } catch (error) {
      redis.disconnect();
      throw error;
    }
  }

  /** Takes no more, lets what is being handled end, and leaves what was not begun for whoever comes next. */
  async close(): Promise<void> {
    this.isClosing = true;
    clearTimeout(this.sweepTimer);
    for (const timer of this.timers) clearTimeout(timer);
    this.reading.disconnect();
    this.goOn();
    await Promise.all(this.loops);
    for (const { id, attempt } of this.waiting.splice(0)) await this.giveBack(id, attempt);
    if (this.active > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    this.burying.disconnect();
    this.redis.disconnect();
  }

  /** What a run of ours that ended owes is ours at once: only one run of a flow works in a broker at a time. */
  private async takeBackOwn(): Promise<void> {
    for await (const { id, deliveries } of pendingEntries(this.redis, this.member, 'own'))
      await this.claim(id, MINE, deliveries);
  }

  private async read(): Promise<void> {
    while (!this.isClosing) {
      const room = this.request.prefetch - this.waiting.length - this.active;
      if (room <= 0) {
        // Those that are acknowledged together have all ended when this goes on: they make room for one read.
        await this.pause();
        continue;
      }
      try {
        const entries = await readNew(this.reading, this.member, room);
        for (const [id, fields] of entries) this.take({ id, fields, attempt: 1 });
        this.traffic.sink.trouble(this.at, null);
      } catch (error) {
        if (this.isClosing) return;
        this.trouble(error);
        await this.pause(SWEEP_MS);
      }
    }
  }

  private take(entry: Entry): void {
    if (this.busy.has(entry.id)) return;
    this.busy.add(entry.id);
    this.waiting.push(entry);
    this.work();
  }

  private work(): void {
    while (this.active < this.request.concurrency && !this.isClosing) {
      const entry = this.waiting.shift();
      if (!entry) return;
      this.active += 1;
      void this.handle(entry)
        .catch((error: unknown) => this.trouble(error))
        .finally(() => {
          this.active -= 1;
          this.busy.delete(entry.id);
          this.goOn();
          this.work();
          if (this.active === 0) this.onIdle();
        });
    }
  }

  private async handle(entry: Entry): Promise<void> {
    const { stream } = this.end;
    const { id, fields, attempt } = entry;
    const message = fromFields(fields);
    const told = { queue: stream, attempt, ...message };
    this.report.count('delivered');
    if (attempt > 1) this.report.count('redelivered');
    this.report.tell('delivered', told);
    const handling = await this.request.handle({ ...message, source: stream, attempt, redelivered: attempt > 1 });
    if (handling.outcome !== 'failed') {
      if (handling.outcome === 'requeue') return this.giveBack(id, attempt);
      await this.acknowledge(id);
      this.report.count('acked');
      return this.report.tell('acked', told);
    }
    const { reason, failureType } = handling;
    this.report.count('failed');
    this.report.tell('failed', { ...told, reason });
    if (this.policy && isRetried(this.policy, attempt, failureType)) {
      const next = { attempt: attempt + 1, delayMs: this.delayAfter(attempt) };
      this.report.count('retried');
      this.report.tell('retried', { ...told, ...next, reason: describeRetry(reason, this.policy.attempts, next) });
      this.soon(() => void this.claim(id, MINE, attempt).catch((error: unknown) => this.trouble(error)), next.delayMs);
      return;
    }
    await this.bury(entry, reason, failureType);
  }

  /** With jitter one of the three delays. */
  private delayAfter(attempt: number): number {
    const delay = this.delays[attempt - 1] ?? 0;
    const choices = jitteredDelays(delay, this.policy ?? { jitter: false });
    return choices[Math.floor(Math.random() * choices.length)] ?? delay;
  }

  /** Takes an entry that has been idle so long: `deliveries` is how often it was given out before. */
  private async claim(id: string, idleMs: number, deliveries: number): Promise<void> {
    if (this.isClosing || this.busy.has(id)) return;
    for (const [claimed, fields] of await claimIdle(this.redis, this.member, id, idleMs)) {
      const entry = { id: claimed, fields, attempt: deliveries + 1 };
      const { attempts } = this.policy ?? NO_RETRY;
      if (deliveries < Math.max(attempts, 2)) this.take(entry);
      // It was given out as often as it may be and never settled: whoever had it died of it, or with it.
      else
        await this.bury(
          { ...entry, attempt: deliveries },
          `It was not acknowledged after ${deliveries} deliveries.`,
          'abandoned',
        );
    }
  }

  private async bury({ id, fields, attempt }: Entry, reason: string, failureType: string): Promise<void> {
    const { end } = this;
    await buryEntry(this.burying, { ...end, id, fields, attempt, reason, failureType });
    this.report.count('deadLettered');
    this.report.tell('dead-lettered', { queue: end.stream, ...fromFields(fields), reason });
  }

  /** Lets anybody claim the entry at once, with the attempt not counted. */
  private async giveBack(id: string, attempt: number): Promise<void> {
    this.busy.delete(id);
    const idleMs = this.end.takeOverAfterMs * 2;
    await giveBack(this.redis, this.member, { id, attempt, idleMs }).catch((error: unknown) => this.trouble(error));
  }

  private sweepLater(): void {
    if (this.isClosing) return;
    this.sweepTimer = setTimeout(() => {
      void this.sweep()
        .catch((error: unknown) => this.trouble(error))
        .finally(() => this.sweepLater());
    }, SWEEP_MS);
  }

  /** Takes over what consumers that fell silent owe. */
  private async sweep(): Promise<void> {
    const { takeOverAfterMs } = this.end;
    const longestDelay = Math.max(
      0,
      ...this.delays.flatMap((delay) => jitteredDelays(delay, this.policy ?? { jitter: false })),
    );
    const idleMs = Math.max(takeOverAfterMs, longestDelay * 2);
    for await (const { id, deliveries } of pendingEntries(this.redis, this.member, { idleMs })) {
      if (this.isClosing) return;
      await this.claim(id, idleMs, deliveries);
    }
  }

  /** Until an entry is dealt with, it is closed, or the time is over. */
  private pause(longestMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = longestMs === undefined ? undefined : setTimeout(resolve, longestMs);
      this.goOn = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  private soon(act: () => void, delayMs: number): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, delayMs);
    this.timers.add(timer);
  }

  private trouble(error: unknown): void {
    const sentence = error instanceof Error ? error.message : String(error);
    if (this.isClosing) return;
    this.traffic.sink.trouble(this.at, `Consuming “${this.end.group}” of “${this.end.stream}”: ${sentence}`);
  }

  private get at(): { node: string; link: string } {
    return { node: this.end.node, link: this.request.link };
  }
}
