import { endNode, type Flow, type FlowLink, type LinkEnd } from '@shared/flow/schema';

/** An output of a handler: a publish link that begins at it, by the name that rules and scripts use. */
export interface HandlerOutput {
  name: string;
  /** Id of the publish link. */
  link: string;
}

const text = (value: unknown) => (typeof value === 'string' ? value.trim() : '');

function targetName(flow: Flow, end: LinkEnd): string {
  return 'node' in end ? (flow.nodes[end.node]?.name ?? end.node) : end.name;
}

/** What an output is called: its own name, else its target's. */
function outputName(flow: Flow, link: FlowLink): string {
  return text(link.settings['output']) || targetName(flow, link.to);
}

/**
 * Outputs of a handler in a stable order. Links may share a name: what is sent there goes to each of them, as with several
 * wires at one port.
 */
export function outputsOf(flow: Flow, handler: string): HandlerOutput[] {
  return Object.entries(flow.links)
    .filter(([, link]) => link.type === 'publish' && endNode(link.from) === handler)
    .map(([id, link]) => ({ name: outputName(flow, link), link: id }));
}

/** `its outputs are “a”, “b”.` */
export function listOutputs(names: readonly string[]): string {
  const there = [...new Set(names)].map((name) => `“${name}”`);
  return there.length > 0 ? `its outputs are ${there.join(', ')}.` : 'it has none yet.';
}

/** The sentence for an output that a handler does not have, with those it has. */
export function describeMissingOutput(output: string, names: readonly string[]): string {
  const has = listOutputs(names);
  return output === '' ? `An output must be named: ${has}` : `The handler has no output “${output}”: ${has}`;
}
