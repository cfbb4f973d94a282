import type { Flow } from '@shared/flow/schema';
import type { TrafficEvent } from '@shared/traffic/event';
import { searchText, searchWords } from '@shared/traffic/event-text';
import { type FlowMap, mapFlow } from './flow-map';
import { type JoinedEvents, joinEvents, keysOf } from './join-events';
import type { Journey, JourneySummary } from './journey';
import { stateOf } from './journey-state';
import { describeSteps, type ExplainRoute } from './journey-steps';
import { orderEvents } from './order-events';

/** Events of one message, from which its journey is made when it is asked for. */
export interface JourneySource {
  joined: JoinedEvents;
  /** Epoch milliseconds of the last event. */
  endedAt: number;
}

/** The journeys that events tell of, newest first, narrowed to those in which all words of the search occur. */
export function findJourneys(events: readonly TrafficEvent[], search = ''): JourneySource[] {
  const words = searchWords(search);
  return joinEvents(events)
    .filter((joined) => matches(joined, words))
    .map((joined) => ({ joined, endedAt: joined.events.reduce((last, { at }) => Math.max(last, at), 0) }))
    .sort((a, b) => b.endedAt - a.endedAt || smallestKey(a) - smallestKey(b));
}

function matches({ events, keys }: JoinedEvents, words: readonly string[]): boolean {
  return words.every(
    (word) =>
      [...keys].some((key) => key.toLowerCase().includes(word)) ||
      events.some((event) => searchText(event).includes(word)),
  );
}

/** The first event seen keeps journeys of one moment in a fixed order. */
function smallestKey({ joined }: JourneySource): number {
  return joined.events.reduce((first, { seq }) => Math.min(first, seq), Number.POSITIVE_INFINITY);
}

/** Everything known of one message, in order. */
export function buildJourney({ joined }: JourneySource, flow: Flow, explain: ExplainRoute): Journey {
  const map = mapFlow(flow);
  const events = orderEvents(joined.events, map);
  const steps = describeSteps(events, map, explain);
  const first = events[0];
  const { nodes, links } = touched(steps, flow, map);
  const routingKey = events.find((event) => event.routingKey !== undefined)?.routingKey;
  return {
    id: idOf(joined, events),
    startedAt: first?.at ?? 0,
    endedAt: events.reduce((last, { at }) => Math.max(last, at), 0),
    state: stateOf(events, steps, map),
    ...(routingKey === undefined ? {} : { routingKey }),
    messageIds: [...new Set(events.flatMap(({ messageId }) => messageId ?? []))].sort(),
    attempts: steps.reduce((most, step) => Math.max(most, step.type === 'delivered' ? step.attempt : 0), 0),
    ...(joined.inferred === undefined ? {} : { inferred: joined.inferred }),
    isWhole: first?.phase === 'published' || steps[0]?.type === 'redriven',
    events: events.length,
    steps,
    nodes,
    links,
  };
}

/** A journey as it stands in a list. */
export function summarise({ steps, nodes: _nodes, links: _links, ...journey }: Journey): JourneySummary {
  return { ...journey, steps: steps.length };
}

function idOf({ keys }: JoinedEvents, events: readonly TrafficEvent[]): string {
  for (const event of events) {
    const [key] = keysOf(event);
    if (key !== undefined) return key;
  }
  return [...keys].sort()[0] ?? '';
}

function touched(
  steps: readonly { node: string; link?: string }[],
  { nodes, links }: Flow,
  { endsOf }: FlowMap,
): Pick<Journey, 'nodes' | 'links'> {
  const [seenNodes, seenLinks] = [new Set<string>(), new Set<string>()];
  for (const { node, link } of steps) {
    for (const id of [node, ...endsOf(link)]) if (nodes[id]) seenNodes.add(id);
    if (link !== undefined && links[link]) seenLinks.add(link);
  }
  return { nodes: [...seenNodes], links: [...seenLinks] };
}
