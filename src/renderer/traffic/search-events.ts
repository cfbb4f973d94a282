import type { Phase, TrafficEvent } from '@shared/traffic/event';
import { searchText, searchWords } from '@shared/traffic/event-text';

/** What the traffic panel is narrowed to. */
export interface TrafficFilter {
  /** Words that must all occur in the message: body, key, names, headers, reason. */
  text: string;
  /** Empty: every phase. */
  phases: ReadonlySet<Phase>;
  /** Null: every node. */
  nodes: ReadonlySet<string> | null;
}

/** Does this event pass the filter? */
export function matchesFilter(event: TrafficEvent, { text, phases, nodes }: TrafficFilter): boolean {
  if (phases.size > 0 && !phases.has(event.phase)) return false;
  if (nodes && !nodes.has(event.node)) return false;
  if (text === '') return true;
  const haystack = searchText(event);
  return searchWords(text).every((word) => haystack.includes(word));
}

/** The events that pass, in the order given; the same array when all do. */
export function filterEvents(events: readonly TrafficEvent[], filter: TrafficFilter): readonly TrafficEvent[] {
  const isOpen = filter.text.trim() === '' && filter.phases.size === 0 && filter.nodes === null;
  const trimmed = { ...filter, text: filter.text.trim() };
  return isOpen ? events : events.filter((event) => matchesFilter(event, trimmed));
}

/** How much of the traffic is on view. */
export interface TrafficCounts {
  shown: number;
  /** Kept by the view. */
  held: number;
  /** Counted by the engine. */
  counted: number;
}

/** `500 of 48,213 shown`, and why not all: not sampled, fell out of the list, filtered. */
export function describeCounts({ shown, held, counted }: TrafficCounts, notSampled: number): string {
  const whole = new Intl.NumberFormat('en-US');
  if (counted === 0) return 'nothing seen yet';
  const main =
    shown === counted ? `${whole.format(counted)} shown` : `${whole.format(shown)} of ${whole.format(counted)} shown`;
  const older = counted - notSampled - held;
  const reasons = [
    ...(held > shown ? [`${whole.format(held - shown)} filtered out`] : []),
    ...(notSampled > 0 ? [`${whole.format(notSampled)} not sampled`] : []),
    ...(older > 0 ? [`${whole.format(older)} older ones forgotten`] : []),
  ];
  return [main, ...reasons].join(' · ');
}
