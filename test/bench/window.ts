import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { openStore } from '../../electron/store/open-store.ts';
import { openRealWindow } from '../window/real-window.ts';
import { buildWindow, launchChromium } from '../window/window-harness.ts';
import { fill } from './history.ts';

const root = join(import.meta.dirname, '../..');
const starts = 5;
const runSeconds = 60;

/** Prints how soon the window can be used, how much it loads for that, and whether it stays responsive in a run. */
export async function windowFigures([part]: readonly string[]): Promise<void> {
  await buildWindow();
  if (part === 'run') return duringARun();
  loadSize();
  await startTimes();
  await historyPage();
  await duringARun();
}

/** What index.html names: all that comes before a place is opened. */
function loadSize(): void {
  const html = readFileSync(join(root, 'dist/renderer/index.html'), 'utf8');
  const files = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map(([, name]) => name!);
  const bytes = files.map((name) => gzipSync(readFileSync(join(root, 'dist/renderer', name))).length);
  const total = bytes.reduce((a, b) => a + b, 0);
  process.stdout.write(
    `Before lazy parts: ${(total / 1000).toFixed(0)} kB compressed (gzip), ${files.length} files\n`,
  );
}

/** From starting the service to a page whose first place can be used; the first start, which warms up, is left out. */
async function startTimes(): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), 'fieldtune-start-'));
  const browser = await launchChromium();
  const times: number[] = [];
  for (let i = 0; i <= starts; i++) {
    const page = await browser.newPage();
    const started = performance.now();
    const child = spawn(process.execPath, [join(root, 'electron/browser.ts'), '--no-open'], {
      env: { ...process.env, FIELDTUNE_HOME: state },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const url = line.match(/http:\S+/)?.[0];
      if (!url) continue;
      await page.goto(url);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.getByRole('button', { name: 'Connect', exact: true }).first().waitFor();
      break;
    }
    if (i > 0) times.push(performance.now() - started);
    child.kill('SIGTERM');
    await page.close();
  }
  await browser.close();
  process.stdout.write(`Start to usable page, ${starts} times: ${worstOf(times)}\n`);
}

/** From opening History of a large store to its rows on the page, in a page that is new and in one that is open. */
async function historyPage(): Promise<void> {
  const real = await openRealWindow((stateFolder) => {
    const store = openStore(stateFolder);
    if (!store.ok) throw new Error(store.error.kind);
    store.value.close();
    fill(store.value.path, 10_000, 2_000_000);
  });
  try {
    const context = await real.person();
    const fresh: number[] = [];
    const within: number[] = [];
    for (let i = 0; i <= starts; i++) {
      const page = await context.newPage();
      // By structure: finding rows by role costs more than what is measured.
      const lastRow = page.locator('tbody tr').nth(24);
      const started = performance.now();
      await page.goto(real.address('/history'));
      await lastRow.waitFor();
      if (i > 0) fresh.push(performance.now() - started);
      await page.goto(real.address('/settings'));
      await page.getByRole('heading', { level: 1 }).waitFor();
      const clicked = performance.now();
      await page.getByRole('link', { name: 'History', exact: true }).click();
      await lastRow.waitFor();
      if (i > 0) within.push(performance.now() - clicked);
      await page.close();
    }
    process.stdout.write(
      `History of 10,000 runs and 2,000,000 timings: ${worstOf(fresh)} from a new page, ${worstOf(within)} from another place\n`,
    );
  } finally {
    await real.close();
  }
}

const worstOf = (times: readonly number[]): string =>
  `median ${[...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!.toFixed(0)} ms, worst ${Math.max(...times).toFixed(0)} ms`;

/** Long tasks of the page, and the longest wait of the service's event loop, while the sample is optimized. */
async function duringARun(): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), 'fieldtune-run-'));
  const monitor = join(root, 'test/bench/event-loop.ts');
  const child = spawn(
    process.execPath,
    ['--import', monitor, join(root, 'electron/browser.ts'), '--no-open'],
    {
      cwd: state,
      env: { ...process.env, FIELDTUNE_HOME: state },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let said = '';
  child.stderr.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.addInitScript(() => {
      const seen: number[] = [];
      Object.assign(window, { ftLongTasks: seen });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.push(entry.duration);
      }).observe({ type: 'longtask', buffered: true });
    });
    await page.goto(await linkOf(child.stdout));
    await page.getByRole('button', { name: 'Connect', exact: true }).first().click();
    await page
      .getByText(/onnxruntime/)
      .first()
      .waitFor({ state: 'attached' });
    await page.goto(new URL('/run', page.url()).href);
    await page.getByLabel('Time budget, minutes').fill(String(runSeconds / 60));
    const start = page.getByRole('button', { name: 'Profile and optimize', exact: true });
    await start.waitFor();
    // Loading the page itself is the other figure.
    await forgetLongTasks(page);
    child.kill('SIGUSR2');
    await start.click();
    await page.getByRole('link', { name: 'Compare A and B' }).waitFor({ timeout: 5 * runSeconds * 1000 });
    const tasks = await page.evaluate(() => (window as unknown as { ftLongTasks: number[] }).ftLongTasks);
    said = '';
    child.kill('SIGUSR2');
    while (said === '') await new Promise((resolve) => child.stderr.once('data', resolve));
    const over = tasks.filter((ms) => ms > 100).length;
    process.stdout.write(
      `In a run of ${runSeconds} s: ${over} tasks over 100 ms in the page (longest ${Math.max(0, ...tasks).toFixed(0)} ms); service: ${said}`,
    );
  } finally {
    await browser.close();
    child.kill('SIGTERM');
  }
}

/** The link that a service prints once it listens. */
async function linkOf(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: output })) {
    const url = line.match(/http:\S+/)?.[0];
    if (url) return url;
  }
  throw new Error('The service printed no link.');
}

const forgetLongTasks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    (window as unknown as { ftLongTasks: number[] }).ftLongTasks.length = 0;
  });
