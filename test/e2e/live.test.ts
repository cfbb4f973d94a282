import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, canvas, drawn, openApp, topBar } from '../support/app';
import { hasChromium } from '../support/chromium';
import { inspector } from '../support/drawing';
import { createVhost, type TestVhost } from '../support/rabbitmq';
import { tempFolder } from '../support/temp-folder';
import { until } from '../support/until';

describe.skipIf(!hasChromium)('traffic in the window', () => {
  const dataFolder = tempFolder();
  let vhost: TestVhost;
  let app: App;

  beforeAll(async () => {
    vhost = await createVhost('live');
    app = await openApp({ dataFolder, vhost });
    await topBar(app.page, 'Plan').click();
    await app.page.getByText('17 create').waitFor();
    await topBar(app.page, 'Deploy').click();
    await app.page.getByText('In sync').waitFor();
  });
  afterAll(async () => {
    await app?.close();
    await vhost?.remove();
  });

  it('publishes from a publisher’s form, and each queue shows what it holds', async () => {
    const { page } = app;
    await topBar(page, 'Watch').click();
    await page.getByRole('menuitem', { name: 'Watch counters' }).click();
    await drawn(page, 'publisher Orders').click();
    await inspector(page).getByRole('button', { name: 'Publish…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Messages' }).fill('3');
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
    await dialog.getByText('3 confirmed', { exact: false }).waitFor();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    for (const queue of ['email-queue', 'notification-queue', 'billing-queue']) {
      await until(`${queue} holds 3`, async () => {
        const found = (await vhost.management('GET', `/api/queues/${vhost.encoded}/${queue}`)) as { messages?: number };
        return found.messages === 3;
      });
      await drawn(page, `queue ${queue}`).getByText('3', { exact: true }).first().waitFor();
    }
  });

  it('runs the flow until it is stopped: the handlers drain the queues', async () => {
    const { page } = app;
    await topBar(page, 'Run').click();
    await page
      .getByRole('toolbar', { name: 'Pipeline' })
      .getByRole('button', { name: 'Run', disabled: true })
      .waitFor();
    await until('email-queue is drained', async () => {
      const found = (await vhost.management('GET', `/api/queues/${vhost.encoded}/email-queue`)) as {
        messages?: number;
      };
      return found.messages === 0;
    });
    // TAPLINE_PICTURE=docs/tapline.png: the README's picture, taken anew.
    const path = process.env.TAPLINE_PICTURE;
    if (path) {
      await page.getByRole('tab', { name: 'Traffic' }).click();
      await drawn(page, 'queue billing-dead-letters')
        .getByText(/^[1-9]/)
        .first()
        .waitFor();
      await drawn(page, 'queue billing-queue').click();
      await page.mouse.move(0, 0);
      await page.screenshot({ path });
    }
    await topBar(page, 'Stop').click();
    await page
      .getByRole('toolbar', { name: 'Pipeline' })
      .getByRole('button', { name: 'Stop', disabled: true })
      .waitFor();
    expect(await canvas(page).locator('.react-flow__node').count()).toBe(10);
  });

  it('leaves the console clean', () => expect(app.complaints).toEqual([]));
});
