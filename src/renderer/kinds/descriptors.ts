import type { KindDescriptor, LinkDescriptor, NodeDescriptor } from '@shared/kinds/descriptor';
import { kinds, linkDescriptor, linkTypesBetween, nodeDescriptor } from '@shared/kinds/registry';

/** Kinds that have nodes, for the palette. */
export const paletteKinds: readonly KindDescriptor[] = kinds
  .map(({ descriptor }) => descriptor)
  .filter(({ nodes }) => nodes.length > 0);

/** Kinds that a flow can have brokers of. */
export const brokerKinds: readonly KindDescriptor[] = paletteKinds.filter(({ nodes }) =>
  nodes.some(({ inBroker }) => inBroker),
);

/** What a node of this type is; a type no kind knows is kept and drawn as such. */
export function describeNode(type: string): NodeDescriptor {
  return (
    nodeDescriptor(type) ?? {
      type,
      noun: type,
      label: type,
      description: 'This build does not know this type of node; it is kept as it is.',
      icon: 'box',
      accent: 'gray',
      inBroker: false,
      fields: [{ path: ['name'], scope: 'entity', control: 'text', label: 'Name' }],
      create: () => ({ name: type, settings: {} }),
      summary: () => 'unknown type',
    }
  );
}

/** What a link of this type is; a type no kind knows is kept and drawn as such. */
export function describeLink(type: string): LinkDescriptor {
  return (
    linkDescriptor(type) ?? {
      type,
      label: type,
      description: 'This build does not know this type of link; it is kept as it is.',
      accent: 'gray',
      stroke: 'dotted',
      between: [],
      fields: [],
      create: () => ({}),
      summary: () => type,
    }
  );
}

/** Link types that may join these types of nodes, the first being the usual one. */
export function linksBetween(fromType: string, toType: string): LinkDescriptor[] {
  return linkTypesBetween(fromType, toType);
}

const nodeTypes = kinds.flatMap(({ descriptor }) => descriptor.nodes.map(({ type }) => type));
const joins = new Map(
  nodeTypes.map((type) => [
    type,
    {
      begins: nodeTypes.some((other) => linkTypesBetween(type, other).length > 0),
      ends: nodeTypes.some((other) => linkTypesBetween(other, type).length > 0),
    },
  ]),
);

/** Can links begin and end at nodes of this type? */
export function joinsAt(type: string): { begins: boolean; ends: boolean } {
  return joins.get(type) ?? { begins: false, ends: false };
}

/** The kind of a broker of the flow. */
export function describeKind(kind: string): KindDescriptor | undefined {
  return kinds.find(({ descriptor }) => descriptor.kind === kind)?.descriptor;
}
