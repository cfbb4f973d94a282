import type { ArgumentTable, BindingObject } from '../objects';
import { objectKey } from '../objects';
import type { RoutableTopology } from '../route/exchange-index';
import { compileRouter, type RoutedMessage } from '../route/router';

/** The way of a message through the exchanges, computed from the bindings that were found. */
export interface Trace {
  /**
   * Of all taps that get a copy, the exchange (`objectKey`) whose tap counts the message, so that it counts once. Undefined where
   * by the bindings known no tap should have got it.
   */
  observer: string | undefined;
  /** Exchanges it passes, the first one first, with the number of queues and exchanges each passed it on to. */
  exchanges: { key: string; passedOn: number }[];
  bindings: readonly BindingObject[];
  /** Exchanges where it matched no binding, with the alternate exchange that took it. */
  alternates: readonly { exchange: string; alternate: string }[];
}

export interface Tracer {
  trace: (message: RoutedMessage) => Trace;
  /** Can the way of a message in this vhost hang on its headers? */
  readsHeaders: (vhost: string) => boolean;
}

/** Prepares tracing. `isTapped` says whether a tap has the key of a binding that was found. */
export function compileTracer(found: RoutableTopology, isTapped: (binding: BindingObject) => boolean): Tracer {
  const router = compileRouter(found);
  const tapped = new Set(found.bindings.filter(isTapped));
  const headersVhosts = new Set(found.exchanges.filter(({ type }) => type === 'headers').map(({ vhost }) => vhost));
  for (const { vhost, source } of found.bindings)
    if (source === 'amq.headers' || source === 'amq.match') headersVhosts.add(vhost);
  return {
    readsHeaders: (vhost) => headersVhosts.has(vhost),
    trace: (message) => {
      const { vhost, exchange } = message;
      const { bindings: used, alternates } = router.route(message);
      const bindings = used.map(({ binding }) => binding);
      const source = bindings.find((binding) => tapped.has(binding))?.source;
      return {
        observer: source === undefined ? undefined : objectKey(vhost, source),
        exchanges: passedExchanges(vhost, exchange, bindings, alternates),
        bindings,
        alternates,
      };
    },
  };
}

function passedExchanges(
  vhost: string,
  first: string,
  bindings: readonly BindingObject[],
  alternates: Trace['alternates'],
): Trace['exchanges'] {
  const names = new Set([first]);
  for (const { destinationType, destination } of bindings) if (destinationType === 'exchange') names.add(destination);
  for (const { alternate } of alternates) names.add(alternate);
  return [...names].map((name) => {
    const ends = bindings.filter(({ source }) => source === name);
    const passedOn = new Set(ends.map(({ destinationType, destination }) => `${destinationType} ${destination}`)).size;
    return { key: objectKey(vhost, name), passedOn };
  });
}

/** The newest death of a message, as `x-death` tells it. https://www.rabbitmq.com/docs/dlx#effects */
export interface Death {
  queue: string;
  reason: string;
  count: number;
}

/** Undefined for a message that never died, or whose header says something else. */
export function readDeath(headers: ArgumentTable | Record<string, unknown> | undefined): Death | undefined {
  const deaths = headers?.['x-death'];
  const newest: unknown = Array.isArray(deaths) ? deaths[0] : undefined;
  if (typeof newest !== 'object' || newest === null) return undefined;
  const { queue, reason, count } = newest as Record<string, unknown>;
  if (typeof queue !== 'string' || typeof reason !== 'string') return undefined;
  return { queue, reason, count: typeof count === 'number' ? count : 1 };
}
