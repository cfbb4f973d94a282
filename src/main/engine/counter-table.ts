import type { Completeness, Counter, CounterName, CounterSet, CounterSource, Counters } from '@shared/traffic/counter';
import type { Subject } from '../kinds/live';

/** Where several sources tell the same number, the most complete is shown; of those, the first of these. */
const PREFERENCE: readonly CounterSource[] = ['own', 'tap', 'sandbox', 'broker', 'computed', 'inferred'];

/** What is counted here, and not read from elsewhere, is known up to the moment it is asked for. */
type Cell = Counter & { isCountedHere: boolean };

type Cells = Partial<Record<CounterName, Cell[]>>;

/** Counters by node and link. Each source counts for itself, so that two of them never add to one number. */
export interface CounterTable {
  add: (subject: Subject, name: CounterName, by: number, source: CounterSource) => void;
  set: (
    subject: Subject,
    name: CounterName,
    value: number | null,
    source: CounterSource,
    completeness?: Completeness,
  ) => void;
  /** From now on these totals, as far as they are counted here, are `atLeast`; what is read from elsewhere says so itself. */
  gap: (subject: Subject, names: readonly CounterName[]) => void;
}

export function createCounterTable(now: () => number): CounterTable & {
  /** Adds what is known of these nodes and links to `counters`; the preferred source wins. */
  readInto: (counters: Counters, knows: { node: (id: string) => boolean; link: (id: string) => boolean }) => void;
  clear: () => void;
} {
  const nodes = new Map<string, Cells>();
  const links = new Map<string, Cells>();

  function cellsOf(subject: Subject): Cells {
    const [table, id] = 'node' in subject ? [nodes, subject.node] : [links, subject.link];
    let cells = table.get(id);
    if (!cells) {
      cells = {};
      table.set(id, cells);
    }
    return cells;
  }

  function cellOf(subject: Subject, name: CounterName, source: CounterSource): Cell {
    const cells = cellsOf(subject);
    cells[name] ??= [];
    const known = cells[name].find((cell) => cell.source === source);
    if (known) return known;
    const cell: Cell = { value: 0, source, completeness: 'exact', asOf: now(), isCountedHere: false };
    cells[name].push(cell);
    return cell;
  }

  return {
    add(subject, name, by, source) {
      const cell = cellOf(subject, name, source);
      cell.value = (cell.value ?? 0) + by;
      if (cell.completeness === 'unknown') cell.completeness = 'atLeast';
      cell.isCountedHere = true;
    },
    set(subject, name, value, source, completeness = value === null ? 'unknown' : 'exact') {
      const cell = cellOf(subject, name, source);
      cell.value = value;
      cell.completeness = completeness;
      cell.isCountedHere = false;
      cell.asOf = now();
    },
    gap(subject, names) {
      const cells = cellsOf(subject);
      for (const name of names)
        for (const cell of cells[name] ?? [])
          if (cell.isCountedHere && cell.completeness === 'exact') cell.completeness = 'atLeast';
    },
    readInto(counters, knows) {
      for (const [id, cells] of nodes) if (knows.node(id)) merge(counters.nodes, id, cells, now());
      for (const [id, cells] of links) if (knows.link(id)) merge(counters.links, id, cells, now());
    },
    clear() {
      nodes.clear();
      links.clear();
    },
  };
}

function merge(sets: Record<string, CounterSet>, id: string, cells: Cells, now: number): void {
  const set: CounterSet = sets[id] ?? {};
  sets[id] = set;
  for (const [name, candidates] of Object.entries(cells) as [CounterName, Cell[]][]) {
    for (const { isCountedHere, ...counter } of candidates) {
      const shown = set[name];
      if (!shown || rank(counter) < rank(shown)) set[name] = isCountedHere ? { ...counter, asOf: now } : counter;
    }
  }
}

const COMPLETENESS: readonly Completeness[] = ['exact', 'atLeast', 'unknown'];

function rank({ source, completeness }: Counter): number {
  return COMPLETENESS.indexOf(completeness) * PREFERENCE.length + PREFERENCE.indexOf(source);
}
