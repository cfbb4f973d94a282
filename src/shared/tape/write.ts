import { sameJson } from '@shared/flow/diff';
import type { Counter, CounterName, Counters } from '@shared/traffic/counter';
import type { Frame } from '@shared/traffic/frame';
import type { TapeHeader } from './read';
import type { TapeFrame, TapeLine } from './tape';

/** A counter that says the same is written again after so long: a rate is known only while its total is read. */
const REPEAT_AFTER_MS = 10_000;

export function headerLine(header: TapeHeader): string {
  return `${JSON.stringify(header)}\n`;
}

export function tapeLine(line: TapeLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** Session parts that are written when they change. */
const SESSION = ['watch', 'running', 'brokers', 'taps', 'troubles', 'notices'] as const;
type Session = Pick<Frame, (typeof SESSION)[number]>;

/** What a frame says that the tape does not say yet; undefined for nothing. */
export type FrameDelta = (frame: Session & Pick<Frame, 'counters' | 'at'>, missed: number) => TapeFrame | undefined;

/** Writes of each frame what is new. A counter that vanished makes the next one whole. */
export function createFrameDelta(): FrameDelta {
  let session: Partial<Session> = {};
  let told = new Map<string, { counter: Counter; at: number; isRepeat: boolean }>();

  return ({ counters, at, ...frame }, missed) => {
    const keys = new Set<string>();
    for (const [key] of cells(counters)) keys.add(key);
    const isWhole = [...told.keys()].some((key) => !keys.has(key));
    if (isWhole) told = new Map();
    const news: Counters = { nodes: {}, links: {} };
    let isNews = isWhole;
    for (const [key, counter, part, id, name] of cells(counters)) {
      const before = told.get(key);
      const isSame = before !== undefined && sameButForTime(before.counter, counter);
      // Once more after it stood still, so that its rate is seen to fall; then now and then.
      const isDue = !before?.isRepeat || at - before.at >= REPEAT_AFTER_MS;
      if (isSame && (counter.asOf === before.counter.asOf || !isDue)) continue;
      told.set(key, { counter: { ...counter }, at, isRepeat: isSame });
      const set = news[part][id] ?? {};
      news[part][id] = set;
      set[name] = { ...counter };
      isNews = true;
    }
    const changed: Partial<Session> = {};
    for (const name of SESSION)
      if (!sameJson(session[name], frame[name])) Object.assign(changed, { [name]: frame[name] });
    session = { ...session, ...changed };
    if (!isNews && missed === 0 && Object.keys(changed).length === 0) return undefined;
    return {
      ...(isWhole ? { whole: true as const } : {}),
      counters: news,
      ...changed,
      ...(missed > 0 ? { missed } : {}),
    };
  };
}

function* cells(counters: Counters): Generator<[string, Counter, 'nodes' | 'links', string, CounterName]> {
  for (const part of ['nodes', 'links'] as const)
    for (const [id, set] of Object.entries(counters[part]))
      for (const [name, counter] of Object.entries(set) as [CounterName, Counter][])
        yield [`${part}\u0000${id}\u0000${name}`, counter, part, id, name];
}

function sameButForTime(a: Counter, b: Counter): boolean {
  return a.value === b.value && a.source === b.source && a.completeness === b.completeness;
}
