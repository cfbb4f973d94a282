import { endNode, type Flow } from '@shared/flow/schema';
import { type Kind, kinds } from '@shared/kinds/registry';
import type { ExplainRoute } from './journey-steps';

/** Works out the way of published messages by the drawing, in whatever broker they were published to. */
export function explainByDrawing(flow: Flow): ExplainRoute {
  const routers = new Map<string, ReturnType<NonNullable<Kind['hops']>> | undefined>();
  const routerOf = (broker: string) => {
    if (!routers.has(broker)) {
      const kind = kinds.find(({ descriptor }) => descriptor.kind === flow.brokers[broker]?.kind);
      routers.set(broker, kind?.hops?.(flow, broker));
    }
    return routers.get(broker);
  };
  return ({ node, link, exchange, routingKey = '', headers }) => {
    const end = link === undefined ? undefined : flow.links[link]?.to;
    const target = [end && endNode(end), node].find((id) => flow.nodes[id ?? '']?.broker !== undefined);
    const drawn = flow.nodes[target ?? ''];
    if (target === undefined || drawn?.broker === undefined) return [];
    const { vhost } = drawn.settings;
    const at = typeof vhost === 'string' && vhost !== '' ? { vhost } : {};
    return routerOf(drawn.broker)?.({ ...at, node: target, exchange, routingKey, headers }) ?? [];
  };
}
