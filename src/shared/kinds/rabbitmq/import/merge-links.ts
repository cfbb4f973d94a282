import { sameJson } from '@shared/flow/diff';
import { uniqueId } from '@shared/flow/ids';
import type { Flow, FlowLink, LinkEnd } from '@shared/flow/schema';
import { topologyKey } from '../resolve';
import type { MergeContext } from './merge-import';
import { mergeRows } from './merge-rows';

/** Links that are a fact of the object they begin at, which has at most one of them. */
const FACT_LINKS = new Set(['dead-letter', 'alternate']);

type Settings = FlowLink['settings'];

/**
 * Links of an import into those of a flow. Bindings of a pair become rows of its link; a dead-letter or alternate link follows
 * the broker; links the import does not have stay, unless they are a fact of an object it names.
 */
export function mergeLinks(current: Flow['links'], imported: Flow['links'], context: MergeContext): Flow['links'] {
  const { report, seen, covers } = context;
  const ends = createEnds(context);
  const merged: Flow['links'] = {};
  const byPlace = new Map<string, string>();
  for (const [id, link] of Object.entries(current)) {
    const settled = ends.settle(link);
    merged[id] = sameJson(settled, link) ? link : settled;
    byPlace.set(ends.placeOf(settled), id);
  }
  const found = new Set<string>();
  for (const [importedId, link] of Object.entries(imported)) {
    const settled = ends.settle(ends.adopt(link));
    const place = ends.placeOf(settled);
    const known = byPlace.get(place);
    const old = known === undefined ? undefined : merged[known];
    const id = known ?? uniqueId(importedId, (taken) => Object.hasOwn(merged, taken));
    found.add(id);
    byPlace.set(place, id);
    if (!old) {
      merged[id] = settled;
      report.added.push(ends.describe(settled));
      continue;
    }
    const rows = mergeRows(old.settings.rows, settled.settings.rows);
    if (rows && covers('bindings', ends.vhostOf(settled)))
      report.gone.push(...rows.gone.map((row) => `${ends.describe(old)}, ${row}`));
    const settings = rows ? { ...old.settings, rows: rows.rows } : mergeFacts(old.settings, settled.settings);
    const next: FlowLink = { ...old, from: settled.from, to: settled.to, settings };
    if (sameJson(next, old)) continue;
    merged[id] = next;
    report.changed.push(ends.describe(next));
  }
  for (const [id, link] of Object.entries(merged)) {
    if (found.has(id)) continue;
    const isFact = FACT_LINKS.has(link.type) && 'node' in link.from && seen.has(link.from.node);
    if (isFact) {
      delete merged[id];
      report.changed.push(`${ends.describe(link)}, taken away`);
    } else if (link.type === 'binding' && ends.isHere(link) && covers('bindings', ends.vhostOf(link)))
      report.gone.push(ends.describe(link));
  }
  return merged;
}

/** The key of a dead-letter link is the broker's; other settings stay. */
function mergeFacts({ routingKey: _old, ...settings }: Settings, imported: Settings): Settings {
  return { ...settings, ...imported };
}

/** Reads the ends of links: which objects they mean, whether or not those are drawn. */
function createEnds({ broker, nodes, newIds, idsByKey, vhostOf }: MergeContext) {
  const keyOf = (end: LinkEnd) =>
    'node' in end ? end.node : topologyKey(end.objectType, vhostOf(end.vhost), end.name);
  const vhostAt = (end: LinkEnd) => ('node' in end ? nodes[end.node]?.settings.vhost : end.vhost);
  const nameAt = (end: LinkEnd) =>
    'node' in end ? (nodes[end.node]?.name ?? end.node) : end.name || 'the default exchange';

  /** The node that an end means, if it is drawn; a name without vhost lies beside the other end. */
  const draw = (end: LinkEnd, other: LinkEnd): LinkEnd => {
    if ('node' in end) return end;
    const vhost = vhostOf(end.vhost ?? vhostAt(other));
    const id = idsByKey.get(topologyKey(`rabbitmq.${end.objectType}`, vhost, end.name));
    return id === undefined ? end : { node: id };
  };
  const rename = (end: LinkEnd): LinkEnd => ('node' in end ? { node: newIds.get(end.node) ?? end.node } : end);
  const isHere = ({ from, to, broker: own }: FlowLink) => {
    const brokers = [from, to].flatMap((end) => ('node' in end ? (nodes[end.node]?.broker ?? []) : []));
    return (brokers[0] ?? own) === broker;
  };

  return {
    isHere,
    /** An imported link with the ids its nodes have in the flow. */
    adopt: (link: FlowLink): FlowLink => ({ ...link, from: rename(link.from), to: rename(link.to) }),
    settle: (link: FlowLink): FlowLink =>
      isHere(link) ? { ...link, from: draw(link.from, link.to), to: draw(link.to, link.from) } : link,
    placeOf: ({ type, from, to }: FlowLink) =>
      [type, keyOf(from), FACT_LINKS.has(type) ? '' : keyOf(to)].join('\u0001'),
    vhostOf: ({ from, to }: FlowLink) => vhostOf(vhostAt(from) ?? vhostAt(to)),
    describe: ({ type, from, to }: FlowLink) => `${type} ${nameAt(from)} to ${nameAt(to)}`,
  };
}
