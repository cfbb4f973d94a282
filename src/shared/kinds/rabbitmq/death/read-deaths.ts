import type { Death, DeathError } from '@shared/dead-letters/dead-letter';
import type { Json } from '@shared/flow/schema';
import { RETRY_HEADERS } from '@shared/traffic/retry-headers';
import { textHeader, timeOf, wholeHeader } from './headers';

type Headers = Record<string, Json>;

function isTable(value: Json | undefined): value is Headers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The deaths of a message, newest first: `x-death` of AMQP 0-9-1, `x-opt-deaths` of AMQP 1.0, else what `x-last-death-…` and
 * `x-first-death-…` tell. Entries that cannot be read are passed over. https://www.rabbitmq.com/docs/dlx#effects
 */
export function readDeaths(headers: Headers): Death[] {
  const listed = [headers['x-death'], headers['x-opt-deaths']].find((list) => Array.isArray(list)) as
    | Json[]
    | undefined;
  const deaths = (listed ?? []).flatMap((entry) => (isTable(entry) ? (readDeath(entry) ?? []) : []));
  if (deaths.length > 0) return deaths;
  const last = bareDeath(headers, 'x-last-death');
  const first = bareDeath(headers, 'x-first-death');
  const isSame = last && first && last.queue === first.queue && last.reason === first.reason;
  return [last, isSame ? undefined : first].flatMap((death) => death ?? []);
}

function readDeath(entry: Headers): Death | undefined {
  const queue = textHeader(entry, 'queue');
  if (queue === undefined) return undefined;
  const keys = entry['routing-keys'];
  // 3.10 and 4.x keep the time of the first of several like deaths; only AMQP 1.0 tells the last, too.
  const firstAt = timeOf(entry['first-time']) ?? timeOf(entry.time);
  const lastAt = timeOf(entry['last-time']);
  const originalExpiration = entry['original-expiration'];
  return {
    queue,
    reason: textHeader(entry, 'reason') ?? 'unknown',
    count: Math.max(1, wholeHeader(entry, 'count') ?? 1),
    exchange: textHeader(entry, 'exchange') ?? '',
    routingKeys: Array.isArray(keys) ? keys.filter((key) => typeof key === 'string') : [],
    ...(firstAt === undefined ? {} : { firstAt }),
    ...(lastAt === undefined ? {} : { lastAt }),
    ...(originalExpiration === undefined ? {} : { originalExpiration: String(originalExpiration) }),
  };
}

function bareDeath(headers: Headers, prefix: string): Death | undefined {
  const queue = textHeader(headers, `${prefix}-queue`);
  if (queue === undefined) return undefined;
  const reason = textHeader(headers, `${prefix}-reason`) ?? 'unknown';
  return { queue, reason, count: 1, exchange: textHeader(headers, `${prefix}-exchange`) ?? '', routingKeys: [] };
}

/**
 * The death that tells where a message belongs: the oldest that was no mere waiting. A message that expires in a delay queue
 * on its way died there first, but is at home where it was rejected.
 */
export function firstRealDeath(deaths: readonly Death[], headers: Headers): Death | undefined {
  const firstQueue = textHeader(headers, 'x-first-death-queue');
  const firstReason = textHeader(headers, 'x-first-death-reason');
  // The order of older entries is not reliable on 3.10; `x-first-death-…` is.
  const told = deaths.find(({ queue, reason }) => queue === firstQueue && reason === firstReason);
  if (told && told.reason !== 'expired') return told;
  const real = deaths.filter(({ reason }) => reason !== 'expired');
  return real.at(-1) ?? told ?? deaths.at(-1);
}

/** What a handler of Tapline, MassTransit or NServiceBus noted about the failure. */
export function readError(headers: Headers): DeathError | undefined {
  const type =
    textHeader(headers, 'MT-Fault-ExceptionType') ??
    textHeader(headers, 'NServiceBus.ExceptionInfo.ExceptionType') ??
    textHeader(headers, RETRY_HEADERS.errorType);
  const message =
    textHeader(headers, 'MT-Fault-Message') ??
    textHeader(headers, 'NServiceBus.ExceptionInfo.Message') ??
    textHeader(headers, RETRY_HEADERS.error);
  const retries = wholeHeader(headers, 'MT-Fault-RetryCount');
  const attempts = wholeHeader(headers, RETRY_HEADERS.attempts) ?? (retries === undefined ? undefined : retries + 1);
  if (type === undefined && message === undefined && attempts === undefined) return undefined;
  return {
    ...(type === undefined ? {} : { type }),
    ...(message === undefined ? {} : { message }),
    ...(attempts === undefined ? {} : { attempts }),
  };
}

/** The last reason, by the broker or by the library that moved the message. */
export function readReason(headers: Headers, deaths: readonly Death[], queue: string): string {
  if (textHeader(headers, 'MT-Fault-ExceptionType') !== undefined || textHeader(headers, 'MT-Reason') === 'fault')
    return 'fault';
  if (textHeader(headers, 'MT-Reason') === 'dead-letter' || queue.endsWith('_skipped')) return 'skipped';
  // Waiting between attempts is an expiry, too: what the handler noted at the last attempt says more.
  if (textHeader(headers, RETRY_HEADERS.queue) !== undefined) return 'failed';
  return deaths[0]?.reason ?? 'unknown';
}
