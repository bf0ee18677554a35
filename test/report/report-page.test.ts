import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { expect, test } from 'vitest';
import type { RunResult } from '../../electron/contract/run-result.ts';
import { escapeHtml } from '../../electron/report/html.ts';
import { reportPage } from '../../electron/report/report-page.ts';
import { leavesOf } from './numbers-in.ts';
import { sampleExtras, sampleResult, severalResult } from './sample-result.ts';

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
const hostile = `<img src=x onerror="document.title='owned'">`;

const hostileResult: RunResult = {
  ...sampleResult,
  run: hostile,
  notes: [hostile, '</li><script>document.title="owned"</script>'],
  model: { path: hostile, name: `${hostile}</title><script>document.title="owned"</script>` },
  data: { ...sampleResult.data, name: hostile, metric: hostile },
  board: {
    ...sampleResult.board,
    id: hostile,
    name: hostile,
    cpu: hostile,
    os: hostile,
    runtimeVersion: hostile,
    provider: hostile,
  },
  conditions: {
    ...sampleResult.conditions!,
    governor: hostile,
    concerns: [{ kind: 'governor', value: hostile }],
  },
  comparison: {
    ...sampleResult.comparison,
    energy: { ...sampleResult.comparison.energy!, sensor: hostile },
  },
  operators: [{ name: `${hostile}</svg>`, type: hostile, share: 1, latencyUs: 3, parameters: 1 }],
  replacements: [{ operators: [hostile], from: `</pre>${hostile}`, to: hostile, savedUs: 1, damage: 0.5 }],
  stages: [{ name: hostile, seconds: 1 }],
  boards: severalResult.boards!.map((one) => ({
    ...one,
    address: hostile,
    leftOut: hostile,
    board: one.board && { ...one.board, id: hostile, name: hostile, cpu: hostile, os: hostile },
  })),
};

test.each([
  ['one board', sampleResult],
  ['several boards', severalResult],
])('Every number of result.json stands in the report with its exact value, of %s.', (_, result) => {
  const page = reportPage(result, sampleExtras);
  const numbers = leavesOf(result).filter(({ leaf }) => typeof leaf === 'number');
  expect(numbers.length).toBeGreaterThan(100);
  const missing = numbers.filter(({ leaf }) => !page.includes(`<data value="${leaf}">`));
  expect(missing).toEqual([]);
});

test.each([
  ['one board', sampleResult],
  ['several boards', severalResult],
])('Every name, hash, program and note of result.json stands in the report, of %s.', (_, result) => {
  const page = reportPage(result, sampleExtras);
  const texts = leavesOf(result).filter(
    ({ leaf, path }) => typeof leaf === 'string' && !path.endsWith('verdict'),
  );
  const missing = texts.filter(({ leaf }) => !page.includes(escapeHtml(String(leaf))));
  expect(missing).toEqual([]);
});

test('A run on several boards has a verdict for each, and says where B is not proven.', () => {
  const text = reportPage(severalResult, sampleExtras).replace(/<[^>]*>/g, '');
  expect(text).toContain('Each board by itself');
  // Two boards of one name are told apart by their addresses.
  expect(text).toContain('Gate 7 (Raspberry Pi 5) (ssh://pi@gate-8:22)');
  expect(text).toContain('Inconclusive' + 'Left out: the link was cut. B is not proven there.');
  expect(text).toContain('Not compared' + 'Left out: No route to host. B is not proven there.');
  expect(text).toContain('Measured by Fieldtune on one board');
  const proven = severalResult.boards!.map((one) => ({ ...one, leftOut: null }));
  const all = reportPage({ ...severalResult, boards: proven }, sampleExtras).replace(/<[^>]*>/g, '');
  expect(all).toContain(
    'is faster than the original; on Gate 7 (Raspberry Pi 5), where it gains least, it is 2.31',
  );
  expect(all).toContain('Measured by Fieldtune on 3 boards');
  expect(reportPage(sampleResult, sampleExtras)).not.toContain('Each board by itself');
});

test('The report needs nothing from outside: no script, link, image, font or address.', () => {
  const page = reportPage(sampleResult, sampleExtras);
  expect(page).not.toMatch(/<(script|link|img|iframe|object|embed)\b|@import|url\(|https?:|src=/i);
  expect(page).toContain("default-src 'none'");
});

test('A name that is markup is shown as text, wherever it stands.', () => {
  const page = reportPage(hostileResult, { identity: { ...sampleExtras.identity!, serialNumber: hostile } });
  expect(page).not.toMatch(/<(img|script)\b/i);
  expect(page).toContain('&lt;img src=x onerror=');
});

test('What is missing is left out or said to be missing, never shown as a number.', () => {
  const bare: RunResult = {
    ...sampleResult,
    original: { ...sampleResult.original, peakMemoryBytes: null },
    comparison: { ...sampleResult.comparison, tunedOriginalAccuracy: null },
    operators: [],
    replacements: [],
    stages: [],
  };
  const page = reportPage(bare);
  expect(page).toContain('not readable');
  expect(page).toContain('Peak memory could not be read');
  expect(page).not.toContain('tuned the same way');
  expect(page).not.toMatch(/NaN|undefined|null|Infinity/);
});

test('Empty figures of zero make no broken page.', () => {
  const zero: RunResult = {
    ...sampleResult,
    original: {
      ...sampleResult.original,
      parameters: 0,
      sizeBytes: 0,
      latencyUs: { p50: 0, p90: 0, p99: 0 },
    },
    operators: [{ name: 'x', type: 'Conv', share: 0, latencyUs: 0, parameters: 0 }],
    search: { proposed: 0, checked: 0, duplicates: 0, timed: 0, fitted: 0, spliced: 0, tuned: 0, seconds: 0 },
    stages: [{ name: 'connect', seconds: 0 }],
    comparison: { ...sampleResult.comparison, speedup: 1, speedupInterval95: [1, 1] },
  };
  expect(reportPage(zero, sampleExtras)).not.toMatch(/NaN|undefined|Infinity/);
});

test.skipIf(!browser)(
  'A browser runs nothing of a hostile name, and shows the page without sideways scrolling (skipped without chromium).',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fieldtune-report-'));
    const opened = await chromium.launch({ executablePath: browser ?? '', args: ['--no-sandbox'] });
    try {
      writeFileSync(join(folder, 'hostile.html'), reportPage(hostileResult, sampleExtras));
      writeFileSync(join(folder, 'sample.html'), reportPage(sampleResult, sampleExtras));
      const page = await opened.newPage({ viewport: { width: 390, height: 800 } });
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      page.on('request', (request) => {
        if (!request.url().startsWith('file:')) complaints.push(request.url());
      });
      for (const name of ['hostile', 'sample']) {
        await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
        expect(await page.title()).toContain('Fieldtune report');
        const [content, window] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          innerWidth,
        ]);
        expect(content, name).toBeLessThanOrEqual(window ?? 0);
      }
      expect(complaints).toEqual([]);
    } finally {
      await opened.close();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);

test('The report says that energy was not measured, and says nothing where an earlier version could not.', () => {
  const { energy, ...comparison } = sampleResult.comparison;
  expect(energy).toBeDefined();
  const without = reportPage({ ...sampleResult, comparison: { ...comparison, energy: null } }, sampleExtras);
  expect(without).toContain('<dt>Energy</dt><dd>not measured</dd>');
  expect(without).not.toContain('Energy per inference');
  const { conditions: _, ...result } = sampleResult;
  expect(reportPage({ ...result, comparison }, sampleExtras)).not.toMatch(/Energy|Board before the run/);
});

test('The report tells the whole of a warning that was given, and its kind and value where that is all it has.', () => {
  expect(reportPage(sampleResult, sampleExtras)).toContain('the clock governor of the board is ondemand');
  const concern = { kind: 'load', value: '2.10 / 4', process: 'stress-ng (1.98)', command: 'top' } as const;
  const state = { ...sampleExtras.comparison!.conditions!, concerns: [concern] };
  const conditions = {
    ...sampleResult.conditions!,
    concerns: [{ kind: 'load' as const, value: '2.10 / 4' }],
  };
  const page = reportPage({ ...sampleResult, conditions }, { ...sampleExtras, state });
  expect(page).toContain('the most by stress-ng (1.98)');
});

test.each([
  ['top-1', 'Accuracy, change', 'Accuracy (top-1)'],
  ['agreement', 'Agreement, change', 'Accuracy (agreement)'],
  ['cosine', 'Likeness, change', 'Likeness of the outputs'],
])('what %s counts is called by one name in the tile and in the table', (metric, tile, row) => {
  const measured = (model: RunResult['original']) => ({ ...model, accuracy: { ...model.accuracy, metric } });
  const { original, optimized } = sampleResult;
  const page = reportPage(
    { ...sampleResult, original: measured(original), optimized: measured(optimized) },
    sampleExtras,
  );
  expect(page).toContain(`<div class="name">${tile}</div>`);
  expect(page).toContain(`<th scope="row">${row}<`);
});
