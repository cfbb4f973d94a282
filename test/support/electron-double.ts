// A double of the parts of `electron` that the main process uses, for machines without its binary. It behaves as documented:
// events can be prevented, MessagePorts carry messages, `utilityProcess` runs the file in a thread of its own.
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';

/** Emits an event that can be prevented; true if it was not. */
function emitPreventable(emitter: EventEmitter, name: string, fields: object = {}, ...more: unknown[]): boolean {
  let isPrevented = false;
  const preventDefault = () => {
    isPrevented = true;
  };
  emitter.emit(name, { ...fields, preventDefault }, ...more);
  return !isPrevented;
}

type OpenHandler = (details: { url: string }) => { action: string };

class WebContents extends EventEmitter {
  openHandler: OpenHandler | undefined;
  url = '';
  reloads = 0;
  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }
  reload(): void {
    this.reloads += 1;
  }
  getURL(): string {
    return this.url;
  }
  /** What Chromium asks before it goes somewhere; true if it may. */
  mayNavigate(url: string, event = 'will-navigate'): boolean {
    return emitPreventable(this, event, { url }, url);
  }
  mayAttachWebview(): boolean {
    return emitPreventable(this, 'will-attach-webview');
  }
  /** A page with unsaved changes is about to be left; true if it stays. */
  staysWithUnsavedChanges(): boolean {
    return emitPreventable(this, 'will-prevent-unload');
  }
}

export class BrowserWindow extends EventEmitter {
  static all: BrowserWindow[] = [];
  static getAllWindows = () => BrowserWindow.all;
  static getFocusedWindow = () => BrowserWindow.all[0] ?? null;
  readonly webContents = new WebContents();
  isVisible = false;
  constructor(readonly options: { webPreferences: Record<string, unknown> }) {
    super();
    BrowserWindow.all.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }
  async loadURL(url: string): Promise<void> {
    this.webContents.url = url;
    this.emit('ready-to-show');
  }
  show(): void {
    this.isVisible = true;
  }
  isMinimized = () => false;
  restore(): void {}
  focus(): void {}
  close(): void {
    BrowserWindow.all = BrowserWindow.all.filter((window) => window !== this);
    this.emit('closed');
    if (BrowserWindow.all.length === 0) app.emit('window-all-closed');
  }
}

class App extends EventEmitter {
  isPackaged = false;
  isSandboxed = false;
  hasQuit = false;
  exitCode: number | undefined;
  paths = new Map<string, string>();
  whenReady = () => Promise.resolve();
  enableSandbox(): void {
    this.isSandboxed = true;
  }
  setPath(name: string, path: string): void {
    if (!existsSync(path)) throw new Error(`Failed to set '${name}' path: no such folder`);
    this.paths.set(name, path);
  }
  requestSingleInstanceLock = () => true;
  quit(): void {
    if (emitPreventable(this, 'will-quit')) this.hasQuit = true;
  }
  exit(code: number): void {
    this.exitCode = code;
  }
}
export const app = new App();

type Listener = (event: unknown, ...args: unknown[]) => void;
const ipcListeners = new Map<string, Listener>();
export const ipcMain = {
  on: (channel: string, listener: Listener) => void ipcListeners.set(channel, listener),
};

type ProtocolHandler = (request: Request) => Promise<Response>;
let protocolHandler: ProtocolHandler | undefined;
let schemes: unknown[] = [];
export const protocol = {
  registerSchemesAsPrivileged: (registered: unknown[]) => {
    schemes = registered;
  },
  handle: (_scheme: string, handler: ProtocolHandler) => {
    protocolHandler = handler;
  },
};

interface SessionHandlers {
  request?: (contents: WebContents | null, permission: string, answer: (isAllowed: boolean) => void) => void;
  check?: (contents: WebContents | null, permission: string) => boolean;
  device?: () => boolean;
}
const handlers: SessionHandlers = {};
export const session = {
  defaultSession: {
    setPermissionRequestHandler: (handler: SessionHandlers['request']) => {
      handlers.request = handler;
    },
    setPermissionCheckHandler: (handler: SessionHandlers['check']) => {
      handlers.check = handler;
    },
    setDevicePermissionHandler: (handler: SessionHandlers['device']) => {
      handlers.device = handler;
    },
  },
};

const opened: string[] = [];
export const shell = { openExternal: async (url: string) => void opened.push(url) };

/** What the user answers; tests change it. */
const answers = { open: null as string | null, save: null as string | null, button: 1 };
const shown: string[] = [];
export const dialog = {
  showOpenDialog: async () => ({
    canceled: answers.open === null,
    filePaths: answers.open === null ? [] : [answers.open],
  }),
  showSaveDialog: async () => ({ canceled: answers.save === null, filePath: answers.save ?? '' }),
  showMessageBox: async ({ message }: { message: string }) => void shown.push(message),
  showMessageBoxSync: (_window: unknown, { message }: { message: string }) => {
    shown.push(message);
    return answers.button;
  },
  showErrorBox: (title: string) => void shown.push(title),
};

export const Menu = {
  buildFromTemplate: (template: unknown[]) => ({ template }),
  setApplicationMenu: () => {},
};

/** A keychain whose encryption is visibly not the identity. */
const keychain = { isAvailable: true, backend: 'gnome_libsecret' };
const flip = (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
export const safeStorage = {
  isAsyncEncryptionAvailable: async () => keychain.isAvailable,
  getSelectedStorageBackend: () => keychain.backend,
  encryptStringAsync: async (text: string) => flip(Buffer.from(text)),
  decryptStringAsync: async (bytes: Buffer) => ({ result: flip(bytes).toString(), shouldReEncrypt: false }),
};

export class MessageChannelMain {
  readonly port1: MessagePort;
  readonly port2: MessagePort;
  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port1 = port1;
    this.port2 = port2;
  }
}

/** Runs in the thread before the engine's own file: gives it Electron's `process.parentPort`. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const mainPort = (port) => ({
  on: (name, listener) => port.on(name, (data) => listener({ data, ports: [] })),
  postMessage: (data) => port.postMessage(data),
  start: () => port.start(),
  close: () => port.close(),
});
process.parentPort = {
  on: (name, listener) => parentPort.on(name, ({ data, ports }) => listener({ data, ports: ports.map(mainPort) })),
  postMessage: (data) => parentPort.postMessage(data),
};
import(workerData.file);
`;

const children: UtilityProcess[] = [];
class UtilityProcess extends EventEmitter {
  private readonly worker: Worker;
  constructor(
    readonly file: string,
    args: string[],
  ) {
    super();
    this.worker = new Worker(THREAD, { eval: true, argv: args, workerData: { file } });
    this.worker.on('message', (message) => this.emit('message', message));
    this.worker.on('error', (error) => console.error(error));
    this.worker.on('exit', (code) => this.emit('exit', code));
    children.push(this);
  }
  postMessage(data: unknown, ports: MessagePort[] = []): void {
    this.worker.postMessage({ data, ports }, ports);
  }
  kill(): boolean {
    void this.worker.terminate();
    return true;
  }
}
export const utilityProcess = { fork: (file: string, args: string[]) => new UtilityProcess(file, args) };

/** What a page's frame is to the main process. */
interface Frame {
  url: string;
  parent?: object | null;
  sender?: WebContents;
}

/** The other side: what tests do and see. */
export const electron = {
  answers,
  keychain,
  opened,
  shown,
  children,
  /** Those of the children that are engines, the latest last. */
  engines: () => children.filter(({ file }) => file.endsWith('engine-process.js')),
  schemes: () => schemes,
  fetch: (url: string, init?: RequestInit) => protocolHandler?.(new Request(url, init)) as Promise<Response>,
  isAllowed: (permission: string, contents: WebContents | null) =>
    new Promise<boolean>((resolve) => handlers.request?.(contents, permission, resolve)),
  isGranted: (permission: string, contents: WebContents | null) => handlers.check?.(contents, permission),
  isDeviceAllowed: () => handlers.device?.(),
  /** A frame sends to the main process; gives the ports it gets back. */
  send(channel: string, { url, parent = null, sender = BrowserWindow.all[0]?.webContents }: Frame): MessagePort[] {
    const received: MessagePort[] = [];
    const senderFrame = {
      url,
      parent,
      postMessage: (_channel: string, _message: unknown, ports: MessagePort[]) => void received.push(...ports),
    };
    ipcListeners.get(channel)?.({ sender, senderFrame });
    return received;
  },
};
