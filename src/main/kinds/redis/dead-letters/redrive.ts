import type { DeadLetter } from '@shared/dead-letters/dead-letter';
import { Failure } from '@shared/failure';
import { type Redis, ReplyError } from 'ioredis';
import type { Decision, RedriveCounts, RedriveRequest } from '../../dead-letters';
import type { ConnectionTarget } from '../../driver';
import { keepRate } from '../../keep-rate';
import { explainRedisError, openRedis } from '../connect';
import { readEntries } from './entries';
import { toDeadLetter } from './letter';
import { toRedriven } from './outgoing';

/** Entries that are added, recorded and deleted together. */
const BATCH_SIZE = 100;
/** So long at least a batch takes where a rate is given, so that entries go out evenly. */
const TICK_MS = 100;

interface Looked {
  id: string;
  fields: Buffer[];
  letter: DeadLetter;
  decision: Decision;
}

/**
 * Moves dead letters home: adds a batch to its streams, records that, then deletes it from the dead-letter stream. A crash at any moment
 * leaves every entry in the one, or the other, or both; never in none. What comes meanwhile is left alone. @throws Failure
 */
export async function redrive(target: ConnectionTarget, request: RedriveRequest): Promise<RedriveCounts> {
  const { queue, budget, signal, limit } = request;
  const counts: RedriveCounts = {
    looked: 0,
    redriven: 0,
    returned: 0,
    failed: 0,
    alreadySent: 0,
    skipped: 0,
    sawAll: true,
  };
  const redis = await openRedis(target, 'redrive');
  try {
    const [newest] = await readEntries(redis, queue.name, { newest: true, count: 1 });
    let after: string | undefined;
    while (newest && counts.looked < budget) {
      const isFull = limit !== undefined && counts.redriven >= limit;
      if (signal.aborted || isFull || request.isDone?.() === true) {
        counts.sawAll = false;
        break;
      }
      await request.mayGoOn();
      const startedAt = performance.now();
      const count = Math.min(batchSize(request, counts), budget - counts.looked);
      const batch = await readEntries(redis, queue.name, { after, until: newest.id, count });
      if (batch.length === 0) break;
      await settle(
        redis,
        request,
        batch.map(({ id, fields }): Looked => {
          const letter = toDeadLetter(id, fields, queue);
          return { id, fields, letter, decision: request.decide(letter) };
        }),
        counts,
      );
      after = batch.at(-1)?.id;
      request.onProgress({ ...counts });
      await keepRate(request, batch.length, performance.now() - startedAt);
    }
    return counts;
  } catch (error) {
    throw error instanceof Failure ? error : explainRedisError(target, error);
  } finally {
    redis.disconnect();
  }
}

function batchSize({ ratePerSecond, limit }: RedriveRequest, { redriven }: RedriveCounts): number {
  const byRate = ratePerSecond === undefined ? BATCH_SIZE : Math.ceil((ratePerSecond * TICK_MS) / 1000);
  return Math.max(1, Math.min(BATCH_SIZE, byRate, limit === undefined ? BATCH_SIZE : limit - redriven));
}

/** Deals with one batch; afterwards each of its entries is gone from the stream or stays as it is. */
async function settle(
  redis: Redis,
  { queue, record }: RedriveRequest,
  batch: Looked[],
  counts: RedriveCounts,
): Promise<void> {
  const sending = batch.filter(({ decision }) => decision.do === 'send');
  const dropped = batch.filter(({ decision }) => decision.do === 'drop');
  if (sending.length > 0) await record.sending(sending.map(({ id }) => id));
  const now = Date.now();
  const isAdded = await Promise.all(sending.map((looked) => add(redis, looked, now)));
  const added = sending.filter((_, index) => isAdded[index]);
  const refused = sending.filter((_, index) => !isAdded[index]);
  // Add, then delete: what is deleted is home for certain.
  if (added.length > 0) await record.confirmed(added.map(({ id }) => id));
  const gone = [...added, ...dropped].map(({ id }) => id);
  if (gone.length > 0) await redis.xdel(queue.name, ...gone);
  if (refused.length > 0) await record.returned(refused.map(({ id }) => id));
  counts.looked += batch.length;
  counts.redriven += added.length;
  counts.alreadySent += dropped.length;
  counts.failed += refused.length;
  counts.skipped += batch.length - sending.length - dropped.length;
}

/** False when Redis refuses it (another type of key, out of memory); rejects when the connection is lost. */
async function add(redis: Redis, { fields, letter, decision }: Looked, now: number): Promise<boolean> {
  if (decision.do !== 'send') return false;
  try {
    await redis.xadd(decision.home.routingKey, '*', ...toRedriven(fields, letter, decision.edit, now));
    return true;
  } catch (error) {
    if (error instanceof ReplyError) return false;
    throw error;
  }
}
