import { type FlowDiff, reverseDiff, squashDiffs } from '@shared/flow/diff';
import type { Flow } from '@shared/flow/schema';
import { type RebasedDiff, rebaseDiff } from './rebase';

/** One step of undo: an edit, or several that were merged. */
export interface HistoryStep {
  /** What the menu says after “Undo”: `Move 3 nodes`. */
  label: string;
  diff: FlowDiff;
  /** Edits with the same key, one right after another, become one step. */
  mergeKey?: string;
}

/** Steps that can be undone and redone, newest last. Selection and viewport are not part of it. */
export interface History {
  undo: readonly HistoryStep[];
  redo: readonly HistoryStep[];
}

export const emptyHistory: History = { undo: [], redo: [] };

/** Steps kept; older ones are forgotten. */
const MAX_STEPS = 500;

/** The history after an edit: redo is cleared, and the edit merges into the last step when their keys say so. */
export function record(history: History, step: HistoryStep): History {
  const last = history.undo.at(-1);
  if (last === undefined || step.mergeKey === undefined || last.mergeKey !== step.mergeKey) {
    return { undo: [...history.undo, step].slice(-MAX_STEPS), redo: [] };
  }
  const diff = squashDiffs(last.diff, step.diff);
  const earlier = history.undo.slice(0, -1);
  // Typed and typed back: nothing is left to undo.
  return { undo: diff.length === 0 ? earlier : [...earlier, { ...last, diff }], redo: [] };
}

/** Ends merging: the next edit is a step of its own even with the same key. */
export function seal(history: History): History {
  const last = history.undo.at(-1);
  if (last?.mergeKey === undefined) return history;
  const { mergeKey: _, ...sealed } = last;
  return { ...history, undo: [...history.undo.slice(0, -1), sealed] };
}

/** A step taken back or done again: the history then, and what to do to the flow. */
export interface HistoryMove {
  history: History;
  label: string;
  rebased: RebasedDiff;
}

/** Takes the last step back; undefined when there is none. Changes made by others since then stay. */
export function undoStep(history: History, flow: Flow): HistoryMove | undefined {
  const step = history.undo.at(-1);
  if (step === undefined) return undefined;
  const rebased = rebaseDiff(reverseDiff(step.diff), flow);
  return {
    history: { undo: history.undo.slice(0, -1), redo: [...history.redo, { label: step.label, diff: step.diff }] },
    label: step.label,
    rebased,
  };
}

/** Does the last undone step again; undefined when there is none. */
export function redoStep(history: History, flow: Flow): HistoryMove | undefined {
  const step = history.redo.at(-1);
  if (step === undefined) return undefined;
  return {
    history: { undo: [...history.undo, step], redo: history.redo.slice(0, -1) },
    label: step.label,
    rebased: rebaseDiff(step.diff, flow),
  };
}
