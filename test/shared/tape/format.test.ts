import { createTapeReader } from '@shared/tape/read';
import type { TapeEnd, TapeLine } from '@shared/tape/tape';
import { createFrameDelta, headerLine, tapeLine } from '@shared/tape/write';
import type { Counters } from '@shared/traffic/counter';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countersArbitrary, header, linesArbitrary } from './arbitraries';

const END: TapeEnd = { reason: 'stopped', events: 1, frames: 0, lost: 0, notSeen: 0 };

function read(text: string) {
  const reader = createTapeReader('x.tape.ndjson');
  const parts = text.split('\n');
  const rest = parts.pop() ?? '';
  const lines = parts.flatMap((part) => reader.line(part) ?? []);
  const { last, ...ending } = reader.finish(rest);
  return { header: reader.header(), lines: last ? [...lines, last] : lines, ending };
}

const textOf = (lines: readonly TapeLine[]) => headerLine(header) + lines.map(tapeLine).join('');

describe('the text of a tape', () => {
  it('gives back every line as it was written', () => {
    fc.assert(
      fc.property(linesArbitrary, (lines) => {
        const whole: TapeLine[] = [...lines, { t: 1_700_000_200_000, end: END }];
        expect(read(textOf(whole))).toEqual({ header, lines: whole, ending: { end: END, isTorn: false } });
      }),
    );
  });

  it('opens wherever it was torn after its first line, and says so', () => {
    fc.assert(
      fc.property(linesArbitrary, fc.nat(), (lines, n) => {
        const text = textOf(lines);
        const from = headerLine(header).length;
        const torn = text.slice(0, from + (n % (text.length - from + 1)));
        const opened = read(torn);
        expect(opened.lines).toEqual(lines.slice(0, opened.lines.length));
        expect(opened.ending.end).toBeUndefined();
        const rest = torn.slice(torn.lastIndexOf('\n') + 1);
        const isWhole = lines.some((line) => tapeLine(line) === `${rest}\n`);
        expect(opened.ending.isTorn).toBe(rest !== '' && !isWhole);
      }),
    );
  });

  it.each([
    ['', 'x.tape.ndjson is no tape: it has no whole first line.'],
    ['{"format": 1}\n', 'x.tape.ndjson, line 1: this is no tape: it does not begin with a header.'],
    ['not JSON\n', 'x.tape.ndjson, line 1: this is no tape: it does not begin with a header.'],
    ['{"tapeVersion": 2}\n', 'line 1: the tape has version 2; this Tapline reads up to version 1.'],
    [headerLine({ ...header, startedAt: 'now' as never }), 'line 1: “startedAt”: expected number'],
    [
      headerLine({ ...header, flow: { ...header.flow, nodes: { a: { type: '' } } } as never }),
      'line 1: the flow of the tape: nodes.a.',
    ],
    [`${headerLine(header)}{"t": 1}\n`, 'line 2: it is neither an event, a frame nor the end.'],
    [`${headerLine(header)}nonsense\n{"t": 1}\n`, 'line 2: this is not JSON.'],
    [`${headerLine(header)}{"t": 1, "event": {"seq": 1, "at": 1}}\n`, 'line 2: “event.node”: expected string'],
    [`${textOf([{ t: 5, end: END }])}{"t": 6, "end": 1}\n`, 'line 3: nothing may follow the end of a tape.'],
    [
      textOf([
        { t: 5, frame: { counters: { nodes: {}, links: {} } } },
        { t: 4, frame: { counters: { nodes: {}, links: {} } } },
      ]),
      'line 3: it is earlier than the line before.',
    ],
  ])('is refused in one sentence with its line: %#', (text, sentence) => {
    expect(() => read(text)).toThrow(sentence);
  });
});

describe('frames on a tape', () => {
  it('add up to the counters that were seen, whatever came and went', () => {
    fc.assert(
      fc.property(fc.array(countersArbitrary, { maxLength: 8 }), (seen) => {
        const delta = createFrameDelta();
        let built: Counters = { nodes: {}, links: {} };
        for (const [n, counters] of seen.entries()) {
          const session = {
            watch: 'counters' as const,
            running: false,
            brokers: {},
            taps: [],
            troubles: [],
            notices: [],
          };
          const frame = delta({ ...session, counters, at: n * 500 }, 0);
          if (frame?.whole) built = { nodes: {}, links: {} };
          for (const part of ['nodes', 'links'] as const)
            for (const [id, set] of Object.entries(frame?.counters[part] ?? {}))
              built[part][id] = { ...built[part][id], ...set };
          expect(valuesOf(built)).toEqual(valuesOf(counters));
        }
      }),
    );
  });
});

/** What counters say, but for when; nodes without any are nothing. */
function valuesOf({ nodes, links }: Counters) {
  return [nodes, links].map((sets) =>
    Object.entries(sets)
      .flatMap(([id, set]) =>
        Object.entries(set).map(([name, { value, source, completeness }]) =>
          JSON.stringify([id, name, value, source, completeness]),
        ),
      )
      .sort(),
  );
}
