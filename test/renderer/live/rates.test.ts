import { createRateMeter } from '@renderer/live/rates';
import { describe, expect, it } from 'vitest';

const BEGIN = 1_000_000;

/** Rates shown, ten times a second, of a total that grows evenly from the first moment on. */
function ratesShown(perSecond: number, seconds: number, everyMs = 100): number[] {
  const meter = createRateMeter();
  const shown: number[] = [];
  for (let ms = 0; ms <= seconds * 1000; ms += everyMs) {
    const at = BEGIN + ms;
    const value = Math.floor((ms / 1000) * perSecond);
    meter.observe({ value, source: 'own', completeness: 'exact', asOf: at });
    shown.push(meter.perSecond(at) ?? Number.NaN);
  }
  return shown;
}

describe('a rate', () => {
  it.each([1, 4, 60, 20_000])('of %i a second is shown within a seventh of it, once it is steady', (perSecond) => {
    for (const rate of ratesShown(perSecond, 30).slice(90)) {
      expect(Math.abs(rate - perSecond) / perSecond).toBeLessThan(1 / 7);
    }
  });

  it('of about one a second, which never comes on the beat, is steady too', () => {
    const times = Array.from({ length: 60 }, (_, second) => second * 1000 + 450 * Math.sin(second * 7));
    const meter = createRateMeter();
    for (let ms = 0; ms <= 50_000; ms += 100) {
      const value = times.filter((time) => time <= ms).length;
      meter.observe({ value, source: 'own', completeness: 'exact', asOf: BEGIN + ms });
      if (ms < 10_000) continue;
      expect(Math.abs((meter.perSecond(BEGIN + ms) ?? Number.NaN) - 1)).toBeLessThan(0.25);
    }
  });

  it.each([4, 8, 200])(
    'of a broker that renews its totals every five seconds is %i, however often they are read',
    (rate) => {
      const meter = createRateMeter();
      const shown: (number | null)[] = [];
      for (let second = 0; second <= 60; second++) {
        const at = BEGIN + second * 1000;
        meter.observe({ value: rate * 5 * Math.floor(second / 5), source: 'broker', completeness: 'exact', asOf: at });
        shown.push(meter.perSecond(at));
      }
      expect(new Set(shown.slice(5))).toEqual(new Set([rate]));
    },
  );

  it('of a broker whose totals stay the same goes to nothing', () => {
    const meter = createRateMeter();
    for (let second = 0; second <= 40; second++) {
      const at = BEGIN + second * 1000;
      meter.observe({ value: Math.min(second, 10) * 100, source: 'broker', completeness: 'exact', asOf: at });
    }
    expect(meter.perSecond(BEGIN + 40_000)).toBe(0);
  });

  it('follows a stop within the short window where much was counted', () => {
    const meter = createRateMeter();
    for (let ms = 0; ms <= 10_000; ms += 100) {
      meter.observe({ value: Math.min(ms, 5000), source: 'own', completeness: 'exact', asOf: BEGIN + ms });
    }
    expect(meter.perSecond(BEGIN + 10_000)).toBe(0);
  });

  it('is not known of one observation, nor when nothing was read for long', () => {
    const meter = createRateMeter();
    meter.observe({ value: 5, source: 'own', completeness: 'exact', asOf: BEGIN });
    expect(meter.perSecond(BEGIN)).toBeNull();
    meter.observe({ value: 6, source: 'own', completeness: 'exact', asOf: BEGIN + 1000 });
    expect(meter.perSecond(BEGIN + 1000)).toBe(1);
    expect(meter.perSecond(BEGIN + 60_000)).toBeNull();
  });
});
