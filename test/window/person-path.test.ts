import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runResultSchema } from '../../electron/contract/run-result.ts';
import { expectNoViolations } from './axe.ts';
import { findChromium, withoutChromium } from './chromium.ts';
import { openRealWindow, type RealWindow } from './real-window.ts';

/** Enough for the whole chain on the sample; what it finds in that time does not matter here. */
const budgetSeconds = 30;
const runMs = 150_000;

const words = {
  en: {
    connect: 'Connect',
    run: 'Run',
    start: 'Profile and optimize',
    compare: 'Compare A and B',
    report: 'Report',
    json: 'Result (JSON)',
  },
  ja: {
    connect: '接続',
    run: '実行',
    start: 'プロファイルして最適化',
    compare: 'A と B を比較',
    report: 'レポート',
    json: '結果（JSON）',
  },
} as const;

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
        const say = words[language];
        const context = await real.person({ language });
        const page = await context.newPage();
        await page.goto(real.address('/'));
        let clicks = 0;
        const click = async (role: 'button' | 'link', name: string): Promise<void> => {
          await page.getByRole(role, { name, exact: true }).first().click();
          clicks += 1;
        };
        await click('button', say.connect);
        await page
          .getByText(/onnxruntime/)
          .first()
          .waitFor({ state: 'attached' });
        await click('link', say.run);
        await click('button', say.start);
        await page.getByRole('link', { name: say.compare }).waitFor({ timeout: runMs });
        await expectNoViolations(page);
        await click('link', say.compare);
        await page.waitForURL('**/compare/**');
        await page.getByRole('heading', { level: 1 }).waitFor();
        await click('link', say.report);
        const downloaded = page.waitForEvent('download');
        await click('link', say.json);
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
        const context = await real.person();
        const first = await context.newPage();
        await first.goto(real.address('/'));
        await first.getByRole('heading', { level: 1 }).waitFor();
        await first.keyboard.press('Control+3');
        await first.waitForURL('**/run');
        const start = first.getByRole('button', { name: words.en.start, exact: true });
        await expect.poll(() => start.isEnabled()).toBe(true);
        await tabTo(first, words.en.start);
        await first.keyboard.press('Enter');
        await first
          .getByText(/Replaced|tried|timed/)
          .first()
          .waitFor({ timeout: runMs });
        await first.close();
        const second = await context.newPage();
        await second.goto(real.address('/run'));
        await second.getByRole('button', { name: 'Cancel' }).first().waitFor();
        await expect.poll(() => second.getByText('Profile').count()).toBeGreaterThan(0);
        await second.getByRole('link', { name: words.en.compare }).waitFor({ timeout: runMs });
        await tabTo(second, words.en.compare);
        await second.keyboard.press('Enter');
        await second.waitForURL('**/compare/**');
        await context.close();
      },
      runMs + 60_000,
    );
  },
);

/** Presses Tab until what has the focus bears that name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    await page.keyboard.press('Tab');
    const text = await page.evaluate(() => document.activeElement?.textContent ?? '');
    if (text.trim() === name) return;
  }
  throw new Error(`Tab never came to ${name}`);
}
