import { applyDiff, type FlowChange, type FlowDiff, sameJson } from '@shared/flow/diff';
import { endNode, type Flow, type FlowLink, type Json } from '@shared/flow/schema';

/** What became of a diff that was moved onto a newer document. */
export interface RebasedDiff {
  diff: FlowDiff;
  /** Changes (in whole or in part) that gave way because the newer document says otherwise. */
  overruled: FlowChange[];
}

type JsonObject = { [key: string]: Json };

function recordAt(flow: Flow, { part, id }: FlowChange): Json | undefined {
  if (part === 'property') return flow[id] as Json | undefined;
  return (part === 'positions' ? flow.layout.nodes : flow[part])[id] as Json | undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Three-way merge: what changed from `before` to `after` is put onto `now`; where `now` changed the same value, `now` stays. */
function mergeJson(
  before: Json | undefined,
  after: Json | undefined,
  now: Json | undefined,
  overrule: () => void,
): Json | undefined {
  if (sameJson(before, after) || sameJson(after, now)) return now;
  if (sameJson(before, now)) return after;
  if (isObject(before) && isObject(after) && isObject(now)) {
    const merged: JsonObject = {};
    for (const key of new Set([...Object.keys(now), ...Object.keys(after)])) {
      const value = mergeJson(before[key], after[key], now[key], overrule);
      if (value !== undefined) merged[key] = value;
    }
    return merged;
  }
  overrule();
  return now;
}

/**
 * Moves a diff onto a document that went on without it: another window's edit came first, or an older step is undone.
 * Values both sides changed stay as they are in `flow` and are reported; links that would lose an end are left out or removed.
 */
export function rebaseDiff(diff: FlowDiff, flow: Flow): RebasedDiff {
  const overruled: FlowChange[] = [];
  const moved: FlowDiff = [];
  for (const change of diff) {
    const now = recordAt(flow, change);
    const after = mergeJson(change.before, change.after, now, () => overruled.push(change));
    if (!sameJson(now, after)) moved.push(changeOf(change, now, after));
  }
  return { diff: withoutTornLinks(flow, moved), overruled };
}

function changeOf({ part, id }: FlowChange, before: Json | undefined, after: Json | undefined): FlowChange {
  return { part, id, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
}

/** Adds the removal of links and positions whose nodes would be gone. */
function withoutTornLinks(flow: Flow, diff: FlowDiff): FlowDiff {
  const next = applyDiff(flow, diff);
  const isTorn = (link: FlowLink) =>
    [endNode(link.from), endNode(link.to)].some((node) => node !== undefined && next.nodes[node] === undefined);
  const torn = new Set(Object.keys(next.links).filter((id) => isTorn(next.links[id] as FlowLink)));
  if (torn.size === 0) return diff;
  const kept = diff.filter((change) => change.part !== 'links' || !torn.has(change.id));
  const removals = [...torn]
    .filter((id) => flow.links[id] !== undefined)
    .map((id): FlowChange => ({ part: 'links', id, before: flow.links[id] as Json }));
  return [...kept, ...removals];
}
