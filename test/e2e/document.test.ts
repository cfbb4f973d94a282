import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, canvas, drawn, openApp, topBar } from '../support/app';
import { hasChromium } from '../support/chromium';
import { inspector, untilExampleIsDrawn } from '../support/drawing';
import { createVhost, type TestVhost } from '../support/rabbitmq';
import { tempFolder } from '../support/temp-folder';
import { until } from '../support/until';

const fileMenu = async (page: Page, item: string | RegExp) => {
  await page.getByRole('button', { name: 'File', exact: true }).click();
  await page.getByRole('menuitem', { name: item }).first().click();
};

const upload = async (page: Page, name: string, text: string | Buffer) => {
  const chosen = page.waitForEvent('filechooser');
  await fileMenu(page, 'Open…');
  await (await chosen).setFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
};

/** Presses keys that belong to the canvas. */
const press = async (page: Page, keys: string) => {
  await canvas(page).focus();
  await page.keyboard.press(keys);
};

describe.skipIf(!hasChromium)('the document in the window', () => {
  const path = join(tempFolder(), 'shop.flow.json');
  let vhost: TestVhost;
  let app: App;
  let saved: string;

  beforeAll(async () => {
    vhost = await createVhost('document');
    app = await openApp({ dataFolder: tempFolder(), vhost });
  });
  afterAll(async () => {
    await app?.close();
    await vhost?.remove();
  });

  it('is saved as a download and opened from an upload', async () => {
    const { page } = app;
    const download = page.waitForEvent('download');
    await press(page, 'Control+s');
    saved = await readFile(await (await download).path(), 'utf8');
    await fileMenu(page, 'New');
    await drawn(page, 'queue email-queue').waitFor({ state: 'detached' });
    await upload(page, 'shop.flow.json', saved);
    await untilExampleIsDrawn(page);
  });

  it('keeps a number out of range as it was typed, and says so', async () => {
    const { page } = app;
    await drawn(page, 'queue email-queue').click();
    await inspector(page).getByText('Messages', { exact: true }).click();
    const field = inspector(page).getByRole('textbox', { name: 'Message time to live' });
    await field.click();
    await page.keyboard.type('-5');
    await page.getByText('x-message-ttl must be from 0 to').first().waitFor();
    expect(await field.inputValue()).toBe('-5');
    await press(page, 'Control+z');
    await page.getByText('x-message-ttl must be from 0 to').first().waitFor({ state: 'detached' });
  });

  it.each([
    ['binary.flow.json', Buffer.from([0, 1, 255]), 'binary.flow.json, line 1, column 1: '],
    ['broken.flow.json', '{\n  "format": 1,\n  "nodes": {,\n}', 'broken.flow.json, line 3, column 13: '],
    ['newer.flow.json', '{"format": 9}', 'This flow has format 9'],
  ])('refuses %s with its place, and keeps what is drawn', async (name, text, sentence) => {
    await upload(app.page, name, text);
    const notice = app.page.getByRole('alert').filter({ hasText: sentence });
    await notice.getByRole('button').click();
    await untilExampleIsDrawn(app.page);
  });

  it('refuses a password in the flow once, as what it is', async () => {
    const { page } = app;
    await page.locator('.react-flow__pane').click({ position: { x: 8, y: 8 } });
    const field = inspector(page).getByRole('textbox', { name: 'Description' });
    const before = await field.inputValue();
    await field.fill('amqp://user:secret@');
    await page.keyboard.type('host.example/ and more');
    await page.getByRole('alert').filter({ hasText: 'A flow never holds a password' }).waitFor();
    await until('the password is gone again', async () => !(await field.inputValue()).includes('secret@'));
    expect(await page.getByText('elsewhere').count()).toBe(0);
    await page.getByRole('alert').filter({ hasText: 'A flow never holds' }).getByRole('button').click();
    await field.fill(before);
  });

  it('an import of much can be cancelled, and nothing is changed', async () => {
    const { page } = app;
    const queues = Array.from({ length: 2000 }, (_, i) => ({ name: `many-${i}`, vhost: '/', durable: true }));
    const bindings = queues.map(({ name }) => ({
      source: 'all',
      destination: name,
      destination_type: 'queue',
      vhost: '/',
    }));
    const exchanges = [{ name: 'all', vhost: '/', type: 'fanout', durable: true }];
    const chosen = page.waitForEvent('filechooser');
    await fileMenu(page, /Import definitions/);
    const buffer = Buffer.from(JSON.stringify({ exchanges, queues, bindings }));
    await (await chosen).setFiles({ name: 'many.json', mimeType: 'application/json', buffer });
    await page.getByRole('button', { name: 'Merge' }).click();
    const progress = page.getByRole('alert').filter({ hasText: 'Importing many.json' });
    await progress.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('alert').filter({ hasText: 'Import cancelled; nothing was changed' }).waitFor();
    await progress.waitFor({ state: 'detached' });
    await untilExampleIsDrawn(page);
  });

  it('moves an end of a link by mouse, only where it may go, and by the inspector, undone in one step', async () => {
    const { page } = app;
    const dragEndTo = async (node: string) => {
      const link = drawn(page, 'dead-letter billing-queue to billing-dlx');
      const end = await link.locator('.react-flow__edgeupdater-target').boundingBox();
      const card = await drawn(page, node).boundingBox();
      if (!end || !card) throw new Error('the end or the node is not to be seen');
      await page.mouse.move(end.x + end.width / 2, end.y + end.height / 2);
      await page.mouse.down();
      await page.mouse.move(card.x + 20, card.y + card.height / 2, { steps: 8 });
      await page.mouse.move(card.x + 2, card.y + card.height / 2);
      await page.mouse.up();
    };
    await dragEndTo('handler Notify');
    await page.getByText(/^A link of type .* cannot end at a handler here\.$/).waitFor();
    await dragEndTo('exchange order-events');
    await drawn(page, 'dead-letter billing-queue to order-events').waitFor({ state: 'attached' });
    await press(page, 'Control+z');
    await untilExampleIsDrawn(page);

    await drawn(page, 'binding order-events to email-queue, order.*').focus();
    await page.keyboard.press('Enter');
    await inspector(page).getByRole('button', { name: 'Change where it ends' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('billing-dead');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await drawn(page, 'binding order-events to billing-dead-letters, order.*').waitFor({ state: 'attached' });
    await press(page, 'Control+z');
    await untilExampleIsDrawn(page);
  });

  it('deletes and pastes several at once, each undone in one step', async () => {
    const { page } = app;
    await drawn(page, 'queue email-queue').click();
    await drawn(page, 'handler Send email').click({ modifiers: ['Control'] });
    await page.keyboard.press('Delete');
    await drawn(page, 'handler Send email').waitFor({ state: 'detached' });
    await press(page, 'Control+z');
    await untilExampleIsDrawn(page);
    await drawn(page, 'queue email-queue').click();
    await page.keyboard.press('Control+d');
    await drawn(page, 'queue email-queue-2').waitFor();
    await press(page, 'Control+z');
    await untilExampleIsDrawn(page);
  });

  it('asks before changes are lost, and leads from a problem to its node', async () => {
    const { page } = app;
    await drawn(page, 'queue email-queue').click();
    await inspector(page).getByLabel('Name', { exact: true }).fill('q'.repeat(300));
    await canvas(page).click({ position: { x: 8, y: 8 } });
    await page
      .getByRole('button', { name: /has 300 bytes/ })
      .first()
      .click();
    await expect.poll(() => inspector(page).getByLabel('Name', { exact: true }).inputValue()).toHaveLength(300);
    await fileMenu(page, 'New');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await press(page, 'Control+z');
    await untilExampleIsDrawn(page);
  });

  it('takes what the broker has into the flow, or restores what is drawn', async () => {
    const { page } = app;
    const queue = `/api/queues/${vhost.encoded}/email-queue`;
    const replace = async (args: object) => {
      await vhost.management('DELETE', queue).catch(() => undefined);
      await vhost.management('PUT', queue, { durable: true, arguments: args });
    };
    await replace({ 'x-max-length': 10 });
    const accept = page.getByRole('button', { name: 'Accept queue email-queue into the flow' });
    await topBar(page, 'Plan').click();
    await accept.click();
    await accept.waitFor({ state: 'detached' });
    await page.getByText('1 unchanged', { exact: false }).waitFor();
    await press(page, 'Control+z');
    await topBar(page, 'Deploy').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 step can lose messages', { exact: false }).waitFor();
    await dialog.getByRole('checkbox').check();
    await dialog.getByRole('button', { name: /^Deploy/ }).click();
    await page.getByText('In sync').waitFor();
    const found = (await vhost.management('GET', queue)) as { arguments: object };
    expect(found.arguments).toEqual({});
  });

  it('leaves the console clean', () => expect(app.complaints).toEqual([]));

  it('comes back after a crash, and says when its file was changed meanwhile', async () => {
    await writeFile(path, saved);
    const dataFolder = tempFolder();
    const killed = await openApp({ dataFolder, flow: path });
    try {
      await drawn(killed.page, 'queue email-queue').click();
      await killed.page.keyboard.press('Delete');
      const folder = join(dataFolder, 'recovery');
      await until('the change is kept', async () => {
        const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
        const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
        return texts.some((text) => !text.includes('"name":"email-queue"'));
      });
    } finally {
      await killed.close('SIGKILL');
    }
    const again = await openApp({ dataFolder, flow: path });
    try {
      await again.page.getByText('Your unsaved changes were recovered').waitFor();
      await drawn(again.page, 'queue email-queue').waitFor({ state: 'detached' });
      await writeFile(path, saved.replace('"Order events"', '"Others"'));
      await again.page.getByText('was changed on disk').waitFor();
      await again.page.getByRole('button', { name: 'Reload' }).click();
      await again.page.getByRole('dialog').getByRole('button', { name: 'Reload' }).click();
      await untilExampleIsDrawn(again.page);
    } finally {
      await again.close();
    }
  });
});
