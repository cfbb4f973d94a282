import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RedisServer } from '@main/sandbox/redis/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasRedis, NO_REDIS, startRedis, type TestRedis } from '../../support/redis';
import { SCENARIOS } from './scenarios';
import { type Answer, transcribe } from './transcript';

/** What redis-server 7.0.15 answered; `TAPLINE_RECORD=1` writes it anew from the server that is there. */
const FIXTURE = join(import.meta.dirname, '../../fixtures/transcripts/redis-7.0.json');
const recorded: Record<string, Answer[]> = existsSync(FIXTURE) ? JSON.parse(readFileSync(FIXTURE, 'utf8')) : {};

describe('the sandbox answers as Redis 7.0 does', () => {
  const bugs: unknown[] = [];
  const server = new RedisServer({ password: 'secret', reportBug: (bug) => bugs.push(bug) });
  let url: string;
  beforeAll(async () => {
    url = `redis://:secret@127.0.0.1:${await server.listen()}`;
  });
  afterAll(async () => {
    await server.close();
    expect(bugs).toEqual([]);
  });

  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    it(name, async () => {
      expect(await transcribe(url, scenario)).toEqual(recorded[name]);
    });
  }
});

describe.skipIf(!hasRedis)('a real redis-server answers as was recorded', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis.stop();
    if (process.env.TAPLINE_RECORD) writeFileSync(FIXTURE, `${JSON.stringify(recorded, null, 1)}\n`);
  });

  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    it(name, async () => {
      const answers = await transcribe(redis.url, scenario);
      if (process.env.TAPLINE_RECORD) recorded[name] = answers;
      else expect(answers).toEqual(recorded[name]);
    });
  }
});

if (!hasRedis) console.log(`skipped: the same against a real Redis (${NO_REDIS})`);
