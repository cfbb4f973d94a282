import { engine } from '@renderer/engine/client';
import { documentSync } from '@renderer/flow/document';
import { flowStore } from '@renderer/flow/flow-store';
import { ask } from '@renderer/shell/ask';
import { closeTape } from '@renderer/tape/tape-actions';
import type { DocumentState, ExportFormat } from '@shared/api/contract';
import type { ExampleId } from '@shared/examples/index';
import { slug } from '@shared/flow/ids';
import { hostInfo } from './host';
import { tellDone } from './tell-done';
import { downloadText, type TextFile, uploadText } from './transfer';

const FLOW_FILES = '.json,.flow,application/json';

/** Asks what becomes of unsaved changes. False: the user wants to stay. */
async function mayLeaveDocument(): Promise<boolean> {
  const { document, flow } = flowStore.getState();
  if (!document.dirty) return true;
  const answer = await ask({
    title: 'Save changes?',
    message: `“${flow.name}” has changes that were not saved.`,
    choices: [
      { value: 'save', label: 'Save' },
      { value: 'discard', label: 'Don’t save' },
    ],
  });
  if (answer === 'save') return saveDocument();
  return answer === 'discard';
}

async function replaceDocument(load: () => Promise<DocumentState>): Promise<void> {
  await closeTape();
  if (!(await mayLeaveDocument())) return;
  await documentSync.flush();
  documentSync.open(await load());
}

/** File → New, empty or as an example. */
export function newDocument(template: 'empty' | ExampleId = 'empty'): Promise<void> {
  return replaceDocument(() => engine.document.create({ template }));
}

/** File → Open: the host's dialog, or an upload. */
export async function openDocument(): Promise<void> {
  const { fileDialogs } = await hostInfo();
  if (!fileDialogs) {
    const file = await uploadText(FLOW_FILES);
    if (file) await openText(file);
    return;
  }
  const path = await engine.host.chooseFileToOpen({ purpose: 'flow' });
  if (path !== null) await openPath(path);
}

/** Opens a file of the engine's machine. */
export function openPath(path: string): Promise<void> {
  return replaceDocument(() => engine.document.open({ path }));
}

/** Opens a file that was uploaded or dropped. */
export function openText(file: TextFile): Promise<void> {
  return replaceDocument(() => engine.document.openText(file));
}

/** File → Save: where it came from; a document without a place is asked for one, or downloaded. True when it was saved. */
export async function saveDocument(): Promise<boolean> {
  await documentSync.flush();
  const { document } = flowStore.getState();
  if (document.path === null) return saveDocumentAs();
  if (document.changedOnDisk) return saveOverChanged();
  documentSync.take(await engine.document.save({}));
  return true;
}

/** Saves over a file that changed on disk, if the user says so. */
async function saveOverChanged(): Promise<boolean> {
  const answer = await ask({
    title: 'The file changed on disk',
    message: 'Another program wrote to this file since it was opened here. Saving replaces what it wrote.',
    choices: [
      { value: 'elsewhere', label: 'Save as…' },
      { value: 'overwrite', label: 'Overwrite', isDanger: true },
    ],
  });
  if (answer === 'elsewhere') return saveDocumentAs();
  if (answer !== 'overwrite') return false;
  documentSync.take(await engine.document.save({ overwrite: true }));
  return true;
}

/** File → Save As. True when it was saved. */
export async function saveDocumentAs(): Promise<boolean> {
  await documentSync.flush();
  const { fileDialogs } = await hostInfo();
  if (!fileDialogs) {
    await downloadDocument();
    return true;
  }
  const suggestedName = `${slug(flowStore.getState().flow.name)}.flow.json`;
  const path = await engine.host.chooseFileToSave({ suggestedName });
  if (path === null) return false;
  documentSync.take(await engine.document.save({ path, overwrite: true }));
  return true;
}

async function downloadDocument(): Promise<void> {
  const { revision } = flowStore.getState();
  const { fileName, mimeType, text } = await engine.document.export({ format: 'flow' });
  downloadText(fileName, mimeType, text);
  documentSync.take(await engine.document.markSaved({ revision }));
  tellDone(`Downloaded ${fileName}`, []);
}

/** Reads the file again, giving up what was changed here. */
export async function reloadDocument(): Promise<void> {
  const { path, dirty } = flowStore.getState().document;
  if (path === null) return;
  const answer = dirty
    ? await ask({
        title: 'Reload the file?',
        message: 'Your unsaved changes are lost.',
        choices: [{ value: 'reload', label: 'Reload', isDanger: true }],
      })
    : 'reload';
  if (answer === 'reload') documentSync.open(await engine.document.open({ path }));
}

/** File → Export: into a file of the user's choice, as a download. */
export async function exportDocument(format: ExportFormat, broker?: string): Promise<void> {
  await documentSync.flush();
  const { fileName, mimeType, text, notices } = await engine.document.export({ format, broker });
  downloadText(fileName, mimeType, text);
  tellDone(`Exported ${fileName}`, notices);
}
