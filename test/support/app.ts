import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { launchChromium } from './chromium';
import type { TestVhost } from './rabbitmq';

const PROGRAM = resolve(import.meta.dirname, '../../bin/tapline.mjs');

export interface AppOptions {
  dataFolder: string;
  /** Where the flow's broker `main` is; without it the app has no environment. */
  vhost?: TestVhost;
  /** Other environment variables than those of the test. */
  variables?: Record<string, string>;
  /** Flow file to open; default: the example. */
  flow?: string;
  browser?: BrowserContextOptions;
}

/** The built app, served and open in a Chromium. */
export interface App {
  page: Page;
  url: string;
  /** Errors and warnings the page wrote to its console, and errors it threw. */
  complaints: string[];
  /** Ends both; `SIGKILL` as in a crash. */
  close: (signal?: NodeJS.Signals) => Promise<void>;
}

/** Starts `tapline serve` and opens it; about two seconds. Ready once the flow is drawn. */
export async function openApp({ dataFolder, vhost, flow, variables, browser: page = {} }: AppOptions): Promise<App> {
  const [served, browser] = await Promise.all([startServe(dataFolder, vhost, flow, variables), launchChromium()]);
  return {
    ...(await openPage(browser, served.url, page)),
    url: served.url,
    close: (signal = 'SIGTERM') => closeAll(served.child, browser, signal),
  };
}

async function openPage(browser: Browser, url: string, options: BrowserContextOptions) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  await canvas(page).waitFor();
  await page.getByRole('option', { name: 'broker', exact: false }).first().waitFor();
  return { page, complaints };
}

async function closeAll(child: ChildProcess, browser: Browser, signal: NodeJS.Signals): Promise<void> {
  await browser.close();
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await ended;
}

async function startServe(
  dataFolder: string,
  vhost: TestVhost | undefined,
  flow: string | undefined,
  variables: Record<string, string> | undefined,
) {
  const connect = vhost ? ['--connect', `main=${vhost.url}`, '--management', `main=${vhost.managementUrl}`] : [];
  const child = spawn(process.execPath, [PROGRAM, 'serve', ...(flow ? [flow] : []), ...connect], {
    env: { ...process.env, TAPLINE_DATA: dataFolder, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((done, failed) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const [found] = text.match(/http:\/\/\S+token=\S+/) ?? [];
      if (found) done(found);
    });
    child.once('exit', (code) => failed(new Error(`tapline serve ended with ${code}`)));
  });
  return { child, url };
}

/** The drawing; the outline and the inspector name the same nodes and links. */
export function canvas(page: Page): Locator {
  return page.getByRole('application', { name: 'Canvas' });
}

/** A drawn node or link by its accessible name. */
export function drawn(page: Page, name: string): Locator {
  return canvas(page).getByLabel(name, { exact: true });
}

/** A button of the top bar by the word on it. */
export function topBar(page: Page, word: string): Locator {
  return page.getByRole('toolbar', { name: 'Pipeline' }).getByRole('button', { name: word, exact: true });
}
