import type { Flow } from '@shared/flow/schema';
import type { DerivedGroup } from '@shared/kinds/derived';
import { derivedObjects } from '@shared/kinds/registry';

const known = new WeakMap<Flow, DerivedGroup[]>();

/** What is not drawn but follows from settings, at one node; worked out once per flow. */
export function derivedAt(flow: Flow, node: string): DerivedGroup[] {
  let groups = known.get(flow);
  if (!groups) {
    groups = derivedObjects(flow);
    known.set(flow, groups);
  }
  return groups.filter((group) => group.node === node);
}
