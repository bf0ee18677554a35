import { expect, test } from 'vitest';
import { defaultSettings } from '../../electron/contract/default-settings.ts';
import { sampleResult } from '../report/sample-result.ts';
import { expectNoViolations } from './axe.ts';
import { describeWindow } from './describe-window.ts';
import {
  compareJob,
  compareResult,
  disagreementPictures,
  finishedDetails,
  finishedRun,
  graphDiff,
} from './fixtures/finished-run.ts';
import { appInfo, runningJob } from './fixtures/optimize-job.ts';
import { localBoard, runNumber, sampleModel } from './fixtures/run-summaries.ts';
import type { Answers } from './window-harness.ts';

const run = finishedRun.summary.run;
const otherRun = { ...finishedRun, summary: { ...finishedRun.summary, run: 'other-run' } };
const answers: Answers = {
  'settings.get': defaultSettings,
  'jobs.list': [],
  'boards.list': [localBoard],
  'models.list': [
    sampleModel,
    {
      ...sampleModel,
      sha256: 'b'.repeat(64),
      name: 'other',
      path: '/home/mia/models/other.onnx',
      isSample: false,
    },
  ],
  'data.list': [{ path: '/app/sample/data', name: 'Fashion-MNIST', lastUsedAt: null, isSample: true }],
  'runs.list': { total: 2, rows: [runNumber(5, { state: 'failed' }), finishedRun.summary] },
  'runs.get': ({ run: wanted }) => (wanted === run ? finishedRun : otherRun),
  'runs.disagreements': ({ offset, limit }) => disagreementPictures(offset, limit),
  'runs.diff': graphDiff,
};

describeWindow('Compare', (harness) => {
  test('says the verdict of the newest finished run in one sentence, and of accuracy apart from it', async () => {
    const { page } = await harness.open('/compare', { answers });
    await page.getByText('Faster: 57 % less time than A (56–58 %)').waitFor();
    await page.getByText('Loss of more than 1.0 point not excluded (up to 1.4)').waitFor();
    await page.getByText('A fine-tuned the same way: 91.5 %.').waitFor();
  });

  test('puts every measure of A beside B with its difference and what is known of its interval', async () => {
    const { page } = await harness.open(`/compare/${run}`, { answers });
    const table = page.getByRole('table', { name: 'Measures of A and B' });
    const row = (name: string) => table.getByRole('row', { name });
    await table.waitFor();
    await expect
      .poll(() => row('Latency, median').textContent())
      .toMatch(/11\.0 ms\s*4\.79 ms\s*−56\.6 %\s*\[−57\.6, −55\.5\] %/);
    expect(await row('Latency, p99').textContent()).toMatch(/12\.9 ms\s*6\.02 ms\s*−53\.4 %\s*—/);
    expect(await row('Peak memory').textContent()).toContain('61.9 MB');
    await row('Latency, median')
      .getByRole('img', { name: /95 % interval .* margin ±2 %/ })
      .waitFor();
  });

  test('claims no more than a throttled board allows', async () => {
    const conditions = { ...finishedDetails.conditions!, throttled: true };
    const hot = { ...finishedRun, details: { ...finishedDetails, conditions } };
    const { page } = await harness.open(`/compare/${run}`, { answers: { ...answers, 'runs.get': hot } });
    await page.getByText('Not comparable: the board was throttled').waitFor();
    expect(await page.getByText('less time than A').count()).toBe(0);
  });

  test('says why a run found nothing, and claims no speed for it', async () => {
    const nothing = {
      ...finishedRun,
      explanation: 'No candidate was faster.',
      result: {
        ...sampleResult,
        explanation: 'No candidate was faster.',
        optimized: sampleResult.original,
        replacements: [],
      },
    };
    const { page } = await harness.open(`/compare/${run}`, {
      answers: { ...answers, 'runs.get': nothing },
    });
    await page.getByText('No improvement found', { exact: true }).waitFor();
    await page.getByText('No candidate was faster.').waitFor();
    expect(await page.getByRole('table', { name: 'Measures of A and B' }).count()).toBe(0);

    const reason = { kind: 'notFaster', verdict: 'slower' } as const;
    const kept = { ...nothing, details: { ...finishedDetails, reason } };
    const japanese = await harness.open(`/compare/${run}`, {
      answers: { ...answers, 'runs.get': kept },
      language: 'ja',
    });
    await japanese.page.getByText('最良の候補はボード上で A より低速でした。').waitFor();
  });

  test('offers the report and the files of the run', async () => {
    const { page } = await harness.open(`/compare/${run}`, { answers });
    const csv = page.getByRole('link', { name: 'measurements.csv' });
    expect(await csv.getAttribute('href')).toBe(`/runs/${run}/measurements.csv?download`);
    await page.getByRole('link', { name: 'Report', exact: true }).last().click();
    await page.waitForURL(`**/report/${run}`);
  });

  test('shows the operators by how much their time changed, and the programs that stand in for others', async () => {
    const { page } = await harness.open(`/compare/${run}`, { answers });
    const table = page.getByRole('table', { name: 'Operators of A and B' });
    await table.waitFor();
    await expect.poll(() => table.getByRole('row').nth(1).textContent()).toMatch(/Conv_12\s*Conv\s*A only/);
    await page.getByRole('tab', { name: 'Replacements (2)' }).click();
    const first = page.getByRole('article').first();
    expect(await first.textContent()).toContain('saves 4.13 ms');
    expect(await first.textContent()).toContain('groups 64');
  });

  test('shows the samples that differ as pictures, counts who is right, and turns pages', async () => {
    const { page, calls } = await harness.open(`/compare/${run}`, { answers });
    await page.getByRole('tab', { name: 'Samples that differ (55)' }).click();
    await page.getByText('B right, A wrong: 22; A right, B wrong: 22; both wrong: 11').waitFor();
    const sample = page.getByRole('article', { name: 'Sample 17', exact: true });
    await sample.getByRole('img', { name: 'Picture of sample 17' }).waitFor();
    expect(await sample.textContent()).toMatch(/Label: empty\s*A says car\s*B says empty/);
    await sample.getByLabel('wrong').waitFor();
    await page.getByRole('button', { name: 'Next page' }).click();
    await expect
      .poll(() => calls.filter(({ name }) => name === 'runs.disagreements').at(-1)?.args)
      .toEqual({ run, offset: 24, limit: 24 });
  });

  test('sets the graphs side by side, changes first', async () => {
    const { page } = await harness.open(`/compare/${run}?tab=graph`, { answers });
    const table = page.getByRole('table', { name: 'Operators of A and B in their order' });
    await page.getByText('Operators: 1 gone, 2 new, 4 the same').waitFor();
    expect(await table.getByRole('row').nth(2).textContent()).toMatch(
      /− gone.*Conv_12.*\+ new.*Conv_12\/depthwise/,
    );
    expect(await table.getByText('Gemm_41').count()).toBe(0);
    await page.getByRole('switch', { name: 'Changes only' }).click();
    expect(await table.getByText('Gemm_41').count()).toBe(2);
  });

  test('says what another point of the front costs, and what would confirm it', async () => {
    const { page } = await harness.open(`/compare/${run}?tab=front`, { answers });
    await page
      .getByRole('table', { name: 'Points between latency and accuracy' })
      .getByText('3.56 ms')
      .click();
    await page.getByText('Fine-tuned and screened, not confirmed').waitFor();
    await page.getByText('Accuracy on the samples for choosing', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Run again with 6.5 points' }).click();
    await page.waitForURL('**/run?limit=6.5');
  });

  test('chooses again with another limit from the front that the run kept', async () => {
    const { page, calls } = await harness.open(`/compare/${run}?tab=front`, {
      answers: { ...answers, 'app.info': appInfo, 'runs.pick': runningJob({ run: null }) },
    });
    await page.getByText('The run kept its front (5 models).').waitFor();
    const limit = page.getByRole('textbox', { name: 'Accuracy that may be lost, points' });
    await limit.fill('');
    expect(await page.getByRole('button', { name: 'Choose again' }).isDisabled()).toBe(true);
    await limit.fill('2.5');
    await page.getByRole('button', { name: 'Choose again' }).click();
    await page.waitForURL('**/run');
    expect(calls.find(({ name }) => name === 'runs.pick')?.args).toEqual({ run, maxAccuracyDrop: 2.5 });
  });

  test('does not offer to choose again where no front was kept', async () => {
    const { page } = await harness.open(`/compare/${run}?tab=front`, {
      answers: { ...answers, 'runs.get': { ...finishedRun, frontModels: 0 } },
    });
    await page.getByRole('table', { name: 'Points between latency and accuracy' }).waitFor();
    expect(await page.getByRole('button', { name: 'Choose again' }).count()).toBe(0);
  });

  test('sets two runs side by side and warns where their conditions differ', async () => {
    const slower = {
      ...otherRun,
      result: { ...sampleResult, board: { ...sampleResult.board, runtimeVersion: '1.29.0' } },
    };
    const { page } = await harness.open(`/compare/${run}..other-run`, {
      answers: { ...answers, 'runs.get': ({ run: wanted }) => (wanted === run ? finishedRun : slower) },
    });
    await page.getByText('These runs are not comparable as they stand').waitFor();
    await page.getByText('They differ in: Runtime.', { exact: false }).waitFor();
    await page.getByRole('switch', { name: 'Differences only' }).click();
    const rows = page.getByRole('table', { name: 'Conditions' }).getByRole('row');
    expect(await rows.count()).toBe(2);
    await page.getByRole('link', { name: 'Measure the two against each other' }).click();
    await page.waitForURL('**/compare/new?*');
  });

  test('compares any two models, with no verdict before the last round', async () => {
    const { page, calls, tell } = await harness.open('/compare/new', {
      answers: { ...answers, 'runs.compare': compareJob },
    });
    await page.getByRole('combobox', { name: 'Model A' }).click();
    await page.getByRole('option', { name: /sample/ }).click();
    await page.getByRole('combobox', { name: 'Model B' }).click();
    await page.getByRole('option', { name: /other/ }).click();
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByText('Round 7 of 40').waitFor();
    expect(calls.find(({ name }) => name === 'runs.compare')?.args).toEqual({
      modelPathA: sampleModel.path,
      modelPathB: '/home/mia/models/other.onnx',
      board: { address: 'local' },
      threads: 1,
    });
    await tell({
      kind: 'job',
      job: { ...compareJob, state: 'done', outcome: { kind: 'compare', comparison: compareResult } },
    });
    await page.getByText('Inconclusive: 4 % faster to 1 % slower than A').waitFor();
    await page.getByText('Loss of more than 1.0 point not excluded (up to 1.7)').waitFor();
  });

  test('says why a comparison failed', async () => {
    const failed = {
      ...compareJob,
      state: 'failed' as const,
      error: {
        kind: 'modelsDiffer' as const,
        pathA: 'a.onnx',
        pathB: 'b.onnx',
        reason: 'A has 1 inputs and B has 2',
      },
    };
    const { page } = await harness.open('/compare/new', { answers: { ...answers, 'jobs.list': [failed] } });
    expect(await page.getByRole('alert').textContent()).toContain('A has 1 inputs and B has 2');
  });

  test('says what is missing before the first run', async () => {
    const { page } = await harness.open('/compare', {
      answers: { ...answers, 'runs.list': { total: 0, rows: [] } },
    });
    await page.getByText('Nothing to compare yet').waitFor();
  });

  test('says that a run is unknown', async () => {
    const { page } = await harness.open('/compare/gone', {
      answers: {
        ...answers,
        'runs.get': () => {
          throw { kind: 'runUnknown', run: 'gone' };
        },
      },
    });
    await page.getByRole('alert').waitFor();
  });

  test('speaks Japanese', async () => {
    const { page } = await harness.open('/compare', { answers, language: 'ja' });
    await page.getByText('高速化を確認：A より時間が 57 % 短い（56–58 %）').waitFor();
    await page.getByRole('tab', { name: '測定条件' }).click();
    await page.getByRole('rowheader', { name: 'ガバナー' }).waitFor();
  });

  test.each([false, true])(
    'has no violation that axe finds on any of its tabs (dark: %s)',
    async (dark) => {
      const { page } = await harness.open(`/compare/${run}`, { answers, dark });
      for (const tab of ['Operators', 'Replacements', 'Samples', 'Graph', 'Other points', 'Conditions']) {
        await page.getByRole('tab', { name: tab }).click();
        await page.getByRole('tabpanel').waitFor();
        await expectNoViolations(page);
      }
    },
    30_000,
  );

  test.each([false, true])('has no violation that axe finds on its other views (dark: %s)', async (dark) => {
    const two = await harness.open(`/compare/${run}..other-run`, { answers, dark });
    await two.page.getByRole('table', { name: 'Results of the two runs' }).waitFor();
    await expectNoViolations(two.page);
    const done = {
      ...compareJob,
      state: 'done' as const,
      outcome: { kind: 'compare' as const, comparison: compareResult },
    };
    const any = await harness.open('/compare/new', {
      answers: { ...answers, 'jobs.list': [done] },
      dark,
    });
    await any.page.getByText('Inconclusive:', { exact: false }).waitFor();
    await expectNoViolations(any.page);
  });
});
