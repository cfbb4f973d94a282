import type { DocumentState } from '@shared/api/contract';
import { applyDiff, type FlowDiff, squashDiffs } from '@shared/flow/diff';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import { type DocumentInfo, flowStore, setDiffListener, takeOpenedFlow, takeRemoteFlow } from './flow-store';
import { type RebasedDiff, rebaseDiff } from './rebase';

/** The part of the engine that keeps documents, as far as edits are concerned. */
export interface DocumentEngine {
  state: () => Promise<DocumentState>;
  next: (known: { revision: number; dirty: boolean; changedOnDisk: boolean }) => Promise<DocumentState | null>;
  edit: (edit: {
    baseRevision: number;
    diff: FlowDiff;
  }) => Promise<{ accepted: true; revision: number } | { accepted: false; state: DocumentState }>;
  /** Resolves when calls can succeed again. */
  connected: () => Promise<void>;
  /** Is this error only that the engine is away for the moment? */
  isAway: (error: unknown) => boolean;
}

export interface SyncReports {
  /** The same values were changed elsewhere first, by another window or the engine itself; ours gave way. */
  onOverruled: (rebased: RebasedDiff) => void;
  /** The engine refused an edit; the view fell back to the engine's document. */
  onRefused: (error: unknown) => void;
}

export interface FlowSync {
  /** Resolves when every edit made so far has reached the engine. */
  flush: () => Promise<void>;
  /** Puts an answer of the engine (save, mark saved) into effect. */
  take: (state: DocumentState) => void;
  /** Shows another document; edits to the one before must have been flushed. */
  open: (state: DocumentState) => void;
  /** Begins to follow the engine's document. Answers the stop function. */
  start: () => () => void;
  /** Leaves the store to something else; flush first. Answers the function that goes on with the document that the store then holds. */
  suspend: () => () => void;
}

/**
 * Keeps the flow store and the engine's document the same. Edits are shown at once and sent one after another, squashed while
 * one is on its way; when another window was faster, they are moved onto its document. While the engine is away they wait.
 */
export function syncFlow(engine: DocumentEngine, reports: SyncReports): FlowSync {
  let confirmed: Flow = emptyFlow();
  let unsent: FlowDiff = [];
  let sending: Promise<void> | undefined;
  /** Which `start` is the current one; 0 while stopped. */
  let running = 0;
  let starts = 0;

  setDiffListener((diff) => {
    unsent = squashDiffs(unsent, diff);
    void send();
  });

  function send(): Promise<void> {
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
    return sending;
  }

  async function sendAll(): Promise<void> {
    while (unsent.length > 0 && running > 0) {
      const diff = unsent;
      unsent = [];
      try {
        const answer = await engine.edit({ baseRevision: flowStore.getState().revision, diff });
        if (answer.accepted) {
          confirmed = applyDiff(confirmed, diff);
          flowStore.setState({ revision: answer.revision });
        } else {
          unsent = squashDiffs(diff, unsent);
          adopt(answer.state);
        }
      } catch (error) {
        await recover(error, diff);
      }
    }
  }

  async function recover(error: unknown, diff: FlowDiff): Promise<void> {
    const isRefused = !engine.isAway(error);
    if (isRefused) {
      unsent = [];
      reports.onRefused(error);
    } else unsent = squashDiffs(diff, unsent);
    await engine.connected();
    // The engine may have taken the edit before the wire broke, or be a new process: its document decides.
    const state = await untilAnswered(engine.state);
    // What was built on a refused edit goes with it, of which the refusal has told.
    adopt(state, isRefused ? () => undefined : undefined);
  }

  async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      await engine.connected();
      try {
        return await ask();
      } catch (error) {
        if (!engine.isAway(error)) throw error;
      }
    }
  }

  function adopt({ flow, revision, ...document }: DocumentState, onOverruled = reports.onOverruled): void {
    confirmed = flow;
    const rebased = rebaseDiff(unsent, flow);
    unsent = rebased.diff;
    if (rebased.overruled.length > 0) onOverruled(rebased);
    takeRemoteFlow(applyDiff(flow, unsent), revision, withOwnEdits(document));
  }

  function withOwnEdits(document: DocumentInfo): DocumentInfo {
    return unsent.length > 0 ? { ...document, dirty: true } : document;
  }

  function take(state: DocumentState): void {
    const known = flowStore.getState();
    const { flow: _, revision, ...document } = state;
    if (revision === known.revision) flowStore.setState({ document: withOwnEdits(document) });
    else if (revision > known.revision) adopt(state);
  }

  async function follow(run: number, begin: (state: DocumentState) => void): Promise<void> {
    const state = await untilAnswered(engine.state);
    if (running === run) begin(state);
    while (running === run) {
      const { revision, document } = flowStore.getState();
      try {
        const state = await engine.next({ revision, dirty: document.dirty, changedOnDisk: document.changedOnDisk });
        await sending;
        if (state === null || running !== run) continue;
        // A lower revision is a document opened anew by an engine that began anew.
        if (state.revision < revision && state.revision < flowStore.getState().revision) adopt(state);
        else take(state);
      } catch (error) {
        if (!engine.isAway(error)) throw error;
        await engine.connected();
        await sending;
        adopt(await untilAnswered(engine.state));
      }
    }
  }

  function takeAsOpened(state: DocumentState): void {
    confirmed = state.flow;
    unsent = [];
    takeOpenedFlow(state);
  }

  function run(begin: (state: DocumentState) => void): void {
    starts += 1;
    running = starts;
    void follow(running, begin);
  }

  return {
    flush: async () => {
      while (unsent.length > 0 || sending !== undefined) await send();
    },
    take,
    open: takeAsOpened,
    start: () => {
      run(takeAsOpened);
      return () => {
        running = 0;
      };
    },
    suspend: () => {
      running = 0;
      return () => run((state) => adopt(state));
    },
  };
}
