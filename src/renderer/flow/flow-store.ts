import type { DocumentState } from '@shared/api/contract';
import { applyDiff, diffFlows, type FlowDiff } from '@shared/flow/diff';
import type { Problem } from '@shared/flow/problem';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import { createStore } from 'zustand/vanilla';
import { emptyHistory, type History, record, redoStep, seal, undoStep } from './history';
import { emptySelection, pruneSelection, type Selection, sameSelection } from './selection';

/** A command: what an edit makes of a flow. Pure; see `src/shared/flow/commands.ts`. */
export type FlowCommand = (flow: Flow) => Flow;

/** The document as it is known beside the flow itself. */
export type DocumentInfo = Omit<DocumentState, 'flow' | 'revision'>;

export interface FlowState {
  /** False until the engine told what the document is. */
  isLoaded: boolean;
  /** The flow as drawn: the engine's, plus edits on their way there. */
  flow: Flow;
  /** Revision the engine is known to have. */
  revision: number;
  document: DocumentInfo;
  selection: Selection;
  problems: readonly Problem[];
  history: History;
  /** Rises when another document was opened: the canvas fits it into view. */
  openedCount: number;
  /** It is shown and cannot be edited. */
  isReadOnly: boolean;
}

export const flowStore = createStore<FlowState>(() => ({
  isLoaded: false,
  flow: emptyFlow(),
  revision: 0,
  document: { path: null, dirty: false, changedOnDisk: false, recovered: false },
  selection: emptySelection,
  problems: [],
  history: emptyHistory,
  openedCount: 0,
  isReadOnly: false,
}));

type DiffListener = (diff: FlowDiff) => void;
let sendDiff: DiffListener = () => undefined;

/** The one who is told of every local edit: the engine's end (`flow-sync.ts`). */
export function setDiffListener(listener: DiffListener): void {
  sendDiff = listener;
}

let onRefused: () => void = () => undefined;

/** The one who is told when an edit was tried on what is only shown. */
export function setRefusalListener(listener: () => void): void {
  onRefused = listener;
}

/** Shows another flow in place of the document, read-only; answers the function that brings the document back as it was. */
export function showFlow(flow: Flow): () => void {
  const before = flowStore.getState();
  takeOpenedFlow({ flow, revision: 0, path: null, dirty: false, changedOnDisk: false, recovered: false });
  flowStore.setState({ isReadOnly: true });
  return () => {
    const { openedCount } = flowStore.getState();
    flowStore.setState({ ...before, openedCount: openedCount + 1 }, true);
  };
}

export interface EditOptions {
  /** What the menu says after “Undo”: `Rename queue`. */
  label: string;
  /** Edits with the same key in a row are one undo step; `sealEdits` ends it. */
  mergeKey?: string;
}

/** Every change a user makes goes through here: runs the command, records the undo step, tells the engine. True if anything changed. */
export function edit(command: FlowCommand, options: EditOptions): boolean {
  const { flow, history, isReadOnly } = flowStore.getState();
  const next = command(flow);
  const diff = diffFlows(flow, next);
  if (diff.length === 0) return false;
  if (isReadOnly) {
    onRefused();
    return false;
  }
  applyLocally(next, record(history, { ...options, diff }), diff);
  return true;
}

/** Makes an edit that the engine made on the user's behalf, such as an import, a step that can be undone. */
export function recordEdit(diff: FlowDiff, label: string): void {
  if (diff.length > 0) flowStore.setState(({ history }) => ({ history: record(history, { label, diff }) }));
}

/** Ends the merging of edits: called when a field loses focus or a gesture ends. */
export function sealEdits(): void {
  flowStore.setState(({ history }) => ({ history: seal(history) }));
}

/** Takes the last step back. Answers its label, undefined if there was none. */
export function undo(): string | undefined {
  return move(undoStep);
}

/** Does the last undone step again. Answers its label, undefined if there was none. */
export function redo(): string | undefined {
  return move(redoStep);
}

function move(step: typeof undoStep): string | undefined {
  const { flow, history } = flowStore.getState();
  const moved = step(history, flow);
  if (moved === undefined) return undefined;
  applyLocally(applyDiff(flow, moved.rebased.diff), moved.history, moved.rebased.diff);
  return moved.label;
}

function applyLocally(flow: Flow, history: History, diff: FlowDiff): void {
  flowStore.setState(({ selection, document }) => ({
    flow,
    history,
    selection: pruneSelection(selection, flow),
    document: { ...document, dirty: true },
  }));
  sendDiff(diff);
}

/** Selects; does nothing when it is selected already. */
export function select(selection: Selection): void {
  const pruned = pruneSelection(selection, flowStore.getState().flow);
  if (!sameSelection(pruned, flowStore.getState().selection)) flowStore.setState({ selection: pruned });
}

/** The same document with somebody else's changes, already merged with ours. History and selection stay. */
export function takeRemoteFlow(flow: Flow, revision: number, document: DocumentInfo): void {
  flowStore.setState(({ selection }) => ({
    flow,
    revision,
    document,
    isLoaded: true,
    selection: pruneSelection(selection, flow),
  }));
}

/** Another document: history and selection begin anew. */
export function takeOpenedFlow({ flow, revision, ...document }: DocumentState): void {
  flowStore.setState(({ openedCount }) => ({
    flow,
    revision,
    document,
    isLoaded: true,
    selection: emptySelection,
    history: emptyHistory,
    problems: [],
    openedCount: openedCount + 1,
  }));
}
