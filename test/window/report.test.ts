import { expect, test } from 'vitest';
import type { AppInfo, RunDetail } from '../../electron/contract/views.ts';
import { reportPage } from '../../electron/report/report-page.ts';
import { resultOf } from '../bench/history-rows.ts';
import { sampleExtras, sampleResult } from '../report/sample-result.ts';
import { expectNoViolations } from './axe.ts';
import { describeWindow } from './describe-window.ts';
import { runNumber } from './fixtures/run-summaries.ts';
import type { Answers } from './window-harness.ts';

const summary = runNumber(0);
const detail: RunDetail = {
  summary,
  request: {
    modelPath: '/m.onnx',
    dataPath: '/d',
    board: { address: 'local' },
    maxAccuracyDrop: 1,
    budgetSeconds: 600,
    threads: 1,
    groupSize: 4,
    seed: 1,
  },
  finishedAt: summary.startedAt,
  explanation: '',
  result: resultOf(summary.run, 'a'.repeat(64), 'b'.repeat(64)),
  details: null,
  stages: [],
  frontModels: 0,
  files: ['report.html', 'measurements.csv', 'result.json', 'optimized.onnx'],
};
const info: AppInfo = {
  version: '0.1.0',
  face: 'browser',
  platform: 'linux',
  stateFolder: '/state',
  sample: { modelPath: '/s.onnx', dataPath: '/s' },
  canChooseFiles: false,
  canPrintPdf: true,
  secrets: { kept: false, backend: 'none' },
};
const answers: Answers = {
  'jobs.list': [],
  'app.info': info,
  'runs.list': { total: 1, rows: [summary] },
  'runs.get': detail,
};

describeWindow('Report', (harness) => {
  test('shows the newest finished run in a frame that may do nothing, and gives every form of it', async () => {
    const { page } = await harness.open('/report', { answers });
    const frame = page.getByTitle('Preview of the report');
    expect(await frame.getAttribute('src')).toBe(`/runs/${summary.run}/report.html`);
    expect(await frame.getAttribute('sandbox')).toBe('');
    for (const [name, file] of [
      ['Web page (HTML)', 'report.html'],
      ['PDF', 'report.pdf'],
      ['Measurements (CSV)', 'measurements.csv'],
      ['Result (JSON)', 'result.json'],
      ['Optimized model (ONNX)', 'optimized.onnx'],
    ] as const) {
      const link = page.getByRole('link', { name, exact: true });
      expect(await link.getAttribute('href')).toBe(`/runs/${summary.run}/${file}?download`);
    }
  });

  test('says what a PDF needs where nothing can print', async () => {
    const { page } = await harness.open('/report', {
      answers: { ...answers, 'app.info': { ...info, canPrintPdf: false } },
    });
    await page.getByText('A PDF needs Chrome, Chromium or Edge').waitFor();
    expect(await page.getByRole('link', { name: 'PDF', exact: true }).getAttribute('aria-disabled')).toBe(
      'true',
    );
  });

  test('says so when the files of a run are gone', async () => {
    const { page } = await harness.open(`/report/${summary.run}`, {
      answers: { ...answers, 'runs.get': { ...detail, files: [] } },
    });
    await page.getByText(`The files of this run are no longer in ${summary.out}.`).waitFor();
  });

  test('says what is missing before the first finished run', async () => {
    const { page } = await harness.open('/report', {
      answers: { ...answers, 'runs.list': { total: 0, rows: [] } },
    });
    await page.getByText('No finished run yet').waitFor();
  });

  test.each(['light', 'dark'] as const)(
    'is itself a page without a violation that axe finds (%s)',
    async (colorScheme) => {
      const { page } = await harness.open('/report', { answers });
      await page.emulateMedia({ colorScheme });
      await page.setContent(reportPage(sampleResult, sampleExtras));
      await page.getByRole('heading', { level: 1 }).waitFor();
      await expectNoViolations(page);
    },
  );

  test.each([false, true])('has no violation that axe finds, in Japanese too (dark: %s)', async (dark) => {
    const { page } = await harness.open('/report', { answers, dark, language: 'ja' });
    await page.getByRole('heading', { name: 'レポート' }).waitFor();
    await page.getByTitle('レポートのプレビュー').waitFor();
    await expectNoViolations(page);
  });
});
