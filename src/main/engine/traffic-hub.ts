import type { Flow } from '@shared/flow/schema';
import { derivedLink } from '@shared/traffic/derived-id';
import {
  type BrokerStatus,
  type Frame,
  MAX_EVENTS_PER_FRAME,
  type TapReport,
  type Trouble,
} from '@shared/traffic/frame';
import { worstStatus } from '@shared/traffic/worst-status';
import type { TrafficSink } from '../kinds/live';
import { createCounterTable } from './counter-table';
import { createEventLog, type EventLog, type RememberedEvents } from './event-log';

/** Notices kept for frames. */
const MAX_NOTICES = 20;

/** Whose numbers: those of a run stay when watching ends. */
export type Concern = 'run' | 'watch';

/** What one party reports of the present. */
interface Party {
  statuses: Map<string, BrokerStatus>;
  taps: Map<string, TapReport[]>;
  /** By link. */
  troubles: Map<string, Trouble>;
}

/** A sink for one party that reports; `close` takes back what it said about the present. Counters and events stay. */
export interface Reporting {
  sink: TrafficSink;
  close: () => void;
}

/** Where everything that is seen comes together, and out of which frames are made. Bounded, whatever comes in. */
export interface TrafficHub {
  report: (concern: Concern) => Reporting;
  notice: TrafficSink['notice'];
  /** The newest events, of which journeys are made. */
  remembered: () => Promise<RememberedEvents>;
  listen: EventLog['listen'];
  /** Forgets the numbers of one concern. */
  forget: (concern: Concern) => void;
  frame: (
    request: { epoch: string; cursor: number; maxEvents?: number },
    state: Pick<Frame, 'watch' | 'running'> & { flow: Flow },
  ) => Frame;
}

/** @param options.epoch differs whenever counting begins anew */
export function createTrafficHub(options: { epoch: string; now: () => number }): TrafficHub {
  const { epoch, now } = options;
  const tables = { run: createCounterTable(now), watch: createCounterTable(now) };
  const events = createEventLog();
  const parties = new Set<Party>();
  let notices: Frame['notices'] = [];

  const notice: TrafficSink['notice'] = (severity, message, subjectNode) => {
    const said = { at: now(), severity, message, ...(subjectNode === undefined ? {} : { subjectNode }) };
    notices = [...notices, said].slice(-MAX_NOTICES);
  };

  const statusOf = (broker: string) => worstStatus([...parties].flatMap(({ statuses }) => statuses.get(broker) ?? []));

  return {
    report(concern) {
      const party: Party = { statuses: new Map(), taps: new Map(), troubles: new Map() };
      parties.add(party);
      const { add, set, gap } = tables[concern];
      return {
        sink: {
          add,
          set,
          gap,
          notice,
          trouble: ({ link, node }, sentence) => {
            if (sentence === null) return void party.troubles.delete(link);
            if (party.troubles.get(link)?.sentence === sentence) return;
            party.troubles.set(link, { link, node, sentence, since: now() });
            notice('error', sentence, node);
          },
          event: events.add,
          notSampled: events.skip,
          status: (broker, status) => void party.statuses.set(broker, status),
          taps: (broker, reports) => void party.taps.set(broker, reports),
        },
        close: () => void parties.delete(party),
      };
    },
    notice,
    remembered: events.remembered,
    listen: events.listen,
    forget: (concern) => tables[concern].clear(),
    frame({ epoch: known, cursor, maxEvents = MAX_EVENTS_PER_FRAME }, { flow, watch, running }) {
      const counters: Frame['counters'] = { nodes: {}, links: {} };
      const knows = {
        node: (id: string) => id in flow.nodes || (derivedLink(id) ?? '') in flow.links,
        link: (id: string) => id in flow.links,
      };
      tables.run.readInto(counters, knows);
      tables.watch.readInto(counters, knows);
      const seen = events.since(known === epoch ? cursor : 0, Math.min(maxEvents, MAX_EVENTS_PER_FRAME));
      return {
        epoch,
        ...seen,
        at: now(),
        watch,
        running,
        counters,
        brokers: Object.fromEntries(Object.keys(flow.brokers).map((id) => [id, statusOf(id)])),
        taps: [...parties].flatMap(({ taps }) => [...taps.values()].flat()),
        troubles: [...parties].flatMap(({ troubles }) => [...troubles.values()]),
        notices,
      };
    },
  };
}
