import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'amqplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, drawn, openApp, topBar } from '../support/app';
import { hasChromium } from '../support/chromium';
import { tempFolder } from '../support/temp-folder';

/** What the first user sees, on a machine that has no broker: nothing on the PATH can be one. */
describe.skipIf(!hasChromium)('the sandbox in the window', () => {
  const dataFolder = tempFolder();
  let app: App;
  const strip = () => app.page.getByRole('region', { name: 'Sandbox' });

  beforeAll(async () => {
    app = await openApp({
      dataFolder,
      variables: { PATH: '' },
      browser: { permissions: ['clipboard-read', 'clipboard-write'] },
    });
  });
  afterAll(() => app?.close());

  it('is the target at the first start, and says what it is for', async () => {
    await strip().getByText('not for production', { exact: false }).waitFor();
    await app.page.getByRole('button', { name: 'Environment Sandbox' }).waitFor();
  });

  it('has the example in place: Run soon shows a retry and a dead letter', async () => {
    const { page } = app;
    await topBar(page, 'Run').click();
    await page.getByRole('button', { name: /^Retries\..*the next attempt/ }).waitFor();
    await page
      .locator('.react-flow__node', { hasText: 'billing-dead-letters' })
      .getByText(/^[1-9]/)
      .first()
      .waitFor();
    await drawn(page, 'handler Bill customer').getByText('dead').first().waitFor();
    await topBar(page, 'Stop').click();
    await topBar(page, 'Run').waitFor();
  });

  it('gives its URL to the user’s own services, with the password only in the copy', async () => {
    await strip().getByRole('button', { name: 'Copy the URL of', exact: false }).click();
    const url = await app.page.evaluate<string>('navigator.clipboard.readText()');
    await strip()
      .getByText(`@127.0.0.1:${new URL(url).port}`, { exact: false })
      .waitFor();
    expect(await app.page.content()).not.toContain(new URL(url).password);
    const connection = await connect(url);
    const channel = await connection.createChannel();
    expect(await channel.checkQueue('billing-queue')).toMatchObject({ queue: 'billing-queue' });
    await connection.close();
  });

  it('stops, steps and changes its time, and shows it while it is not real time', async () => {
    const { page } = app;
    await strip().getByRole('button', { name: 'Stop the sandbox’s time' }).click();
    await strip().getByText('Stopped at', { exact: false }).waitFor();
    await strip().getByRole('button', { name: 'Move the sandbox’s time on by one second' }).click();
    await strip().getByRole('button', { name: 'Let the sandbox’s time go on' }).click();
    await strip().getByRole('button', { name: 'Time in the sandbox: Real time' }).click();
    await page.getByRole('menuitem', { name: '4× faster' }).click();
    await strip().getByRole('button', { name: 'Time in the sandbox: 4× faster' }).waitFor();
  });

  it('is emptied by a reset, after saying what goes', async () => {
    const { page } = app;
    await strip().getByRole('button', { name: 'Reset…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Reset the sandbox?' });
    await dialog.getByText(/4 exchanges, 6 queues with their bindings and \d+ messages? go/).waitFor();
    await dialog.getByRole('button', { name: 'Reset sandbox' }).click();
    await strip().getByText('The flow is not deployed to it yet.').waitFor();
    await topBar(page, 'Plan').click();
    await page.getByText('17 create').waitFor();
    await topBar(page, 'Deploy').click();
    await page.getByText('In sync').waitFor();
    await strip().getByText('The flow is not deployed to it yet.').waitFor({ state: 'detached' });
  });

  it('can behave like another version', async () => {
    const { page } = app;
    await page.getByRole('button', { name: 'Environment Sandbox' }).click();
    await page.getByRole('menuitem', { name: 'Connections…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Environments' });
    await dialog.getByRole('radio', { name: '4.0' }).click();
    await dialog.getByRole('radio', { name: '4.0', checked: true }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).first().click();
  });

  it('leaves the console clean, and no second sandbox', async () => {
    expect(app.complaints).toEqual([]);
    const files = readdirSync(join(dataFolder, 'sandboxes'));
    // While it starts anew there is none for a moment.
    expect(files.filter((name) => name.endsWith('.lock')).length).toBeLessThanOrEqual(1);
  });
});
