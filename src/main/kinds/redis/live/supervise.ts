import type { BrokerStatus } from '@shared/traffic/frame';
import { Redis, type RedisOptions } from 'ioredis';
import type { ConnectionTarget } from '../../driver';
import { explainRedisError, openRedis, redisOptions } from '../connect';

/** Waits between attempts to reconnect; the last one repeats. */
const DELAYS_MS = [250, 500, 1000, 2000, 5000];
const LONGEST_MS = 5000;

export interface SuperviseOptions {
  purpose: string;
  onStatus?: (status: BrokerStatus) => void;
  /** The connection came back after it was lost. */
  onReconnected?: () => void;
  options?: RedisOptions;
}

/**
 * A connection that is opened again for as long as it takes; commands wait meanwhile, and those that had no answer are sent again.
 * The caller disconnects it. @throws Failure when the first attempt fails
 */
export async function superviseRedis(target: ConnectionTarget, supervise: SuperviseOptions): Promise<Redis> {
  const { purpose, onStatus = () => {}, onReconnected = () => {}, options = {} } = supervise;
  onStatus({ state: 'connecting' });
  try {
    // Tells what is wrong with address, password or database in one sentence, and does so before anything waits.
    (await openRedis(target, purpose)).disconnect();
  } catch (error) {
    onStatus({ state: 'failed', lastError: error instanceof Error ? error.message : String(error) });
    throw error;
  }
  let lastError = 'the server closed the connection';
  let wasLost = false;
  const redis = new Redis({
    ...redisOptions(target, purpose),
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => {
      wasLost = true;
      const delayMs = DELAYS_MS[attempt - 1] ?? LONGEST_MS;
      onStatus({ state: 'reconnecting', attempt, nextAttemptAt: Date.now() + delayMs, lastError });
      return delayMs;
    },
    ...options,
  });
  redis.on('error', (error) => {
    lastError = explainRedisError(target, error).message;
  });
  redis.on('ready', () => {
    onStatus({ state: 'connected', since: Date.now() });
    if (wasLost) onReconnected();
    wasLost = false;
  });
  await redis.connect();
  return redis;
}
