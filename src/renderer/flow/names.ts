import { describeLink, describeNode } from '@renderer/kinds/descriptors';
import type { Subject } from '@shared/flow/problem';
import type { Flow, FlowLink, FlowNode, LinkEnd } from '@shared/flow/schema';

/** How a node is called by screen readers and tests: `exchange order-events`. */
export function nameNode(node: FlowNode): string {
  return `${describeNode(node.type).noun} ${node.name}`;
}

/** The object a link ends at: a drawn node's name or the name itself. */
export function nameEnd(flow: Flow, end: LinkEnd): string {
  if ('node' in end) return flow.nodes[end.node]?.name ?? end.node;
  return end.name === '' ? '(default exchange)' : end.name;
}

/** How a link is called by screen readers and tests: `binding order-events to email-queue, order.*`. */
export function nameLink(flow: Flow, link: FlowLink): string {
  const { label, summary } = describeLink(link.type);
  const ends = `${link.type} ${nameEnd(flow, link.from)} to ${nameEnd(flow, link.to)}`;
  const facts = summary(link.settings);
  return facts === '' || facts.toLowerCase() === label.toLowerCase() ? ends : `${ends}, ${facts}`;
}

/** What a problem or step is about, in words. */
export function nameSubject(flow: Flow, subject: Subject): string {
  if (subject.type === 'flow') return flow.name;
  if (subject.type === 'broker') return flow.brokers[subject.id]?.name ?? subject.id;
  if (subject.type === 'node') {
    const node = flow.nodes[subject.id];
    return node ? nameNode(node) : subject.id;
  }
  const link = flow.links[subject.id];
  return link ? nameLink(flow, link) : subject.id;
}
