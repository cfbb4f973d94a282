import { endNode, type Flow, type FlowLink } from '@shared/flow/schema';
import { jitteredDelays, type RetryPolicy, retryDelays, retryPolicyOf } from '@shared/kinds/common/retry';
import { z } from 'zod';
import type { ArgumentTable, BindingObject, ExchangeObject, QueueObject } from './objects';

/**
 * How a retry policy becomes objects of the broker, for a queue `work`:
 *
 *     handler ──▶ work.retry (headers) ──delay──▶ work.retry.2000ms (TTL) ──▶ work.back (fanout) ──▶ work
 *
 * The delay stands in the name of the waiting queue, since a queue's TTL cannot be changed. Every hop goes through a named
 * exchange and keeps the routing key; only this queue gets the message again. A message never waits behind one with a longer
 * delay. The counter is a header of ours: brokers since 4.0 do not count on in an `x-death` that a client sends.
 */

/** What RabbitMQ adds to a consume link's retry policy. */
const waitSchema = z.looseObject({
  /** Type of the queues that hold waiting and dead messages. With `classic` a crash of the broker can lose some. */
  queueType: z.enum(['quorum', 'classic']).default('quorum'),
});

/** Header that a waiting queue is bound with: the delay in milliseconds. Headers exchanges skip names that begin with `x-`. */
export const DELAY_HEADER = 'tapline-retry-delay';

/** What is known of how a queue's failed messages go on. */
export interface RetryRoute {
  policy: RetryPolicy;
  queueType: 'quorum' | 'classic';
  vhost: string;
  queue: string;
  /** Exchange that failed messages wait through. */
  retryExchange: string;
  /** Before attempt 2, 3, …: one delay, or three to choose from with jitter; milliseconds. None where messages wait in memory. */
  delaysMs: number[][];
  /** Where messages go after the last attempt. */
  deadLetter: DeadLetterTarget;
}

export interface DeadLetterTarget {
  /** `''` is the default exchange. */
  exchange: string;
  /** Absent: the message keeps its own. */
  routingKey?: string;
  /** The drawn dead-letter link; absent where the exchange is made for the policy. */
  link?: string;
}

/** A queue that has a retry policy, with its consume link. */
export interface RetriedQueue {
  vhost: string;
  queue: string;
  /** Queue node. */
  node: string;
  /** Consume link. */
  link: string;
  settings: Readonly<Record<string, unknown>>;
}

/** The consume links of handlers that Tapline runs, with a policy that retries and needs objects of the broker. The first of a queue counts; check says so. */
export function retriedQueues(
  flow: Flow,
  queueAt: (node: string) => { vhost: string; name: string } | undefined,
): RetriedQueue[] {
  const found = new Map<string, RetriedQueue>();
  for (const [id, link] of Object.entries(flow.links)) {
    const [node, handler] = [endNode(link.from), endNode(link.to)];
    if (link.type !== 'consume' || node === undefined || handler === undefined || found.has(node)) continue;
    const policy = retryPolicyOf(link.settings);
    const at = queueAt(node);
    if (
      !policy ||
      policy.attempts < 2 ||
      policy.wait === 'requeue' ||
      !at ||
      flow.nodes[handler]?.settings['runsIn'] === 'elsewhere'
    )
      continue;
    found.set(node, { vhost: at.vhost, queue: at.name, node, link: id, settings: link.settings });
  }
  return [...found.values()];
}

/** How a queue's failed messages go on; undefined where its settings hold no policy that retries. */
export function retryRoute(
  { vhost, queue, settings }: Pick<RetriedQueue, 'vhost' | 'queue' | 'settings'>,
  drawn: DeadLetterTarget | undefined,
): RetryRoute | undefined {
  const policy = retryPolicyOf(settings);
  if (!policy || policy.attempts < 2 || policy.wait === 'requeue') return undefined;
  const { queueType } = waitSchema.safeParse(settings['retry']).data ?? waitSchema.parse({});
  return {
    policy,
    queueType,
    vhost,
    queue,
    retryExchange: `${queue}.retry`,
    delaysMs: policy.wait === 'memory' ? [] : retryDelays(policy).map((delayMs) => jitteredDelays(delayMs, policy)),
    deadLetter: drawn ?? { exchange: `${queue}.dlx` },
  };
}

/** Where a drawn dead-letter link of a queue leads; undefined when there is none. */
export function drawnDeadLetter(
  flow: Flow,
  queueNode: string,
  nameOf: (end: FlowLink['to']) => { objectType: 'exchange' | 'queue'; name: string } | undefined,
): DeadLetterTarget | undefined {
  for (const [id, link] of Object.entries(flow.links)) {
    if (link.type !== 'dead-letter' || endNode(link.from) !== queueNode) continue;
    const to = nameOf(link.to);
    if (!to) continue;
    if (to.objectType === 'queue') return { exchange: '', routingKey: to.name, link: id };
    const { routingKey } = link.settings;
    return { exchange: to.name, link: id, ...(typeof routingKey === 'string' ? { routingKey } : {}) };
  }
  return undefined;
}

/** Queue that takes the dead letters of one whose policy has no drawn dead-letter link. */
export function madeDeadLetterQueue(queue: string): string {
  return `${queue}.dlq`;
}

/** The objects a retry policy is made of, none of which is drawn. */
export function retryObjects({ vhost, queue, queueType, retryExchange, delaysMs, deadLetter }: RetryRoute): {
  exchanges: ExchangeObject[];
  queues: QueueObject[];
  bindings: BindingObject[];
} {
  const backExchange = `${queue}.back`;
  const exchange = (name: string, type: string): ExchangeObject => ({
    vhost,
    name,
    type,
    durable: true,
    autoDelete: false,
    internal: false,
    arguments: {},
  });
  const held = (name: string, more: ArgumentTable): QueueObject => ({
    vhost,
    name,
    durable: true,
    autoDelete: false,
    exclusive: false,
    arguments: { ...(queueType === 'quorum' ? { 'x-queue-type': 'quorum' } : {}), ...more },
  });
  const binding = (source: string, destination: string, args: ArgumentTable = {}): BindingObject => ({
    vhost,
    source,
    destination,
    destinationType: 'queue',
    routingKey: '',
    arguments: args,
  });
  // Without at-least-once a message can be lost between the waiting queue and the exchange; it needs reject-publish.
  const safely: ArgumentTable =
    queueType === 'quorum' ? { 'x-dead-letter-strategy': 'at-least-once', 'x-overflow': 'reject-publish' } : {};
  const waits = delaysMs.length > 0;
  const exchanges = waits ? [exchange(retryExchange, 'headers'), exchange(backExchange, 'fanout')] : [];
  const queues: QueueObject[] = [];
  const bindings = waits ? [binding(backExchange, queue)] : [];
  for (const delayMs of new Set(delaysMs.flat())) {
    const name = `${retryExchange}.${delayMs}ms`;
    queues.push(held(name, { 'x-message-ttl': delayMs, 'x-dead-letter-exchange': backExchange, ...safely }));
    bindings.push(binding(retryExchange, name, { 'x-match': 'all', [DELAY_HEADER]: delayMs }));
  }
  if (deadLetter.link === undefined) {
    exchanges.push(exchange(deadLetter.exchange, 'fanout'));
    queues.push(held(madeDeadLetterQueue(queue), {}));
    bindings.push(binding(deadLetter.exchange, madeDeadLetterQueue(queue)));
  }
  return { exchanges, queues, bindings };
}
