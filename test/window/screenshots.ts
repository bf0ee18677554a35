import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { openRealWindow, type PersonOptions, type RealWindow } from './real-window.ts';

/** Pictures of every place with a real run on the sample, for the README and for one's own eyes. */
const folder = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;
const budgetSeconds = 240;

const real = await openRealWindow();
try {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await real.saveSettings({ budgetSeconds });
  const page = await (await real.person()).newPage();
  await page.goto(real.address('/boards'));
  await page.getByRole('button', { name: 'Connect', exact: true }).first().click();
  await page
    .getByText(/onnxruntime/)
    .first()
    .waitFor({ state: 'attached' });
  await page.goto(real.address('/run'));
  await page.getByRole('button', { name: 'Profile and optimize', exact: true }).click();
  await page
    .getByText(/rung 1/)
    .first()
    .waitFor({ timeout: budgetSeconds * 1000 });
  await takeAll('run', '/run', page);
  await page.getByRole('link', { name: 'Compare A and B' }).waitFor({ timeout: 2 * budgetSeconds * 1000 });
  await takeAll('run-done', '/run', page);
  for (const place of ['boards', 'models/sample', 'compare', 'history', 'report', 'settings'])
    await takeAll(place.split('/')[0]!, `/${place}`, page);
  process.stdout.write(`${(await readdir(folder)).length} pictures in docs/screenshots\n`);
} finally {
  await real.close();
}

/** One place in both languages, both themes and both sizes, with the selection that the person has made. */
async function takeAll(name: string, path: string, from: Page): Promise<void> {
  const selection = await from.evaluate(() => localStorage.getItem('fieldtune.selection'));
  for (const language of ['en', 'ja'] as const)
    for (const dark of [false, true])
      for (const size of sizes) await take(real, { language, dark, size }, name, path, selection);
}

async function take(
  window: RealWindow,
  options: Required<PersonOptions>,
  name: string,
  path: string,
  selection: string | null,
): Promise<void> {
  const { language, dark, size } = options;
  const context = await window.person(options);
  await context.addInitScript((kept) => {
    if (kept !== null) localStorage.setItem('fieldtune.selection', kept);
  }, selection);
  const page = await context.newPage();
  await page.goto(window.address(path));
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector('main [role="status"][aria-label]') === null);
  // Charts and the graph come after the place itself.
  await page.waitForTimeout(1500);
  const picture = await sharp(await page.screenshot())
    .png({ palette: true, colours: 128 })
    .toBuffer();
  await writeFile(
    join(folder, `${name}-${language}-${dark ? 'dark' : 'light'}-${size.width}x${size.height}.png`),
    picture,
  );
  await context.close();
}
