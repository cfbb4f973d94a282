import { mergeFlows } from '@shared/flow/merge';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import { importDefinitions } from '@shared/kinds/rabbitmq/import/import-definitions';
import { placeNewNodes } from '@shared/layout/place-new';
import type { Importer, ImportResult } from '../kinds/driver';
import { readFlow } from './flow-text';
import { runLayout } from './layout';

export interface TextSource {
  /** Begins the sentence of a refusal. */
  name: string;
  text: string;
  /** Broker that definitions go to. */
  broker: string;
  /** Vhost of objects that name none, for merging; default `/`. */
  defaultVhost?: string;
}

/** Is this the text of a flow, and not of definitions? Of what is no JSON the name decides, so that the refusal fits. */
function looksLikeFlow(name: string, text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && 'format' in value && 'nodes' in value;
  } catch {
    return name.endsWith('.flow.json');
  }
}

/** Reads a text, a flow or RabbitMQ definitions, to be brought into a flow. @throws Failure with line and column */
export function readSource({ name, text, broker, defaultVhost }: TextSource): Importer {
  if (looksLikeFlow(name, text)) {
    const other = readFlow(text, name);
    return (into) => importFlow(other, into ?? { ...emptyFlow(other.name), brokers: {} });
  }
  const options = { broker, defaultVhost, fileName: name };
  const first = importDefinitions(text, options);
  return (into) => (into ? importDefinitions(text, { ...options, into }) : first);
}

function importFlow(other: Flow, into: Flow): ImportResult {
  const { flow, kept } = mergeFlows(into, other);
  return {
    flow,
    imported: { nodes: Object.keys(other.nodes).length, links: Object.keys(other.links).length },
    secrets: {},
    notices: kept === 0 ? [] : [`${kept} of them were drawn here already, and stay as they are.`],
  };
}

/** The flow with places for nodes that have none; placed ones stay where they are. */
export async function placeImported(flow: Flow, signal?: AbortSignal): Promise<Flow> {
  const places = await placeNewNodes(flow, (graph) => runLayout(graph, signal));
  return { ...flow, layout: { ...flow.layout, nodes: { ...flow.layout.nodes, ...places } } };
}

/**
 * The broker that an import or export is about when nobody said which: the first of the kind, RabbitMQ unless told otherwise. Where there is
 * none, an id for a new one: `main`, or the kind's name if that is taken.
 */
export function usualBroker(flow: Flow, wanted = 'rabbitmq'): string {
  const first = Object.entries(flow.brokers).find(([, { kind }]) => kind === wanted)?.[0];
  return first ?? (flow.brokers['main'] ? wanted : 'main');
}
