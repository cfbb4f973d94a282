import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '@shared/failure';
import { serve } from '../serve/index';
import { whenNpmEnds } from './npm-script';

/**
 * `npm start [FLOW]`: the Electron window; where Electron's binary is not there and cannot be downloaded, or there is no
 * display, the very same app in the browser.
 */

/** Electron's download is some 110 MB; offline it fails at once. */
const DOWNLOAD_MS = 180_000;
/** A window that ends with an error this soon never came up. */
const START_MS = 8000;

const electronFolder = () => dirname(createRequire(import.meta.url).resolve('electron/package.json'));

/** The binary's path, as Electron's own package finds it, without its download. */
function findElectron(): string | null {
  const given = process.env.ELECTRON_EXEC_PATH;
  if (given) return existsSync(given) ? given : null;
  const folder = electronFolder();
  const pathFile = join(folder, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const binary = join(process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist'), readFileSync(pathFile, 'utf8'));
  return existsSync(binary) ? binary : null;
}

/** Runs Electron's own installer; true if it ended well in time. */
function downloadElectron(): Promise<boolean> {
  return new Promise((done) => {
    const installer = spawn(process.execPath, [join(electronFolder(), 'install.js')], {
      stdio: 'ignore',
      timeout: DOWNLOAD_MS,
      killSignal: 'SIGKILL',
    });
    installer.once('error', () => done(false));
    installer.once('exit', (code) => done(code === 0));
  });
}

/** Why there can be no window, or the binary that opens it. */
async function prepareElectron(): Promise<{ binary: string } | { reason: string }> {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return { reason: 'there is no display' };
  }
  const present = findElectron();
  if (present) return { binary: present };
  console.error('Downloading Electron, once …');
  await downloadElectron();
  const binary = findElectron();
  return binary ? { binary } : { reason: "Electron's binary is not there and cannot be downloaded" };
}

/** Opens the window and stays until it is closed. Resolves with its exit code, or null when it never came up. */
function openWindow(binary: string, flowPath: string | undefined): Promise<number | null> {
  const startedAt = Date.now();
  const args = [join(import.meta.dirname, 'electron.js')];
  if (flowPath) args.push(`--flow=${resolve(flowPath)}`);
  // Chromium refuses to run as root with its sandbox.
  if (process.platform === 'linux' && process.getuid?.() === 0) args.push('--no-sandbox');
  return new Promise((done) => {
    const window = spawn(binary, args, { stdio: 'inherit' });
    const stop = () => void window.kill();
    process.once('SIGTERM', stop);
    whenNpmEnds(stop);
    window.once('error', () => done(null));
    window.once('exit', (code) => done(code !== 0 && Date.now() - startedAt < START_MS ? null : (code ?? 1)));
  });
}

async function serveInstead(reason: string, flowPath: string | undefined): Promise<void> {
  console.error(`No window: ${reason}. Tapline is in the browser instead, at this URL (Ctrl+C ends it):`);
  const served = await serve({ flowPath });
  const stop = () => void served.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  whenNpmEnds(stop);
  console.log(served.url);
}

async function start(): Promise<void> {
  const flowPath = process.argv[2];
  const prepared = await prepareElectron();
  if ('reason' in prepared) return serveInstead(prepared.reason, flowPath);
  const code = await openWindow(prepared.binary, flowPath);
  if (code === null) return serveInstead('Electron could not start', flowPath);
  process.exitCode = code;
}

start().catch((error: unknown) => {
  console.error(error instanceof Failure ? [error.message, error.hint].filter(Boolean).join(' ') : error);
  process.exitCode = 1;
});
