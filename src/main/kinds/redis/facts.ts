import type { RedisFacts } from '@shared/kinds/redis/objects';
import type { Redis } from 'ioredis';

/** Reads what `INFO` tells; users without the permission for it get none of it. */
export async function readFacts(redis: Redis): Promise<RedisFacts> {
  let text: string;
  try {
    text = await redis.info();
  } catch {
    return { product: 'Redis' };
  }
  const value = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1];
  const mode = value('redis_mode');
  const version = value('redis_version');
  return {
    product: 'Redis',
    ...(version === undefined ? {} : { version }),
    ...(mode === 'standalone' || mode === 'cluster' || mode === 'sentinel' ? { mode } : {}),
  };
}
