import { Failure } from '@shared/failure';
import { Redis, type RedisOptions } from 'ioredis';
import type { ConnectionTarget } from '../driver';
import { networkFailure } from '../network-failure';
import { tlsOptions } from '../tls';

/** A port that never answers is given up after this long. */
const CONNECT_TIMEOUT_MS = 5000;

/** A connection target taken apart. */
export interface RedisAddress {
  host: string;
  port: number;
  username?: string;
  password?: string;
  database: number;
  tls: boolean;
}

/** Reads `redis(s)://user:password@host:port/database`. @throws Failure `connect/bad-url` */
export function readRedisAddress({ broker, url }: Pick<ConnectionTarget, 'broker' | 'url'>): RedisAddress {
  const bad = (sentence: string) =>
    new Failure('connect/bad-url', sentence, { hint: 'Write it like redis://user@host:6379/0.', object: broker });
  let parsed: URL;
  try {
    parsed = new URL(url.trim());
  } catch {
    throw bad(`The URL of the broker “${broker}” cannot be read.`);
  }
  const scheme = parsed.protocol.slice(0, -1);
  if (scheme !== 'redis' && scheme !== 'rediss') {
    throw bad(
      `The URL of the broker “${broker}” begins with ${scheme}://; Redis is reached through redis:// or rediss://.`,
    );
  }
  const [option] = parsed.searchParams.keys();
  if (option !== undefined)
    throw bad(`The URL of the broker “${broker}” has an option “${option}”; those of Redis have none.`);
  const database = parsed.pathname.slice(1);
  if (!/^\d{0,4}$/.test(database)) {
    throw bad(`“${database}” in the URL of the broker “${broker}” is not the number of a database.`);
  }
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: Number(parsed.port || 6379),
    ...(parsed.username ? { username: decodeURIComponent(parsed.username) } : {}),
    ...(parsed.password ? { password: decodeURIComponent(parsed.password) } : {}),
    database: Number(database || 0),
    tls: scheme === 'rediss',
  };
}

/** What ioredis is told for a target; replies come as RESP2 gives them, so that every server answers alike. */
export function redisOptions(target: ConnectionTarget, purpose: string): RedisOptions {
  const { host, port, username, password, database, tls } = readRedisAddress(target);
  return {
    host,
    port,
    username,
    password,
    db: database,
    protocol: 2,
    connectionName: `Tapline-${purpose}`,
    connectTimeout: CONNECT_TIMEOUT_MS,
    lazyConnect: true,
    noDelay: true,
    ...(tls ? { tls: tlsOptions(target) } : {}),
  };
}

/** Opens one connection that is not opened again when it breaks. The caller disconnects it. @throws Failure `connect/…` */
export async function openRedis(target: ConnectionTarget, purpose: string): Promise<Redis> {
  const redis = new Redis({ ...redisOptions(target, purpose), retryStrategy: () => null, maxRetriesPerRequest: 0 });
  let last: unknown;
  // Without a listener ioredis prints; the reason of a refused connection comes only here.
  redis.on('error', (error) => {
    last = error;
  });
  try {
    await redis.connect();
    // ioredis goes on in database 0 when the one asked for is refused.
    const { database } = readRedisAddress(target);
    if (database !== 0) await redis.select(database);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw explainRedisError(target, last ?? error);
  }
}

/** Does some work on a connection of its own; what Redis refuses meanwhile is told in one sentence. @throws Failure */
export async function withRedis<T>(
  target: ConnectionTarget,
  purpose: string,
  work: (redis: Redis) => Promise<T>,
): Promise<T> {
  const redis = await openRedis(target, purpose);
  try {
    return await work(redis);
  } catch (error) {
    throw error instanceof Failure ? error : explainRedisError(target, error);
  } finally {
    redis.disconnect();
  }
}

/** One sentence for what went wrong while connecting, or that a command was refused. */
export function explainRedisError(target: ConnectionTarget, error: unknown): Failure {
  const { broker } = target;
  const { host, port, username = 'default', database } = readRedisAddress(target);
  const where = `${host}:${port}`;
  const { code, message } = error as { code?: string; message?: string };
  const fail = (reason: string, sentence: string, hint?: string, retryable = true) =>
    new Failure(`connect/${reason}`, sentence, { hint, object: broker, retryable, cause: error });
  const network = networkFailure(code ?? '', error, { broker, where, product: 'Redis' });
  if (network) return network;
  const [, command] = /^NOPERM.*'([^']+)'/.exec(message ?? '') ?? [];
  if (command !== undefined)
    return fail(
      'permissions',
      `The user “${username}” of the broker “${broker}” may not use the command ${command.toUpperCase()}.`,
      `Allow it with ACL SETUSER ${username} +${command}.`,
      false,
    );
  const reply = /^(WRONGPASS|NOAUTH|NOPERM|ERR DB index)/.exec(message ?? '')?.[1];
  if (reply === 'ERR DB index')
    return fail('database', `${where} has no database ${database} (broker “${broker}”).`, undefined, false);
  if (reply !== undefined) {
    return fail(
      'credentials',
      `The broker “${broker}” does not accept user “${username}” with this password.`,
      undefined,
      false,
    );
  }
  return fail('failed', `The broker “${broker}” at ${where} closed the connection${message ? `: ${message}` : '.'}`);
}
