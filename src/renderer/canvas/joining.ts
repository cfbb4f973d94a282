import { notifications } from '@mantine/notifications';
import { flowStore } from '@renderer/flow/flow-store';
import { describeNode, linksBetween } from '@renderer/kinds/descriptors';
import type { Connection } from 'reactflow';
import type { CanvasLink } from './model';

/** May a link go from one node to the other? The descriptors say. */
export function canConnect({ source, target }: Connection | CanvasLink): boolean {
  const { nodes } = flowStore.getState().flow;
  const from = nodes[source]?.type;
  const to = nodes[target]?.type;
  return from !== undefined && to !== undefined && linksBetween(from, to).length > 0;
}

/** Tells why two nodes were not joined, and what would work. */
export function explainRefusal(source: string, target: string): void {
  const { nodes } = flowStore.getState().flow;
  const from = nodes[source];
  const to = nodes[target];
  if (from === undefined || to === undefined || source === target) return;
  const isOtherWay = linksBetween(to.type, from.type).length > 0;
  notifications.show({
    id: 'refused-link',
    color: 'yellow',
    message: `${article(describeNode(from.type).noun)} cannot be linked to ${article(describeNode(to.type).noun).toLowerCase()}.${
      isOtherWay ? ' The other way round works.' : ''
    }`,
    autoClose: 5000,
    withBorder: true,
  });
}

function article(noun: string): string {
  return `${/^[aeiou]/i.test(noun) ? 'An' : 'A'} ${noun}`;
}
