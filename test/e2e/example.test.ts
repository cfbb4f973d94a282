import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, openApp, topBar } from '../support/app';
import { hasChromium } from '../support/chromium';
import { untilExampleIsDrawn } from '../support/drawing';
import { createVhost, type TestVhost } from '../support/rabbitmq';
import { tempFolder } from '../support/temp-folder';

describe.skipIf(!hasChromium)('the example flow in the window', () => {
  const dataFolder = tempFolder();
  let vhost: TestVhost;
  let app: App;

  beforeAll(async () => {
    vhost = await createVhost('e2e');
    app = await openApp({ dataFolder, vhost });
  });
  afterAll(async () => {
    await app?.close();
    await vhost?.remove();
  });

  it('opens on the first start, every node and link with its name', () => untilExampleIsDrawn(app.page));

  it('has no problems', async () => {
    await topBar(app.page, 'Check').click();
    await app.page.getByText('No problems', { exact: false }).first().waitFor();
  });

  it('is planned against the broker, deployed and verified', async () => {
    const { page } = app;
    await topBar(page, 'Plan').click();
    await page.getByText('17 create').waitFor();
    expect(await vhost.management('GET', `/api/queues/${vhost.encoded}?disable_stats=true`)).toEqual([]);
    await topBar(page, 'Deploy').click();
    await page.getByText('In sync').waitFor();
    const queues = (await vhost.management('GET', `/api/queues/${vhost.encoded}?disable_stats=true`)) as {
      name: string;
      arguments: object;
    }[];
    const waiting = {
      'x-queue-type': 'quorum',
      'x-dead-letter-exchange': 'billing-queue.back',
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    };
    expect(Object.fromEntries(queues.map((queue) => [queue.name, queue.arguments]))).toEqual({
      'billing-dead-letters': {},
      'billing-queue': { 'x-dead-letter-exchange': 'billing-dlx' },
      'billing-queue.retry.1000ms': { ...waiting, 'x-message-ttl': 1000 },
      'billing-queue.retry.2000ms': { ...waiting, 'x-message-ttl': 2000 },
      'email-queue': {},
      'notification-queue': {},
    });
  });

  it('needs nothing when planned again', async () => {
    await topBar(app.page, 'Plan').click();
    await app.page.getByText('all that is drawn is there, as it is drawn', { exact: false }).waitFor();
  });

  it('leaves the console clean', () => expect(app.complaints).toEqual([]));
});
