import { Failure } from '@shared/failure';
import type { Flow } from '@shared/flow/schema';
import { nodeDescriptor } from '@shared/kinds/registry';

/** What a node is called: `exchange order-events`. */
export function nodeLabel(flow: Flow, id: string): string {
  const node = flow.nodes[id];
  return node ? `${nodeDescriptor(node.type)?.noun ?? node.type} ${node.name}` : id;
}

/**
 * The id of the node that is meant: an id, or a name that only one node has. Among nodes of one name, one of `preferred`
 * wins. @throws Failure naming what there is
 */
export function findNode(flow: Flow, text: string, preferred?: string): string {
  if (Object.hasOwn(flow.nodes, text)) return text;
  const named = Object.entries(flow.nodes).filter(([, node]) => node.name === text);
  const best = named.filter(([, node]) => node.type === preferred);
  const [only, ...others] = best.length === 1 ? best : named;
  if (only && others.length === 0) return only[0];
  const list = (ids: string[]) => ids.map((id) => `${id} (${nodeLabel(flow, id)})`).join(', ');
  if (only) {
    throw new Failure(
      'cli/ambiguous-node',
      `“${text}” is the name of ${named.length} nodes of the flow “${flow.name}”.`,
      {
        hint: `Say which by its id: ${list(named.map(([id]) => id))}.`,
        object: text,
      },
    );
  }
  const candidates = Object.keys(flow.nodes).filter((id) => !preferred || flow.nodes[id]?.type === preferred);
  throw new Failure('cli/unknown-node', `The flow “${flow.name}” has no node “${text}”.`, {
    hint: candidates.length > 0 ? `There are ${list(candidates.slice(0, 12))}.` : undefined,
    object: text,
  });
}
