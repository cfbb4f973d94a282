import { type ArgumentTable, objectKey } from '../objects';
import { indexExchanges, type RoutableTopology, type UsedBinding } from './exchange-index';

/** A message as routing sees it. */
export interface RoutedMessage {
  vhost: string;
  /** `""` is the default exchange: to the queue of that name. */
  exchange: string;
  routingKey: string;
  /** `CC` and `BCC` add routing keys. */
  headers?: ArgumentTable;
}

/** Where a message goes. */
export interface RouteResult {
  /** Each queue once, in the order they are found. */
  queues: string[];
  /** Bindings used, exchange to exchange ones included. */
  bindings: UsedBinding[];
  /** Exchanges that no binding matched, with the alternate exchange that took the message. */
  alternates: { exchange: string; alternate: string }[];
  /** No queue gets it; always false when something is unknown. */
  unroutable: boolean;
  /** Why the answer is not complete, as a sentence: an exchange type of a plugin, an exchange that is not known. */
  unknown?: string;
}

export interface Router {
  route: (message: RoutedMessage) => RouteResult;
}

/** Outcomes kept for messages that differ in body only. */
const MAX_REMEMBERED = 4096;

/**
 * Prepares a topology for routing many messages: 20,000 a second and more. As RabbitMQ does, an exchange is visited once,
 * a queue gets one copy, and an alternate exchange takes what no binding of its exchange matched. Results are shared: do not
 * change them.
 */
export function compileRouter(topology: RoutableTopology): Router {
  const exchanges = indexExchanges(topology);
  const queues = new Set(topology.queues.map(({ vhost, name }) => objectKey(vhost, name)));
  const remembered = new Map<string, RouteResult>();

  function routeByName(vhost: string, keys: readonly string[]): RouteResult {
    const named = [...new Set(keys)].filter((key) => queues.has(objectKey(vhost, key)));
    const bindings = named.map((name) => ({
      binding: {
        vhost,
        source: '',
        destination: name,
        destinationType: 'queue' as const,
        routingKey: name,
        arguments: {},
      },
      why: 'the default exchange delivers to the queue named by the key',
    }));
    return { queues: named, bindings, alternates: [], unroutable: named.length === 0 };
  }

  function walk(vhost: string, start: string, keys: readonly string[], headers: ArgumentTable) {
    const found = new Set<string>();
    const bindings: UsedBinding[] = [];
    const alternates: RouteResult['alternates'] = [];
    const seen = new Set([start]);
    const waiting = [start];
    let unknown: string | undefined;
    let readsHeaders = false;
    const visit = (name: string) => {
      // As an alternate the default exchange routes nothing: its bindings are implied only for publishers.
      if (name === '' || seen.has(name)) return;
      seen.add(name);
      waiting.push(name);
    };
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      const exchange = exchanges.get(objectKey(vhost, name));
      if (!exchange) {
        unknown ??= `Exchange ${name} is not known here.`;
        continue;
      }
      readsHeaders ||= exchange.readsHeaders;
      if (!exchange.match) {
        unknown ??= `Exchange ${name} has the type ${exchange.type}, whose routing only the broker knows.`;
        continue;
      }
      const used = exchange.match(keys, headers);
      for (const one of used) {
        bindings.push(one);
        if (one.binding.destinationType === 'queue') found.add(one.binding.destination);
        else visit(one.binding.destination);
      }
      if (used.length === 0 && exchange.alternate !== undefined) {
        alternates.push({ exchange: name, alternate: exchange.alternate });
        visit(exchange.alternate);
      }
    }
    const result: RouteResult = {
      queues: [...found],
      bindings,
      alternates,
      unroutable: found.size === 0 && unknown === undefined,
      ...(unknown === undefined ? {} : { unknown }),
    };
    return { result, readsHeaders };
  }

  return {
    route: ({ vhost, exchange, routingKey, headers = {} }) => {
      const copies = extraKeys(headers);
      const keys = copies.length === 0 ? [routingKey] : [routingKey, ...copies];
      if (exchange === '') return routeByName(vhost, keys);
      if (copies.length > 0) return walk(vhost, exchange, keys, headers).result;
      const memory = `${vhost}\u0000${exchange}\u0000${routingKey}`;
      const earlier = remembered.get(memory);
      if (earlier) return earlier;
      const { result, readsHeaders } = walk(vhost, exchange, keys, headers);
      if (!readsHeaders) {
        if (remembered.size >= MAX_REMEMBERED) remembered.clear();
        remembered.set(memory, result);
      }
      return result;
    },
  };
}

/** Routes one message; `compileRouter` is for many. */
export function route(topology: RoutableTopology, message: RoutedMessage): RouteResult {
  return compileRouter(topology).route(message);
}

/** Keys that sender-selected distribution adds: https://www.rabbitmq.com/docs/sender-selected */
function extraKeys(headers: ArgumentTable): string[] {
  if (!('CC' in headers) && !('BCC' in headers)) return [];
  return [headers['CC'], headers['BCC']].flatMap((keys) =>
    Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [],
  );
}
