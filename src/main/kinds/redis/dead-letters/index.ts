import type { DeadLetterQueue, DeadLetterQueueState, Home } from '@shared/dead-letters/dead-letter';
import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import { findDeadStreams } from '@shared/kinds/redis/dead-streams';
import type { Redis } from 'ioredis';
import type { DeadLetterDriver, ReadRequest, ReadResult } from '../../dead-letters';
import type { ConnectionTarget } from '../../driver';
import { withRedis } from '../connect';
import { readEntries } from './entries';
import { guessHomes, toDeadLetter } from './letter';
import { redrive } from './redrive';

/** Dead letters of Redis: entries of streams, which reading leaves as they are. */
export const redisDeadLetters: DeadLetterDriver = {
  isReadHarmless: true,
  find: findDeadStreams,
  guessHomes,
  reaches: (_flow, _queue, { routingKey }) => [routingKey],
  list,
  read,
  redrive,
  checkHome: (target, _vhost, home) => withRedis(target, 'dead-letters', (redis) => checkHome(redis, home)),
};

function list(target: ConnectionTarget, { flow }: { flow: Flow }): Promise<DeadLetterQueueState[]> {
  return withRedis(target, 'dead-letters', (redis) =>
    Promise.all(findDeadStreams(flow, target.broker).map((queue) => stateOf(redis, queue))),
  );
}

async function stateOf(redis: Redis, queue: DeadLetterQueue): Promise<DeadLetterQueueState> {
  const type = await redis.type(queue.name);
  const isThere = type === 'stream';
  return {
    ...queue,
    queueType: 'stream',
    // A stream is made by what is first added to it.
    depth: isThere ? await redis.xlen(queue.name) : type === 'none' ? 0 : null,
    consumers: null,
    ...(isThere || type === 'none' ? {} : { problem: `The key ${queue.name} holds a ${type}, not a stream.` }),
    terms: { isHarmless: true, costs: ['Costs nothing: entries are read where they lie, and stay there unchanged.'] },
  };
}

function read(target: ConnectionTarget, { queue, limit }: ReadRequest): Promise<ReadResult> {
  return withRedis(target, 'dead-letters', async (redis) => {
    const { problem } = await stateOf(redis, queue);
    if (problem !== undefined) throw new Failure('dead-letters/no-queue', problem, { object: queue.name });
    const entries = await readEntries(redis, queue.name, { count: limit });
    const letters = entries.map(({ id, fields }) => toDeadLetter(id, fields, queue));
    return { letters, notices: [], mayReadAgain: true };
  });
}

/** Adding makes a stream where there is none; only a key of another type is no home. */
async function checkHome(redis: Redis, { exchange, routingKey }: Home): Promise<string | null> {
  if (exchange !== '') return 'Redis has no exchanges: give a stream only.';
  const type = await redis.type(routingKey);
  return type === 'stream' || type === 'none' ? null : `The key ${routingKey} holds a ${type}, not a stream.`;
}
