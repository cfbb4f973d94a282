import type { FlowLink, FlowNode } from '@shared/flow/schema';
import { linkDescriptor, nodeDescriptor } from '@shared/kinds/registry';

/** What a picture says of a node. */
export interface PicturedNode {
  noun: string;
  name: string;
  summary: string;
  accent: string;
  icon: string;
}

/** Nodes of a type that this build does not know are drawn under the name of their type. */
export function pictureNode(node: FlowNode): PicturedNode {
  const descriptor = nodeDescriptor(node.type);
  return {
    noun: descriptor?.noun ?? node.type,
    name: node.name || 'unnamed',
    summary: descriptor?.summary(node) ?? 'unknown type',
    accent: descriptor?.accent ?? 'gray',
    icon: descriptor?.icon ?? 'box',
  };
}

/** What a picture says of a link. */
export interface PicturedLink {
  label: string;
  accent: string;
  stroke: 'solid' | 'dashed' | 'dotted';
}

export function pictureLink(link: FlowLink): PicturedLink {
  const descriptor = linkDescriptor(link.type);
  return {
    label: descriptor?.summary(link.settings) ?? link.type,
    accent: descriptor?.accent ?? 'gray',
    stroke: descriptor?.stroke ?? 'dotted',
  };
}
