import type { FlowNode, Json } from '@shared/flow/schema';

/** Is a JSON value an object (a table, a record), not an array or null? */
export function isTable(value: Json | undefined): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Arguments set on a node itself, without those that links stand for. */
export function ownArguments(node: FlowNode): [string, Json][] {
  const table = node.settings['arguments'];
  return isTable(table) ? Object.entries(table) : [];
}
