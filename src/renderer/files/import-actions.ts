import { canvasView } from '@renderer/canvas/canvas-view';
import { engine } from '@renderer/engine/client';
import { documentSync } from '@renderer/flow/document';
import { flowStore, recordEdit } from '@renderer/flow/flow-store';
import { ask } from '@renderer/shell/ask';
import type { ImportReport } from '@shared/api/contract';
import { tellDone, tellProgress } from './tell-done';
import { type TextFile, uploadText } from './transfer';

/** Where an import goes: undefined when the user cancelled. An empty flow is filled without asking. */
async function chooseReplace(): Promise<boolean | undefined> {
  if (Object.keys(flowStore.getState().flow.nodes).length === 0) return true;
  const answer = await ask({
    title: 'Import into this flow?',
    message:
      'Merging keeps what is drawn, and every placed node where it is. Replacing draws only what is imported. Both can be undone.',
    choices: [
      { value: 'merge', label: 'Merge' },
      { value: 'replace', label: 'Replace', isDanger: true },
    ],
  });
  return answer === undefined ? undefined : answer === 'replace';
}

async function runImport(
  source: string,
  load: (replace: boolean, signal: AbortSignal) => Promise<ImportReport>,
): Promise<void> {
  const replace = await chooseReplace();
  if (replace === undefined) return;
  await documentSync.flush();
  const report = await withProgress(source, (signal) => load(replace, signal));
  if (report === undefined) return;
  documentSync.take(await engine.document.state());
  recordEdit(report.diff, `Import ${source}`);
  tellImport(source, report);
  fitWhenDrawn();
}

/** Reading a broker and laying out takes seconds where there is much of it, and can be cancelled: undefined then. */
async function withProgress<T>(source: string, load: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const cancelled = new AbortController();
  const hide = tellProgress(`Importing ${source}`, 'Reading and laying out…', () => cancelled.abort());
  try {
    return await load(cancelled.signal);
  } catch (error) {
    if (!cancelled.signal.aborted) throw error;
    tellDone('Import cancelled; nothing was changed', []);
    return undefined;
  } finally {
    hide();
  }
}

/** New cards are measured before they can be fitted into view. */
function fitWhenDrawn(): void {
  requestAnimationFrame(() => requestAnimationFrame(() => canvasView()?.fit()));
}

function tellImport(source: string, { nodes, links, notices }: ImportReport): void {
  const counts = `${nodes} ${nodes === 1 ? 'node' : 'nodes'} and ${links} ${links === 1 ? 'link' : 'links'}`;
  tellDone(`Imported ${counts} from ${source}`, notices);
}

/** File → Import definitions: a RabbitMQ definitions file of this machine. */
export async function importFile(): Promise<void> {
  const file = await uploadText('.json,.jsonc,application/json');
  if (file) await importText(file);
}

export function importText({ name, text }: TextFile): Promise<void> {
  return runImport(name, (replace, signal) => engine.document.importText({ name, text, replace }, { signal }));
}

/** File → Import from live broker: reads it through the active environment. */
export function importLive(broker: string): Promise<void> {
  const name = flowStore.getState().flow.brokers[broker]?.name ?? broker;
  return runImport(name, (replace, signal) => engine.document.importLive({ broker, replace }, { signal }));
}
