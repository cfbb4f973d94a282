import { flowStore } from '@renderer/flow/flow-store';
import { endNode } from '@shared/flow/schema';
import type { Journey } from '@shared/journey/journey';
import { type JourneyState, useJourneys } from './journey-store';

/** Where a node or link stands in the journey shown: the message is there, was there, comes there later, or never. */
export type JourneyMark = 'here' | 'passed' | 'ahead' | 'off';

interface Marks {
  shown: Journey;
  moment: number;
  nodes: Map<string, JourneyMark>;
  links: Map<string, JourneyMark>;
}

let made: Marks | undefined;

/** Worked out once for each moment, not for each card. */
function marksOf({ shown, moment }: JourneyState): Marks | undefined {
  if (!shown) return undefined;
  if (made?.shown === shown && made.moment === moment) return made;
  const { flow } = flowStore.getState();
  const nodes = new Map<string, JourneyMark>(shown.nodes.map((id) => [id, 'ahead']));
  const links = new Map<string, JourneyMark>(shown.links.map((id) => [id, 'ahead']));
  shown.steps.slice(0, moment + 1).forEach(({ node, link }, step) => {
    nodes.set(node, 'passed');
    const drawn = link === undefined ? undefined : flow.links[link];
    if (link === undefined || !drawn) return;
    links.set(link, 'passed');
    // What is on a link now has not come to its end.
    for (const end of step < moment ? [drawn.from, drawn.to] : [drawn.from]) {
      const id = endNode(end);
      if (id !== undefined) nodes.set(id, 'passed');
    }
  });
  const now = shown.steps[moment];
  if (now) nodes.set(now.node, 'here');
  if (now?.link !== undefined) links.set(now.link, 'here');
  made = { shown, moment, nodes, links };
  return made;
}

/** For drawing a node in React; undefined while no journey is shown. */
export function useNodeMark(id: string): JourneyMark | undefined {
  return useJourneys((state) => {
    const marks = marksOf(state);
    return marks && (marks.nodes.get(id) ?? 'off');
  });
}

/** For drawing a link in React; undefined while no journey is shown. */
export function useLinkMark(id: string): JourneyMark | undefined {
  return useJourneys((state) => {
    const marks = marksOf(state);
    return marks && (marks.links.get(id) ?? 'off');
  });
}
