import { sameJson } from '@shared/flow/diff';
import { uniqueId } from '@shared/flow/ids';
import type { Broker, Flow, FlowNode } from '@shared/flow/schema';
import { topologyKey } from '../resolve';
import { mergeLinks } from './merge-links';
import { mergeSettings } from './merge-settings';
import { count, nameSome } from './notices';
import type { Coverage, ListName } from './parts';

export interface MergeOptions {
  broker: string;
  /** Vhost of objects that name none. */
  defaultVhost: string;
  /** What the import speaks about; of the rest nothing has disappeared. */
  coverage: Coverage;
}

/** What a merge changed and what it did not find, in words. */
interface MergeReport {
  added: string[];
  changed: string[];
  gone: string[];
}

/** What the parts of a merge share. */
export interface MergeContext {
  broker: string;
  report: MergeReport;
  /** Merged nodes. */
  nodes: Flow['nodes'];
  /** Ids in the flow by ids of the import. */
  newIds: ReadonlyMap<string, string>;
  /** Ids by `topologyKey` of node type, vhost and name. */
  idsByKey: ReadonlyMap<string, string>;
  /** Ids of the nodes that the import names. */
  seen: ReadonlySet<string>;
  vhostOf: (vhost: unknown) => string;
  /** Would the import name an object of this list and vhost (`""`: of the whole cluster), if there were one? */
  covers: (list: ListName | undefined, vhost: string) => boolean;
}

const LISTS: Record<string, ListName> = { 'rabbitmq.exchange': 'exchanges', 'rabbitmq.queue': 'queues' };

/**
 * Brings an import into a flow that is drawn already. The import says what the broker has: objects it names take over type,
 * durability, arguments, dead letters and alternate exchange; new ones are added. What is Tapline's own stays: places, ids,
 * publishers, handlers, notes, ownership. Nothing is deleted: what the import no longer has is kept and named in a notice.
 */
export function mergeImport(current: Flow, imported: Flow, options: MergeOptions): { flow: Flow; notices: string[] } {
  const { broker, defaultVhost, coverage } = options;
  const report: MergeReport = { added: [], changed: [], gone: [] };
  const covered =
    coverage.vhosts === 'all' ? undefined : new Set([...coverage.vhosts].map((name) => name || defaultVhost));
  const vhostOf = (vhost: unknown) => (typeof vhost === 'string' ? vhost : defaultVhost);
  const covers: MergeContext['covers'] = (list, vhost) =>
    list !== undefined && coverage.lists.has(list) && (vhost === '' || (covered?.has(vhost) ?? true));
  const merged = mergeNodes(current, imported, { broker, report, vhostOf, covers });
  const links = mergeLinks(current.links, imported.links, { broker, report, vhostOf, covers, ...merged });
  const brokers = { ...current.brokers };
  const source = imported.brokers[broker];
  if (source) brokers[broker] = mergeBroker(current.brokers[broker], source, { report, vhostOf, covers });
  return { flow: { ...current, brokers, nodes: merged.nodes, links }, notices: describeMerge(report) };
}

function mergeNodes(
  current: Flow,
  imported: Flow,
  { broker, report, vhostOf, covers }: Pick<MergeContext, 'broker' | 'report' | 'vhostOf' | 'covers'>,
) {
  const keyOf = ({ type, name, settings }: FlowNode) => topologyKey(type, vhostOf(settings.vhost), name);
  const idsByKey = new Map<string, string>();
  for (const [id, node] of Object.entries(current.nodes)) if (node.broker === broker) idsByKey.set(keyOf(node), id);
  const nodes = { ...current.nodes };
  const newIds = new Map<string, string>();
  const seen = new Set<string>();
  for (const [importedId, node] of Object.entries(imported.nodes)) {
    const known = idsByKey.get(keyOf(node));
    const old = known === undefined ? undefined : nodes[known];
    const id = known ?? uniqueId(importedId, (taken) => Object.hasOwn(nodes, taken));
    newIds.set(importedId, id);
    idsByKey.set(keyOf(node), id);
    seen.add(id);
    const next = old ? mergeNode(old, node) : node;
    if (!old) report.added.push(nameOf(node));
    else if (sameJson(old, next)) continue;
    else report.changed.push(nameOf(node));
    nodes[id] = next;
  }
  for (const [id, node] of Object.entries(current.nodes)) {
    const isCovered = node.broker === broker && covers(LISTS[node.type], vhostOf(node.settings.vhost));
    if (isCovered && !seen.has(id)) report.gone.push(nameOf(node));
  }
  return { nodes, newIds, idsByKey, seen };
}

function nameOf({ type, name }: FlowNode): string {
  return `${type.replace('rabbitmq.', '')} ${name}`;
}

/** The broker's facts from the import, everything else as it was. */
function mergeNode(old: FlowNode, imported: FlowNode): FlowNode {
  const { vhost: _same, ...facts } = imported.settings;
  return { ...old, settings: { ...old.settings, ...facts }, ...mergeExtra(old, imported) };
}

function mergeBroker(old: Broker | undefined, imported: Broker, tools: Parameters<typeof mergeSettings>[2]): Broker {
  if (!old) return imported;
  return { ...old, settings: mergeSettings(old.settings, imported.settings, tools), ...mergeExtra(old, imported) };
}

function mergeExtra(old: Pick<FlowNode, 'extra'>, imported: Pick<FlowNode, 'extra'>): Pick<FlowNode, 'extra'> {
  return imported.extra ? { extra: { ...old.extra, ...imported.extra } } : {};
}

function describeMerge({ added, changed, gone }: MergeReport): string[] {
  const notices: string[] = [];
  if (added.length > 0) notices.push(`${count(added.length, 'item')} added: ${nameSome(added)}.`);
  if (changed.length > 0)
    notices.push(`${count(changed.length, 'item')} changed to what the broker has: ${nameSome(changed)}.`);
  if (gone.length > 0)
    notices.push(
      `${count(gone.length, 'item')} drawn here and not in the import; kept, delete what you no longer want: ${nameSome(gone)}.`,
    );
  return notices;
}
