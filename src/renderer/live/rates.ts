import type { Counter } from '@shared/traffic/counter';

/** A rate is taken over about this long, so that a number does not flicker … */
const WINDOW_MS = 2000;
/** … but over this long where so little was counted in it that two seconds would show, of one a second, half or one and a half. */
const LONG_WINDOW_MS = 8000;
const LITTLE = 40;
/** Brokers renew their totals every five seconds or so: a total read again within that time and found the same says nothing. */
const RENEWED_WITHIN_MS = 6000;
/** Observations closer together than this replace one another. */
const MIN_SPACING_MS = 200;
/** A total that was not read again for so long has no rate any more. */
export const STALE_AFTER_MS = 15_000;

interface Point {
  at: number;
  value: number;
}

/** Turns a growing total into a rate per second. */
export interface RateMeter {
  /** Takes an observation; the same `asOf` twice is one observation. */
  observe: (counter: Counter) => void;
  /** Per second; null until two observations are there, and when the last is older than STALE_AFTER_MS. */
  perSecond: (now: number) => number | null;
}

/** Makes a meter. The broker's totals come every few seconds, Tapline's own ten times a second: both give a steady rate. */
export function createRateMeter(): RateMeter {
  let points: Point[] = [];
  return {
    observe({ asOf: at, value, source }) {
      const last = points.at(-1);
      if (value === null || (last && at <= last.at)) return;
      if (source === 'broker' && last && value === last.value && at - last.at < RENEWED_WITHIN_MS) return;
      if (last && value < last.value) points = [];
      const before = points.at(-2);
      if (last && before && last.at - before.at < MIN_SPACING_MS) points.pop();
      points.push({ at, value });
      // One point older than the window stays: the rate is taken from there.
      while (points.length > 2 && at - (points[1]?.at ?? at) >= LONG_WINDOW_MS) points.shift();
    },
    perSecond(now) {
      const last = points.at(-1);
      if (!last || now - last.at > STALE_AFTER_MS) return null;
      const first = findStart(points, last);
      return first && ((last.value - first.value) * 1000) / (last.at - first.at);
    },
  };
}

/** The point from which the rate up to `last` is taken; null where there is no other. */
function findStart(points: readonly Point[], last: Point): Point | null {
  const [oldest] = points;
  if (!oldest || oldest === last) return null;
  if (last.value - oldest.value < LITTLE) return oldest;
  return points.findLast(({ at }) => last.at - at >= WINDOW_MS) ?? oldest;
}
