import { emptyFlow, type Flow, type Json, type Ownership } from '@shared/flow/schema';
import { drawParts } from './draw-parts';
import { leaveDerived } from './leave-derived';
import { mergeImport } from './merge-import';
import { count } from './notices';
import { type Coverage, type ImportedParts, type ListName, vhostsOf } from './parts';
import { isPredeclared } from './predeclared';
import { readDefinitions } from './read-definitions';

/** What an import gives. */
export interface ImportResult {
  /** The imported flow, merged into the one given. Nodes that were not placed before have no position: lay them out. */
  flow: Flow;
  /** Sentences on what was left out, replaced, kept or changed. */
  notices: string[];
  /** How many nodes and links were imported. */
  imported: { nodes: number; links: number };
  /** Values behind `{{secret:ID}}`. For the host's secret store and nothing else; a host without one forgets them. */
  secrets: Record<string, string>;
}

export interface ImportOptions {
  /** Id of the broker the objects go to; made if the flow has none of that id. */
  broker: string;
  /** The flow to merge into; default a fresh one. */
  into?: Flow;
  /** Vhost of the connection: objects that name none are in it. Only matters for merging; default `/`. */
  defaultVhost?: string;
  /** Begins the sentence of a refusal. */
  fileName?: string;
}

/**
 * Imports RabbitMQ definitions: any release, HTTP or `rabbitmqctl`, whole cluster or one vhost, comments and trailing commas
 * allowed. Objects are `managed`. @throws Failure `import/unreadable`: one sentence with line and column
 */
export function importDefinitions(text: string, options: ImportOptions): ImportResult {
  const { parts, coverage, extra, clusterName, notices } = readDefinitions(text, options.fileName);
  return finishImport(parts, { ...options, coverage, extra, brokerName: clusterName, notices, ownership: 'managed' });
}

/** Lists of a live broker that may have stayed unread: null is unknown, not empty. */
export type LiveParts = {
  [K in keyof ImportedParts]?: ImportedParts[K] | null;
};

export interface LiveImportOptions extends ImportOptions {
  /** The vhosts that were read; default those that objects were found in. */
  vhosts?: readonly string[];
  /** Name of a broker that the flow does not have yet, such as that of the cluster. */
  brokerName?: string | undefined;
  /** What could not be seen. */
  notices?: readonly string[];
}

/**
 * Imports what was read from a live broker (a `FoundTopology` is fine). Objects are `referenced`: deploying never changes them.
 * Exchanges that every vhost has are drawn only as ends of links.
 */
export function importTopology(found: LiveParts, options: LiveImportOptions): ImportResult {
  const parts: ImportedParts = {
    vhosts: [],
    exchanges: (found.exchanges ?? []).filter(({ name }) => !isPredeclared(name)),
    queues: found.queues ?? [],
    bindings: (found.bindings ?? []).filter(({ source }) => source !== ''),
    policies: found.policies ?? [],
    operatorPolicies: found.operatorPolicies ?? [],
    parameters: found.parameters ?? [],
    globalParameters: found.globalParameters ?? [],
  };
  const read = new Set(options.vhosts ?? vhostsOf(parts));
  parts.vhosts = (found.vhosts ?? []).filter(({ name }) => read.has(name));
  const lists = (Object.keys(parts) as ListName[]).filter((list) => found[list] && list !== 'vhosts');
  return finishImport(parts, {
    ...options,
    coverage: { lists: new Set(lists), vhosts: read },
    extra: {},
    notices: [...(options.notices ?? [])],
    ownership: 'referenced',
  });
}

interface Finish extends ImportOptions {
  coverage: Coverage;
  extra: Record<string, Json>;
  brokerName?: string | undefined;
  notices: string[];
  ownership: Ownership;
}

function finishImport(parts: ImportedParts, options: Finish): ImportResult {
  const { broker, into, brokerName, extra, ownership, coverage, defaultVhost = '/' } = options;
  const drawn = drawParts(parts, { broker, ownership, extra });
  const whole: Flow = {
    ...emptyFlow(brokerName ?? 'Imported'),
    brokers: {
      [broker]: {
        kind: 'rabbitmq',
        name: brokerName ?? 'RabbitMQ',
        settings: drawn.settings,
        ...(Object.keys(extra).length > 0 ? { extra: drawn.extra } : {}),
      },
    },
    nodes: drawn.nodes,
    links: drawn.links,
  };
  const { flow: imported, left } = into
    ? leaveDerived(whole, into, { broker, defaultVhost })
    : { flow: whole, left: [] };
  const result = {
    imported: { nodes: Object.keys(imported.nodes).length, links: Object.keys(imported.links).length },
    secrets: drawn.secrets,
  };
  const notices = [...options.notices, ...drawn.notices];
  if (left.length > 0)
    notices.push(`${count(left.length, 'object')} of retry policies not drawn: the policies stand for them.`);
  if (!into) return { ...result, flow: imported, notices };
  const merged = mergeImport(into, imported, { broker, defaultVhost, coverage });
  return { ...result, flow: merged.flow, notices: [...notices, ...merged.notices] };
}
