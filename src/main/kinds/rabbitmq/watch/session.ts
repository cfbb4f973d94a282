import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Failure } from '@shared/failure';
import type { ChannelModel } from 'amqplib';
import type { ConnectionTarget } from '../../driver';
import type { WatchRequest } from '../../live';
import { readTopology } from '../inspect';
import { findManagement, type ManagementClient } from '../management';
import type { WatchLimits } from './limits';
import { poll } from './polling';
import { type CounterContext, readAlarm, readConsumers, readDepths, readTotals } from './read-management';
import { createPassiveReader } from './read-passive';
import type { TapState } from './tap-end';
import { Taps } from './taps';
import { findOtherWaysIn, UNKNOWN_WAYS_IN } from './ways-in';

/** More than there are calls at a time. */
const MAX_CALLS = 100;

/** Watching over one connection, until that is lost. */
export interface Session {
  target: ConnectionTarget;
  request: WatchRequest;
  limits: WatchLimits;
  context: CounterContext;
  tapState: TapState;
  connection: ChannelModel;
  /** Aborted when the connection is lost or watching ends. */
  signal: AbortSignal;
  /** Has watching ended? */
  isOver: () => boolean;
  /** Called whenever a first round of reading is over. */
  onFirstNumbers: () => void;
}

/** Watches with the management API while it answers, without it while it does not. Resolves when the signal ends it. */
export async function watchConnected(session: Session): Promise<void> {
  const { target, request, signal, connection, tapState } = session;
  connection.on('blocked', (reason: string) => tapState.end(`the broker blocks publishers (${reason})`));
  let told = '';
  while (!signal.aborted) {
    let reason: string;
    try {
      const management = await findManagement(target, signal);
      reason = management.client ? await watchFully(session, management.client) : management.reason;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Failure)) throw error;
      reason = error.message;
    }
    if (signal.aborted) return;
    if (reason !== told) {
      request.sink.notice('warning', whatIsMissing(reason, request));
      told = reason;
    }
    await watchPassively(session);
  }
}

function whatIsMissing(reason: string, { mode }: WatchRequest): string {
  const tap = mode === 'tap' ? ' Nothing is tapped: which bindings there are is not known.' : '';
  return `Only ready messages and consumers of queues are seen, without totals.${tap} ${reason} Reading more needs the management API and a user with the tag “management”, better “monitoring”.`;
}

/** Ends with the reason when the management API fails. */
async function watchFully(session: Session, client: ManagementClient): Promise<string> {
  const { target, request, context, limits, tapState } = session;
  const failed = new AbortController();
  const signal = AbortSignal.any([session.signal, failed.signal]);
  // Each call under way listens to it; the usual ten would be taken for a leak.
  setMaxListeners(MAX_CALLS, signal);
  let reason = '';
  const fail = (error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    reason ||= error.message;
    failed.abort();
  };
  const { subjects } = context;
  let taps = tapState.isOn() ? new Taps({ target, request, limits, client, subjects, signal }) : undefined;
  let hasOtherWaysIn = UNKNOWN_WAYS_IN;
  let isBlocked = false;
  const topology = async () => {
    hasOtherWaysIn = findOtherWaysIn(await readTopology(target, client, subjects().vhosts, signal));
  };
  const depths = async () => {
    const read = await readDepths(client, context, signal);
    taps?.checkDepths(read);
  };
  const consumers = () => readConsumers(client, context, signal);
  const totals = async () => {
    // What an exchange passes on has the copies for taps in it.
    const options = { hasOtherWaysIn, isRoutedTrue: request.mode !== 'tap' };
    const read = await readTotals(client, context, options, signal);
    taps?.reconcile(read);
  };
  // A broker that is short of memory or disk space says so only to connections that publish: others have to ask.
  const alarms = async () => {
    const reason = await readAlarm(client, signal);
    if (reason) {
      request.sink.status(request.broker, { state: 'blocked', reason });
      tapState.end(reason);
    } else if (isBlocked) request.sink.status(request.broker, { state: 'connected', since: Date.now() });
    isBlocked = Boolean(reason);
  };
  const bindings = async () => taps?.follow();
  const flush = async () => {
    if (!taps) return;
    taps.flush();
    tapState.observe(taps.total, Date.now());
    if (!tapState.isOn()) await leave();
  };
  const leave = async () => {
    const left = taps;
    taps = undefined;
    if (!session.isOver()) left?.gap();
    await left?.close();
  };
  try {
    await Promise.all([topology(), taps?.follow()]);
    await Promise.all([depths(), consumers()]);
    await totals();
    session.onFirstNumbers();
    await Promise.all([
      poll(limits.depthsEveryMs, signal, depths, fail),
      poll(limits.consumersEveryMs, signal, consumers, fail),
      poll(limits.totalsEveryMs, signal, totals, fail),
      poll(limits.alarmsEveryMs, signal, alarms, fail),
      poll(limits.topologyEveryMs, signal, topology, fail),
      poll(limits.bindingsEveryMs, signal, bindings, fail),
      poll(limits.flushEveryMs, signal, flush, fail),
    ]);
  } catch (error) {
    if (!session.signal.aborted) fail(error);
  } finally {
    await leave();
    client.close();
  }
  return reason;
}

/** Reads what can be read without the management API, until it is time to look for that again. */
async function watchPassively(session: Session): Promise<void> {
  const { target, context, limits } = session;
  const retry = new AbortController();
  const signal = AbortSignal.any([session.signal, retry.signal]);
  const reader = createPassiveReader(target, context);
  void delay(limits.managementRetryMs, undefined, { signal: session.signal, ref: false })
    .catch(() => {})
    .then(() => retry.abort());
  const read = async () => {
    await reader.read();
    session.onFirstNumbers();
  };
  await poll(limits.depthsEveryMs, signal, read, (error) => {
    throw error;
  });
  await reader.close();
}
