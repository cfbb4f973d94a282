import type { OpenTape } from '@shared/api/tapes';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** The tape that the window shows in place of the document and its live traffic; session state. */
export interface TapeState {
  tape: OpenTape | null;
  /** The moment on view, epoch milliseconds. */
  at: number;
  isPlaying: boolean;
  /** Times as fast as it was. */
  speed: number;
  /** Which dialog is open. */
  dialog: 'record' | 'open' | 'replay' | null;
}

export const tapeStore = createStore<TapeState>(() => ({
  tape: null,
  at: 0,
  isPlaying: false,
  speed: 1,
  dialog: null,
}));

/** Reads the tape in React. */
export function useTape<T>(selector: (state: TapeState) => T): T {
  return useStore(tapeStore, selector);
}

/** Does the window show a tape? */
export function isTapeOpen({ tape }: TapeState = tapeStore.getState()): boolean {
  return tape !== null;
}

/** Why what changes the document or speaks to brokers does nothing while a tape is open. */
export const TAPE_REASON = 'A tape is open: it shows what was, and nothing of it can be changed. Close it to go on.';

export function showTapeDialog(dialog: TapeState['dialog']): void {
  tapeStore.setState({ dialog });
}

/** Commands that are about the document or its brokers. */
const FOR_DOCUMENT =
  /^(save|save-as|import-.*|export-.*|undo|redo|cut|paste|duplicate|delete|rename|connect|layout|check|plan|deploy|run|stop|publish|watch-.*|record|dead-letters)$/;

/** Is a command, by its id, of no use while a tape is open? */
export function isOffOnTape(commandId: string): boolean {
  return isTapeOpen() && FOR_DOCUMENT.test(commandId);
}
