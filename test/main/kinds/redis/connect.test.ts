import { openRedis } from '@main/kinds/redis/connect';
import { redisDriver } from '@main/kinds/redis/index';
import { Failure } from '@shared/failure';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ordersStream } from '../../../shared/kinds/redis/drawing';
import { hasRedis, startRedis, type TestRedis } from '../../../support/redis';

const USERS = ['tapline-test-app', 'tapline-test-reader'] as const;
const [APP, READER] = USERS;

describe.skipIf(!hasRedis)('a connection to Redis', () => {
  let server: TestRedis;
  let admin: Redis;
  beforeAll(async () => {
    server = await startRedis();
    admin = new Redis(server.url, { protocol: 2 });
    await admin.acl('SETUSER', APP, 'on', '>s3cret/:', '~*', '&*', '+@all');
    await admin.acl('SETUSER', READER, 'on', '>s3cret', '~*', '+ping', '+info', '+hello', '+client');
  });
  afterAll(async () => {
    await admin?.acl('DELUSER', ...USERS);
    admin?.disconnect();
    await server?.stop();
  });
  const target = (user: string, password: string, rest = '') => {
    const { host } = new URL(server.url);
    return { broker: 'cache', url: `redis://${user}:${encodeURIComponent(password)}@${host}/${rest}` };
  };
  const failureOf = async (work: Promise<unknown>) => {
    const error = await work.then(() => undefined).catch((reason: unknown) => reason);
    return error instanceof Failure ? [error.code, error.message, error.hint] : error;
  };

  it('is opened as a user of its ACL, in the database asked for', async () => {
    const redis = await openRedis(target(APP, 's3cret/:', '3'), 'test');
    expect(await redis.acl('WHOAMI')).toBe(APP);
    expect(await redis.client('INFO')).toContain(' db=3 ');
    redis.disconnect();
  });

  it('with a wrong password, or to a database that is not there, says so', async () => {
    expect(await failureOf(openRedis(target(APP, 'wrong'), 'test'))).toEqual([
      'connect/credentials',
      `The broker “cache” does not accept user “${APP}” with this password.`,
      undefined,
    ]);
    expect(await failureOf(openRedis(target(APP, 's3cret/:', '9999'), 'test'))).toEqual([
      'connect/database',
      expect.stringContaining('has no database 9999'),
      undefined,
    ]);
  });

  it('whose user may not do what is needed names the command, not the password', async () => {
    const { flow } = ordersStream();
    const planning = redisDriver.plan(target(READER, 's3cret'), { flow, owned: new Set(), prune: false });
    expect(await failureOf(planning)).toEqual([
      'connect/permissions',
      expect.stringMatching(
        new RegExp(`^The user “${READER}” of the broker “cache” may not use the command [A-Z|]+\\.$`),
      ),
      expect.stringMatching(new RegExp(`^Allow it with ACL SETUSER ${READER} \\+`)),
    ]);
    const elsewhere = await failureOf(openRedis(target(READER, 's3cret', '3'), 'test'));
    expect(elsewhere).toEqual(['connect/permissions', expect.stringContaining('SELECT'), expect.any(String)]);
  });

  it('refuses options of the URL that nobody would read', async () => {
    expect(await failureOf(openRedis(target(APP, 's3cret/:', '?cacertfile=ca.pem'), 'test'))).toEqual([
      'connect/bad-url',
      'The URL of the broker “cache” has an option “cacertfile”; those of Redis have none.',
      expect.any(String),
    ]);
  });
});
