import { sameJson } from '@shared/flow/diff';
import { uniqueId } from '@shared/flow/ids';
import type { Json } from '@shared/flow/schema';
import { sameParameter } from '../plan/compare-parameter';
import type { MergeContext } from './merge-import';
import type { ListName } from './parts';

type Table = Record<string, Json>;

type Tools = Pick<MergeContext, 'report' | 'vhostOf' | 'covers'>;

const isTable = (value: Json | undefined): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Records of a broker's settings and what they are called. */
const RECORDS: [ListName, string][] = [
  ['policies', 'policy'],
  ['operatorPolicies', 'operator policy'],
  ['parameters', 'parameter'],
  ['globalParameters', 'global parameter'],
];

/** Policies, parameters and vhosts of the import into those of the flow; entries keep the ids they have. */
export function mergeSettings(old: Table, imported: Table, tools: Tools): Table {
  const merged: Table = { ...old };
  for (const [list, noun] of RECORDS) {
    const records = mergeRecords(asTable(old[list]), asTable(imported[list]), list, noun, tools);
    if (Object.keys(records).length > 0) merged[list] = records;
  }
  const vhosts = mergeVhosts(asTable(old.vhosts), asTable(imported.vhosts), tools);
  if (Object.keys(vhosts).length > 0) merged.vhosts = vhosts;
  return merged;
}

function asTable(value: Json | undefined): Table {
  return isTable(value) ? value : {};
}

function mergeRecords(old: Table, imported: Table, list: ListName, noun: string, tools: Tools): Table {
  const { covers, report } = tools;
  const hasVhost = list !== 'globalParameters';
  // Global parameters are those of the whole cluster.
  const vhostOf = (record: Table) => (hasVhost ? tools.vhostOf(record.vhost) : '');
  const keyOf = (record: Table) =>
    [vhostOf(record), String(record.component ?? ''), String(record.name)].join('\u0000');
  const ids = new Map(Object.entries(old).flatMap(([id, record]) => (isTable(record) ? [[keyOf(record), id]] : [])));
  const merged = { ...old };
  const found = new Set<string>();
  for (const [importedId, record] of Object.entries(imported)) {
    if (!isTable(record)) continue;
    const known = ids.get(keyOf(record));
    const id = known ?? uniqueId(importedId, (taken) => Object.hasOwn(merged, taken));
    found.add(id);
    const before = known === undefined ? undefined : old[known];
    const { vhost: _same, ...facts } = record;
    if (!isTable(before)) {
      merged[id] = record;
      report.added.push(`${noun} ${String(record.name)}`);
      continue;
    }
    // A secret whose placeholder has a name of the user's own keeps it.
    const isSame = before.value !== undefined && facts.value !== undefined && sameParameter(facts.value, before.value);
    const next: Table = { ...before, ...facts, ...(isSame ? { value: before.value ?? null } : {}) };
    if (sameJson(next, before)) continue;
    merged[id] = next;
    report.changed.push(`${noun} ${String(record.name)}`);
  }
  for (const [id, record] of Object.entries(old)) {
    const isCovered = isTable(record) && covers(list, vhostOf(record));
    if (isCovered && !found.has(id)) report.gone.push(`${noun} ${String(record.name)}`);
  }
  return merged;
}

function mergeVhosts(old: Table, imported: Table, { covers, report }: Tools): Table {
  const merged = { ...old };
  for (const [name, vhost] of Object.entries(imported)) {
    const before = old[name];
    const next = isTable(before) && isTable(vhost) ? { ...before, ...vhost } : vhost;
    if (before === undefined) report.added.push(`vhost ${name}`);
    else if (!sameJson(before, next)) report.changed.push(`vhost ${name}`);
    merged[name] = next;
  }
  for (const name of Object.keys(old))
    if (!Object.hasOwn(imported, name) && covers('vhosts', '')) report.gone.push(`vhost ${name}`);
  return merged;
}
