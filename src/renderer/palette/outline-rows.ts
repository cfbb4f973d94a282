import { describeNode } from '@renderer/kinds/descriptors';
import type { Flow } from '@shared/flow/schema';

/** A line of the outline: a heading, a broker, or a node. */
export type OutlineRow =
  | { type: 'heading'; label: string; count: number }
  | { type: 'broker'; id: string; name: string }
  | { type: 'node'; id: string; name: string; noun: string; icon: string; accent: string };

/** Lines of the outline: brokers, then nodes by noun and name; a filter keeps what contains it. */
export function outlineRows(flow: Flow, filter: string): OutlineRow[] {
  const wanted = filter.trim().toLowerCase();
  const matches = (...texts: string[]) => wanted === '' || texts.some((text) => text.toLowerCase().includes(wanted));
  const brokers = Object.entries(flow.brokers)
    .filter(([, { name }]) => matches(name, 'broker'))
    .map(([id, { name }]): OutlineRow => ({ type: 'broker', id, name }));
  const byNoun = new Map<string, { label: string; rows: Extract<OutlineRow, { type: 'node' }>[] }>();
  for (const [id, { type, name }] of Object.entries(flow.nodes)) {
    const { noun, icon, accent, label } = describeNode(type);
    if (!matches(name, noun)) continue;
    const group = byNoun.get(noun) ?? { label, rows: [] };
    group.rows.push({ type: 'node', id, name, noun, icon, accent });
    byNoun.set(noun, group);
  }
  const groups = [...byNoun.values()].sort((a, b) => a.label.localeCompare(b.label));
  return [
    ...(brokers.length > 0 ? [{ type: 'heading' as const, label: 'Brokers', count: brokers.length }, ...brokers] : []),
    ...groups.flatMap(({ label, rows }): OutlineRow[] => [
      { type: 'heading', label: `${label}s`, count: rows.length },
      ...rows.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true })),
    ]),
  ];
}
