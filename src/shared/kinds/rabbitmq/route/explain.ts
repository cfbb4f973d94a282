import type { Flow } from '@shared/flow/schema';
import type { RouteHop } from '@shared/journey/journey';
import type { ArgumentTable, RabbitFacts } from '../objects';
import { bindingKey, resolveTopology, topologyKey } from '../resolve';
import { compileRouter, type RouteResult } from './router';

/** A message to follow through a drawing. */
export interface AskedMessage {
  /** Default: that of the connection. */
  vhost?: string;
  exchange: string;
  routingKey: string;
  headers?: ArgumentTable;
}

/** Where a message would go and why, with what to highlight. */
export interface RouteExplanation {
  result: RouteResult;
  /** Drawn nodes on the way and at its ends. */
  nodes: string[];
  /** Drawn links it takes. */
  links: string[];
  /** Each with its sentence. */
  hops: RouteHop[];
  /** One sentence a hop, the outcome last. */
  sentences: string[];
}

/** Follows a message through the drawn objects of one broker; nothing is published. Policies found in the broker count. */
export function explainRoute(
  flow: Flow,
  brokerId: string,
  message: AskedMessage,
  facts?: RabbitFacts,
): RouteExplanation {
  return compileExplainer(flow, brokerId, facts)(message);
}

/** `explainRoute` for many messages of one flow. */
export function compileExplainer(
  flow: Flow,
  brokerId: string,
  facts?: RabbitFacts,
): (message: AskedMessage) => RouteExplanation {
  const defaultVhost = facts?.defaultVhost ?? '/';
  const { topology, origins } = resolveTopology(flow, brokerId, { defaultVhost });
  const policies = [...topology.policies, ...(facts?.policies ?? [])];
  const router = compileRouter({ ...topology, policies });
  const nodeAt = (key: string) => (origins[key]?.type === 'node' ? origins[key].id : undefined);
  const linkAt = (key: string) => (origins[key]?.type === 'link' ? origins[key].id : undefined);

  return ({ vhost = defaultVhost, exchange, routingKey, headers }) => {
    const result = router.route({ vhost, exchange, routingKey, headers });
    const hops: RouteHop[] = [];
    const nodes = new Set<string>();
    const exchangeNode = (name: string) => nodeAt(topologyKey('exchange', vhost, name));
    const note = (node: string | undefined) => node !== undefined && nodes.add(node);
    note(exchangeNode(exchange));
    for (const { binding, why } of result.bindings) {
      const { source, destination, destinationType } = binding;
      const to = nodeAt(topologyKey(destinationType, vhost, destination));
      note(to);
      hops.push({
        node: exchangeNode(source),
        link: linkAt(bindingKey(binding)),
        ...(destinationType === 'queue' ? { queue: destination, queueNode: to } : {}),
        sentence: `${source || 'Default exchange'} → ${destination}: ${why}.`,
      });
    }
    for (const { exchange: from, alternate } of result.alternates) {
      note(exchangeNode(alternate));
      const node = exchangeNode(from);
      const link = Object.entries(flow.links).find(
        ([, { type, from: end }]) => type === 'alternate' && 'node' in end && end.node === node,
      )?.[0];
      const sentence = `${from} → ${alternate}: no binding matches, so it goes to the alternate exchange.`;
      hops.push({ node, link, sentence });
    }
    const links = new Set(hops.flatMap(({ link }) => link ?? []));
    const sentences = [...hops.map(({ sentence }) => sentence), describeOutcome(result)];
    return { result, nodes: [...nodes], links: [...links], hops, sentences };
  };
}

function describeOutcome({ queues, unknown, unroutable }: RouteResult): string {
  if (unknown !== undefined)
    return queues.length === 0 ? unknown : `It reaches ${queues.join(', ')}, maybe more: ${unknown}`;
  if (unroutable) return 'No queue gets it: with mandatory it comes back to the publisher, else it is dropped.';
  return `It reaches ${queues.join(', ')}.`;
}
