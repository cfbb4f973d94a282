import { z } from 'zod';

/** Longest delay a policy may ask for: a day. */
const MAX_DELAY_MS = 86_400_000;

/**
 * When a failed message is tried again: a setting of the consume link, `settings.retry`; absent means never.
 * Defaults are the usual ones: 3 attempts in all, 2 s before the second and 4 s before the third.
 */
export const retryPolicySchema = z.looseObject({
  /** The first one counted. */
  attempts: z.number().int().min(1).max(20).default(3),
  /**
   * Where a message waits: in queues of the broker made for it, unacknowledged in the memory of who handles it, or nowhere, given
   * back to its queue at once.
   */
  wait: z.enum(['queues', 'memory', 'requeue']).default('queues'),
  backoff: z.enum(['fixed', 'linear', 'exponential']).default('exponential'),
  /** Before the second attempt, milliseconds. */
  firstDelayMs: z.number().int().min(1).max(MAX_DELAY_MS).default(2000),
  /** Exponential: each delay is so many times the one before. */
  factor: z.number().min(1).max(10).default(2),
  /** No delay is longer, milliseconds. */
  maxDelayMs: z.number().int().min(1).max(MAX_DELAY_MS).default(300_000),
  /** Spreads attempts over three fixed delays around the one computed, so that failures of one moment do not return in one. */
  jitter: z.boolean().default(false),
  /** Only failures of these types are tried again; empty: all. The others are dead-lettered at once. */
  only: z.array(z.string()).default([]),
  /** Failures of these types are never tried again. */
  never: z.array(z.string()).default([]),
});
export type RetryPolicy = z.infer<typeof retryPolicySchema>;

/** Shares of a delay that jitter chooses between. */
const JITTER_SHARES = [0.8, 1, 1.2] as const;

/** The delay before attempt 2, before attempt 3, …, milliseconds: one fewer than there are attempts. */
export function retryDelays(policy: RetryPolicy): number[] {
  const { attempts, backoff, firstDelayMs, factor, maxDelayMs } = policy;
  return Array.from({ length: attempts - 1 }, (_, index) => {
    const grown = { fixed: 1, linear: index + 1, exponential: factor ** index }[backoff];
    return Math.min(Math.round(firstDelayMs * grown), maxDelayMs);
  });
}

/** The delays an attempt may get: one, or with jitter three around it. */
export function jitteredDelays(delayMs: number, { jitter }: Pick<RetryPolicy, 'jitter'>): number[] {
  return jitter ? JITTER_SHARES.map((share) => Math.max(1, Math.round(delayMs * share))) : [delayMs];
}

/** One attempt, with when it comes: milliseconds after the first failure, handling not counted. */
export interface AttemptTime {
  /** 1 for the first. */
  attempt: number;
  atMs: number;
  /** The same as `atMs` without jitter. */
  earliestMs: number;
  latestMs: number;
}

/** When the attempts of a policy come, if every one fails. */
export function attemptTimes(policy: RetryPolicy): AttemptTime[] {
  let last: AttemptTime = { attempt: 1, atMs: 0, earliestMs: 0, latestMs: 0 };
  const times = [last];
  for (const delay of retryDelays(policy)) {
    const choices = jitteredDelays(delay, policy);
    last = {
      attempt: last.attempt + 1,
      atMs: last.atMs + delay,
      earliestMs: last.earliestMs + Math.min(...choices),
      latestMs: last.latestMs + Math.max(...choices),
    };
    times.push(last);
  }
  return times;
}

/** Longest time from the first failure to the last attempt, milliseconds; handling itself comes on top. */
export function longestRetryMs(policy: RetryPolicy): number {
  return retryDelays(policy).reduce((sum, delay) => sum + Math.max(...jitteredDelays(delay, policy)), 0);
}

/** Is a failure of this type after this attempt (1 for the first) tried again? */
export function isRetried(policy: RetryPolicy, attempt: number, failureType: string): boolean {
  if (attempt >= policy.attempts || policy.never.includes(failureType)) return false;
  return policy.only.length === 0 || policy.only.includes(failureType);
}

/** The policy of a consume link's settings; undefined when there is none, or none that can be read (the check says so). */
export function retryPolicyOf(settings: Readonly<Record<string, unknown>>): RetryPolicy | undefined {
  if (settings.retry === undefined || settings.retry === null) return undefined;
  return retryPolicySchema.safeParse(settings.retry).data;
}

/** Says which attempt comes, and when. */
export function describeRetry(
  reason: string,
  attempts: number | undefined,
  { attempt, delayMs }: { attempt: number; delayMs: number },
): string {
  const when = delayMs === 0 ? 'at once' : `in ${delayMs / 1000} s`;
  return `Attempt ${attempt}${attempts === undefined ? '' : ` of ${attempts}`} ${when}. ${reason}`;
}
