import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, canvas, drawn, openApp, topBar } from '../support/app';
import { hasChromium } from '../support/chromium';
import { inspector, untilExampleIsDrawn } from '../support/drawing';
import { createVhost, type TestVhost } from '../support/rabbitmq';
import { tempFolder } from '../support/temp-folder';

describe.skipIf(!hasChromium)('drawing the example by mouse', () => {
  const dataFolder = tempFolder();
  let vhost: TestVhost;
  let app: App;

  beforeAll(async () => {
    vhost = await createVhost('mouse');
    app = await openApp({ dataFolder, vhost });
  });
  afterAll(async () => {
    await app?.close();
    await vhost?.remove();
  });

  /** Drags a node from the palette onto the canvas and names it. */
  async function place(noun: string, name: string, x: number, y: number): Promise<void> {
    const { page } = app;
    await page
      .getByRole('button', { name: `Add ${noun}`, exact: true })
      .dragTo(canvas(page), { targetPosition: { x, y } });
    await inspector(page).getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await drawn(page, `${noun} ${name}`).waitFor();
  }

  /** Pulls a line from one node's right edge to another's left. */
  async function join(from: string, to: string): Promise<void> {
    const { page } = app;
    await drawn(page, from)
      .locator('.react-flow__handle.source')
      .dragTo(drawn(page, to).locator('.react-flow__handle.target'));
  }

  async function setField(label: string, value: string): Promise<void> {
    await inspector(app.page).getByRole('textbox', { name: label, exact: true }).fill(value);
  }

  it('begins with an empty canvas that says what to do', async () => {
    const { page } = app;
    await page.getByRole('button', { name: 'File', exact: true }).click();
    await page.getByRole('menuitem', { name: 'New', exact: true }).click();
    await page.getByText('Draw your message topology').waitFor();
    for (let step = 0; step < 3; step++) await page.getByRole('button', { name: 'Zoom out' }).click();
  });

  it('places, names and joins every node', async () => {
    await place('publisher', 'Orders', 80, 150);
    await setField('Routing key', 'order.created');
    await place('exchange', 'order-events', 260, 150);
    await inspector(app.page).getByRole('combobox', { name: 'Type', exact: true }).fill('topic');
    await app.page.keyboard.press('Escape');
    await place('queue', 'email-queue', 500, 60);
    await place('queue', 'notification-queue', 500, 150);
    await place('queue', 'billing-queue', 500, 240);
    await place('handler', 'Send email', 720, 60);
    await place('handler', 'Notify', 720, 150);
    await place('handler', 'Bill customer', 720, 240);
    await place('exchange', 'billing-dlx', 500, 350);
    await inspector(app.page).getByRole('combobox', { name: 'Type', exact: true }).fill('fanout');
    await app.page.keyboard.press('Escape');
    await place('queue', 'billing-dead-letters', 720, 350);

    await join('publisher Orders', 'exchange order-events');
    await join('exchange order-events', 'queue email-queue');
    await setField('Routing key', 'order.*');
    await join('exchange order-events', 'queue notification-queue');
    await setField('Routing key', 'order.created');
    await join('exchange order-events', 'queue billing-queue');
    await setField('Routing key', 'order.created');
    await join('queue email-queue', 'handler Send email');
    await join('queue notification-queue', 'handler Notify');
    await join('queue billing-queue', 'handler Bill customer');
    await join('queue billing-queue', 'exchange billing-dlx');
    await join('exchange billing-dlx', 'queue billing-dead-letters');
    await untilExampleIsDrawn(app.page, { hasRetries: false });
  }, 180_000);

  it('deploys what was drawn', async () => {
    const { page } = app;
    await topBar(page, 'Check').click();
    await page.getByText('No problems', { exact: false }).first().waitFor();
    await topBar(page, 'Plan').click();
    await page.getByText('10 create').waitFor();
    await topBar(page, 'Deploy').click();
    await page.getByText('In sync').waitFor();
    const bindings = (await vhost.management('GET', `/api/bindings/${vhost.encoded}`)) as Record<string, string>[];
    expect(
      bindings
        .filter(({ source }) => source !== '')
        .map(({ source, destination, routing_key }) => [source, destination, routing_key])
        .sort(),
    ).toEqual([
      ['billing-dlx', 'billing-dead-letters', ''],
      ['order-events', 'billing-queue', 'order.created'],
      ['order-events', 'email-queue', 'order.*'],
      ['order-events', 'notification-queue', 'order.created'],
    ]);
  });

  it('undoes everything back to empty, and does it all again', async () => {
    const { page } = app;
    await canvas(page).focus();
    const isOff = (name: string) => page.getByRole('button', { name, exact: true, disabled: true }).isVisible();
    while (!(await isOff('Undo'))) await page.keyboard.press('Control+z');
    await page.getByText('Draw your message topology').waitFor();
    expect(await canvas(page).locator('.react-flow__node, .react-flow__edge').count()).toBe(0);
    while (!(await isOff('Redo'))) await page.keyboard.press('Control+y');
    await untilExampleIsDrawn(page, { hasRetries: false });
    await topBar(page, 'Plan').click();
    await page.getByText('all that is drawn is there, as it is drawn', { exact: false }).waitFor();
  }, 180_000);

  it('leaves the console clean', () => expect(app.complaints).toEqual([]));
});
