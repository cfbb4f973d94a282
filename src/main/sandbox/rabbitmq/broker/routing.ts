import { matchHeaders, matchTopic } from '@shared/kinds/rabbitmq/route/match';
import type { TraceHop } from '@shared/kinds/rabbitmq/sandbox-trace';
import type { Binding, Exchange } from './exchange';
import type { Message } from './message';
import type { Queue } from './queue';
import type { Vhost } from './vhost';

export type Hop = TraceHop;

function matchingBindings(exchange: Exchange, routingKey: string, message: Message): Binding[] {
  const all = () => [...exchange.bindings.values()];
  switch (exchange.type) {
    case 'headers': {
      const { headers } = message;
      return all().filter((binding) => matchHeaders(binding.arguments, headers));
    }
    case 'fanout':
      return exchange.cached('', all);
    case 'topic':
      return exchange.cached(routingKey, () => all().filter((binding) => matchTopic(binding.routingKey, routingKey)));
    default:
      return exchange.cached(routingKey, () => all().filter((binding) => binding.routingKey === routingKey));
  }
}

/**
 * All queues a message reaches, each once: through bindings, exchange to exchange bindings (each exchange visited once, so
 * cycles end) and alternate exchanges. `hops` collects the way, if given.
 */
export function routeMessage(vhost: Vhost, start: Exchange, message: Message, hops?: Hop[]): Queue[] {
  const keys = message.keys ?? [message.routingKey];
  if (start.name === '') return routeByName(vhost, keys, hops);
  const visited = new Set([start]);
  const queues = new Set<Queue>();
  const waiting = [start];
  for (let exchange = waiting.pop(); exchange; exchange = waiting.pop()) {
    let hasMatch = false;
    for (const key of keys) {
      for (const binding of matchingBindings(exchange, key, message)) {
        hasMatch = true;
        hops?.push({
          source: exchange.name,
          destination: binding.destination,
          destinationType: binding.destinationType,
          routingKey: binding.routingKey,
        });
        if (binding.destinationType === 'queue') {
          const queue = vhost.queues.get(binding.destination);
          if (queue) queues.add(queue);
        } else visit(vhost.exchanges.get(binding.destination));
      }
    }
    const alternate = exchange.arguments['alternate-exchange'];
    if (!hasMatch && typeof alternate === 'string') {
      const { name: source } = exchange;
      hops?.push({ source, destination: alternate, destinationType: 'alternate', routingKey: '' });
      visit(vhost.exchanges.get(alternate));
    }
  }
  return inOrder(queues);

  function visit(next: Exchange | undefined): void {
    if (!next || visited.has(next)) return;
    visited.add(next);
    waiting.push(next);
  }
}

/** The default exchange: every queue is bound to it by its name. */
function routeByName(vhost: Vhost, keys: readonly string[], hops: Hop[] | undefined): Queue[] {
  const queues = new Set<Queue>();
  for (const key of keys) {
    const queue = vhost.queues.get(key);
    if (!queue) continue;
    queues.add(queue);
    hops?.push({ source: '', destination: key, destinationType: 'queue', routingKey: key });
  }
  return inOrder(queues);
}

/** RabbitMQ hands a message to its queues in the order of their names; dead letters show it. */
function inOrder(queues: Set<Queue>): Queue[] {
  const list = [...queues];
  return list.length > 1 ? list.sort((a, b) => (a.name < b.name ? -1 : 1)) : list;
}
