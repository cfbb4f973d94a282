import { Holders } from '@main/sandbox/holders';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const TICK_MS = 5000;
let ended: number;
let holders: Holders;
const pass = (ticks: number) => vi.advanceTimersByTime(ticks * TICK_MS);

beforeEach(() => {
  vi.useFakeTimers();
  ended = 0;
  holders = new Holders(
    () => {
      ended += 1;
    },
    { tickMs: TICK_MS, ticks: 6 },
  );
});
afterEach(() => {
  holders.close();
  vi.useRealTimers();
});

describe('the holders of a sandbox', () => {
  it('whoever starts it has as long as a holder to make itself known', () => {
    pass(5);
    expect(ended).toBe(0);
    pass(1);
    expect(ended).toBe(1);
    expect(holders.renew('late')).toBe(false);
  });

  it('keep it as long as one of them is heard of', () => {
    holders.renew('window');
    holders.renew('command');
    pass(5);
    expect(holders.renew('window')).toBe(true);
    // The command was killed: not heard of any more.
    pass(5);
    expect([ended, holders.renew('window')]).toEqual([0, true]);
    pass(6);
    expect(ended).toBe(1);
  });

  it('end it at once when the last one lets go, and only then', () => {
    holders.renew('window');
    holders.renew('command');
    expect(holders.release('window')).toBe(false);
    expect([holders.release('command'), ended]).toEqual([true, 1]);
    pass(20);
    expect(ended).toBe(1);
  });

  it('do not end it again when it is closed for another reason', () => {
    holders.renew('window');
    holders.close();
    pass(20);
    expect([holders.renew('window'), ended]).toEqual([false, 0]);
  });
});
