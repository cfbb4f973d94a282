import { derivedId, derivedLink } from '@shared/traffic/derived-id';
import type { TrafficEvent } from '@shared/traffic/event';
import { createNextAttempts } from '@shared/traffic/next-attempts';
import { describe, expect, it } from 'vitest';

const retried = (at: number, delayMs = 2000): TrafficEvent => ({
  seq: at,
  at,
  node: 'worker',
  link: 'consume',
  phase: 'retried',
  delayMs,
  sizeBytes: 1,
});
const id = derivedId('consume', 2000);
const following = (...events: TrafficEvent[]) => {
  const attempts = createNextAttempts();
  attempts.observe({ events, notSampled: 0, at: 10_000 });
  return attempts;
};

describe('ids of derived queues', () => {
  it('tell their link, whatever it is called', () => {
    expect(derivedLink(derivedId('a:b', 2000))).toBe('a:b');
    expect(derivedLink(derivedId('a', 'dead-letters'))).toBe('a');
    expect(derivedLink('billing-queue')).toBeUndefined();
  });
});

describe('the next attempt', () => {
  it('is that of the message that waits longest', () => {
    const attempts = following(retried(10_000), retried(10_500), retried(10_100, 4000));
    const depth = { value: 2, asOf: 10_600 };
    expect(attempts.next(id, 2000, depth, 10_600)).toEqual({ inMs: 1400, isAtMost: false });
    expect(attempts.next(id, 2000, { value: 1, asOf: 12_100 }, 12_100)).toEqual({ inMs: 400, isAtMost: false });
    expect(attempts.next(derivedId('consume', 4000), 4000, undefined, 12_100)).toEqual({ inMs: 2000, isAtMost: false });
  });

  it('is unknown but bounded where only the number of messages is known', () => {
    expect(createNextAttempts().next(id, 2000, { value: 3, asOf: 1 }, 1)).toEqual({ inMs: 2000, isAtMost: true });
    expect(createNextAttempts().next(id, 2000, undefined, 1)).toBeUndefined();
  });

  it('may be earlier where others wait that nobody saw', () => {
    const attempts = following(retried(10_000));
    expect(attempts.next(id, 2000, { value: 4, asOf: 10_500 }, 10_500)).toEqual({ inMs: 1500, isAtMost: true });
    attempts.observe({ events: [], notSampled: 7, at: 10_500 });
    expect(attempts.next(id, 2000, { value: 1, asOf: 10_500 }, 10_500)).toEqual({ inMs: 1500, isAtMost: true });
    expect(attempts.next(id, 2000, { value: 1, asOf: 11_900 }, 11_900)?.isAtMost).toBe(true);
  });

  it('is none when the waiting queue was emptied', () => {
    expect(following(retried(10_000)).next(id, 2000, { value: 0, asOf: 11_000 }, 11_000)).toBeUndefined();
  });

  it('is due at once when the time is over and the message is still there', () => {
    const attempts = following(retried(10_000));
    expect(attempts.next(id, 2000, { value: 1, asOf: 12_050 }, 12_050)).toEqual({ inMs: 0, isAtMost: false });
  });
});
