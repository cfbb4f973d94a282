import type { DeadLetterQueue, Home } from '@shared/dead-letters/dead-letter';
import type { Flow } from '@shared/flow/schema';
import { findDeadLetterQueues } from '@shared/kinds/rabbitmq/death/find-queues';
import { findHomes } from '@shared/kinds/rabbitmq/death/homes';
import { resolveTopology } from '@shared/kinds/rabbitmq/resolve';
import { compileRouter } from '@shared/kinds/rabbitmq/route/router';
import type { DeadLetterDriver } from '../../dead-letters';
import type { ConnectionTarget } from '../../driver';
import { ask } from '../ask';
import { closeQuietly } from '../close';
import { openConnection } from '../connect';
import { read } from './read';
import { redrive } from './redrive';
import { listQueues } from './state';

/** Dead letters of RabbitMQ. */
export const rabbitDeadLetters: DeadLetterDriver = {
  find: findDeadLetterQueues,
  guessHomes: ({ name, sources }) => findHomes({}, [], { queue: name, sources }),
  reaches,
  list: listQueues,
  read,
  redrive,
  checkHome,
};

function reaches(flow: Flow, { broker, vhost }: DeadLetterQueue, { exchange, routingKey }: Home): string[] | null {
  if (exchange === '') return [routingKey];
  const { topology } = resolveTopology(flow, broker, { defaultVhost: vhost });
  const { queues, unknown } = compileRouter(topology).route({ vhost, exchange, routingKey });
  return unknown === undefined ? queues : null;
}

async function checkHome(target: ConnectionTarget, vhost: string, home: Home): Promise<string | null> {
  const connection = await openConnection(target, { purpose: 'dead letters', vhost });
  try {
    const { exchange, routingKey } = home;
    const isQueue = exchange === '';
    const reply = await ask<unknown>(connection, (channel) =>
      isQueue ? channel.checkQueue(routingKey) : channel.checkExchange(exchange),
    );
    if ('answer' in reply) return null;
    if (reply.refused.code === 404)
      return isQueue ? `There is no queue ${routingKey}.` : `There is no exchange ${exchange}.`;
    return reply.refused.sentence;
  } finally {
    await closeQuietly(connection);
  }
}
