import { canonicalJson } from '@shared/canonical';
import type { Json } from '@shared/flow/schema';

/**
 * Rows of a binding link: those drawn, in their order, then new ones of the import. `gone` names drawn rows that the import does
 * not have. Undefined when this is no list of rows.
 */
export function mergeRows(
  drawn: Json | undefined,
  imported: Json | undefined,
): { rows: Json[]; gone: string[] } | undefined {
  if (!Array.isArray(drawn) || !Array.isArray(imported)) return undefined;
  const known = new Set(drawn.map(identify));
  const found = new Set(imported.map(identify));
  return {
    rows: [...drawn, ...imported.filter((row) => !known.has(identify(row)))],
    gone: drawn.filter((row) => !found.has(identify(row))).map(describeRow),
  };
}

function partsOf(row: Json): { routingKey: Json; table: Json } {
  const settings = typeof row === 'object' && row !== null && !Array.isArray(row) ? row : {};
  return { routingKey: settings.routingKey ?? '', table: settings.arguments ?? {} };
}

function identify(row: Json): string {
  const { routingKey, table } = partsOf(row);
  return canonicalJson([routingKey, table]);
}

function describeRow(row: Json): string {
  const { routingKey, table } = partsOf(row);
  const key = routingKey === '' ? 'no key' : `key ${String(routingKey)}`;
  return Object.keys(table as object).length === 0 ? key : `${key} ${canonicalJson(table)}`;
}
