import { flowStore, select } from '@renderer/flow/flow-store';
import { selectSubject } from '@renderer/flow/selection';
import type { Subject } from '@shared/flow/problem';
import { endNode } from '@shared/flow/schema';
import { canvasView } from './canvas-view';

/** Selects what a problem, step or notice is about and brings it into view. */
export function showSubject(subject: Subject): void {
  select(selectSubject(subject));
  const { flow } = flowStore.getState();
  const link = subject.type === 'link' ? flow.links[subject.id] : undefined;
  const ids = subject.type === 'node' ? [subject.id] : link ? [endNode(link.from), endNode(link.to)] : [];
  const shown = ids.filter((id) => id !== undefined);
  if (shown.length > 0) canvasView()?.reveal(shown);
}
