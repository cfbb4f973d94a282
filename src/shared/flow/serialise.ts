import type { Flow } from './schema';

/** Keys of a flow in the order of the file; others follow sorted, layout comes last. */
const ORDER = ['format', 'id', 'name', 'description', 'brokers', 'nodes', 'links'];
const RECORDS = new Set(['brokers', 'nodes', 'links']);
/** Keys of an entity that come first; the rest follow sorted. */
const ENTITY_ORDER = ['kind', 'type', 'name', 'broker', 'from', 'to'];

function sorted(value: unknown, first: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => sorted(item));
  if (typeof value !== 'object' || value === null) return value;
  const rank = (key: string) => (first.includes(key) ? first.indexOf(key) : first.length);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]));
}

function sortedRecord(record: Record<string, unknown>): Record<string, unknown> {
  const ids = Object.keys(record).sort();
  return Object.fromEntries(ids.map((id) => [id, sorted(record[id], ENTITY_ORDER)]));
}

/**
 * The text of a `.flow.json` file: keys in a stable order, one block an entity, layout apart from meaning and last with
 * one line a node, so that two people's edits merge.
 */
export function serialiseFlow(flow: Flow): string {
  const { layout, ...rest } = flow;
  const keys = [
    ...ORDER,
    ...Object.keys(rest)
      .filter((key) => !ORDER.includes(key))
      .sort(),
  ];
  const head = Object.fromEntries(
    keys
      .filter((key) => rest[key] !== undefined)
      .map((key) => [key, RECORDS.has(key) ? sortedRecord(rest[key] as Record<string, unknown>) : sorted(rest[key])]),
  );
  const { nodes, ...otherLayout } = layout;
  const lines = Object.keys(nodes)
    .sort()
    .map((id) => `      ${JSON.stringify(id)}: ${JSON.stringify({ x: nodes[id]?.x, y: nodes[id]?.y })}`);
  const others = Object.entries(sorted(otherLayout) as Record<string, unknown>).map(
    ([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  const positions = lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n    }`;
  const body = JSON.stringify(head, null, 2).slice(0, -2);
  return `${body},\n  "layout": {\n${[...others, `    "nodes": ${positions}`].join(',\n')}\n  }\n}\n`;
}
