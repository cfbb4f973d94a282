import type { Phase, TrafficEvent } from '@shared/traffic/event';
import type { FlowMap } from './flow-map';

/** Which comes first, of what a worker and a broker tell of the same millisecond. */
const RANK: Record<Phase, number> = {
  published: 0,
  confirmed: 1,
  routed: 2,
  returned: 3,
  delivered: 4,
  logged: 5,
  unmatched: 5,
  acked: 5,
  failed: 5,
  retried: 6,
  requeued: 6,
  rejected: 6,
  'dead-lettered': 7,
  expired: 7,
  dropped: 7,
};

/**
 * Events in the order in which they happened. Workers tell at once and brokers somewhat later, each in order: so the two are
 * sorted apart and then merged by time, and within a millisecond by what can only follow what.
 */
export function orderEvents(events: readonly TrafficEvent[], map: FlowMap): TrafficEvent[] {
  const sorted = [...events].sort((a, b) => a.at - b.at || a.seq - b.seq);
  const workers = sorted.filter(({ node }) => map.isWorker(node));
  const brokers = sorted.filter(({ node }) => !map.isWorker(node));
  const merged: TrafficEvent[] = [];
  let [w, b] = [0, 0];
  for (;;) {
    const [worker, broker] = [workers[w], brokers[b]];
    if (!worker || !broker) return [...merged, ...workers.slice(w), ...brokers.slice(b)];
    const isWorkerFirst = (worker.at - broker.at || RANK[worker.phase] - RANK[broker.phase]) <= 0;
    merged.push(isWorkerFirst ? worker : broker);
    if (isWorkerFirst) w += 1;
    else b += 1;
  }
}
