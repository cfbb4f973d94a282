import { fingerprint } from '@shared/canonical';
import type { Json } from '@shared/flow/schema';
import type { TrafficEvent } from '@shared/traffic/event';
import { JOURNEY_HEADERS } from '@shared/traffic/journey-headers';

/** Messages without ids and with equal bodies are taken for one when no longer than this lies between two sightings. */
const SAME_BODY_WITHIN_MS = 5000;

/** Events of one journey, in no order. */
export interface JoinedEvents {
  events: TrafficEvent[];
  /** Every id that leads to it. */
  keys: Set<string>;
  /** How events without ids were joined. */
  inferred?: string;
}

/** https://www.w3.org/TR/trace-context/#traceparent-header: version, trace id, parent id, flags. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;
const CAUSATION_HEADERS = ['causation-id', 'causationId', 'CausationId'];
const CORRELATION_HEADERS = ['correlation-id', 'correlationId', 'CorrelationId'];

/**
 * Ids that tie an event to others, the surest first: its journey, its message id, what it follows from, its trace. A reply's
 * correlation id is commonly the id of the request, so that all ids but traces are compared with each other.
 */
export function keysOf({ messageId, headers = {}, properties = {} }: TrafficEvent): string[] {
  const keys = new Set<string>();
  const add = (value: Json | undefined) => {
    if (typeof value === 'string' && value !== '') keys.add(value);
  };
  add(headers[JOURNEY_HEADERS.journey]);
  add(messageId);
  for (const name of CAUSATION_HEADERS) add(headers[name]);
  add(properties['correlationId']);
  for (const name of CORRELATION_HEADERS) add(headers[name]);
  const { traceparent } = headers;
  const trace = typeof traceparent === 'string' ? TRACEPARENT.exec(traceparent)?.[1] : undefined;
  if (trace !== undefined) keys.add(`trace ${trace}`);
  return [...keys];
}

/** The id by which the journey of an event is asked for. */
export function journeyIdOf(event: TrafficEvent): string {
  const [first] = keysOf(event);
  return first ?? placeholderId(event);
}

/** For an event that has no id: by its body and time. */
function placeholderId(event: TrafficEvent): string {
  const text = bodyText(event);
  return `${text === undefined ? 'unknown' : 'body'} ${fingerprint([text ?? event.node, event.at])}`;
}

/** What tells a message from others by its body alone; undefined when the body is masked or not known. */
function bodyText({ body, sizeBytes }: TrafficEvent): string | undefined {
  return body && body.format !== 'masked' ? `${sizeBytes} ${body.text}` : undefined;
}

/** Every event in exactly one journey, whatever order they come in. */
export function joinEvents(events: readonly TrafficEvent[]): JoinedEvents[] {
  const groups = joinById(events);
  const nameless = events.filter((event) => !groups.has(event));
  joinByBody(events, nameless, groups);
  return [...new Set(groups.values())];
}

function joinById(events: readonly TrafficEvent[]): Map<TrafficEvent, JoinedEvents> {
  const parents = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let next = parents.get(root); next !== undefined && next !== root; next = parents.get(root)) root = next;
    // Short ways for the next time.
    for (let at = key; at !== root; ) {
      const next = parents.get(at) ?? root;
      parents.set(at, root);
      at = next;
    }
    return root;
  };
  const keyed = events.map((event) => [event, keysOf(event)] as const).filter(([, keys]) => keys.length > 0);
  for (const [, keys] of keyed) {
    const root = rootOf(keys[0] ?? '');
    for (const key of keys) parents.set(rootOf(key), root);
  }
  const byRoot = new Map<string, JoinedEvents>();
  const groups = new Map<TrafficEvent, JoinedEvents>();
  for (const [event, keys] of keyed) {
    const root = rootOf(keys[0] ?? '');
    const group = byRoot.get(root) ?? { events: [], keys: new Set() };
    byRoot.set(root, group);
    group.events.push(event);
    for (const key of keys) group.keys.add(key);
    groups.set(event, group);
  }
  return groups;
}

const BY_BODY = `Joined by equal bodies within ${SAME_BODY_WITHIN_MS / 1000} s: some of its messages carry no id. Equal messages cannot be told apart.`;

function joinByBody(
  events: readonly TrafficEvent[],
  nameless: readonly TrafficEvent[],
  groups: Map<TrafficEvent, JoinedEvents>,
): void {
  const byText = new Map<string, TrafficEvent[]>();
  for (const event of nameless) {
    const text = bodyText(event);
    if (text === undefined) addGroup([event], groups);
    else byText.set(text, []);
  }
  if (byText.size === 0) return;
  for (const event of events) byText.get(bodyText(event) ?? '')?.push(event);
  for (const equal of byText.values()) {
    equal.sort((a, b) => a.at - b.at || a.seq - b.seq);
    let cluster: TrafficEvent[] = [];
    for (const event of equal) {
      const last = cluster.at(-1);
      if (last && event.at - last.at > SAME_BODY_WITHIN_MS) {
        settle(cluster, groups);
        cluster = [];
      }
      cluster.push(event);
    }
    settle(cluster, groups);
  }
}

/** Joins what has no id to the one journey with that body, if there is just one; else it is a journey of its own. */
function settle(cluster: readonly TrafficEvent[], groups: Map<TrafficEvent, JoinedEvents>): void {
  const known = new Set(cluster.flatMap((event) => groups.get(event) ?? []));
  const nameless = cluster.filter((event) => !groups.has(event));
  const [only] = known;
  if (nameless.length === 0) return;
  const group = only && known.size === 1 ? only : addGroup([], groups);
  group.events.push(...nameless);
  for (const event of nameless) {
    group.keys.add(placeholderId(event));
    groups.set(event, group);
  }
  if (group.events.length > 1) group.inferred = BY_BODY;
}

function addGroup(events: TrafficEvent[], groups: Map<TrafficEvent, JoinedEvents>): JoinedEvents {
  const group: JoinedEvents = { events, keys: new Set(events.map(placeholderId)) };
  for (const event of events) groups.set(event, group);
  return group;
}
