import { describe, expect, test } from 'vitest';
import type { RunFilter } from '../../electron/contract/calls.ts';
import { defaultSettings } from '../../electron/contract/default-settings.ts';
import { trendOption } from '../../renderer/places/history/Trend.tsx';
import { expectNoViolations } from './axe.ts';
import { seriesOf, tokensOf } from './chart-series.ts';
import { describeWindow } from './describe-window.ts';
import { localBoard, runNumber, sampleModel, trendPoint } from './fixtures/run-summaries.ts';
import type { Answers } from './window-harness.ts';

const rows = [0, 1, 2].map((n) => runNumber(n)).concat(runNumber(3, { state: 'interrupted', speedup: null }));
const answers: Answers = {
  'settings.get': defaultSettings,
  'jobs.list': [],
  'boards.list': [localBoard],
  'models.list': [sampleModel],
  'runs.list': ({ search }: RunFilter) => {
    const found = rows.filter(({ model }) => model.includes(search ?? ''));
    return { total: found.length, rows: found };
  },
  'runs.trend': [trendPoint(0, 'x'), trendPoint(1, 'x')],
  'runs.delete': null,
  'runs.restore': null,
};

describe('The line of a trend', () => {
  test('breaks where the conditions change', () => {
    const option = trendOption(
      [trendPoint(0, 'x'), trendPoint(1, 'x'), trendPoint(2, 'y')],
      { a: 'A', b: 'B', axis: 'ms' },
      tokensOf('#000'),
    );
    expect(seriesOf(option, 'A').map(([, y]) => y)).toEqual([1, 1.001, null, 1.002]);
  });
});

describeWindow('History', (harness) => {
  test('lists the runs with figures and units, and asks for the order of a clicked column', async () => {
    const { page, calls } = await harness.open('/history', { answers });
    const table = page.getByRole('table', { name: 'Runs' });
    await expect.poll(() => table.getByRole('row').count()).toBe(5);
    expect(await table.textContent()).toContain('2.10×');
    expect(await table.textContent()).toContain('−0.10 points');
    await table.getByRole('button', { name: /A’s time over B’s/ }).click();
    await expect
      .poll(() => calls.filter(({ name }) => name === 'runs.list').at(-1)?.args)
      .toMatchObject({ sort: 'speedup', descending: true });
  });

  test('finds by words, and says when nothing fits', async () => {
    const { page } = await harness.open('/history', { answers });
    await page.getByLabel('Search model, board or run').fill('inspection');
    await expect.poll(() => page.getByRole('status').allInnerTexts()).toContain('1–2 of 2');
    await page.getByLabel('Search model, board or run').fill('nothing like this');
    await page.getByText('No run fits these filters').waitFor();
    await page.getByRole('button', { name: 'Clear the filters' }).last().click();
    await page.getByRole('table', { name: 'Runs' }).waitFor();
  });

  test('leads to the comparison of two chosen runs', async () => {
    const { page } = await harness.open('/history', { answers });
    await page.getByLabel(`Select run ${rows[0]!.run}`).check();
    await page.getByLabel(`Select run ${rows[2]!.run}`).check();
    await page.getByRole('button', { name: 'Compare the two' }).click();
    await page.waitForURL(`**/compare/${rows[0]!.run}..${rows[2]!.run}`);
  });

  test('deletes at once and gives back by Undo', async () => {
    const { page, calls } = await harness.open('/history', { answers });
    await page.getByLabel(`Select run ${rows[1]!.run}`).check();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect
      .poll(() => calls.find(({ name }) => name === 'runs.restore')?.args)
      .toEqual({
        runs: [rows[1]!.run],
      });
  });

  test('says what is missing before the first run', async () => {
    const { page } = await harness.open('/history', {
      answers: { ...answers, 'runs.list': { total: 0, rows: [] } },
    });
    await page.getByText('No runs yet').waitFor();
  });

  test('speaks Japanese', async () => {
    const { page } = await harness.open('/history', { answers, language: 'ja' });
    await page.getByRole('heading', { name: '履歴' }).waitFor();
    await page.getByRole('table', { name: '実行の一覧' }).getByText('中断', { exact: true }).waitFor();
  });

  test.each([false, true])('has no violation that axe finds (dark: %s)', async (dark) => {
    const { page } = await harness.open('/history', { answers, dark });
    await page.getByLabel(`Select run ${rows[1]!.run}`).check();
    await page.getByRole('img', { name: /^Latency over time/ }).waitFor();
    await expectNoViolations(page);
  });
});
