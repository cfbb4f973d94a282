import { Failure } from '@shared/failure';
import { parseFlow } from '@shared/flow/parse';
import type { Flow } from '@shared/flow/schema';
import type { z } from 'zod';
import { headerSchema, TAPE_VERSION, type TapeEnd, type TapeLine, tapeLineSchema } from './tape';

/** The first line of a tape. */
export type TapeHeader = Omit<z.infer<typeof headerSchema>, 'flow'> & {
  /** The document as it was. */
  flow: Flow;
};

/** How a tape ended. Without `end` the recording was killed: what it had not yet written is missing. */
export interface TapeEnding {
  end?: TapeEnd;
  /** The last line was torn and is left out. */
  isTorn: boolean;
}

/** Reads a tape line by line, from whatever source. */
export interface TapeReader {
  /** Takes a whole line without its line feed; the header comes first and answers nothing. @throws Failure naming the line */
  line: (text: string) => TapeLine | undefined;
  /** @throws Failure while there is no first line */
  header: () => TapeHeader;
  /** Takes what stands after the last line feed: usually nothing. @throws Failure */
  finish: (rest: string) => TapeEnding & { last?: TapeLine };
}

/** @param name for sentences: the file's */
export function createTapeReader(name: string): TapeReader {
  let number = 0;
  let header: TapeHeader | undefined;
  let end: TapeEnd | undefined;
  let lastAt = Number.NEGATIVE_INFINITY;

  const bad = (sentence: string) =>
    new Failure('tape/unreadable', `${name}, line ${number}: ${sentence}`, { object: name });

  const parse = (text: string): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      throw bad(number === 1 ? 'this is no tape: it does not begin with a header.' : 'this is not JSON.');
    }
  };

  function readHeader(value: unknown): TapeHeader {
    const version = typeof value === 'object' && value !== null ? (value as { tapeVersion?: unknown }).tapeVersion : 0;
    if (typeof version === 'number' && version > TAPE_VERSION)
      throw bad(
        `the tape has version ${version}; this Tapline reads up to version ${TAPE_VERSION}. Open it with a newer one.`,
      );
    if (version !== TAPE_VERSION) throw bad('this is no tape: it does not begin with a header.');
    const parsed = headerSchema.safeParse(value);
    if (!parsed.success) throw bad(describe(parsed.error));
    const flow = parseFlow(JSON.stringify(parsed.data.flow));
    if (flow.ok) return { ...parsed.data, flow: flow.flow };
    const [problem] = flow.problems;
    throw bad(`the flow of the tape: ${problem?.path ? `${problem.path}: ` : ''}${problem?.message}`);
  }

  function line(text: string): TapeLine | undefined {
    number += 1;
    if (end) throw bad('nothing may follow the end of a tape.');
    const value = parse(text);
    if (!header) {
      header = readHeader(value);
      return undefined;
    }
    const parsed = tapeLineSchema.safeParse(value);
    if (!parsed.success) throw bad(explainLine(value));
    if (parsed.data.t < lastAt) throw bad('it is earlier than the line before.');
    lastAt = parsed.data.t;
    if ('end' in parsed.data) end = parsed.data.end;
    return parsed.data;
  }

  return {
    line,
    header() {
      if (header) return header;
      throw new Failure('tape/unreadable', `${name} is no tape: it has no whole first line.`, { object: name });
    },
    finish(rest) {
      if (rest === '' || !header || end) {
        if (rest !== '') line(rest);
        return { ...(end ? { end } : {}), isTorn: false };
      }
      // A line is written with its line feed: this one was torn, unless only that is missing.
      try {
        const last = line(rest);
        return { ...(end ? { end } : {}), isTorn: false, ...(last ? { last } : {}) };
      } catch (error) {
        if (error instanceof Failure) return { isTorn: true };
        throw error;
      }
    },
  };
}

/** Unions are explained by the branch that was meant. */
function explainLine(value: unknown): string {
  const key = ['event', 'frame', 'end'].find((name) => typeof value === 'object' && value !== null && name in value);
  const option = tapeLineSchema.options.find(({ shape }) => key !== undefined && key in shape);
  const parsed = option?.safeParse(value);
  return parsed && !parsed.success ? describe(parsed.error) : 'it is neither an event, a frame nor the end.';
}

function describe({ issues }: z.core.$ZodError): string {
  const [issue] = issues;
  const sentence = (issue?.message ?? 'it cannot be read').replace(/^Invalid input: /, '').replace(/\.$/, '');
  return issue && issue.path.length > 0 ? `“${issue.path.join('.')}”: ${sentence}.` : `${sentence}.`;
}
