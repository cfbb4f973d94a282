/** Dots move along a line at this speed, flow units a second: only their density tells the rate. */
export const DOT_SPEED = 120;
/** Up to this rate every message is a dot. */
const ONE_BY_ONE_RATE = 8;
/** Dots a second for each tenfold of rate above that. */
const DOTS_PER_DECADE = 5;

/** How many dots a second stand for so many messages a second: one each while they can be told apart, then by magnitude. */
export function dotsPerSecond(ratePerSecond: number): number {
  if (ratePerSecond <= ONE_BY_ONE_RATE) return Math.max(0, ratePerSecond);
  return ONE_BY_ONE_RATE + DOTS_PER_DECADE * Math.log10(ratePerSecond / ONE_BY_ONE_RATE);
}

/** Radius in flow units; a little larger by magnitude. */
export function dotRadius(ratePerSecond: number): number {
  return 2 + Math.min(1.5, 0.4 * Math.log10(1 + ratePerSecond));
}

/** A dot on its way: distance from the start of the line, and whether it stands for a failure. */
export interface Dot {
  distance: number;
  isFailing: boolean;
}

/** The dots of one line. */
export interface DotStream {
  readonly dots: readonly Dot[];
  /** Moves on by so much time; dots past `length` are gone. */
  advance: (seconds: number, emit: { dotsPerSecond: number; failingShare: number }, length: number) => void;
  clear: () => void;
}

/** Longest step simulated at once: after a pause the line is not flooded with what was missed. */
const MAX_STEP_SECONDS = 0.1;

/** Makes an empty stream. Failing dots are spread evenly, so that a share of 0.2 is every fifth dot. */
export function createDotStream(): DotStream {
  let dots: Dot[] = [];
  let due = 0;
  let failingDue = 0;
  return {
    get dots() {
      return dots;
    },
    advance(elapsedSeconds, { dotsPerSecond: rate, failingShare }, length) {
      const seconds = Math.min(elapsedSeconds, MAX_STEP_SECONDS);
      for (const dot of dots) dot.distance += seconds * DOT_SPEED;
      dots = dots.filter(({ distance }) => distance <= length);
      due += seconds * rate;
      while (due >= 1) {
        due -= 1;
        failingDue += failingShare;
        const isFailing = failingDue >= 1;
        if (isFailing) failingDue -= 1;
        dots.push({ distance: rate > 0 ? (due / rate) * DOT_SPEED : 0, isFailing });
      }
    },
    clear() {
      dots = [];
      due = 0;
    },
  };
}
