import { EXAMPLES } from '@shared/examples/index';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, canvas, drawn, openApp, topBar } from '../support/app';
import { hasChromium } from '../support/chromium';
import { tempFolder } from '../support/temp-folder';
import { until } from '../support/until';

/** What shows that an example works: a node, and its counter that must rise. */
const SIGNS: Record<(typeof EXAMPLES)[number]['id'], [node: string, counter: string]> = {
  'order-events': ['handler Send email', 'acked'],
  'message-router': ['handler Log unhandled', 'acked'],
  'retry-and-dead-letter': ['queue dead-letters', 'ready'],
  'user-activity': ['handler Notify', 'acked'],
  'order-stream': ['handler Ship order', 'acked'],
};

describe.skipIf(!hasChromium)('the gallery, on a machine without brokers', () => {
  let app: App;
  /** `TAPLINE_PICTURES=folder`: how it looks, for people. */
  const picture = async (name: string) => {
    const folder = process.env.TAPLINE_PICTURES;
    if (!folder) return;
    for (const colorScheme of ['light', 'dark'] as const) {
      await app.page.emulateMedia({ colorScheme });
      await app.page.screenshot({ path: `${folder}/gallery-${name}-${colorScheme}.png` });
    }
  };

  beforeAll(async () => {
    app = await openApp({ dataFolder: tempFolder(), variables: { PATH: '' } });
  });
  afterAll(() => app?.close());

  it.each(EXAMPLES.map(({ id, title }) => [title, id] as const))(
    '%s: opened, deployed, run and seen at work',
    async (title, id) => {
      const { page } = app;
      await page.getByRole('button', { name: 'File', exact: true }).click();
      await page.getByRole('menuitem', { name: 'New from example' }).click();
      await page.getByRole('menuitem', { name: title }).click();
      const leave = page.getByRole('button', { name: 'Don’t save' });
      const [node, counter] = SIGNS[id];
      await drawn(page, node).or(leave).first().waitFor();
      if (await leave.isVisible()) await leave.click();
      await drawn(page, node).waitFor();

      // A fresh sandbox is deployed to by the app itself; a plan that was made meanwhile is refused, so it is made again.
      const inSync = page.getByText('In sync', { exact: true }).first();
      const todo = page.getByRole('button', { name: 'Deploy this plan' });
      await until('it is deployed', async () => {
        await topBar(page, 'Plan').click();
        await inSync.or(todo).first().waitFor();
        if (await todo.isVisible()) await topBar(page, 'Deploy').click();
        return inSync.isVisible();
      });

      await topBar(page, 'Run').click();
      await drawn(page, node).locator(`[data-counter="${counter}"]:not([data-value="0"])`).first().waitFor();
      await picture(id);
      await topBar(page, 'Stop').click();
      await topBar(page, 'Run').waitFor();
      expect(
        await canvas(page)
          .getByRole('img', { name: /worst: error/ })
          .count(),
      ).toBe(0);
    },
  );

  it('leaves the console clean', () => {
    expect(app.complaints).toEqual([]);
  });
});
