import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, drawn, openApp } from '../support/app';
import { hasChromium } from '../support/chromium';
import { untilExampleIsDrawn } from '../support/drawing';
import { createVhost, type TestVhost } from '../support/rabbitmq';
import { tempFolder } from '../support/temp-folder';
import { until } from '../support/until';

describe.skipIf(!hasChromium)('drawing the example by keyboard only', () => {
  const dataFolder = tempFolder();
  let vhost: TestVhost;
  let app: App;

  beforeAll(async () => {
    vhost = await createVhost('keys');
    app = await openApp({ dataFolder, vhost });
    // The pointer may not help.
    await app.page.mouse.move(0, 0);
  });
  afterAll(async () => {
    await app?.close();
    await vhost?.remove();
  });

  const press = async (...keys: string[]) => {
    for (const key of keys) await app.page.keyboard.press(key);
  };
  const type = (text: string) => app.page.keyboard.insertText(text);
  /** Name of what has the focus, as a screen reader says it. */
  const focused = () =>
    app.page.evaluate<string>(`{
      const element = document.activeElement;
      element?.ariaLabel ?? element?.labels?.[0]?.textContent ?? element?.textContent ?? '';
    }`);
  const untilFocused = (name: string) => until(`${name} has the focus`, async () => (await focused()) === name);

  const option = (name: string) => app.page.locator('[data-combobox-option]', { hasText: name }).first();

  async function tabTo(name: string): Promise<void> {
    for (let step = 0; (await focused()) !== name; step++) {
      if (step > 40) throw new Error(`Tab does not reach ${name}`);
      await press('Tab');
    }
  }

  async function command(name: string): Promise<void> {
    await press('Control+k');
    await untilFocused('Commands');
    await type(name);
    await app.page.locator('[data-action][data-selected]', { hasText: name }).waitFor();
    await press('Enter');
    await app.page.getByRole('textbox', { name: 'Commands' }).waitFor({ state: 'detached' });
  }

  async function add(noun: string, name: string): Promise<void> {
    await press('Control+1');
    await untilFocused('Add exchange');
    await tabTo(`Add ${noun}`);
    await press('Enter', 'F2');
    await untilFocused('Name');
    await type(name);
    await drawn(app.page, `${noun} ${name}`).waitFor();
  }

  async function set(field: string, value: string): Promise<void> {
    await tabTo(field);
    await press('Control+a');
    await type(value);
  }

  /** Goes to a node by its name and joins it with another. */
  async function connect(from: string, to: string, key?: string): Promise<void> {
    await command(from);
    await untilFocused(from);
    await press('Control+l');
    await untilFocused('Connect to');
    await type(to);
    await option(to).waitFor();
    await press('ArrowDown', 'Enter');
    await option(to).waitFor({ state: 'hidden' });
    await tabTo(key === undefined ? 'Connect' : 'Routing key');
    if (key !== undefined) await type(key);
    await press('Enter');
    await app.page.getByRole('dialog').waitFor({ state: 'detached' });
  }

  it('places, names and joins every node', async () => {
    await command('New');
    await app.page.getByText('Draw your message topology').waitFor();

    await add('publisher', 'Orders');
    await set('Routing key', 'order.created');
    await add('exchange', 'order-events');
    await add('queue', 'email-queue');
    await add('handler', 'Send email');
    await add('queue', 'notification-queue');
    await add('handler', 'Notify');
    await add('queue', 'billing-queue');
    await add('handler', 'Bill customer');
    await add('exchange', 'billing-dlx');
    await add('queue', 'billing-dead-letters');

    await connect('publisher Orders', 'exchange order-events');
    await connect('exchange order-events', 'queue email-queue', 'order.*');
    await connect('exchange order-events', 'queue notification-queue', 'order.created');
    await connect('exchange order-events', 'queue billing-queue', 'order.created');
    await connect('queue email-queue', 'handler Send email');
    await connect('queue notification-queue', 'handler Notify');
    await connect('queue billing-queue', 'handler Bill customer');
    await connect('queue billing-queue', 'exchange billing-dlx');
    await connect('exchange billing-dlx', 'queue billing-dead-letters');
    await untilExampleIsDrawn(app.page, { hasRetries: false });
  }, 180_000);

  it('deploys what was drawn', async () => {
    const { page } = app;
    await command('Plan');
    await page.getByText('10 create').waitFor();
    await command('Deploy');
    await page.getByText('In sync').waitFor();
    expect(await vhost.management('GET', `/api/queues/${vhost.encoded}?disable_stats=true`)).toHaveLength(4);
  });

  it('leaves the console clean', () => expect(app.complaints).toEqual([]));
});
