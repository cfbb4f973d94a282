import type { Subject } from '@shared/flow/problem';
import type { Flow } from '@shared/flow/schema';

/** What is selected: nodes and links, or one broker, or nothing. Session state: never saved, never undone. */
export interface Selection {
  nodes: ReadonlySet<string>;
  links: ReadonlySet<string>;
  broker?: string;
}

export const emptySelection: Selection = { nodes: new Set(), links: new Set() };

export function selectNodes(...ids: string[]): Selection {
  return { nodes: new Set(ids), links: new Set() };
}

export function selectLinks(...ids: string[]): Selection {
  return { nodes: new Set(), links: new Set(ids) };
}

/** The selection that shows what a problem or step is about. */
export function selectSubject(subject: Subject): Selection {
  if (subject.type === 'node') return selectNodes(subject.id);
  if (subject.type === 'link') return selectLinks(subject.id);
  return subject.type === 'broker' ? { ...emptySelection, broker: subject.id } : emptySelection;
}

/** How many nodes and links are selected. */
export function selectionSize(selection: Selection): number {
  return selection.nodes.size + selection.links.size;
}

/** Without what is no longer in the flow; the same object when everything is. */
export function pruneSelection(selection: Selection, flow: Flow): Selection {
  const nodes = [...selection.nodes].filter((id) => flow.nodes[id] !== undefined);
  const links = [...selection.links].filter((id) => flow.links[id] !== undefined);
  const broker = selection.broker !== undefined && flow.brokers[selection.broker] ? selection.broker : undefined;
  const isWhole =
    nodes.length === selection.nodes.size && links.length === selection.links.size && broker === selection.broker;
  return isWhole ? selection : { nodes: new Set(nodes), links: new Set(links), broker };
}

/** Are they the same? Keeps views from redrawing. */
export function sameSelection(a: Selection, b: Selection): boolean {
  const same = (left: ReadonlySet<string>, right: ReadonlySet<string>) =>
    left.size === right.size && [...left].every((id) => right.has(id));
  return a.broker === b.broker && same(a.nodes, b.nodes) && same(a.links, b.links);
}
