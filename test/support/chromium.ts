import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

function findChromium(): string | undefined {
  const given = process.env.TAPLINE_TEST_CHROMIUM;
  if (given) return given;
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

const found = findChromium();
/** False where there is no Chromium: `describe.skipIf(!hasChromium)`. */
export const hasChromium = found !== undefined;
if (!hasChromium) console.log('skipped: tests in a browser (no chromium on PATH and TAPLINE_TEST_CHROMIUM is not set)');

/** Starts a Chromium with a profile of its own that speaks to nobody by itself; about a second. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: found,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
