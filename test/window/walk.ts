import type { Page } from 'playwright-core';
import { expectNoViolations } from './axe.ts';

/** Names that a person reads on the way, in both languages. */
export const signposts = {
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

/** How long a run of a small budget may take on a busy machine, milliseconds. */
export const runMs = 150_000;

/**
 * Walks from the first page to the export of the result, by clicks on buttons and links alone. The export begins with
 * the last click. Returns the number of clicks.
 */
export async function walkToExport(page: Page, language: keyof typeof signposts): Promise<number> {
  const say = signposts[language];
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
  await click('link', say.json);
  return clicks;
}

/** Presses Tab until what has the focus bears that name. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    await page.keyboard.press('Tab');
    const text = await page.evaluate(() => document.activeElement?.textContent ?? '');
    if (text.trim() === name) return;
  }
  throw new Error(`Tab never came to ${name}`);
}
