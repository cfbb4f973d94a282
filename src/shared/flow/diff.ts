import type { Flow, Json } from './schema';

/** Parts of a flow that are records keyed by id. */
export type RecordPart = 'brokers' | 'nodes' | 'links' | 'positions';

/**
 * One change of one record: absent `before` means it is new, absent `after` means it is gone.
 * `property` changes are of the flow itself (`name`, `description`).
 */
export type FlowChange =
  | { part: RecordPart; id: string; before?: Json; after?: Json }
  | { part: 'property'; id: string; before?: Json; after?: Json };

/** Every edit yields one diff; undo, saving, "unsaved changes" and other windows all read it. */
export type FlowDiff = FlowChange[];

function recordsOf(flow: Flow): Record<RecordPart, Record<string, unknown>> {
  return { brokers: flow.brokers, nodes: flow.nodes, links: flow.links, positions: flow.layout.nodes };
}

/** Structural equality of JSON values; the order of keys does not matter. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  }
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  const right = new Map(Object.entries(b).filter(([, value]) => value !== undefined));
  return left.length === right.size && left.every(([key, value]) => right.has(key) && sameJson(value, right.get(key)));
}

const PARTS: RecordPart[] = ['brokers', 'nodes', 'links', 'positions'];
/** Keys that records and the format number live under; everything else on a flow is a property. */
const STRUCTURE = new Set(['format', 'brokers', 'nodes', 'links', 'layout']);

/** The difference that turns `before` into `after`; empty when they are equal. */
export function diffFlows(before: Flow, after: Flow): FlowDiff {
  const diff: FlowDiff = [];
  const left = recordsOf(before);
  const right = recordsOf(after);
  for (const part of PARTS) {
    if (left[part] === right[part]) continue;
    for (const id of new Set([...Object.keys(left[part]), ...Object.keys(right[part])])) {
      const a = left[part][id] as Json | undefined;
      const b = right[part][id] as Json | undefined;
      if (!sameJson(a, b)) diff.push(change(part, id, a, b));
    }
  }
  for (const id of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (STRUCTURE.has(id)) continue;
    const a = before[id] as Json | undefined;
    const b = after[id] as Json | undefined;
    if (!sameJson(a, b)) diff.push(change('property', id, a, b));
  }
  return diff;
}

function change(part: FlowChange['part'], id: string, before: Json | undefined, after: Json | undefined): FlowChange {
  return { part, id, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

/** The diff that undoes `diff`. */
export function reverseDiff(diff: FlowDiff): FlowDiff {
  return diff.map(({ part, id, before, after }) => change(part, id, after, before)).reverse();
}

/** Puts a diff into effect; records it does not name keep their identity, so that views can compare by reference. */
export function applyDiff(flow: Flow, diff: FlowDiff): Flow {
  const next: Flow = { ...flow };
  const copies = new Map<RecordPart, Record<string, unknown>>();
  const copyOf = (part: RecordPart) => {
    const copy = copies.get(part) ?? { ...recordsOf(flow)[part] };
    copies.set(part, copy);
    return copy;
  };
  for (const { part, id, after } of diff) {
    const target: Record<string, unknown> = part === 'property' ? next : copyOf(part);
    if (after === undefined) delete target[id];
    else target[id] = after;
  }
  for (const [part, records] of copies) {
    if (part === 'positions') next.layout = { ...next.layout, nodes: records as Flow['layout']['nodes'] };
    else Object.assign(next, { [part]: records });
  }
  return next;
}

/** Two diffs after one another as one; changes that cancel out disappear. */
export function squashDiffs(first: FlowDiff, second: FlowDiff): FlowDiff {
  const byKey = new Map<string, FlowChange>();
  for (const step of [...first, ...second]) {
    const key = `${step.part}\u0000${step.id}`;
    const earlier = byKey.get(key);
    byKey.set(key, earlier ? change(step.part, step.id, earlier.before, step.after) : step);
  }
  return [...byKey.values()].filter((step) => !sameJson(step.before, step.after));
}
