import { notifications } from '@mantine/notifications';
import { flowStore } from '@renderer/flow/flow-store';
import { describeLink, describeNode, linksBetween } from '@renderer/kinds/descriptors';
import { type LinkSide, refuseReconnect } from '@shared/flow/reconnect';
import type { Connection } from 'reactflow';
import type { CanvasLink } from './model';

/** May a link go from one node to the other? The descriptors say. */
export function canConnect({ source, target }: Connection | CanvasLink): boolean {
  const { nodes } = flowStore.getState().flow;
  const from = nodes[source]?.type;
  const to = nodes[target]?.type;
  return from !== undefined && to !== undefined && linksBetween(from, to).length > 0;
}

/** A link whose end is being dragged. */
export interface DraggedEnd {
  link: string;
  side: LinkSide;
}

/** May the dragged end go where it is now? */
export function canReconnect({ link, side }: DraggedEnd, { source, target }: Connection | CanvasLink): boolean {
  return refuseReconnect(flowStore.getState().flow, link, side, side === 'from' ? source : target) === undefined;
}

/** Tells why a link was not moved to a node. */
export function explainKept({ link: id, side }: DraggedEnd, node: string): void {
  const { flow } = flowStore.getState();
  const link = flow.links[id];
  const at = flow.nodes[node];
  const reason = refuseReconnect(flow, id, side, node);
  if (link === undefined || at === undefined || reason === undefined) return;
  const name = `link of type “${describeLink(link.type).label}”`;
  refuse(
    reason === 'taken'
      ? `There is a ${name} already.`
      : `A ${name} cannot ${side === 'from' ? 'begin' : 'end'} at ${article(describeNode(at.type).noun).toLowerCase()} here.`,
  );
}

/** Tells why two nodes were not joined, and what would work. */
export function explainRefusal(source: string, target: string): void {
  const { nodes } = flowStore.getState().flow;
  const from = nodes[source];
  const to = nodes[target];
  if (from === undefined || to === undefined || source === target) return;
  const isOtherWay = linksBetween(to.type, from.type).length > 0;
  refuse(
    `${article(describeNode(from.type).noun)} cannot be linked to ${article(describeNode(to.type).noun).toLowerCase()}.${
      isOtherWay ? ' The other way round works.' : ''
    }`,
  );
}

function refuse(message: string): void {
  notifications.show({ id: 'refused-link', color: 'yellow', message, autoClose: 5000, withBorder: true });
}

function article(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? 'An' : 'A'} ${noun}`;
}
