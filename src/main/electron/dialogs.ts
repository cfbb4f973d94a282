import { BrowserWindow, dialog, type FileFilter, type OpenDialogOptions, type SaveDialogOptions } from 'electron';
import type { Dialogs } from '../engine/host';

const FILTERS: Record<'flow' | 'import' | 'ca' | 'tape', FileFilter[]> = {
  flow: [
    { name: 'Tapline flow', extensions: ['flow.json', 'json'] },
    { name: 'All files', extensions: ['*'] },
  ],
  import: [
    { name: 'Definitions', extensions: ['json', 'jsonc', 'yaml', 'txt'] },
    { name: 'All files', extensions: ['*'] },
  ],
  ca: [
    { name: 'Certificates', extensions: ['pem', 'crt', 'cer', 'key'] },
    { name: 'All files', extensions: ['*'] },
  ],
  tape: [
    { name: 'Tapes', extensions: ['ndjson'] },
    { name: 'All files', extensions: ['*'] },
  ],
};

const TITLES = { flow: 'Open flow', import: 'Import definitions', ca: 'Choose a certificate file', tape: 'Open tape' };

/** The operating system's file dialogs, on the window in front. */
export function nativeDialogs(): Dialogs {
  const front = () => BrowserWindow.getFocusedWindow() ?? BrowserWindow.getAllWindows()[0];
  return {
    async chooseFileToOpen(purpose) {
      const options: OpenDialogOptions = {
        title: TITLES[purpose],
        filters: FILTERS[purpose],
        properties: ['openFile'],
      };
      const window = front();
      const answer = await (window ? dialog.showOpenDialog(window, options) : dialog.showOpenDialog(options));
      return answer.canceled ? null : (answer.filePaths[0] ?? null);
    },
    async chooseFileToSave(suggestedName) {
      const options: SaveDialogOptions = { title: 'Save flow', defaultPath: suggestedName, filters: FILTERS.flow };
      const window = front();
      const answer = await (window ? dialog.showSaveDialog(window, options) : dialog.showSaveDialog(options));
      return answer.canceled || !answer.filePath ? null : answer.filePath;
    },
  };
}
