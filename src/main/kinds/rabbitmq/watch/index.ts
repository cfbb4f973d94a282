import type { ChannelModel } from 'amqplib';
import type { ConnectionTarget } from '../../driver';
import type { Closable, WatchBroker, WatchRequest } from '../../live';
import { superviseConnection } from '../live/supervise';
import { defaultVhost } from '../target';
import { WATCH_LIMITS, type WatchLimits } from './limits';
import type { CounterContext } from './read-management';
import { watchSandbox } from './sandbox';
import { watchConnected } from './session';
import { readSubjects, type Subjects } from './subjects';
import { createTapState } from './tap-end';
import { createBrokerTotals } from './totals';

/** Watches a RabbitMQ broker without consuming; a sandbox by what it tells of itself. */
export const watchRabbit: WatchBroker = createWatch();

/** `watchRabbit` with other limits than the usual ones. */
export function createWatch(changed: Partial<WatchLimits> = {}): WatchBroker {
  const limits = { ...WATCH_LIMITS, ...changed };
  return async (target, request) => {
    if (target.isSandbox) return watchSandbox(target, request);
    const { sink, broker } = request;
    const subjects = followSubjects(request, target);
    const context: CounterContext = { sink, subjects, totals: createBrokerTotals(sink), alone: new Set() };
    const tapState = createTapState(request, limits);
    const ended = new AbortController();
    let lost = new AbortController();
    let session: Promise<void> = Promise.resolve();
    let onFirstNumbers: () => void = () => {};
    const firstNumbers = new Promise<void>((resolve) => {
      onFirstNumbers = resolve;
    });
    const onConnected = async (connection: ChannelModel) => {
      await session;
      lost = new AbortController();
      const signal = AbortSignal.any([ended.signal, lost.signal]);
      session = watchConnected({
        target,
        request,
        limits,
        context,
        tapState,
        connection,
        signal,
        isOver: () => ended.signal.aborted,
        onFirstNumbers,
      });
    };
    const connection = await superviseConnection(target, {
      purpose: 'watch',
      onStatus: (status) => sink.status(broker, status),
      onConnected,
      onLost: () => lost.abort(),
    });
    await firstNumbers;
    return {
      close: async () => {
        ended.abort();
        await session;
        await connection.close();
      },
    } satisfies Closable;
  };
}

/** The flow is edited while it is watched: what is drawn is read again whenever it became another one. */
function followSubjects({ flow, broker }: WatchRequest, target: ConnectionTarget): () => Subjects {
  const home = defaultVhost(target);
  let read = flow();
  let subjects = readSubjects(read, broker, home);
  return () => {
    const now = flow();
    if (now !== read) {
      read = now;
      subjects = readSubjects(now, broker, home);
    }
    return subjects;
  };
}
