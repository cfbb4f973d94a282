import type { Flow, FlowLink, FlowNode } from '@shared/flow/schema';
import { groupBy } from '../group';

export interface IndexedLink {
  id: string;
  link: FlowLink;
}

/** A publisher's or handler's link, with that node. */
export interface EndpointLink extends IndexedLink {
  nodeId: string;
  node: FlowNode;
}

/** Links of one broker by what they are. */
export interface LinkIndex {
  bindings: IndexedLink[];
  deadLetters: IndexedLink[];
  alternates: IndexedLink[];
  publishes: EndpointLink[];
  consumes: EndpointLink[];
  /** Ids of nodes that some handler consumes. */
  consumed: ReadonlySet<string>;
  /** Dead-letter and alternate links by the node they begin at. */
  deadLettersOf: ReadonlyMap<string, IndexedLink[]>;
  alternatesOf: ReadonlyMap<string, IndexedLink[]>;
}

const byOrigin = (links: IndexedLink[]) => groupBy(links, ({ link }) => ('node' in link.from ? link.from.node : ''));

/** Does a link belong to a broker: by a drawn end that lives there, or by its own mark? */
function isOfBroker(flow: Flow, link: FlowLink, brokerId: string): boolean {
  for (const end of [link.from, link.to]) {
    const broker = 'node' in end ? flow.nodes[end.node]?.broker : undefined;
    if (broker !== undefined) return broker === brokerId;
  }
  return link.broker === brokerId;
}

/** Sorts the links of one broker by type. */
export function readLinks(flow: Flow, brokerId: string): LinkIndex {
  const byType = new Map<string, IndexedLink[]>();
  const publishes: EndpointLink[] = [];
  const consumes: EndpointLink[] = [];
  for (const [id, link] of Object.entries(flow.links)) {
    if (!isOfBroker(flow, link, brokerId)) continue;
    if (link.type === 'publish' || link.type === 'consume') {
      const end = link.type === 'publish' ? link.from : link.to;
      const node = 'node' in end ? flow.nodes[end.node] : undefined;
      if (!node || !('node' in end)) continue;
      (link.type === 'publish' ? publishes : consumes).push({ id, link, nodeId: end.node, node });
    } else {
      const list = byType.get(link.type);
      if (list) list.push({ id, link });
      else byType.set(link.type, [{ id, link }]);
    }
  }
  const deadLetters = byType.get('dead-letter') ?? [];
  const alternates = byType.get('alternate') ?? [];
  return {
    bindings: byType.get('binding') ?? [],
    deadLetters,
    alternates,
    publishes,
    consumes,
    consumed: new Set(consumes.flatMap(({ link }) => ('node' in link.from ? [link.from.node] : []))),
    deadLettersOf: byOrigin(deadLetters),
    alternatesOf: byOrigin(alternates),
  };
}
