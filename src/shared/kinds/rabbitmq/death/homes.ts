import type { Death, Home } from '@shared/dead-letters/dead-letter';
import type { Json } from '@shared/flow/schema';
import { RETRY_HEADERS } from '@shared/traffic/retry-headers';
import { textHeader } from './headers';
import { firstRealDeath } from './read-deaths';

const SUFFIX = /_(error|skipped)$/;

/** What is known of the dead-letter queue a message lies in. */
export interface Surroundings {
  queue: string;
  /** Queues whose dead letters come there by the drawing. */
  sources: readonly string[];
  /** Key with which it lies there; retries keep the one it was published with. Default empty. */
  routingKey?: string;
}

/**
 * Where a dead letter can go back to, the best first. A queue is preferred to the exchange by which the message had come: the
 * exchange would give another copy to everyone who is bound to it, and they have had theirs.
 */
export function findHomes(
  headers: Record<string, Json>,
  deaths: readonly Death[],
  { queue, sources, routingKey = '' }: Surroundings,
): Home[] {
  const homes: Home[] = [];
  const add = (home: Home) => {
    if (!homes.some(({ exchange, routingKey }) => exchange === home.exchange && routingKey === home.routingKey))
      homes.push(home);
  };
  const endpoint = endpointOf(textHeader(headers, 'MT-Fault-InputAddress'));
  if (endpoint !== undefined) add(queueHome(endpoint, `MassTransit notes that ${endpoint} received it`));
  const handled = textHeader(headers, RETRY_HEADERS.queue);
  if (handled !== undefined) add(queueHome(handled, `a handler of ${handled} gave it up; only that queue gets it`));
  const death = handled === undefined ? firstRealDeath(deaths, headers) : undefined;
  if (death) {
    const also =
      death.exchange === '' ? '' : `; only that queue gets it, and not all that are bound to ${death.exchange}`;
    add(queueHome(death.queue, `it first died in ${death.queue}${also}`));
  }
  const before = queue.replace(SUFFIX, '');
  if (before !== queue && before !== '') add(queueHome(before, `${queue} is named after ${before}`, true));
  const [only, ...others] = sources.filter((source) => source !== queue);
  if (only !== undefined && others.length === 0)
    add(queueHome(only, `by the drawing, dead letters come here from ${only} only`, true));
  const through = textHeader(headers, RETRY_HEADERS.exchange);
  if (handled !== undefined && through !== undefined && through !== '') add(exchangeHome(through, routingKey));
  if (death && death.exchange !== '') {
    const [key = ''] = death.routingKeys;
    add(exchangeHome(death.exchange, key));
  }
  return homes;
}

function exchangeHome(exchange: string, routingKey: string): Home {
  const why = `the way it came: through ${exchange} with key “${routingKey}”, so that every queue bound for it gets a copy`;
  return { exchange, routingKey, reach: 'exchange', name: exchange, why };
}

function queueHome(name: string, why: string, inferred = false): Home {
  return { exchange: '', routingKey: name, reach: 'queue', name, why, ...(inferred ? { inferred } : {}) };
}

/** Queue of a MassTransit address: `rabbitmq://host/vhost/submit-order?durable=true` or `queue:submit-order`. */
function endpointOf(address: string | undefined): string | undefined {
  if (address === undefined) return undefined;
  const [path = ''] = address.split('?');
  const last = path.slice(Math.max(path.lastIndexOf('/'), path.startsWith('queue:') ? 5 : -1) + 1);
  if (last === '') return undefined;
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
