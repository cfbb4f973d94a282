import { randomBytes } from 'node:crypto';
import type { FieldTable } from '../codec/table';
import type { SandboxBroker } from './broker';
import { withCarbonCopies } from './carbon-copies';
import { DeadLettering } from './dead-lettering';
import { assertSameExchangeArguments, assertSameFlag, assertSameQueueArguments } from './equivalence';
import { AmqpError, closesConnection, locked, notFound, precondition, refused } from './errors';
import { Exchange, type ExchangeDeclaration } from './exchange';
import type { Message } from './message';
import { Queue, type QueueDeclaration, type QueueOwner } from './queue';
import { typeName, validateQueueArguments } from './queue-arguments';
import { type Hop, routeMessage } from './routing';

/** Exchange types the sandbox has; those of plugins are refused as RabbitMQ without the plugin does. */
const EXCHANGE_TYPES = ['direct', 'fanout', 'topic', 'headers'];

const PREDECLARED: [name: string, type: string, internal: boolean][] = [
  ['', 'direct', false],
  ['amq.direct', 'direct', false],
  ['amq.fanout', 'fanout', false],
  ['amq.topic', 'topic', false],
  ['amq.headers', 'headers', false],
  ['amq.match', 'headers', false],
  ['amq.rabbitmq.trace', 'topic', true],
];

/** A generated name as RabbitMQ makes them: prefix and 22 characters. */
export function generateName(prefix: string): string {
  return prefix + randomBytes(16).toString('base64url');
}

export interface PublishResult {
  routed: boolean;
  /** False when a queue refused it: the confirm is a nack. */
  accepted: boolean;
  /** The message as it was routed (BCC removed). */
  message: Message;
}

/** Receiver of direct replies. */
export interface ReplyConsumer {
  deliverReply: (message: Message) => void;
}

/** One virtual host: exchanges, queues, bindings, and the routing between them. */
export class Vhost {
  readonly queues = new Map<string, Queue>();
  readonly exchanges = new Map<string, Exchange>();
  readonly replyConsumers = new Map<string, ReplyConsumer>();
  readonly deadLetters = new DeadLettering(this);

  constructor(
    readonly broker: SandboxBroker,
    readonly name: string,
  ) {
    for (const [exchange, type, internal] of PREDECLARED)
      this.exchanges.set(
        exchange,
        new Exchange({ name: exchange, type, durable: true, autoDelete: false, internal, arguments: {} }),
      );
  }

  /** The queue of that name; 404 when there is none, 405 when it is another connection's. */
  queue(name: string, user?: QueueOwner): Queue {
    const queue = this.queues.get(name);
    if (!queue) throw notFound('queue', name, this.name);
    if (queue.owner && user && queue.owner !== user) throw locked(name, this.name);
    return queue;
  }

  exchange(name: string): Exchange {
    const exchange = this.exchanges.get(name);
    if (!exchange) throw notFound('exchange', name, this.name);
    return exchange;
  }

  declareQueue(declaration: QueueDeclaration, user: QueueOwner): Queue {
    const { name, owner } = declaration;
    const { fillsInQueueType } = this.broker.behaviour;
    const current = this.queues.get(name);
    if (current) {
      if (current.owner !== owner || (current.owner && current.owner !== user)) throw locked(name, this.name);
      assertSameFlag('queue', name, this.name, 'durable', current.durable, declaration.durable);
      assertSameFlag('queue', name, this.name, 'auto_delete', current.autoDelete, declaration.autoDelete);
      assertSameQueueArguments(name, this.name, current.arguments, declaration.arguments, fillsInQueueType);
      current.touch();
      return current;
    }
    if (name.startsWith('amq.')) throw refused(`queue name '${name}' contains reserved prefix 'amq.*'`);
    validateQueueArguments(declaration.arguments, name, this.name);
    if (declaration.arguments['x-queue-type'] === 'quorum') this.assertQuorumProperties(declaration);
    const queue = new Queue(this, { ...declaration, name: name || generateName('amq.gen-') });
    this.queues.set(queue.name, queue);
    owner?.exclusiveQueues.add(queue);
    this.changed();
    return queue;
  }

  private assertQuorumProperties({ name, durable, owner, autoDelete }: QueueDeclaration): void {
    const invalid = !durable ? 'non-durable' : owner ? 'exclusive-owner' : autoDelete ? 'auto-delete' : null;
    if (invalid) throw precondition(`invalid property '${invalid}' for queue '${name}' in vhost '${this.name}'`);
  }

  /** Returns how many ready messages went with it. Its messages are not dead-lettered, as in RabbitMQ. */
  deleteQueue(queue: Queue, conditions: { ifUnused?: boolean; ifEmpty?: boolean } = {}): number {
    const condition = conditions.ifEmpty ? 'if-empty' : conditions.ifUnused ? 'if-unused' : null;
    if (queue.isQuorum && condition)
      throw closesConnection(
        540,
        `cannot delete queue '${queue.name}' in vhost '${this.name}'. queue.delete operations with ${condition} flag set are not supported by quorum queues`,
      );
    if (conditions.ifEmpty && queue.ready > 0)
      throw precondition(`queue '${queue.name}' in vhost '${this.name}' not empty`);
    if (conditions.ifUnused && queue.consumers.length > 0)
      throw precondition(`queue '${queue.name}' in vhost '${this.name}' in use`);
    queue.deleted = true;
    queue.stopTimers();
    this.queues.delete(queue.name);
    queue.owner?.exclusiveQueues.delete(queue);
    for (const exchange of [...this.exchanges.values()])
      this.afterUnbinding(exchange, exchange.dropDestination('queue', queue.name));
    for (const consumer of queue.consumers.splice(0)) consumer.cancel();
    const messages = queue.purge();
    this.changed();
    return messages;
  }

  declareExchange(declaration: ExchangeDeclaration): void {
    const { name, type } = declaration;
    if (!EXCHANGE_TYPES.includes(type)) {
      const { unknownExchangeTypeCloses } = this.broker.behaviour;
      if (unknownExchangeTypeCloses === 'connection')
        throw new AmqpError(503, `unknown exchange type '${type}'`, 'connection');
      throw precondition(`unknown exchange type '${type}'`);
    }
    if (name === '') throw refused('operation not permitted on the default exchange');
    const current = this.exchanges.get(name);
    if (current) {
      assertSameFlag('exchange', name, this.name, 'type', current.type, type);
      assertSameFlag('exchange', name, this.name, 'durable', current.durable, declaration.durable);
      assertSameFlag('exchange', name, this.name, 'auto_delete', current.autoDelete, declaration.autoDelete);
      assertSameFlag('exchange', name, this.name, 'internal', current.internal, declaration.internal);
      assertSameExchangeArguments(name, this.name, current.arguments, declaration.arguments);
      return;
    }
    if (name.startsWith('amq.')) throw refused(`exchange name '${name}' contains reserved prefix 'amq.*'`);
    const alternate = declaration.arguments['alternate-exchange'];
    if (alternate !== undefined && typeof alternate !== 'string')
      throw precondition(
        `invalid type '${typeName(alternate)}' for arg 'alternate-exchange' in exchange '${name}' in vhost '${this.name}'`,
      );
    this.exchanges.set(name, new Exchange(declaration));
    this.changed();
  }

  deleteExchange(exchange: Exchange, conditions: { ifUnused?: boolean } = {}): void {
    if (conditions.ifUnused && exchange.bindings.size > 0)
      throw precondition(`exchange '${exchange.name}' in vhost '${this.name}' in use`);
    this.exchanges.delete(exchange.name);
    for (const other of [...this.exchanges.values()])
      this.afterUnbinding(other, other.dropDestination('exchange', exchange.name));
    this.changed();
  }

  bind(
    source: Exchange,
    destinationType: 'queue' | 'exchange',
    destination: string,
    routingKey: string,
    args: FieldTable,
  ): void {
    if (source.bind({ destinationType, destination, routingKey, arguments: args })) this.changed();
  }

  unbind(
    source: Exchange,
    destinationType: 'queue' | 'exchange',
    destination: string,
    routingKey: string,
    args: FieldTable,
  ): void {
    this.afterUnbinding(source, source.unbind({ destinationType, destination, routingKey, arguments: args }));
  }

  private afterUnbinding(source: Exchange, removed: number): void {
    if (removed === 0) return;
    this.changed();
    const isStillThere = this.exchanges.get(source.name) === source;
    if (source.autoDelete && source.bindings.size === 0 && isStillThere) this.deleteExchange(source);
  }

  /** Deletes every queue and every exchange that was declared. */
  clear(): void {
    this.deadLetters.clear();
    for (const queue of [...this.queues.values()]) this.deleteQueue(queue);
    for (const exchange of [...this.exchanges.values()]) {
      if (exchange.name === '' || exchange.name.startsWith('amq.')) exchange.clear();
      else this.exchanges.delete(exchange.name);
    }
    this.changed();
  }

  /** Routes a message to its queues. Dead-lettered copies leave after the publish is done, breadth first, as in RabbitMQ. */
  publish(exchange: Exchange, message: Message): PublishResult {
    const routed = withCarbonCopies(message);
    if (exchange.name === '' && routed.routingKey.startsWith('amq.rabbitmq.reply-to.')) {
      const receiver = this.replyConsumers.get(routed.routingKey);
      receiver?.deliverReply(routed);
      return { routed: receiver !== undefined, accepted: true, message: routed };
    }
    const hops: Hop[] | undefined = this.broker.observe ? [] : undefined;
    const queues = routeMessage(this, exchange, routed, hops);
    this.broker.observe?.({
      type: 'routed',
      vhost: this.name,
      message: routed,
      queues: queues.map((queue) => queue.name),
      hops: hops ?? [],
    });
    let accepted = true;
    this.deadLetters.after(() => {
      for (const queue of queues) if (!queue.push(routed)) accepted = false;
      routed.forgetDecoded();
    });
    return { routed: queues.length > 0, accepted, message: routed };
  }

  private changed(): void {
    this.broker.observe?.({ type: 'topology', vhost: this.name });
  }
}
