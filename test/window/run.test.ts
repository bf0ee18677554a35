import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../electron/contract/default-settings.ts';
import type { AppError } from '../../electron/contract/errors.ts';
import type { JobState, RunDetail } from '../../electron/contract/views.ts';
import type { Selection } from '../../renderer/client/selection.ts';
import { bestOf, boundsOf, paretoFront, plotOf } from '../../renderer/places/run/pareto.ts';
import { paretoOption } from '../../renderer/places/run/pareto-option.ts';
import { choiceOf, editsOfLink } from '../../renderer/places/run/run-choice.ts';
import { timeLeft } from '../../renderer/places/run/time-left.ts';
import { expectNoViolations } from './axe.ts';
import { seriesOf, tokensOf } from './chart-series.ts';
import { describeWindow } from './describe-window.ts';
import {
  appInfo,
  computer,
  finishedJob,
  inspectionCard,
  lineData,
  piBoard,
  runningJob,
  sampleCard,
  sampleData,
} from './fixtures/optimize-job.ts';
import { runNumber } from './fixtures/run-summaries.ts';
import type { Answers } from './window-harness.ts';

const offers = {
  boards: [computer, piBoard],
  models: [inspectionCard, sampleCard],
  data: [lineData, sampleData],
  settings: defaultSettings,
};
const nothing: Selection = { board: null, model: null, data: null };
const onPi: Selection = { ...nothing, board: { address: piBoard.address, name: 'line-3-pi' } };

describe('The next run', () => {
  test('is the sample with the defaults once a board is chosen', () => {
    expect(choiceOf(onPi, {}, offers).call).toEqual({
      modelPath: sampleCard.path,
      dataPath: sampleData.path,
      board: { address: piBoard.address },
      maxAccuracyDrop: 1,
      budgetSeconds: 600,
      threads: 1,
      groupSize: 4,
      seed: 1,
    });
  });

  test('guesses no board among several, but takes the only one there is', () => {
    expect(choiceOf(nothing, {}, offers).missing).toEqual(['board']);
    expect(choiceOf(nothing, {}, { ...offers, boards: [computer] }).board?.address).toBe('local');
  });

  test('does not put the data of the sample under a model of the person', () => {
    const model = { path: inspectionCard.path, name: inspectionCard.name, sha256: inspectionCard.sha256 };
    expect(choiceOf({ ...onPi, model }, {}, offers).missing).toEqual(['data']);
  });

  test('takes the limit that a link names, and nothing that is no limit', () => {
    expect(editsOfLink('?limit=2.5')).toEqual({ maxAccuracyDrop: 2.5 });
    for (const search of ['', '?limit=', '?limit=x', '?limit=-1', '?limit=101'])
      expect(editsOfLink(search)).toEqual({});
  });

  test('cannot start with a number that is missing or out of its range', () => {
    expect(choiceOf(onPi, { budgetSeconds: null, threads: 65 }, offers).missing).toEqual([
      'budgetSeconds',
      'threads',
    ]);
  });
});

describe('The time of a run', () => {
  test('is bounded by the pace of the stage and by the budget', () => {
    const { elapsedSeconds, leastSeconds, mostSeconds } = timeLeft(runningJob(), 10);
    expect(elapsedSeconds).toBeCloseTo(262.3);
    expect(leastSeconds).toBeCloseTo(140);
    expect(mostSeconds).toBeCloseTo(337.7);
  });

  test('says no least where the stage has hardly begun, and no most after the budget', () => {
    const stages = runningJob().stages.map((s) => (s.name === 'tune' ? { ...s, done: 0.01 } : s));
    expect(timeLeft(runningJob({ stages }), 0).leastSeconds).toBeNull();
    expect(timeLeft(runningJob({ stages }), 1000).mostSeconds).toBeNull();
  });
});

describe('The chart of latency and accuracy', () => {
  const plotOfJob = (job: JobState) => {
    const changeInterval95 = job.outcome?.kind === 'optimize' ? job.outcome.accuracyChangeInterval95 : null;
    return plotOf({ ...job, changeInterval95 })!;
  };
  const plot = plotOfJob(runningJob());
  const names = {
    axisX: 'x',
    axisY: 'y',
    axisYLater: 'later',
    front: 'front',
    forbidden: 'forbidden',
    notMeasured: 'strip',
    signs: { original: 'A', screened: 's', tuned: 't', confirmed: 'c', refused: 'r' },
    tip: () => '',
  };

  test('has a front of what no other beats, without the refused', () => {
    const changes = paretoFront(plot).map(([, change]) => change.toFixed(2));
    expect(changes).toEqual(['-1.90', '-0.85', '-0.50', '-0.10', '0.00']);
  });

  test('shades what loses more than the limit, and keeps candidates without accuracy in the strip', () => {
    const option = paretoOption(plot, names, tokensOf('#000'));
    const text = JSON.stringify(option);
    expect(text).toContain('"name":"forbidden"');
    expect(text).toContain('"yAxis":-1');
    expect(seriesOf(option, 't')).toHaveLength(5);
    const strip = (option.series as readonly { name?: string; xAxisIndex?: number; data?: unknown[] }[]).find(
      (series) => series.name === 's' && series.xAxisIndex === 1,
    );
    expect(strip?.data).toHaveLength(24);
  });

  test('draws intervals of confirmed points only, faster ends as shorter times', () => {
    const confirmed = plotOfJob(finishedJob());
    const [point] = confirmed.points.filter(({ state }) => state === 'confirmed');
    expect(point?.latencyIntervalMs?.map((ms) => ms.toFixed(2))).toEqual(['5.77', '6.02']);
    expect(confirmed.points.filter(({ latencyIntervalMs }) => latencyIntervalMs !== null)).toHaveLength(1);
  });

  test('places a confirmed point by its change from A on the same samples, with the interval of that change', () => {
    const confirmed = plotOfJob(finishedJob()).points.find(({ state }) => state === 'confirmed');
    expect(confirmed?.change).toBeCloseTo(-0.42);
    expect(confirmed?.changeInterval).toEqual([-0.91, 0.08]);
  });

  test('does not let a ruined candidate flatten the others, and counts it', () => {
    const [first] = plot.points;
    const ruined = { ...first!, id: 'x', state: 'tuned' as const, change: -80 };
    const bounds = boundsOf({ ...plot, points: [...plot.points, ruined] });
    expect(bounds.y[0]).toBeGreaterThan(-15);
    expect(bounds.below).toBe(1);
  });

  test('calls best what is confirmed, else the fastest that was tuned within the limit', () => {
    expect(bestOf(plot)).toMatchObject({ tier: 'tuned', point: { id: 't3' } });
    expect(bestOf(plotOfJob(finishedJob()))).toMatchObject({ tier: 'confirmed', point: { id: 't3' } });
    expect(bestOf({ ...plot, points: [] })).toBeNull();
  });
});

const answers: Answers = {
  'settings.get': defaultSettings,
  'app.info': appInfo,
  'jobs.list': [],
  'boards.list': offers.boards,
  'models.list': offers.models,
  'data.list': offers.data,
  'runs.list': { total: 0, rows: [] },
  'jobs.pause': null,
  'jobs.cancel': null,
};
const withJob = (job: JobState): Answers => ({ ...answers, 'jobs.list': [job] });

describeWindow('Run', (harness) => {
  test('starts the preset sample with one click and shows the run', async () => {
    const { page, calls } = await harness.open('/run', {
      answers: { ...answers, 'runs.start': runningJob({ stages: [], points: [], originalUs: null }) },
      selection: onPi,
    });
    await page.getByText('The sample that comes with Fieldtune is preset.').waitFor();
    await page.getByRole('button', { name: 'Profile and optimize' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    const started = calls.find(({ name }) => name === 'runs.start');
    expect(started?.args).toEqual(choiceOf(onPi, {}, offers).call);
  });

  test('says beside the disabled button what is missing, with the way there', async () => {
    const { page } = await harness.open('/run', { answers });
    const start = page.getByRole('button', { name: 'Profile and optimize' });
    await start.waitFor();
    expect(await start.isDisabled()).toBe(true);
    await page.getByRole('link', { name: 'connect a board' }).click();
    await page.waitForURL('**/boards');
  });

  test('takes board, model, data and numbers from the sentence, by keyboard', async () => {
    const { page, calls } = await harness.open('/run', {
      answers: { ...answers, 'runs.start': runningJob() },
    });
    const choose = async (label: RegExp, option: RegExp): Promise<void> => {
      await page.getByRole('button', { name: label }).focus();
      await page.keyboard.press('Enter');
      const wanted = page.getByRole('option', { name: option });
      await wanted.waitFor();
      for (let i = 0; i < 5; i++) {
        if ((await wanted.getAttribute('data-combobox-selected')) === 'true') break;
        await page.keyboard.press('ArrowDown');
      }
      await page.keyboard.press('Enter');
    };
    await choose(/^Board:/, /line-3-pi/);
    await choose(/^Model:/, /inspection_resnet20/);
    // The sample's data does not fit this model.
    await page.getByRole('link', { name: 'open data' }).waitFor();
    await choose(/^Data:/, /line-3/);
    await page.getByRole('textbox', { name: 'Time budget, minutes' }).fill('30');
    await page.getByRole('textbox', { name: /Greatest accuracy loss/ }).fill('0.5');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    expect(calls.find(({ name }) => name === 'runs.start')?.args).toMatchObject({
      modelPath: inspectionCard.path,
      dataPath: lineData.path,
      board: { address: piBoard.address },
      maxAccuracyDrop: 0.5,
      budgetSeconds: 1800,
    });
  });

  test('shows everything of a run that a page opens in its middle, and follows it', async () => {
    const { page, tell } = await harness.open('/run', { answers: withJob(runningJob()) });
    const content = page.locator('#content');
    await content.getByText('Optimize inspection_resnet20 on line-3-pi').waitFor();
    await content.getByText('Fine-tune: 40 %').waitFor();
    await content.getByText(/4 min \d+ s elapsed · 2 min \d+ s to 5 min \d+ s left/).waitFor();
    const operators = page.getByRole('table', { name: 'Slowest operators of A' }).getByRole('row');
    expect(await operators.nth(1).textContent()).toContain('/features/conv2/Conv');
    expect(await operators.nth(1).textContent()).toContain('34.1 %');
    expect(await content.textContent()).toContain('12.4 ms → 5.85 ms');
    expect(await content.textContent()).toContain('b = conv 1×1 (a, p1 [64,32,1,1])');
    await content.getByText('1,840').waitFor();
    expect(await page.getByRole('region', { name: 'Tried now' }).getAttribute('aria-live')).toBe('off');
    await tell({
      kind: 'job',
      job: runningJob({ funnel: { ...runningJob().funnel, proposed: 2001 } }),
    });
    await content.getByText('2,001').waitFor();
  });

  test('pauses, and resumes what was paused', async () => {
    const resumed = runningJob({ id: 'job-2', startedAt: '2026-11-25T09:00:00.000Z' });
    const { page, calls, tell } = await harness.open('/run', {
      answers: { ...withJob(runningJob()), 'runs.resume': resumed },
    });
    await page.locator('#content').getByRole('button', { name: 'Pause' }).click();
    await expect.poll(() => calls.some(({ name }) => name === 'jobs.pause')).toBe(true);
    await tell({ kind: 'job', job: runningJob({ state: 'paused', current: null }) });
    await page.getByText('Everything measured is kept').waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.locator('#content').getByRole('button', { name: 'Pause' }).waitFor();
    expect(calls.find(({ name }) => name === 'runs.resume')?.args).toEqual({ run: runningJob().run });
  });

  test('cancels, and says that what was measured is kept', async () => {
    const { page, calls, tell } = await harness.open('/run', { answers: withJob(runningJob()) });
    await page.locator('#content').getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => calls.some(({ name }) => name === 'jobs.cancel')).toBe(true);
    await tell({ kind: 'job', job: runningJob({ state: 'cancelled', current: null }) });
    await page.getByText('96 timed candidates and their measurements are kept').waitFor();
    expect(await page.getByRole('button', { name: 'Resume' }).count()).toBe(1);
  });

  test('ends with a verdict that has its base and its interval, and leads on', async () => {
    const { page } = await harness.open('/run', { answers: withJob(finishedJob()) });
    await page.getByText('Faster: 52 % less time than A (51–53 %)').waitFor();
    await page.getByText('Loss of more than 1.0 point excluded').waitFor();
    const compare = page.getByRole('link', { name: 'Compare A and B' });
    expect(await compare.getAttribute('href')).toBe('/compare/20261125-080000-ab12');
  });

  test('calls no improvement by its name', async () => {
    const outcome = finishedJob().outcome;
    if (outcome?.kind !== 'optimize') throw new Error('no optimization');
    const job = finishedJob({
      outcome: {
        ...outcome,
        improved: false,
        explanation: 'Nothing was faster within the limit.',
        reason: null,
      },
    });
    const { page } = await harness.open('/run', { answers: withJob(job) });
    await page.getByText('No improvement found').waitFor();
    await page.getByText('Nothing was faster within the limit.').waitFor();
    expect(await page.getByText(/less time than A/).count()).toBe(0);
  });

  test('shows why a run failed and offers to go on', async () => {
    const error: AppError = { kind: 'boardLost', board: 'line-3-pi', reason: 'ECONNRESET' };
    const { page } = await harness.open('/run', {
      answers: withJob(runningJob({ state: 'failed', error, current: null })),
    });
    expect(await page.getByRole('alert').textContent()).toContain('ECONNRESET');
    await page.getByRole('button', { name: 'Resume' }).waitFor();
  });

  test('offers runs that were interrupted', async () => {
    const row = runNumber(1, { state: 'interrupted', speedup: null });
    const { page, calls } = await harness.open('/run', {
      answers: {
        ...answers,
        'runs.list': ({ state }) =>
          state === 'interrupted' ? { total: 1, rows: [row] } : { total: 0, rows: [] },
        'runs.resume': runningJob({ run: row.run }),
      },
    });
    await page.getByRole('button', { name: /^Resume: inspection on line-3/ }).click();
    await page.locator('#content').getByRole('button', { name: 'Pause' }).waitFor();
    expect(calls.find(({ name }) => name === 'runs.resume')?.args).toEqual({ run: row.run });
  });

  test('shows a run of before from the history, by its link', async () => {
    const detail: RunDetail = {
      summary: runNumber(1, { state: 'cancelled', speedup: null }),
      request: { ...choiceOf(onPi, {}, offers).call! },
      finishedAt: null,
      explanation: '',
      result: null,
      details: null,
      stages: [{ name: 'profile', seconds: 12, summary: null }],
      frontModels: 0,
      files: [],
    };
    const { page } = await harness.open(`/run/${detail.summary.run}`, {
      answers: { ...answers, 'runs.get': detail },
    });
    await page.getByRole('heading', { name: 'Cancelled' }).waitFor();
    await page.getByText('Profile 12 s').waitFor();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
  });

  test.each([false, true])('has no violation that axe finds (dark: %s)', async (dark) => {
    for (const shown of [answers, withJob(runningJob()), withJob(finishedJob())]) {
      const { page } = await harness.open('/run', { answers: shown, dark, selection: onPi });
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page
        .getByRole('button', { name: /Profile and optimize|Pause/ })
        .first()
        .waitFor();
      await expectNoViolations(page);
      await page.context().close();
    }
  });

  test('speaks Japanese', async () => {
    const { page } = await harness.open('/run', { answers: withJob(finishedJob()), language: 'ja' });
    await page.getByText('高速化を確認：A より時間が 52 % 短い（51–53 %）').waitFor();
    await page.getByRole('button', { name: 'プロファイルして最適化' }).waitFor();
    const text = await page.locator('#content').textContent();
    expect(text).toContain('A の遅い演算子');
    expect(text).not.toMatch(/\[(model|board|data|limit|budget)\]|\{\{/);
  });

  test('says in Japanese what a run is at, what it has logged and why it found nothing', async () => {
    const going = await harness.open('/run', { answers: withJob(runningJob()), language: 'ja' });
    await going.page.getByText('ラウンド 2：生徒モデル 1/3、A の 1.74 倍速').waitFor();
    const log = going.page.getByRole('region', { name: 'ログ', exact: true });
    await log.getByText('1 回の推論は 12.4 ms、最も時間のかかる演算子は').waitFor();
    expect(await log.textContent()).not.toMatch(/the|candidate|board /i);
    const found = going.page.locator('.ft-stage').filter({ hasText: '探索' });
    expect(await found.getAttribute('title')).toBe('提案 1,840 件、計測 96 件');

    const outcome = finishedJob().outcome;
    if (outcome?.kind !== 'optimize') throw new Error('no optimization');
    const explanation = 'No candidate was faster on the board as a whole model.';
    const reason = { kind: 'noneFaster' } as const;
    const job = finishedJob({ outcome: { ...outcome, improved: false, explanation, reason } });
    const { page } = await harness.open('/run', { answers: withJob(job), language: 'ja' });
    await page.getByText('モデル全体としてボード上で A より速い候補はありませんでした。').waitFor();
    expect(await page.getByText(explanation).count()).toBe(0);
  });
});
