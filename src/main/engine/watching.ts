import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import type { WatchMode } from '@shared/traffic/frame';
import type { Closable, WatchBroker } from '../kinds/live';
import { createTurns } from './in-turn';
import type { Drivers } from './kinds';
import type { LiveContext } from './live';
import type { TrafficHub } from './traffic-hub';

/** Watches every broker of the flow that has a connection. */
export interface Watching {
  mode: () => WatchMode;
  /** @throws Failure when no broker could be watched */
  watch: (mode: WatchMode) => Promise<void>;
}

export function createWatching(context: LiveContext, drivers: Drivers, hub: TrafficHub): Watching {
  const inTurn = createTurns();
  let mode: WatchMode = 'off';
  let watchers: Closable[] = [];

  async function closeAll(): Promise<void> {
    const open = watchers;
    watchers = [];
    await Promise.all(open.map((watcher) => watcher.close()));
  }

  async function begin(wanted: Exclude<WatchMode, 'off'>): Promise<void> {
    const flow = context.flow();
    const targets = await context.targets();
    const jobs = Object.entries(targets).flatMap(([broker, target]) => {
      const watch = drivers[flow.brokers[broker]?.kind ?? '']?.live?.watch;
      return watch ? [{ broker, start: () => watch(target, requestFor(broker)) }] : [];
    });
    if (jobs.length === 0) throw nothingToWatch(flow, targets);
    const tapping = new Set(wanted === 'tap' ? jobs.map(({ broker }) => broker) : []);
    const reports: { close: () => void }[] = [];

    function requestFor(broker: string): Parameters<WatchBroker>[1] {
      const report = hub.report('watch');
      reports.push(report);
      return {
        broker,
        flow: context.flow,
        mode: wanted,
        sink: report.sink,
        maskBodies: context.maskBodies,
        onTapEnded(reason) {
          tapping.delete(broker);
          hub.notice('warning', reason);
          if (tapping.size === 0 && mode === 'tap') mode = 'counters';
        },
      };
    }

    const started = await Promise.allSettled(jobs.map(({ start }) => start()));
    const failures: unknown[] = [];
    for (const [index, one] of started.entries()) {
      const report = reports[index];
      if (one.status === 'rejected') {
        failures.push(one.reason);
        report?.close();
      } else {
        watchers.push({
          async close() {
            await one.value.close();
            report?.close();
          },
        });
      }
    }
    const bug = failures.find((failure) => !(failure instanceof Failure));
    if (bug !== undefined || watchers.length === 0) {
      await closeAll();
      throw bug ?? failures[0];
    }
    for (const failure of failures) if (failure instanceof Failure) hub.notice('error', failure.message);
    mode = wanted === 'tap' && tapping.size === 0 ? 'counters' : wanted;
  }

  async function change(wanted: WatchMode): Promise<void> {
    await closeAll();
    mode = 'off';
    // Totals are those since watching began.
    hub.forget('watch');
    if (wanted !== 'off') await begin(wanted);
  }

  return {
    mode: () => mode,
    watch: (wanted) => inTurn(() => change(wanted)),
  };
}

function nothingToWatch(flow: Flow, targets: object): Failure {
  return Object.keys(targets).length === 0
    ? new Failure('connect/none', `Nothing says where the brokers of “${flow.name}” are.`, {
        hint: 'Give them connections in the active environment.',
      })
    : new Failure('watch/not-possible', `No broker of “${flow.name}” can be watched by this Tapline.`);
}
