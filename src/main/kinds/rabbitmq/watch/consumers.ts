import { groupBy } from '@shared/kinds/rabbitmq/group';
import { objectKey } from '@shared/kinds/rabbitmq/objects';
import type { CounterContext } from './read-management';
import type { ElsewhereHandler } from './subjects';

/** A consumer of the broker. */
export interface LiveConsumer {
  vhost: string;
  queue: string;
  tag: string;
  user: string;
  /** As the client named its connection, else that of its socket. */
  connectionName: string;
}

/** Is this live consumer the handler that was drawn? What is not given is not asked for. */
export function isConsumerOf(consumer: LiveConsumer, handler: ElsewhereHandler): boolean {
  const { queues, connectionName, consumerTag, user } = handler;
  return (
    queues.some(({ vhost, name }) => vhost === consumer.vhost && name === consumer.queue) &&
    (connectionName === undefined || connectionName === consumer.connectionName) &&
    (consumerTag === undefined || consumerTag === consumer.tag) &&
    (user === undefined || user === consumer.user)
  );
}

/** Sets the consumers of queues and of handlers that run elsewhere. */
export function reportConsumers(consumers: readonly LiveConsumer[], { sink, subjects, alone }: CounterContext): void {
  const { queues, elsewhere } = subjects();
  const perQueue = groupBy(consumers, ({ vhost, queue }) => objectKey(vhost, queue));
  for (const [key, drawn] of queues) sink.set(drawn, 'consumers', perQueue.get(key)?.length ?? 0, 'broker');
  alone.clear();
  for (const handler of elsewhere) {
    const all = handler.queues.flatMap(({ vhost, name }) => perQueue.get(objectKey(vhost, name)) ?? []);
    const own = all.filter((consumer) => isConsumerOf(consumer, handler));
    sink.set({ node: handler.node }, 'consumers', own.length, 'broker');
    if (own.length === all.length) alone.add(handler.node);
  }
}
