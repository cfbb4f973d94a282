import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { app, BrowserWindow, dialog, ipcMain, Menu, session } from 'electron';
import { defaultDataFolder } from '../engine/data-folder';
import { pageFolder } from '../engine/page-files';
import { TAPLINE_VERSION } from '../engine/version';
import { CONNECT_CHANNEL, PORT_CHANNEL } from './channels';
import { nativeDialogs } from './dialogs';
import { type EngineHost, startEngine } from './engine-host';
import { openSecrets } from './keychain';
import { buildMenu } from './menu';
import { isPageUrl, pageUrl, registerPageScheme, servePage } from './page';
import { spawnSandbox } from './sandbox-host';
import { secure } from './security';
import { openWindow } from './window';

/** `electron out/main/electron.js [--flow=FILE]` */
const flowPath = process.argv.find((argument) => argument.startsWith('--flow='))?.slice('--flow='.length);
const developmentUrl = app.isPackaged ? undefined : process.env.ELECTRON_RENDERER_URL;
const isOwnPage = (url: string) => isPageUrl(url, developmentUrl);
const dataFolder = defaultDataFolder();

// Chromium's own files live beside ours, so that another data folder is another Tapline in every respect.
const chromiumFolder = join(dataFolder, 'window');
mkdirSync(chromiumFolder, { recursive: true, mode: 0o700 });
app.setPath('userData', chromiumFolder);
app.enableSandbox();
registerPageScheme();

async function start(): Promise<void> {
  await app.whenReady();
  secure(session.defaultSession, isOwnPage);
  servePage(pageFolder());
  const secrets = await openSecrets(dataFolder);
  const dialogs = nativeDialogs();
  const engine = startEngine({
    start: { version: TAPLINE_VERSION, dataFolder, flowPath, secretStore: secrets.kind },
    services: {
      getSecret: secrets.get,
      setSecret: secrets.set,
      deleteSecret: secrets.delete,
      spawnSandbox,
      ...dialogs,
    },
    onFailed: (message) => void dialog.showMessageBox({ type: 'error', message }),
    onGivenUp: () => {
      dialog.showErrorBox(
        'Tapline cannot go on',
        'Its engine ended several times in a row. Unsaved changes are kept and come back at the next start.',
      );
      app.exit(1);
    },
  });
  connectPages(engine);
  endWithApp(engine);
  Menu.setApplicationMenu(buildMenu(app.isPackaged));
  openWindow(pageUrl(developmentUrl));
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) openWindow(pageUrl(developmentUrl));
  });
}

/** Hands a wire to the engine to whoever is our own page, in the main frame of one of our windows. */
function connectPages(engine: EngineHost): void {
  ipcMain.on(CONNECT_CHANNEL, (event) => {
    const { sender, senderFrame } = event;
    const isOurs = BrowserWindow.getAllWindows().some((window) => window.webContents === sender);
    if (!isOurs || !senderFrame || senderFrame.parent !== null || !isOwnPage(senderFrame.url)) return;
    senderFrame.postMessage(PORT_CHANNEL, null, [engine.connect()]);
  });
}

/** Quitting waits for the engine to stop what runs. */
function endWithApp(engine: EngineHost): void {
  let isClosed = false;
  app.on('will-quit', (event) => {
    if (isClosed) return;
    event.preventDefault();
    void engine.close().finally(() => {
      isClosed = true;
      app.quit();
    });
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
}

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', () => {
    const window = BrowserWindow.getAllWindows()[0];
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  start().catch((error: unknown) => {
    dialog.showErrorBox('Tapline cannot start', error instanceof Error ? error.message : String(error));
    app.exit(1);
  });
} else {
  app.quit();
}
