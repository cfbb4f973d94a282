import { join } from 'node:path';
import { BrowserWindow, dialog } from 'electron';

/** Opens the window on the page. The page has no Node, lives in a sandbox and shares no JavaScript world with the preload. */
export function openWindow(url: string): BrowserWindow {
  const window = new BrowserWindow({
    width: 1440,
    height: 900,
    minWidth: 800,
    minHeight: 560,
    show: false,
    title: 'Tapline',
    backgroundColor: '#1a1b1e',
    webPreferences: {
      preload: join(import.meta.dirname, '..', 'preload', 'index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      navigateOnDragDrop: false,
    },
  });
  window.once('ready-to-show', () => window.show());
  window.webContents.on('will-prevent-unload', (event) => {
    if (mayClose(window)) event.preventDefault();
  });
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    // The document is the engine's: a page that crashed loses nothing by beginning anew.
    if (reason !== 'clean-exit') window.webContents.reload();
  });
  void window.loadURL(url);
  return window;
}

/** The page has unsaved changes; asks whether to close all the same. */
function mayClose(window: BrowserWindow): boolean {
  const choice = dialog.showMessageBoxSync(window, {
    type: 'question',
    message: 'There are unsaved changes.',
    detail: 'They are kept and come back at the next start.',
    buttons: ['Close', 'Cancel'],
    defaultId: 1,
    cancelId: 1,
  });
  return choice === 0;
}
