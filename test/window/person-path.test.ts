import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runResultSchema } from '../../electron/contract/run-result.ts';
import { findChromium, withoutChromium } from './chromium.ts';
import { openRealWindow, type RealWindow } from './real-window.ts';
import { runMs, signposts, tabTo, walkToExport } from './walk.ts';

/** Enough for the whole chain on the sample; what it finds in that time does not matter here. */
const budgetSeconds = 30;

const title = 'A person without a manual';
describe.skipIf(findChromium() === null)(
  findChromium() === null ? `${title} (${withoutChromium})` : title,
  () => {
    let real: RealWindow;
    beforeEach(async () => {
      real = await openRealWindow();
      await real.saveSettings({ budgetSeconds });
    }, 120_000);
    afterEach(() => real.close());

    test.each(['en', 'ja'] as const)(
      'goes from the start to an exported result with at most 8 clicks and no text field (%s)',
      async (language) => {
        const context = await real.person({ language });
        const page = await context.newPage();
        await page.goto(real.address('/'));
        const downloaded = page.waitForEvent('download', { timeout: runMs + 30_000 });
        const clicks = await walkToExport(page, language);
        const file = await (await downloaded).path();
        const result = runResultSchema.parse(JSON.parse(await readFile(file, 'utf8')));
        expect(result.original.latencyUs.p50).toBeGreaterThan(0);
        expect(clicks).toBeLessThanOrEqual(8);
        await context.close();
      },
      runMs + 60_000,
    );

    test(
      'does the same by keyboard alone, closes the page in mid-run, and finds all of it again',
      async () => {
        const say = signposts.en;
        const context = await real.person();
        const first = await context.newPage();
        await first.goto(real.address('/'));
        await first.getByRole('heading', { level: 1 }).waitFor();
        await tabTo(first, say.connect);
        await first.keyboard.press('Enter');
        await first
          .getByText(/onnxruntime/)
          .first()
          .waitFor({ state: 'attached' });
        await first.keyboard.press('Control+3');
        await first.waitForURL('**/run');
        const start = first.getByRole('button', { name: say.start, exact: true });
        await expect.poll(() => start.isEnabled()).toBe(true);
        await tabTo(first, say.start);
        await first.keyboard.press('Enter');
        const ranking = (page: typeof first) => page.getByRole('table').filter({ hasText: 'Conv' });
        await ranking(first).first().waitFor({ timeout: runMs });
        const seen = await ranking(first).first().ariaSnapshot();
        await first.close();
        const second = await context.newPage();
        await second.goto(real.address('/run'));
        await second.getByRole('button', { name: 'Pause' }).first().waitFor();
        expect(await ranking(second).first().ariaSnapshot()).toBe(seen);
        await second.getByRole('link', { name: say.compare }).waitFor({ timeout: runMs });
        await tabTo(second, say.compare);
        await second.keyboard.press('Enter');
        await second.waitForURL('**/compare/**');
        await second.getByRole('heading', { level: 1 }).waitFor();
        await second.keyboard.press('Control+6');
        await tabTo(second, say.json);
        const downloaded = second.waitForEvent('download');
        await second.keyboard.press('Enter');
        expect((await downloaded).suggestedFilename()).toMatch(/result\.json$/);
        await context.close();
      },
      runMs + 60_000,
    );
  },
);
