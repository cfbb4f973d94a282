import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, canvas, drawn, openApp, topBar } from '../support/app';
import { hasChromium } from '../support/chromium';
import { tempFolder } from '../support/temp-folder';
import { until } from '../support/until';

describe.skipIf(!hasChromium)('tapes in the window', () => {
  const dataFolder = tempFolder();
  let app: App;
  const bar = () => app.page.getByRole('region', { name: 'Tape' });
  const slider = () => bar().getByRole('slider', { name: 'Moment of the tape' });
  const traffic = () => app.page.getByRole('tabpanel', { name: 'Traffic' });
  /** What the card of the publisher says. */
  const numbers = async () => (await drawn(app.page, 'publisher Orders').textContent()) ?? '';
  /** `TAPLINE_PICTURES=folder`: how it looks, for people. */
  const picture = async (name: string) => {
    const folder = process.env.TAPLINE_PICTURES;
    if (folder) await app.page.screenshot({ path: `${folder}/${name}.png` });
  };
  async function theme(name: 'Dark' | 'Light'): Promise<void> {
    const { page } = app;
    await page.getByRole('button', { name: 'Theme', exact: true }).click();
    await page.getByRole('menuitem', { name }).click();
    await page.getByRole('menuitem', { name }).waitFor({ state: 'detached' });
  }

  beforeAll(async () => {
    app = await openApp({ dataFolder, variables: { PATH: '' } });
  });
  afterAll(() => app?.close());

  it('are recorded with a button that counts', async () => {
    const { page } = app;
    await topBar(page, 'Run').click();
    await topBar(page, 'Record').click();
    const dialog = page.getByRole('dialog', { name: 'Record traffic' });
    const masks = dialog.getByLabel('Keep off the tape');
    await dialog.waitFor();
    await picture('tape-record');
    await masks.fill('card.number');
    await masks.press('Enter');
    await dialog.getByText('“card.number” is written body.FIELD.FIELD or header.NAME.').waitFor();
    await masks.press('Backspace');
    await dialog.getByRole('button', { name: 'Start recording' }).click();
    await dialog.waitFor({ state: 'detached' });
    const button = page.getByRole('button', { name: 'Stop recording' });
    await until('many events are on it', async () => {
      const [, count = '0'] = /^(\d+)/.exec((await button.textContent()) ?? '') ?? [];
      return Number(count) > 200;
    });
    await picture('tape-recording');
    await button.click();
    await page.getByText(/events in .* (KB|MB), in .*\.tape\.ndjson/).waitFor();
    await topBar(page, 'Stop').click();
  });

  it('open in place of the document, only to be looked at', async () => {
    const { page } = app;
    await page.getByRole('button', { name: 'File' }).click();
    await page.getByRole('menuitem', { name: 'Open tape…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Open tape' });
    await dialog.getByRole('list', { name: 'Recorded tapes' }).getByRole('button').first().click();
    await bar().waitFor();
    await traffic().getByText('No messages on the tape until this moment').waitFor();
    for (const word of ['Plan', 'Deploy', 'Run']) expect(await topBar(page, word).isDisabled()).toBe(true);
    const before = await canvas(page).getByRole('group').count();
    await drawn(page, 'publisher Orders').click();
    await page.keyboard.press('Delete');
    await page.getByText('A tape is open: it shows what was').waitFor();
    expect(await canvas(page).getByRole('group').count()).toBe(before);
    await page.keyboard.press('Escape');
  });

  it('go to any moment with the keyboard: counters, messages and journeys follow', async () => {
    const { page } = app;
    await slider().press('End');
    await traffic().getByRole('row').nth(5).waitFor();
    const atEnd = await until(
      'the publisher has a number',
      async () => /\d{2,}/.test(await numbers()) && (await numbers()),
    );
    await picture('tape-end-light');
    await slider().press('Home');
    await slider().press('ArrowRight');
    await slider().press('ArrowRight');
    await slider().press('ArrowRight');
    await until('the number is another', async () => (await numbers()) !== atEnd);
    await picture('tape-early-light');
    await theme('Dark');
    await slider().press('End');
    await until('the number is that of the end again', async () => (await numbers()) === atEnd);
    await page.getByRole('tab', { name: 'Journeys' }).click();
    const row = page.getByRole('tabpanel', { name: 'Journeys' }).getByRole('row').filter({ hasText: 'done' }).first();
    await row.click();
    await page.getByRole('button', { name: 'Back to the tape' }).first().waitFor();
    await picture('tape-journey-dark');
    await page.getByRole('button', { name: 'Back to the tape' }).first().click();
    await page.getByRole('tab', { name: 'Traffic' }).click();
    await picture('tape-end-dark');
  });

  it('play, at a speed', async () => {
    const { page } = app;
    await slider().press('Home');
    await bar().getByRole('combobox', { name: 'Speed' }).click();
    await page.getByRole('option', { name: '50×', exact: true }).click();
    await bar().getByRole('button', { name: 'Play the tape' }).click();
    await until('it has played to its end', async () => {
      const [now, last] = await Promise.all([
        slider().getAttribute('aria-valuenow'),
        slider().getAttribute('aria-valuemax'),
      ]);
      return now === last;
    });
    await bar().getByRole('button', { name: 'Play the tape' }).waitFor();
  });

  it('are replayed into the document, after a dry run', async () => {
    const { page } = app;
    await bar().getByRole('button', { name: 'Replay…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Replay the tape' });
    await dialog.getByText(/to order-events/).waitFor();
    await dialog.getByRole('textbox', { name: 'Speed' }).fill('1000');
    await picture('tape-replay-dark');
    await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText(/messages replayed; .* confirmed/).waitFor();
    await picture('tape-replayed-dark');
    await page.getByRole('button', { name: 'Dismiss' }).click();
  });

  it('give the document back when they are closed, as it was', async () => {
    const { page } = app;
    await bar().getByRole('button', { name: 'Close tape' }).click();
    await bar().waitFor({ state: 'detached' });
    await until('it can be run again', () => topBar(page, 'Run').isEnabled());
    await page.getByRole('region', { name: 'Sandbox' }).waitFor();
    await theme('Light');
    await picture('tape-closed-light');
  });

  it('leave the console clean', () => expect(app.complaints).toEqual([]));
});
