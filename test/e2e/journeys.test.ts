import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, drawn, openApp, topBar } from '../support/app';
import { hasChromium } from '../support/chromium';
import { tempFolder } from '../support/temp-folder';

describe.skipIf(!hasChromium)('journeys in the window', () => {
  const dataFolder = tempFolder();
  let app: App;
  const panel = () => app.page.getByRole('tabpanel', { name: 'Journeys' });
  const journey = () => app.page.getByRole('region', { name: 'Journey', exact: true });
  const markOf = (name: string) => drawn(app.page, name).locator('[data-journey]').getAttribute('data-journey');
  /** `TAPLINE_PICTURES=folder`: how it looks, for people. */
  const picture = async (name: string) => {
    const folder = process.env.TAPLINE_PICTURES;
    if (folder) await app.page.screenshot({ path: `${folder}/${name}.png` });
  };

  beforeAll(async () => {
    app = await openApp({ dataFolder, variables: { PATH: '' } });
  });
  afterAll(() => app?.close());

  it('say what to do while there are none', async () => {
    await app.page.getByRole('tab', { name: 'Journeys' }).click();
    await panel().getByRole('button', { name: 'Run the flow' }).waitFor();
    await picture('journeys-empty');
  });

  it('list what runs, and are searched by what is in a message', async () => {
    const { page } = app;
    await topBar(page, 'Run').click();
    // Newer ones come in above: only rows in view are drawn.
    await panel().getByRole('combobox', { name: 'What became of them' }).click();
    await page.getByRole('option', { name: 'dead', exact: true }).click();
    await panel().getByRole('row').filter({ hasText: 'dead' }).first().waitFor();
    await topBar(page, 'Stop').click();
    await topBar(page, 'Run').waitFor();
    await panel().getByRole('textbox', { name: 'Search journeys' }).fill('no such order');
    await panel().getByText('No journey matches the search.').waitFor();
    await panel().getByRole('textbox', { name: 'Search journeys' }).fill('web-shop order.created');
    await panel().getByRole('row').filter({ hasText: 'dead' }).first().waitFor();
    await panel().getByRole('textbox', { name: 'Search journeys' }).fill('');
    await panel().getByRole('combobox', { name: 'What became of them' }).click();
    await page.getByRole('option', { name: 'done', exact: true }).click();
    await panel().getByRole('row').filter({ hasText: 'done' }).first().waitFor();
  });

  it('show the path and the moment on the canvas, step by step with the keyboard', async () => {
    const { page } = app;
    await panel().getByRole('combobox', { name: 'What became of them' }).click();
    await page.getByRole('option', { name: 'dead', exact: true }).click();
    await panel().getByRole('row').filter({ hasText: 'dead' }).first().click();
    await journey().getByText('Published by Orders to order-events with key order.created.').waitFor();
    await picture('journeys-dead');
    const slider = journey().getByRole('slider', { name: 'Moment' });
    await slider.press('Home');
    await page.getByRole('status').getByText('Step 1 of', { exact: false }).waitFor();
    expect(await markOf('publisher Orders')).toBe('here');
    expect(await markOf('queue billing-dead-letters')).toBe('ahead');
    await slider.press('ArrowRight');
    expect(await markOf('exchange order-events')).toBe('here');
    expect(await markOf('publisher Orders')).toBe('passed');
    await picture('journeys-step');
    await journey()
      .getByRole('button', { name: /In billing-dead-letters/ })
      .click();
    expect(await markOf('queue billing-dead-letters')).toBe('here');
  });

  it('give the canvas back to live traffic', async () => {
    const { page } = app;
    await journey().getByRole('slider', { name: 'Moment' }).press('Escape');
    await journey().waitFor({ state: 'detached' });
    expect(await drawn(page, 'publisher Orders').locator('[data-journey]').count()).toBe(0);
  });

  it('are opened from a message of the traffic panel', async () => {
    const { page } = app;
    await page.getByRole('tab', { name: 'Traffic' }).click();
    // Only rows in view are drawn, and what came last may be anything.
    await page.getByRole('button', { name: 'Filter by phase' }).click();
    await page.getByText('dead-lettered', { exact: true }).last().click();
    await page.keyboard.press('Escape');
    const row = page.getByRole('row').filter({ hasText: 'dead-lettered' }).first();
    await row.waitFor();
    // New messages would move the row away from under the mouse.
    await page.getByRole('button', { name: 'Pause', exact: true }).first().click();
    await row.click();
    await page.getByRole('button', { name: 'Follow this message' }).click();
    await journey().getByText('Dead-lettered', { exact: false }).first().waitFor();
    await page.getByRole('button', { name: 'Theme', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Dark' }).click();
    await page.getByRole('menuitem', { name: 'Dark' }).waitFor({ state: 'detached' });
    await picture('journeys-dark');
    await page.getByRole('button', { name: 'Back to live traffic' }).click();
    await journey().waitFor({ state: 'detached' });
  });

  it('leave the console clean', () => expect(app.complaints).toEqual([]));
});
