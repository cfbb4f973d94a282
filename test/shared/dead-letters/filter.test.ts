import { ago, ordinal } from '@shared/dead-letters/ago';
import type { DeadLetter } from '@shared/dead-letters/dead-letter';
import { compileFilter } from '@shared/dead-letters/filter';
import { type GroupBy, groupDeadLetters } from '@shared/dead-letters/group';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const NOW = 1_800_000_000_000;
const letter = (changes: Partial<DeadLetter> = {}): DeadLetter => ({
  id: 'a',
  exchange: 'dead',
  routingKey: 'order.created',
  sizeBytes: 2,
  body: { format: 'json', text: '{"customer":"Ada"}', cut: false },
  headers: { shop: 'web', level: 3 },
  properties: {},
  deaths: [],
  reason: 'rejected',
  redriven: null,
  homes: [],
  ...changes,
});

describe('filtering dead letters', () => {
  const matches = (filter: Parameters<typeof compileFilter>[0], changes: Partial<DeadLetter> = {}) =>
    compileFilter(filter, NOW)(letter(changes));

  it('lets through what all of it says', () => {
    expect(matches({ text: 'ADA', key: 'order.*', reason: 'rejected', header: { name: 'level', value: '3' } })).toBe(
      true,
    );
    expect(matches({ text: 'Ada', reason: 'expired' })).toBe(false);
    expect(matches({ header: { name: 'missing' } })).toBe(false);
    expect(matches({ maxRedriven: 1 }, { redriven: { times: 2 } })).toBe(false);
  });

  it('takes no letter for old or young that does not tell when it died', () => {
    expect(matches({ olderThanMs: 0 })).toBe(false);
    expect(matches({ olderThanMs: 1000 }, { diedAt: NOW - 2000 })).toBe(true);
    expect(matches({ newerThanMs: 1000 }, { diedAt: NOW - 2000 })).toBe(false);
  });

  it('takes the characters of a key for what they are, but for the star', () => {
    fc.assert(fc.property(fc.string(), (key) => matches({ key }, { routingKey: key })));
  });
});

describe('grouping dead letters', () => {
  it('puts every letter into exactly one group, the largest group first', () => {
    const letters = fc.array(
      fc
        .record({
          reason: fc.constantFrom('rejected', 'expired'),
          type: fc.option(fc.constantFrom('A', 'B'), { nil: undefined }),
        })
        .map((some) => letter(some as Partial<DeadLetter>)),
    );
    fc.assert(
      fc.property(letters, fc.constantFrom<GroupBy>('reason', 'from', 'exception', 'type'), (all, by) => {
        const groups = groupDeadLetters(all, by);
        expect(groups.flatMap((group) => group.letters).length).toBe(all.length);
        const sizes = groups.map((group) => group.letters.length);
        expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
      }),
    );
  });
});

it('says times and numbers as people do', () => {
  expect([ago(NOW - 61_000, NOW), ago(NOW + 5000, NOW)]).toEqual(['1 minute ago', 'just now']);
  expect([1, 2, 3, 4, 11, 12, 13, 21, 112].map(ordinal)).toEqual([
    '1st',
    '2nd',
    '3rd',
    '4th',
    '11th',
    '12th',
    '13th',
    '21st',
    '112th',
  ]);
});
