import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from '../support/temp-folder';

/** Why Electron cannot run here, or its binary. Its own package would download when asked. */
function findElectron(): { binary: string } | { missing: string } {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  const pathFile = join(folder, 'path.txt');
  const binary = existsSync(pathFile) ? join(folder, 'dist', readFileSync(pathFile, 'utf8')) : '';
  if (!existsSync(binary) || binary === '') return { missing: "Electron's binary is not there (npx install-electron)" };
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return { missing: 'there is no display (run under xvfb-run)' };
  }
  return { binary };
}

const found = findElectron();
const reason = 'missing' in found ? found.missing : null;
if (reason) console.log(`skipped: the real Electron window (${reason})`);

describe.skipIf(reason !== null)('the real Electron window', () => {
  const dataFolder = tempFolder();
  let application: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    if ('missing' in found) return;
    const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
    application = await _electron.launch({
      executablePath: found.binary,
      args: [resolve(import.meta.dirname, '../../out/main/electron.js'), ...(isRoot ? ['--no-sandbox'] : [])],
      env: { ...process.env, TAPLINE_DATA: dataFolder } as Record<string, string>,
    });
    page = await application.firstWindow();
  });
  afterAll(() => application?.close());

  it('opens on the page and reaches the engine', async () => {
    await page.getByRole('button', { name: 'Plan', exact: true }).waitFor();
    expect(page.url()).toBe('app://tapline/index.html');
  });

  it('keeps Node and the preload’s world away from the page', async () => {
    const globals = await page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer'].filter((name) => name in globalThis),
    );
    expect(globals).toEqual([]);
  });

  it('blocks script that the policy does not allow', async () => {
    const ran = await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'globalThis.hasRun = true';
      document.body.append(script);
      'hasRun' in globalThis;
    }`);
    expect(ran).toBe(false);
  });

  it('stays on its own page and opens no other', async () => {
    await page.evaluate(`location.href = 'https://evil.example/'; open('file:///etc/passwd'); undefined`);
    expect(page.url()).toBe('app://tapline/index.html');
    expect(application.windows()).toHaveLength(1);
  });
});
