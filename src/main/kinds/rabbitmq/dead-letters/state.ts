import type { DeadLetterQueue, DeadLetterQueueState } from '@shared/dead-letters/dead-letter';
import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import { plainArgument } from '@shared/kinds/rabbitmq/argument-values';
import { findDeadLetterQueues } from '@shared/kinds/rabbitmq/death/find-queues';
import { deliveryLimitOf, readingTerms } from '@shared/kinds/rabbitmq/death/terms';
import type { ArgumentTable, RabbitFacts } from '@shared/kinds/rabbitmq/objects';
import type { ChannelModel } from 'amqplib';
import type { ConnectionTarget } from '../../driver';
import { ask } from '../ask';
import { closeQuietly } from '../close';
import { openConnection } from '../connect';
import { factsOf, readFacts } from '../facts';
import { findManagement, type ManagementClient } from '../management';
import { defaultVhost } from '../target';

/** A queue as it is now, with how many returns it allows. */
interface QueueNow {
  state: DeadLetterQueueState;
  deliveryLimit: number | null;
}

/** The dead-letter queues of a flow as they are now; no message is read. @throws Failure when the broker cannot be reached */
export async function listQueues(
  target: ConnectionTarget,
  { flow, signal }: { flow: Flow; signal?: AbortSignal },
): Promise<DeadLetterQueueState[]> {
  return withManagement(target, signal, async (client, facts) => {
    const queues = findDeadLetterQueues(flow, target.broker, facts);
    const connections = new Map<string, ChannelModel>();
    try {
      const states: DeadLetterQueueState[] = [];
      for (const queue of queues) {
        const connection = connections.get(queue.vhost) ?? (await openIn(target, queue.vhost));
        connections.set(queue.vhost, connection);
        states.push((await lookAt(connection, client, facts, queue, signal)).state);
      }
      return states;
    } finally {
      await Promise.all([...connections.values()].map(closeQuietly));
    }
  });
}

/** One queue as it is now. @throws Failure when the broker cannot be reached */
export async function stateOf(
  target: ConnectionTarget,
  queue: DeadLetterQueue,
  signal?: AbortSignal,
): Promise<QueueNow> {
  return withManagement(target, signal, async (client, facts) => {
    const connection = await openIn(target, queue.vhost);
    try {
      return await lookAt(connection, client, facts, queue, signal);
    } finally {
      await closeQuietly(connection);
    }
  });
}

const openIn = (target: ConnectionTarget, vhost: string) => openConnection(target, { purpose: 'dead letters', vhost });

/** With the management API where there is one; facts without it are those that a connection tells. */
async function withManagement<T>(
  target: ConnectionTarget,
  signal: AbortSignal | undefined,
  work: (client: ManagementClient | undefined, facts: RabbitFacts) => Promise<T>,
): Promise<T> {
  const { client } = await findManagement(target, signal).catch(() => ({ client: undefined }));
  if (client) {
    try {
      return await work(client, await readFacts(client, target, signal));
    } finally {
      client.close();
    }
  }
  const connection = await openConnection(target, { purpose: 'dead letters' });
  const facts = factsOf(connection, defaultVhost(target));
  await closeQuietly(connection);
  return work(undefined, facts);
}

/** Of `GET /api/queues/{vhost}/{name}`, as far as it is read. */
interface ApiQueueDetails {
  type?: string;
  arguments?: ArgumentTable;
  effective_policy_definition?: ArgumentTable | [];
}

async function lookAt(
  connection: ChannelModel,
  client: ManagementClient | undefined,
  facts: RabbitFacts,
  queue: DeadLetterQueue,
  signal: AbortSignal | undefined,
): Promise<QueueNow> {
  const { vhost, name } = queue;
  const path = `/api/queues/${encodeURIComponent(vhost)}/${encodeURIComponent(name)}?disable_stats=true`;
  const details = await client?.get<ApiQueueDetails>(path, signal).catch(unlessFailed);
  const reply = await ask(connection, (channel) => channel.checkQueue(name));
  const numbers = 'answer' in reply ? reply.answer : undefined;
  const policy = Array.isArray(details?.effective_policy_definition)
    ? {}
    : (details?.effective_policy_definition ?? {});
  const table = details?.arguments ?? {};
  const version = factsOf(connection, vhost).version;
  const limits = [plainArgument(table['x-delivery-limit']), policy['delivery-limit']].filter(
    (limit) => typeof limit === 'number',
  );
  const readable = {
    name,
    queueType: queueTypeOf(details),
    version: facts.version ?? version,
    deliveryLimit: limits.length === 0 ? undefined : smallest(limits),
    knowsPolicies: details !== undefined,
    hasDeadLetterExchange: 'x-dead-letter-exchange' in table || 'dead-letter-exchange' in policy,
    consumers: numbers?.consumerCount ?? null,
  };
  const state: DeadLetterQueueState = {
    ...queue,
    queueType: readable.queueType,
    depth: numbers?.messageCount ?? null,
    consumers: numbers?.consumerCount ?? null,
    ...('refused' in reply ? { problem: problemOf(name, reply.refused) } : {}),
    terms: readingTerms(readable),
  };
  return { state, deliveryLimit: deliveryLimitOf(readable) };
}

/** A negative limit means none, so that a real one is the smaller. */
function smallest(limits: number[]): number {
  const real = limits.filter((limit) => limit >= 0);
  return real.length > 0 ? Math.min(...real) : -1;
}

function queueTypeOf(details: ApiQueueDetails | undefined): DeadLetterQueueState['queueType'] {
  if (!details) return null;
  const type = details.type ?? plainArgument(details.arguments?.['x-queue-type']) ?? 'classic';
  return type === 'classic' || type === 'quorum' || type === 'stream' ? type : null;
}

function problemOf(name: string, { code, sentence }: { code: number; sentence: string }): string {
  if (code === 404) return `There is no queue ${name} in the broker: deploy the flow first.`;
  if (code === 405) return `${name} belongs to another connection alone: nobody else may look at it.`;
  return `${name} could not be looked at: ${sentence}.`;
}

function unlessFailed(error: unknown): undefined {
  if (error instanceof Failure) return undefined;
  throw error;
}
