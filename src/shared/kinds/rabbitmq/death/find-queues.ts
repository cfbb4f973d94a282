import type { DeadLetterQueue } from '@shared/dead-letters/dead-letter';
import { endNode, type Flow } from '@shared/flow/schema';
import { type BrokerModel, buildModel, type CheckedQueue, findSetting, findText } from '../check/model';
import { objectKey, type RabbitFacts } from '../objects';
import { topologyKey } from '../resolve';
import { madeDeadLetterQueue, retriedQueues } from '../retry';

const BY_NAME = /_(error|skipped)$/;

/**
 * The queues of a broker in which dead letters end: reached by a dead-letter exchange (argument or policy), or named so by
 * MassTransit. Not those where messages only wait for a while, and not the working queues to which retries come back.
 */
export function findDeadLetterQueues(flow: Flow, broker: string, facts: RabbitFacts | undefined): DeadLetterQueue[] {
  const model = buildModel(flow, broker, facts);
  const reached = reachedBy(model);
  const found: DeadLetterQueue[] = [];
  for (const [key, sources] of reached) {
    const queue = model.queueAt.get(key);
    const ends = sources.filter((source) => isEnd(model, reached, source, queue, key));
    if (ends.length === 0 || (queue && isWaiting(model, queue))) continue;
    const [vhost = '', name = ''] = key.split('\u0000');
    const names = ends.map(({ object }) => object.name);
    found.push({
      broker,
      vhost,
      name,
      ...(queue ? { node: queue.id } : {}),
      because: ends.map((source) => becauseOf(source)),
      sources: names,
    });
  }
  for (const { id, object } of model.queues) {
    if (!BY_NAME.test(object.name) || found.some(({ node }) => node === id)) continue;
    const source = object.name.replace(BY_NAME, '');
    const isDrawn = model.queueAt.has(objectKey(object.vhost, source));
    found.push({
      broker,
      vhost: object.vhost,
      name: object.name,
      node: id,
      because: ['its name is one that MassTransit gives'],
      sources: isDrawn ? [source] : [],
    });
  }
  for (const { vhost, queue, node } of retriedQueues(flow, (id) => model.queues.find((one) => one.id === id)?.object)) {
    const isDrawn = Object.values(flow.links).some(
      ({ type, from }) => type === 'dead-letter' && endNode(from) === node,
    );
    const name = madeDeadLetterQueue(queue);
    if (isDrawn || found.some((one) => one.vhost === vhost && one.name === name)) continue;
    found.push({ broker, vhost, name, because: [`the handler of ${queue} gives up into it`], sources: [queue] });
  }
  return found.sort((a, b) => (objectKey(a.vhost, a.name) < objectKey(b.vhost, b.name) ? -1 : 1));
}

function becauseOf(source: CheckedQueue): string {
  const origin = findSetting(source, 'x-dead-letter-exchange')?.origin;
  const by = origin && origin.from !== 'argument' ? `, by the policy ${origin.policy.name}` : '';
  return `dead letters of ${source.object.name} come here${by}`;
}

/** Queues by vhost and name, each with those that dead-letter into it. */
function reachedBy(model: BrokerModel): Map<string, CheckedQueue[]> {
  const reached = new Map<string, CheckedQueue[]>();
  for (const source of model.queues) {
    if (source.ownership === 'ignored' || source.queueType === 'stream') continue;
    const exchange = findText(source, 'x-dead-letter-exchange');
    if (exchange === undefined) continue;
    for (const key of destinations(
      model,
      source.object.vhost,
      exchange,
      findText(source, 'x-dead-letter-routing-key'),
    )) {
      if (key === objectKey(source.object.vhost, source.object.name)) continue;
      reached.set(key, [...(reached.get(key) ?? []), source]);
    }
  }
  return reached;
}

/** Without a key of its own a dead letter keeps the message's: then any binding may take it. */
function destinations(model: BrokerModel, vhost: string, exchange: string, routingKey: string | undefined): string[] {
  if (exchange === '') return routingKey === undefined ? [] : [objectKey(vhost, routingKey)];
  const readsHeaders = model.exchangeAt.get(objectKey(vhost, exchange))?.object.type === 'headers';
  if (routingKey !== undefined && !readsHeaders) {
    const { queues, unknown } = model.router.route({ vhost, exchange, routingKey });
    if (unknown === undefined) return queues.map((name) => objectKey(vhost, name));
  }
  const queues = new Set<string>();
  const seen = new Set([exchange]);
  for (const name of seen) {
    for (const { binding } of model.bindingsFrom.get(objectKey(vhost, name)) ?? []) {
      if (binding.destinationType === 'queue') queues.add(objectKey(vhost, binding.destination));
      else seen.add(binding.destination);
    }
  }
  return [...queues];
}

/** Does anything consume it by the drawing? */
const isConsumed = (model: BrokerModel, { id }: CheckedQueue) => model.links.consumed.has(id);

/** Nobody consumes it, and what it holds goes on by itself after a time. */
function isWaiting(model: BrokerModel, queue: CheckedQueue): boolean {
  const hasTtl = findSetting(queue, 'x-message-ttl') !== undefined;
  return hasTtl && findSetting(queue, 'x-dead-letter-exchange') !== undefined && !isConsumed(model, queue);
}

/** Is anything but dead letters sent to it: by bindings of exchanges that are not dead-letter exchanges, or by a publisher? */
function isFedOtherwise(model: BrokerModel, queue: CheckedQueue): boolean {
  const { vhost, name } = queue.object;
  const key = topologyKey('queue', vhost, name);
  if (model.feeds.published.has(key)) return true;
  const bindings = model.bindingsTo.get(key) ?? [];
  return bindings.some(({ binding }) => !model.feeds.deadLettered.has(topologyKey('exchange', vhost, binding.source)));
}

/** Does a source's dead letter end in this queue, rather than come back to be worked on? */
function isEnd(
  model: BrokerModel,
  reached: ReadonlyMap<string, CheckedQueue[]>,
  source: CheckedQueue,
  queue: CheckedQueue | undefined,
  key: string,
): boolean {
  if (!queue) return true;
  if (!isFedOtherwise(model, queue) && !isConsumed(model, queue)) return true;
  return !isWaiting(model, source) && !comesBack(reached, key, source);
}

/** Do dead letters of this queue reach the source again? */
function comesBack(reached: ReadonlyMap<string, CheckedQueue[]>, key: string, source: CheckedQueue): boolean {
  const back = objectKey(source.object.vhost, source.object.name);
  const seen = new Set([back]);
  for (const current of seen) {
    for (const { object } of reached.get(current) ?? []) {
      const from = objectKey(object.vhost, object.name);
      if (from === key) return true;
      seen.add(from);
    }
  }
  return false;
}
