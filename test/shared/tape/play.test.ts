import { createPlayer } from '@shared/tape/play';
import type { TapeLine } from '@shared/tape/tape';
import type { Frame } from '@shared/traffic/frame';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { header, linesArbitrary } from './arbitraries';

const START = header.startedAt;
const event = (at: number, messageId: string): TapeLine => ({
  t: START + at,
  event: { seq: 7, at: START + at, node: 'orders', phase: 'published', sizeBytes: 1, messageId },
});
const counters = (at: number, value: number, more: object = {}): TapeLine => ({
  t: START + at,
  frame: {
    counters: {
      nodes: { orders: { published: { value, source: 'own', completeness: 'exact', asOf: START + at } } },
      links: {},
    },
    ...more,
  },
});
const play = (lines: TapeLine[]) => createPlayer({ header, lines, ending: { isTorn: false } }, 'tape');
const jump = { epoch: '', cursor: 0, from: START };
const told = (frames: Frame[]) => {
  const last = frames.at(-1)!;
  return {
    value: last.counters.nodes['orders']?.published?.value,
    messages: last.events.map(({ messageId }) => messageId),
    notSampled: last.notSampled,
  };
};

describe('playing a tape', () => {
  const tape = () =>
    play([
      event(100, 'a'),
      counters(500, 1),
      event(1200, 'b'),
      counters(1500, 2, { missed: 5 }),
      event(4000, 'c'),
      counters(5000, 3),
    ]);

  it('tells what was at a moment: counters, messages until then, and how many are missing', () => {
    const { frames } = tape();
    const at = (ms: number) => told(frames({ ...jump, at: START + ms }));
    expect(at(0)).toEqual({ value: undefined, messages: [], notSampled: 0 });
    expect(at(1300)).toEqual({ value: 1, messages: ['a', 'b'], notSampled: 0 });
    expect(at(4500)).toEqual({ value: 2, messages: ['a', 'b', 'c'], notSampled: 5 });
    expect(at(99_000)).toEqual({ value: 3, messages: ['a', 'b', 'c'], notSampled: 5 });
  });

  it('leads to a moment by the seconds before it, so that rates are known', () => {
    expect(
      tape()
        .frames({ ...jump, at: START + 4500 })
        .map(({ at }) => at - START),
    ).toEqual([2500, 3500, 4500]);
  });

  it('goes on in the same epoch forward, and begins anew backward', () => {
    const { frames } = tape();
    const [first] = frames({ ...jump, at: START + 600 }).slice(-1) as [Frame];
    const on = frames({ ...first, from: first.at, at: START + 2000 });
    expect([on.at(-1)?.epoch, told(on)]).toEqual([first.epoch, { value: 2, messages: ['b'], notSampled: 5 }]);
    const back = frames({ ...on.at(-1)!, from: START + 2000, at: START + 150 });
    expect(back.at(-1)?.epoch).not.toBe(first.epoch);
    expect(told(back)).toEqual({ value: undefined, messages: ['a'], notSampled: 0 });
  });

  it('says the same of a moment whichever way it is reached', () => {
    const moment = fc.integer({ min: START, max: START + 100_000 });
    fc.assert(
      fc.property(linesArbitrary, moment, moment, (lines, one, other) => {
        const { frames } = play(lines);
        const [early, late] = [Math.min(one, other), Math.max(one, other)];
        const [first] = frames({ ...jump, at: early }).slice(-1) as [Frame];
        const [on] = frames({ ...first, from: first.at, at: late }).slice(-1) as [Frame];
        const [straight] = frames({ ...jump, at: late }).slice(-1) as [Frame];
        expect(on.counters).toEqual(straight.counters);
        expect([...first.events, ...on.events]).toEqual(straight.events);
        expect(first.notSampled + on.notSampled).toBe(straight.notSampled);
      }),
    );
  });

  it('keeps to the newest of very many messages, and counts the rest', () => {
    const { frames } = play(Array.from({ length: 2500 }, (_, n) => event(n, String(n))));
    const { messages, notSampled } = told(frames({ ...jump, at: START + 2500 }));
    expect([messages.length, messages.at(-1), notSampled]).toEqual([1000, '2499', 1500]);
  });
});
