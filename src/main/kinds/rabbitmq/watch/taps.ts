import { Failure } from '@shared/failure';
import type { FoundTopology } from '@shared/kinds/rabbitmq/objects';
import { objectKey } from '@shared/kinds/rabbitmq/objects';
import { TAP_PREFIX } from '@shared/kinds/rabbitmq/tap/tap-safety';
import type { TapReport } from '@shared/traffic/frame';
import type { ChannelModel } from 'amqplib';
import type { ConnectionTarget } from '../../driver';
import type { WatchRequest } from '../../live';
import { type ApiBinding, toBinding } from '../api-shapes';
import { closeQuietly } from '../close';
import { openConnection } from '../connect';
import { readTopology } from '../inspect';
import type { ManagementClient } from '../management';
import { permissionHint, replyOf } from '../replies';
import { readAddress } from '../target';
import { findDeadLetterExchanges } from './dead-letters';
import type { WatchLimits } from './limits';
import type { QueueDepth, QueuePublished } from './read-management';
import type { Subjects } from './subjects';
import { Tap } from './tap';
import { TapCounter } from './tap-counter';
import { TapNumbers } from './tap-numbers';
import { type PlannedTap, planTaps, withoutTaps } from './tap-plan';

/** A tap queue this full may be dropping already. */
const NEARLY_FULL = 0.9;

export interface TapsOptions {
  target: ConnectionTarget;
  request: WatchRequest;
  limits: WatchLimits;
  client: ManagementClient;
  subjects: () => Subjects;
  signal: AbortSignal;
}

/** What the taps are made to fit. */
interface Fitted {
  found: FoundTopology;
  subjects: Subjects;
  numbers: TapNumbers;
  counter: TapCounter;
  planned: readonly PlannedTap[];
}

/** All taps of one broker. Follows what is bound and drawn; nothing is tapped that `tapSafety` does not allow. */
export class Taps {
  private readonly taps = new Map<string, Tap>();
  private readonly connections = new Map<string, ChannelModel>();
  /** The broker's refusals, by exchange. */
  private readonly refusals = new Map<string, string>();
  private readonly overflowed = new Set<string>();
  private fitted: Fitted | undefined;
  private following: Promise<void> = Promise.resolve();
  private readAt = Number.NEGATIVE_INFINITY;
  private isClosed = false;
  private reported = '';
  private received = 0;

  constructor(private readonly options: TapsOptions) {}

  /** Messages got so far by all taps. */
  get total(): number {
    return this.received;
  }

  /**
   * Makes the taps fit what is bound and drawn now. Reads the bindings only, and more where they changed or it is time: a key must
   * go soon after its binding. One call at a time. @throws Failure
   */
  async follow(): Promise<void> {
    this.following = this.readAndFit();
    await this.following;
  }

  private async readAndFit(): Promise<void> {
    const { client, subjects, signal, limits } = this.options;
    const { fitted } = this;
    const isOld = performance.now() - this.readAt >= limits.topologyEveryMs;
    if (!fitted || isOld || fitted.subjects !== subjects()) return this.readWhole();
    const lists = await Promise.all(
      subjects().vhosts.map((vhost) => client.list<ApiBinding>(`/api/bindings/${encodeURIComponent(vhost)}`, signal)),
    );
    const bindings = lists.flat().filter(({ source }) => source !== '');
    const found = withoutTaps({ ...fitted.found, bindings: bindings.map(toBinding) });
    const isSame = JSON.stringify(found.bindings) === JSON.stringify(fitted.found.bindings);
    if (isSame && this.isWhole(fitted)) return;
    if (!isSame) await this.fit(found);
    await this.readWhole();
  }

  private async readWhole(): Promise<void> {
    const { target, client, subjects, signal } = this.options;
    this.readAt = performance.now();
    await this.fit(withoutTaps(await readTopology(target, client, subjects().vhosts, signal)));
  }

  /** Hands on what was counted. */
  flush(): void {
    this.fitted?.counter.flush();
  }

  /** Finds out what a tap missed, by what the broker says that it put into its queue. */
  reconcile(published: readonly QueuePublished[]): void {
    const byQueue = new Map(published.map((one) => [one.name, one.published]));
    for (const tap of this.taps.values()) {
      const lost = tap.reconcile(byQueue.get(tap.queue) ?? 0);
      if (lost > 0) this.tellOverflow(tap, `${lost.toLocaleString('en-US')} messages`);
    }
  }

  /** Finds taps that are full or nearly so. */
  checkDepths(depths: readonly QueueDepth[]): void {
    const full = this.options.limits.maxTapMessages * NEARLY_FULL;
    const byQueue = new Map(depths.map(({ name, ready }) => [name, ready]));
    for (const tap of this.taps.values()) if ((byQueue.get(tap.queue) ?? 0) >= full) this.tellOverflow(tap, 'Messages');
  }

  /** All numbers of taps are at least so much: what comes from now on is not seen. */
  gap(): void {
    for (const { key } of this.fitted?.planned ?? []) this.fitted?.numbers.gap(key);
  }

  /** Takes all taps away, and leaves nothing behind. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.following.catch(() => {}); // told where it was called
    const taps = [...this.taps.values()];
    this.taps.clear();
    await Promise.all(taps.map((tap) => tap.close()));
    this.flush();
    await Promise.all([...this.connections.values()].map(closeQuietly));
    this.options.request.sink.taps(this.options.request.broker, []);
  }

  /** Are all taps there that are planned? One may have been lost, or refused. */
  private isWhole({ planned }: Fitted): boolean {
    return planned.every(({ key, keys }) => !keys?.keys.size || this.taps.has(key));
  }

  private async fit(found: FoundTopology): Promise<void> {
    if (this.isClosed) return;
    const subjects = this.options.subjects();
    const planned = planTaps(found, subjects);
    const wanted = planned.filter(({ keys }) => keys !== undefined && keys.keys.size > 0);
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, tap] of this.taps) {
      if (keys.has(key)) continue;
      this.taps.delete(key);
      this.fitted?.numbers.gap(key);
      await tap.close();
    }
    // Counted by the new bindings before the first message comes through them.
    this.use(found, subjects, planned, keys);
    const changed: string[] = [];
    for (const one of wanted) if (await this.fitOne(one)) changed.push(one.key);
    if (wanted.some(({ key }) => !this.taps.has(key))) this.use(found, subjects, planned, new Set(this.taps.keys()));
    this.fitted?.numbers.begin(planned, (key) => this.taps.has(key));
    for (const key of changed) this.fitted?.numbers.gap(key);
    this.report(planned);
  }

  /** Counts by what is found now; what came until now was counted by what was found before. */
  private use(
    found: FoundTopology,
    subjects: Subjects,
    planned: readonly PlannedTap[],
    tapped: ReadonlySet<string>,
  ): void {
    this.flush();
    const { request } = this.options;
    const unseen = new Set(planned.flatMap(({ keys }) => keys?.unseen ?? []));
    const view = {
      found,
      subjects,
      isTapped: (binding: NonNullable<FoundTopology['bindings']>[number]) =>
        binding.destinationType === 'queue' &&
        tapped.has(objectKey(binding.vhost, binding.source)) &&
        !unseen.has(binding),
      deadLetterExchanges: findDeadLetterExchanges(found),
    };
    const numbers = new TapNumbers(found, subjects, request.sink);
    this.fitted = { found, subjects, planned, numbers, counter: new TapCounter(view, request) };
  }

  /** Makes a tap, or gives it other keys. Says whether one that counted already has other keys now. */
  private async fitOne({ key, vhost, name, keys }: PlannedTap): Promise<boolean> {
    const known = this.taps.get(key);
    if (!keys) return false;
    try {
      if (known) return await known.rebind(keys.keys);
      const tap = new Tap({
        vhost,
        exchange: name,
        limits: this.options.limits,
        onMessage: (message) => {
          this.received += 1;
          return this.fitted?.counter.take(vhost, key, message) ?? false;
        },
        onLost: () => {
          if (this.taps.get(key) === tap) this.taps.delete(key);
          this.fitted?.numbers.gap(key);
        },
      });
      await tap.open(await this.connect(vhost), keys.keys);
      this.taps.set(key, tap);
      this.refusals.delete(key);
    } catch (error) {
      this.taps.delete(key);
      if (!this.options.signal.aborted) this.refusals.set(key, this.explain(error, vhost, name));
    }
    return false;
  }

  private async connect(vhost: string): Promise<ChannelModel> {
    const known = this.connections.get(vhost);
    if (known) return known;
    const connection = await openConnection(this.options.target, { purpose: 'tap', vhost });
    connection.on('close', () => this.connections.delete(vhost));
    this.connections.set(vhost, connection);
    return connection;
  }

  private tellOverflow(tap: Tap, what: string): void {
    this.fitted?.numbers.gap(tap.key);
    if (this.overflowed.has(tap.key)) return;
    this.overflowed.add(tap.key);
    const drawn = this.options.subjects().exchanges.get(tap.key);
    this.options.request.sink.notice(
      'warning',
      `${what} came faster than the tap of “${drawn?.name ?? ''}” could take them and were not seen: its numbers are at least so much.`,
      drawn?.node,
    );
  }

  private report(planned: readonly PlannedTap[]): void {
    const reports = planned.map(({ node, key, keys, reason }): TapReport => {
      const tapped = this.taps.has(key);
      const isUnbound = !tapped && keys !== undefined && keys.leftOut.length === 0;
      const why = reason ?? this.refusals.get(key) ?? (isUnbound ? UNBOUND : undefined);
      const told = [why, ...(keys?.leftOut ?? [])].filter((one) => one !== undefined).join(' ');
      return { node, tapped, ...(told === '' ? {} : { reason: told }) };
    });
    const state = JSON.stringify(reports);
    if (state === this.reported) return;
    this.reported = state;
    this.options.request.sink.taps(this.options.request.broker, reports);
  }

  private explain(error: unknown, vhost: string, exchange: string): string {
    if (error instanceof Failure) return error.message;
    const { code, sentence } = replyOf(error);
    if (code !== 403) return sentence;
    const { username } = readAddress(this.options.target);
    const hint = permissionHint({ read: [exchange] }, username, vhost);
    return `${sentence}. ${hint} It also needs configure, write and read on ^${TAP_PREFIX.replaceAll('.', '\\.')}.`;
  }
}

const UNBOUND = 'No queue is bound to it: what it passes on to other exchanges is seen there.';
