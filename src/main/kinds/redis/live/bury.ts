import type { DEATH_FIELDS } from '@shared/kinds/redis/death-fields';
import { type Redis, ReplyError } from 'ioredis';

export interface Burial {
  stream: string;
  group: string;
  /** Stream that it goes to. */
  dead: string;
  id: string;
  fields: readonly Buffer[];
  /** How often it was delivered. */
  attempt: number;
  reason: string;
  failureType: string;
}

/** Between attempts while Redis is away. */
const AGAIN_MS = 250;

/**
 * Adds an entry to the dead-letter stream and acknowledges it, both or neither. When the connection is lost meanwhile, the group is asked whether
 * it still owes the entry before it is tried again, so that it is buried once. The connection must fail what it has no answer to rather
 * than send it again (`maxRetriesPerRequest: 0`). @throws ReplyError what Redis refuses
 */
export async function buryEntry(redis: Redis, burial: Burial): Promise<void> {
  for (;;) {
    try {
      return await tryToBury(redis, burial);
    } catch (error) {
      if (error instanceof ReplyError || redis.status === 'end') throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

async function tryToBury(redis: Redis, { fields, ...burial }: Burial): Promise<void> {
  const { stream, group, dead, id } = burial;
  const owed = (await redis.xpending(stream, group, id, id, 1)) as unknown[];
  if (owed.length === 0) return;
  // A transaction is not undone when a command of it fails: the entry would be acknowledged all the same.
  const type = await redis.type(dead);
  if (type !== 'stream' && type !== 'none') throw new ReplyError(`The key “${dead}” holds a ${type}, not a stream.`);
  const death = Object.entries(deathOf(burial)).flat();
  const replies = await redis
    .multi()
    .xadd(dead, '*', ...fields, ...death)
    .xack(stream, group, id)
    .exec();
  const failed = replies?.find(([error]) => error)?.[0];
  if (failed) throw failed;
}

function deathOf(burial: Omit<Burial, 'fields'>): Record<(typeof DEATH_FIELDS)[number], string> {
  const { stream, group, id, attempt, reason, failureType } = burial;
  return {
    'x-origin-stream': stream,
    'x-origin-id': id,
    'x-group': group,
    'x-deliveries': String(attempt),
    'x-reason': reason,
    'x-failure-type': failureType,
    'x-dead-at': new Date().toISOString(),
  };
}
