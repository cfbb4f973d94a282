import type { LiveContext, LiveService } from '@main/engine/live';
import { createLiveService } from '@main/engine/live-service';
import { rabbitmqDriver } from '@main/kinds/rabbitmq/index';
import type { Flow } from '@shared/flow/schema';
import type { CounterName } from '@shared/traffic/counter';
import type { TrafficEvent } from '@shared/traffic/event';
import type { Frame } from '@shared/traffic/frame';

/** A live service, as a test holds it. */
export interface LiveBench {
  live: LiveService;
  /** The flow as it is now; assign to edit it. */
  flow: Flow;
  /** Pulls a frame; events pile up in `events`. */
  pull: () => Frame;
  events: TrafficEvent[];
  notSampled: number;
  /** A node's or link's counter by its id or its node's name; 0 where there is none. */
  count: (subject: string, name: CounterName) => number | null;
}

/** `url`: of every broker of the flow, or by broker. */
export function liveBench(
  flow: Flow,
  url: string | Record<string, string>,
  managementUrl?: string,
  isSandbox = false,
): LiveBench {
  const cursor = { epoch: '', cursor: 0 };
  const context: LiveContext = {
    flow: () => bench.flow,
    targets: async () =>
      Object.fromEntries(
        Object.keys(bench.flow.brokers).map((broker) => [
          broker,
          {
            broker,
            url: typeof url === 'string' ? url : (url[broker] ?? ''),
            ...(managementUrl ? { managementUrl } : {}),
            ...(isSandbox ? { isSandbox } : {}),
          },
        ]),
      ),
    maskBodies: () => false,
    variables: () => ({}),
    mayRun: () => ({ allowed: true }),
  };
  const bench: LiveBench = {
    live: createLiveService(context),
    flow,
    events: [],
    notSampled: 0,
    pull() {
      const frame = bench.live.frame(cursor);
      cursor.epoch = frame.epoch;
      cursor.cursor = frame.cursor;
      bench.events.push(...frame.events);
      bench.notSampled += frame.notSampled;
      return frame;
    },
    count(subject, name) {
      const { nodes, links } = bench.pull().counters;
      const id = Object.keys(bench.flow.nodes).find((node) => bench.flow.nodes[node]?.name === subject) ?? subject;
      return (nodes[id] ?? links[id])?.[name]?.value ?? 0;
    },
  };
  return bench;
}

/** Makes the flow's objects in the broker. */
export async function deployTo(url: string, managementUrl: string, flow: Flow): Promise<void> {
  const target = { broker: 'main', url, managementUrl };
  const { steps } = await rabbitmqDriver.plan(target, { flow, owned: new Set(), prune: false });
  await rabbitmqDriver.apply(target, {
    steps,
    onOutcome({ outcome, error }) {
      if (outcome === 'failed') throw new Error(error?.message);
    },
  });
}
