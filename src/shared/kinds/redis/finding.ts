import type { Problem, Severity } from '@shared/flow/problem';
import { endNode, type Flow, type FlowNode } from '@shared/flow/schema';
import type { BrokerFacts } from '@shared/kinds/facts';

/** What the rules look at: one Redis of a flow. */
export interface RedisModel {
  flow: Flow;
  broker: string;
  nodes: { id: string; node: FlowNode }[];
  facts: BrokerFacts | undefined;
}

export type RedisRule = (model: RedisModel) => Problem[];

export function problem(
  code: string,
  severity: Severity,
  subject: Problem['subject'],
  message: string,
  rest: Pick<Problem, 'field' | 'docsUrl'> = {},
): Problem {
  return { code: `redis/${code}`, severity, subject, message, ...rest };
}

/** Links of a type that begin (or end) at a node. */
export function linksAt(flow: Flow, node: string, side: 'from' | 'to', ...types: string[]): string[] {
  return Object.entries(flow.links)
    .filter(([, link]) => types.includes(link.type) && endNode(link[side]) === node)
    .map(([id]) => id);
}
