import { nameNode } from '@renderer/flow/names';
import { linksBetween } from '@renderer/kinds/descriptors';
import { setAtPath } from '@shared/flow/commands';
import type { Flow, Json } from '@shared/flow/schema';
import type { Field } from '@shared/kinds/descriptor';

/** A node that another can be joined with, and which way. */
export interface Candidate {
  key: string;
  direction: 'To' | 'From';
  label: string;
  from: string;
  to: string;
  fromType: string;
  toType: string;
}

/** Every node that a link may join with this one, by the descriptors. */
export function connectCandidates(flow: Flow, id: string): Candidate[] {
  const node = flow.nodes[id];
  if (node === undefined) return [];
  return Object.entries(flow.nodes).flatMap(([other, { type }]) => {
    const label = nameNode(flow.nodes[other] ?? node);
    const to: Candidate = {
      key: `to:${other}`,
      direction: 'To',
      label,
      from: id,
      to: other,
      fromType: node.type,
      toType: type,
    };
    const from: Candidate = {
      key: `from:${other}`,
      direction: 'From',
      label,
      from: other,
      to: id,
      fromType: type,
      toType: node.type,
    };
    // A node and itself are one pair only.
    return (other === id ? [to] : [to, from]).filter(
      ({ fromType, toType }) => linksBetween(fromType, toType).length > 0,
    );
  });
}

/** The text that matters most about a link (its routing key): its first text field, in the first row if it has rows. */
export function firstTextPath(
  fields: readonly Field[],
): { path: string[]; label: string; placeholder: string | undefined } | undefined {
  for (const field of fields) {
    if (field.control === 'text') return { path: field.path, label: field.label, placeholder: field.placeholder };
    if (field.control !== 'rows' || field.keyed) continue;
    const inner = firstTextPath(field.fields);
    if (inner) return { ...inner, path: [...field.path, '0', ...inner.path] };
  }
  return undefined;
}

/** Settings with a text put in; the path may enter the first row of a list. */
export function withText(settings: Record<string, Json>, path: readonly string[], text: string): Record<string, Json> {
  const at = path.indexOf('0');
  if (at < 0) return setAtPath(settings, path, text);
  const [list] = path.slice(0, at);
  const rows = list === undefined ? undefined : settings[list];
  if (list === undefined || !Array.isArray(rows)) return settings;
  const [first, ...others] = rows;
  const row = typeof first === 'object' && first !== null && !Array.isArray(first) ? first : {};
  return { ...settings, [list]: [setAtPath(row, path.slice(at + 1), text), ...others] };
}
