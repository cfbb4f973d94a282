import { randomUUID } from 'node:crypto';
import { basename, resolve } from 'node:path';
import type { DocumentState, RecentFile } from '@shared/api/contract';
import { Failure } from '@shared/failure';
import { applyDiff, diffFlows, type FlowDiff } from '@shared/flow/diff';
import { emptyFlow, type Flow } from '@shared/flow/schema';
import { serialiseFlow } from '@shared/flow/serialise';
import { checkEdit } from './edit';
import { watchFile } from './file-watch';
import { type FileStamp, hasChangedSince, readTextFile, writeTextFile } from './files';
import { readFlow } from './flow-text';
import type { Logger } from './log';
import { createNews } from './news';
import { createRecentFiles } from './recent';
import { createRecovery } from './recovery';

/** What a caller of `next` has already seen. */
export interface Seen {
  revision: number;
  dirty: boolean;
  changedOnDisk: boolean;
  path?: string | null;
}

export type EditAnswer = { accepted: true; revision: number } | { accepted: false; state: DocumentState };

/** The open document: one for all views of an engine. Edits are diffs on a base revision; whoever is late gets the newer document. */
export interface Workspace {
  state: () => DocumentState;
  flow: () => Flow;
  /** Resolves with the state as soon as it differs from what was seen; null after `timeoutMs` or when aborted. */
  next: (seen: Seen, timeoutMs: number, signal?: AbortSignal) => Promise<DocumentState | null>;
  edit: (baseRevision: number, diff: FlowDiff) => Promise<EditAnswer>;
  /** Applies a change made by the engine itself, such as an import. */
  change: (update: (flow: Flow) => Flow) => Promise<DocumentState>;
  /** Starts a new document that was never saved. */
  create: (flow: Flow) => Promise<DocumentState>;
  /** @throws Failure; the open document then stays as it is. */
  open: (path: string) => Promise<DocumentState>;
  openText: (name: string, text: string) => Promise<DocumentState>;
  /** @throws Failure `file/changed-on-disk` or `file/exists` unless `overwrite`. */
  save: (path: string | undefined, overwrite: boolean) => Promise<DocumentState>;
  markSaved: (revision: number) => Promise<DocumentState>;
  recent: () => Promise<RecentFile[]>;
  /** Called after another document was opened or created; returns the stop function. */
  onReplaced: (listener: () => void) => () => void;
  /** Unsaved work stays in the data folder and comes back at the next start. */
  close: () => Promise<void>;
}

export interface WorkspaceOptions {
  dataFolder: string;
  log: Logger;
  now?: () => number;
  /** What a start without file and without unsaved work opens. */
  firstFlow: () => Flow;
  /** Called after the document was written to a file. */
  onSaved?: (flow: Flow) => Promise<void>;
  /** File to open at start. */
  path?: string;
}

interface Document {
  flow: Flow;
  /** As on disk or first shown; the document is dirty when it differs. */
  saved: Flow;
  path: string | null;
  stamp: FileStamp | null;
  changedOnDisk: boolean;
  recovered: boolean;
}

/** Flows get an id at birth: a ledger must tell two flows of one name apart. */
function withId(flow: Flow): Flow {
  return typeof flow.id === 'string' ? flow : { ...flow, id: randomUUID() };
}

/** Opens the workspace: the given file, else unsaved work that a crash left behind, else the first flow. @throws Failure */
export async function openWorkspace(options: WorkspaceOptions): Promise<Workspace> {
  const { dataFolder, log } = options;
  const recent = createRecentFiles(dataFolder, options.now ?? Date.now);
  const recovery = createRecovery(dataFolder);
  const news = createNews();
  const replacedListeners = new Set<() => void>();
  let stopWatching = () => {};
  let revision = 1;
  let document: Document;
  let dirty = false;

  const state = (): DocumentState => ({
    flow: document.flow,
    revision,
    path: document.path,
    dirty,
    changedOnDisk: document.changedOnDisk,
    recovered: document.recovered,
  });

  function watch(): void {
    stopWatching();
    stopWatching = document.path === null ? () => {} : watchFile(document.path, () => void lookAtDisk());
  }

  async function lookAtDisk(): Promise<void> {
    const looked = document;
    if (looked.path === null || looked.stamp === null) return;
    try {
      const changed = await hasChangedSince(looked.path, looked.stamp);
      if (document !== looked || changed === looked.changedOnDisk) return;
      looked.changedOnDisk = changed;
      news.announce();
    } catch (error) {
      log.warn({ err: error }, 'cannot look at the open file');
    }
  }

  /** Says whether there is unsaved work, tells everyone, and puts it on disk. */
  async function keepUnsaved(): Promise<void> {
    dirty = diffFlows(document.saved, document.flow).length > 0;
    news.announce();
    if (!dirty) return recovery.discard();
    try {
      await recovery.keep({ path: document.path, stamp: document.stamp, flow: document.flow });
    } catch (error) {
      log.error({ err: error }, 'unsaved work cannot be kept in the data folder');
    }
  }

  async function replace(next: Document): Promise<DocumentState> {
    document = next;
    revision += 1;
    watch();
    await keepUnsaved();
    for (const listener of replacedListeners) listener();
    return state();
  }

  async function read(path: string): Promise<Document> {
    const { text, stamp } = await readTextFile(path);
    const flow = readFlow(text, path);
    return { flow, saved: flow, path, stamp, changedOnDisk: false, recovered: false };
  }

  function fresh(flow: Flow): Document {
    const named = withId(flow);
    return { flow: named, saved: named, path: null, stamp: null, changedOnDisk: false, recovered: false };
  }

  async function start(): Promise<Document> {
    const path = options.path === undefined ? undefined : resolve(options.path);
    const opened = path === undefined ? undefined : await read(path);
    const unsaved = await recovery.adopt(path);
    if (!unsaved) return opened ?? fresh(options.firstFlow());
    const base = opened ?? (unsaved.path === null ? undefined : await read(unsaved.path).catch(() => undefined));
    return {
      flow: unsaved.flow,
      saved: base?.flow ?? emptyFlow(unsaved.flow.name),
      path: unsaved.path,
      stamp: unsaved.stamp,
      changedOnDisk: unsaved.stamp !== null && base?.stamp?.hash !== unsaved.stamp.hash,
      recovered: true,
    };
  }

  /** Resolves with the revision made when it is safe on disk. */
  async function apply(next: Flow): Promise<number> {
    document.flow = next;
    revision += 1;
    const made = revision;
    await keepUnsaved();
    return made;
  }

  document = await start();
  dirty = diffFlows(document.saved, document.flow).length > 0;
  watch();
  if (document.path !== null) await recent.add(document.path);

  return {
    state,
    flow: () => document.flow,
    async next(seen, timeoutMs, signal) {
      const differs = () =>
        seen.revision !== revision ||
        seen.dirty !== dirty ||
        seen.changedOnDisk !== document.changedOnDisk ||
        (seen.path !== undefined && seen.path !== document.path);
      const deadline = Date.now() + timeoutMs;
      while (!differs()) {
        const left = deadline - Date.now();
        if (left <= 0 || signal?.aborted) return null;
        await news.wait(left, signal);
      }
      return state();
    },
    async edit(baseRevision, diff) {
      if (baseRevision !== revision) return { accepted: false, state: state() };
      checkEdit(diff);
      return { accepted: true, revision: await apply(applyDiff(document.flow, diff)) };
    },
    async change(update) {
      await apply(update(document.flow));
      return state();
    },
    create: (flow) => replace(fresh(flow)),
    async open(path) {
      const next = await read(resolve(path));
      await recent.add(resolve(path));
      return replace(next);
    },
    openText: async (name, text) => replace(fresh(readFlow(text, name))),
    async save(path, overwrite) {
      const target = path === undefined ? document.path : resolve(path);
      if (target === null) throw new Failure('file/no-path', 'Say where to save this flow.', { hint: 'Use Save As.' });
      await refuseToOverwrite(document, target, overwrite);
      const saving = document;
      const flow = saving.flow;
      const stamp = await writeTextFile(target, serialiseFlow(flow), { backup: true });
      Object.assign(saving, { saved: flow, path: target, stamp, changedOnDisk: false, recovered: false });
      watch();
      await keepUnsaved();
      await recent.add(target);
      await options.onSaved?.(flow);
      return state();
    },
    async markSaved(savedRevision) {
      if (savedRevision === revision) {
        document.saved = document.flow;
        document.recovered = false;
        await keepUnsaved();
      }
      return state();
    },
    recent: recent.list,
    onReplaced(listener) {
      replacedListeners.add(listener);
      return () => replacedListeners.delete(listener);
    },
    async close() {
      stopWatching();
      await recovery.settled();
      news.announce();
    },
  };
}

async function refuseToOverwrite(document: Document, target: string, overwrite: boolean): Promise<void> {
  if (overwrite) return;
  const isOwn = target === document.path && document.stamp !== null;
  const before = await readTextFile(target).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'file/unreadable') return null;
    throw error;
  });
  if (before === null) return;
  if (!isOwn) {
    throw new Failure('file/exists', `${basename(target)} exists already.`, {
      hint: 'Choose another name, or confirm to replace it.',
      object: target,
    });
  }
  if (before.stamp.hash !== document.stamp?.hash) {
    throw new Failure(
      'file/changed-on-disk',
      `${basename(target)} was changed by another program since it was opened.`,
      {
        hint: 'Open it again to see that version, or confirm to overwrite it with yours.',
        object: target,
      },
    );
  }
}
