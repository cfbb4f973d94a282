import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import { CONNECT_CHANNEL } from '@main/electron/channels';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import { environmentSchema } from '@shared/api/environment';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { app, BrowserWindow, electron } from '../../support/electron-double';
import type { EngineClient } from '../../support/engine-client';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';

vi.mock('electron', () => import('../../support/electron-double'));

const out = resolve(import.meta.dirname, '../../../out');
const dataFolder = tempFolder();
const PAGE = 'app://tapline/index.html';
type LinkPort = ConstructorParameters<typeof RPCLink>[0]['port'];
let window: BrowserWindow;

/** The built program, as Electron would run it. */
beforeAll(async () => {
  mkdirSync(dataFolder, { recursive: true });
  process.env.TAPLINE_DATA = dataFolder;
  await import(/* @vite-ignore */ join(out, 'main', 'electron.js'));
  window = await until('the window is there', () => BrowserWindow.all[0]);
});
afterAll(() => {
  delete process.env.TAPLINE_DATA;
  for (const child of electron.children) child.kill();
});

function speakThrough(port: MessagePort): EngineClient {
  const link = new RPCLink({ port: port as LinkPort });
  port.start();
  return createORPCClient(link);
}
function connect(): EngineClient {
  const [port] = electron.send(CONNECT_CHANNEL, { url: PAGE });
  if (!port) throw new Error('the page got no port');
  return speakThrough(port);
}

describe('the window', () => {
  it('shows a page that has no Node and no way around its sandbox', () => {
    expect(app.isSandboxed).toBe(true);
    expect(window.options.webPreferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
    });
    expect(window.options.webPreferences).not.toHaveProperty('enableBlinkFeatures');
    expect(window.options.webPreferences).not.toHaveProperty('experimentalFeatures');
    const preload = String(window.options.webPreferences.preload);
    expect(isAbsolute(preload) && existsSync(preload)).toBe(true);
    expect(window.webContents.url).toBe(PAGE);
    expect(window.isVisible).toBe(true);
  });

  it.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])('stays on its own page (%s)', (event) => {
    expect(window.webContents.mayNavigate(`${PAGE}#x`, event)).toBe(true);
    for (const url of [
      'https://evil.example/',
      'file:///etc/passwd',
      'app://other/index.html',
      'javascript:alert(1)',
      'data:text/html,x',
      'http://app://tapline/',
      'not a url',
    ]) {
      expect(window.webContents.mayNavigate(url, event), url).toBe(false);
    }
  });

  it('opens no further windows; https links go to the browser and nothing else does', () => {
    for (const url of [
      'https://www.rabbitmq.com/docs',
      'http://plain.example/',
      'file:///etc/passwd',
      'smb://host/share',
    ]) {
      expect(window.webContents.openHandler?.({ url })).toEqual({ action: 'deny' });
    }
    expect(electron.opened).toEqual(['https://www.rabbitmq.com/docs']);
  });

  it('attaches no webview', () => {
    expect(window.webContents.mayAttachWebview()).toBe(false);
  });

  it('is allowed to put text on the clipboard and nothing else', async () => {
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'clipboard-read',
      'openExternal',
      'hid',
      'fullscreen',
    ]) {
      expect(await electron.isAllowed(permission, window.webContents), permission).toBe(false);
      expect(electron.isGranted(permission, window.webContents), permission).toBe(false);
    }
    expect(await electron.isAllowed('clipboard-sanitized-write', window.webContents)).toBe(true);
    const foreign = Object.assign(Object.create(window.webContents), { getURL: () => 'https://evil.example/' });
    expect(await electron.isAllowed('clipboard-sanitized-write', foreign)).toBe(false);
    expect(electron.isGranted('clipboard-sanitized-write', foreign)).toBe(false);
    expect(electron.isDeviceAllowed()).toBe(false);
  });

  it('begins anew when its page crashed, and not when it was closed', () => {
    window.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
    window.webContents.emit('render-process-gone', {}, { reason: 'clean-exit' });
    expect(window.webContents.reloads).toBe(1);
  });

  it('asks before unsaved changes are left', () => {
    electron.answers.button = 1;
    expect(window.webContents.staysWithUnsavedChanges()).toBe(true);
    electron.answers.button = 0;
    expect(window.webContents.staysWithUnsavedChanges()).toBe(false);
    expect(electron.shown.at(-1)).toBe('There are unsaved changes.');
  });
});

describe('app://', () => {
  it('is an origin of its own that serves the page with a strict policy', async () => {
    expect(electron.schemes()).toEqual([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
    ]);
    const response = await electron.fetch(PAGE);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const policy = String(response.headers.get('content-security-policy'));
    expect(policy).toMatch(/default-src 'none'; script-src 'self';/);
    expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/);
    const html = await response.text();
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
    const [, script = ''] = html.match(/src="\.(\/assets\/[^"]+\.js)"/) ?? [];
    expect((await electron.fetch(`app://tapline${script}`)).headers.get('content-type')).toMatch(/^text\/javascript/);
  });

  it.each([
    'app://tapline/..%2f..%2fpackage.json',
    'app://tapline/../../package.json',
    'app://tapline/%2e%2e/main/electron.js',
    'app://tapline/..%5cmain%5celectron.js',
    'app://other/index.html',
    'app://tapline/none.js',
  ])('does not serve %s', async (url) => {
    expect([403, 404]).toContain((await electron.fetch(url)).status);
  });

  it('takes GET only', async () => {
    expect((await electron.fetch(PAGE, { method: 'POST', body: 'x' })).status).toBe(403);
  });
});

describe('the wire to the engine', () => {
  it('is handed to the own page, which speaks the contract through it', async () => {
    const engine = connect();
    expect(await engine.host.info()).toMatchObject({ fileDialogs: true, secretStore: 'keychain' });
    const { flow, revision } = await engine.document.state();
    await engine.document.edit({ baseRevision: revision, diff: [{ part: 'property', id: 'name', after: 'Orders' }] });
    expect((await connect().document.state()).flow).toEqual({ ...flow, name: 'Orders' });
    await engine.document.markSaved({ revision: revision + 1 });
  });

  it('is refused to foreign pages, to frames inside a page, and to what is no window of ours', () => {
    const stranger = Object.create(window.webContents);
    for (const frame of [
      { url: 'https://evil.example/' },
      { url: 'app://other/index.html' },
      { url: 'about:blank' },
      { url: PAGE, parent: {} },
      { url: PAGE, sender: stranger },
    ]) {
      expect(electron.send(CONNECT_CHANNEL, frame), frame.url).toEqual([]);
    }
  });

  it('reaches the system’s dialogs', async () => {
    const engine = connect();
    electron.answers.open = '/home/me/a.flow.json';
    electron.answers.save = null;
    expect(await engine.host.chooseFileToOpen({ purpose: 'flow' })).toBe('/home/me/a.flow.json');
    expect(await engine.host.chooseFileToSave({ suggestedName: 'a.flow.json' })).toBeNull();
  });

  it('reaches the system’s keychain: a password is on disk only encrypted and never comes back', async () => {
    const engine = connect();
    const environment = environmentSchema.parse({
      id: 'e',
      name: 'E',
      connections: { main: { url: 'amqp://me:hunter2@localhost' } },
    });
    const saved = await engine.environments.save({ environment });
    expect(saved.connections.main).toMatchObject({ url: 'amqp://me@localhost', hasSecret: true });
    const files = ['environments.json', 'secrets.json'].map((name) => readFileSync(join(dataFolder, name), 'utf8'));
    expect(files.join('')).not.toContain('hunter2');
    expect(JSON.parse(files[1]!)).toHaveProperty('environment/e/main');
    await engine.environments.remove({ id: 'e' });
    expect(JSON.parse(readFileSync(join(dataFolder, 'secrets.json'), 'utf8'))).toEqual({});
  });

  it('is there again after the engine’s process ended', async () => {
    const before = electron.engines().length;
    electron.engines().at(-1)?.kill();
    await until('another engine was started', () => electron.engines().length > before);
    expect((await connect().document.state()).flow.format).toBe(1);
  });
});

describe('ending', () => {
  it('waits for the engine to finish, then quits', async () => {
    const engine = electron.engines().at(-1)!;
    const ended = new Promise((done) => engine.once('exit', done));
    window.close();
    expect(app.hasQuit).toBe(false);
    await ended;
    await until('the app has quit', () => app.hasQuit);
    expect(electron.engines().at(-1)).toBe(engine);
  });
});
