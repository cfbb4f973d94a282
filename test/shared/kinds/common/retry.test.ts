import {
  attemptTimes,
  isRetried,
  jitteredDelays,
  longestRetryMs,
  retryDelays,
  retryPolicyOf,
  retryPolicySchema,
} from '@shared/kinds/common/retry';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const policy = (settings: object = {}) => retryPolicySchema.parse(settings);

describe('retry delays', () => {
  it('are 2 s and 4 s by default', () => {
    expect(retryDelays(policy())).toEqual([2000, 4000]);
    expect(longestRetryMs(policy())).toBe(6000);
  });

  it('add up to the times of the attempts, as early and as late as jitter makes them', () => {
    expect(attemptTimes(policy({ jitter: true }))).toEqual([
      { attempt: 1, atMs: 0, earliestMs: 0, latestMs: 0 },
      { attempt: 2, atMs: 2000, earliestMs: 1600, latestMs: 2400 },
      { attempt: 3, atMs: 6000, earliestMs: 4800, latestMs: 7200 },
    ]);
  });

  it('stay, rise evenly or multiply, up to the cap', () => {
    const base = { attempts: 5, firstDelayMs: 100, maxDelayMs: 350 };
    expect(retryDelays(policy({ ...base, backoff: 'fixed' }))).toEqual([100, 100, 100, 100]);
    expect(retryDelays(policy({ ...base, backoff: 'linear' }))).toEqual([100, 200, 300, 350]);
    expect(retryDelays(policy({ ...base, backoff: 'exponential', factor: 3 }))).toEqual([100, 300, 350, 350]);
  });

  it('never fall, whatever the policy', () => {
    const policies = fc.record({
      attempts: fc.integer({ min: 1, max: 20 }),
      backoff: fc.constantFrom('fixed', 'linear', 'exponential'),
      firstDelayMs: fc.integer({ min: 1, max: 100_000 }),
      factor: fc.integer({ min: 1, max: 10 }),
      maxDelayMs: fc.integer({ min: 1, max: 86_400_000 }),
    });
    fc.assert(
      fc.property(policies, (settings) => {
        const delays = retryDelays(policy(settings));
        expect(delays).toHaveLength(settings.attempts - 1);
        expect(delays).toEqual([...delays].sort((a, b) => a - b));
        expect(delays.every((delay) => delay >= 1 && delay <= settings.maxDelayMs)).toBe(true);
      }),
    );
  });

  it('spread over three with jitter', () => {
    expect(jitteredDelays(1000, policy({ jitter: true }))).toEqual([800, 1000, 1200]);
    expect(jitteredDelays(1000, policy())).toEqual([1000]);
  });
});

it('tries again only failures that the policy names, and not for ever', () => {
  expect(isRetried(policy(), 1, 'Error')).toBe(true);
  expect(isRetried(policy(), 3, 'Error')).toBe(false);
  expect(isRetried(policy({ only: ['timeout'] }), 1, 'Error')).toBe(false);
  expect(isRetried(policy({ only: ['timeout'] }), 1, 'timeout')).toBe(true);
  expect(isRetried(policy({ never: ['http 400'] }), 1, 'http 400')).toBe(false);
});

it('is absent from links without one, and from links whose policy cannot be read', () => {
  expect(retryPolicyOf({})).toBeUndefined();
  expect(retryPolicyOf({ retry: { attempts: 'many' } })).toBeUndefined();
  expect(retryPolicyOf({ retry: {} })?.attempts).toBe(3);
});
