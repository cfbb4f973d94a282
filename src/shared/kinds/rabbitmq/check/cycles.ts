import type { Problem } from '@shared/flow/problem';
import { docs } from '../docs';
import { objectKey } from '../objects';
import { nodeSubject, type Rule, say } from './finding';
import { type BrokerModel, type CheckedQueue, findNumber, findText } from './model';

/** Queues that an exchange leads to whatever the key, alternates included. */
function findReachable(model: BrokerModel, vhost: string, start: string): Set<string> {
  const queues = new Set<string>();
  const seen = new Set([start]);
  const waiting = [start];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const next: string[] = [];
    for (const { binding } of model.bindingsFrom.get(objectKey(vhost, name)) ?? []) {
      if (binding.destinationType === 'queue') queues.add(binding.destination);
      else next.push(binding.destination);
    }
    const exchange = model.exchangeAt.get(objectKey(vhost, name));
    const alternate = exchange && findText(exchange, 'alternate-exchange');
    if (alternate) next.push(alternate);
    for (const other of next) {
      if (seen.has(other)) continue;
      seen.add(other);
      waiting.push(other);
    }
  }
  return queues;
}

/** Do messages of a queue die by themselves: by age or by number? */
function diesByItself(queue: CheckedQueue): boolean {
  if (findNumber(queue, 'x-message-ttl') !== undefined) return true;
  const isLimited =
    findNumber(queue, 'x-max-length') !== undefined || findNumber(queue, 'x-max-length-bytes') !== undefined;
  return isLimited && findText(queue, 'x-overflow') !== 'reject-publish';
}

/** For each queue the queues its dead letters may reach. Messages keep their key where none is set, so any key counts then. */
function findDeathEdges(model: BrokerModel, consumed: ReadonlySet<string>): Map<CheckedQueue, CheckedQueue[]> {
  const reachable = new Map<string, Set<string>>();
  const edges = new Map<CheckedQueue, CheckedQueue[]>();
  for (const queue of model.queues) {
    const exchange = findText(queue, 'x-dead-letter-exchange');
    if (exchange === undefined || queue.queueType === 'stream') continue;
    if (!consumed.has(queue.id) && !diesByItself(queue)) continue;
    const { vhost, name } = queue.object;
    const key = findText(queue, 'x-dead-letter-routing-key');
    const targets = findTargets(model, reachable, vhost, exchange, key, name);
    const drawn = [...targets].flatMap((target) => model.queueAt.get(objectKey(vhost, target)) ?? []);
    edges.set(queue, drawn);
  }
  return edges;
}

function findTargets(
  model: BrokerModel,
  reachable: Map<string, Set<string>>,
  vhost: string,
  exchange: string,
  key: string | undefined,
  queueName: string,
): Iterable<string> {
  // Without a key of its own a dead letter in the default exchange goes back to the queue it was published to.
  if (exchange === '') return [key ?? queueName];
  if (key !== undefined) {
    const { queues, unknown } = model.router.route({ vhost, exchange, routingKey: key });
    if (unknown === undefined && queues.length > 0) return queues;
  }
  const at = objectKey(vhost, exchange);
  const known = reachable.get(at) ?? findReachable(model, vhost, exchange);
  reachable.set(at, known);
  return known;
}

/** Groups of queues that lead back to one another (Tarjan's strongly connected components, without recursion). */
function findLoops(edges: Map<CheckedQueue, CheckedQueue[]>): CheckedQueue[][] {
  const order = new Map<CheckedQueue, number>();
  const low = new Map<CheckedQueue, number>();
  const stack: CheckedQueue[] = [];
  const onStack = new Set<CheckedQueue>();
  const loops: CheckedQueue[][] = [];
  for (const start of edges.keys()) {
    if (order.has(start)) continue;
    const path: { queue: CheckedQueue; next: number }[] = [{ queue: start, next: 0 }];
    while (path.length > 0) {
      const frame = path.at(-1);
      if (!frame) break;
      const { queue } = frame;
      if (frame.next === 0) {
        order.set(queue, order.size);
        low.set(queue, order.get(queue) ?? 0);
        stack.push(queue);
        onStack.add(queue);
      }
      const targets = edges.get(queue) ?? [];
      const target = targets[frame.next++];
      if (target) {
        if (!order.has(target)) path.push({ queue: target, next: 0 });
        else if (onStack.has(target)) low.set(queue, Math.min(low.get(queue) ?? 0, order.get(target) ?? 0));
        continue;
      }
      path.pop();
      const parent = path.at(-1)?.queue;
      if (parent) low.set(parent, Math.min(low.get(parent) ?? 0, low.get(queue) ?? 0));
      if (low.get(queue) !== order.get(queue)) continue;
      const group: CheckedQueue[] = [];
      for (let member = stack.pop(); member; member = stack.pop()) {
        onStack.delete(member);
        group.unshift(member);
        if (member === queue) break;
      }
      if (group.length > 1 || targets.includes(queue)) loops.push(group);
    }
  }
  return loops;
}

/**
 * Dead letters that come back to a queue they died in. RabbitMQ drops a message that goes round without a reject; with one
 * it goes round for ever.
 */
export const checkDeadLetterCycles: Rule = (model) => {
  const { consumed } = model.links;
  const drawsHandlers = consumed.size > 0;
  return findLoops(findDeathEdges(model, consumed)).flatMap((loop): Problem[] => {
    const [first] = loop;
    if (!first || loop.every(({ ownership }) => ownership === 'ignored')) return [];
    const way = [...loop, first].map(({ object }) => say(object.name)).join(' → ');
    const common = { subject: nodeSubject(first.id), docsUrl: docs.deadLetterCycles };
    if (loop.some(({ id }) => consumed.has(id))) {
      const message = `Dead letters go round: ${way}. A message that is always rejected circles for ever unless its handler counts attempts.`;
      return [{ ...common, code: 'queue/dead-letter-loop', severity: 'hint', message }];
    }
    const message = drawsHandlers
      ? `Dead letters go round: ${way}, and no handler in there rejects them. RabbitMQ silently drops a message the second time it comes by.`
      : `Dead letters go round: ${way}. Unless a consumer rejects them on the way, RabbitMQ silently drops a message the second time it comes by.`;
    return [{ ...common, code: 'queue/dead-letter-cycle', severity: drawsHandlers ? 'error' : 'warning', message }];
  });
};
