import { RedisServer } from '@main/sandbox/redis/server';
import { hasRedis, NO_REDIS, startRedis } from '../../../support/redis';

export interface RunningRedis {
  url: string;
  stop: () => Promise<void>;
}

/** What tests of Redis run against; the sandbox is always there. */
export const SERVERS: Record<string, { isThere: boolean; start: () => Promise<RunningRedis> }> = {
  'the sandbox': {
    isThere: true,
    start: async () => {
      const server = new RedisServer({ password: 'secret' });
      return { url: `redis://:secret@127.0.0.1:${await server.listen()}`, stop: () => server.close() };
    },
  },
  'a real Redis': { isThere: hasRedis, start: () => startRedis() },
};
if (!hasRedis) console.log(`skipped: tests against a real Redis (${NO_REDIS})`);
