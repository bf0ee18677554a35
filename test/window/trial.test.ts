import { expect, test } from 'vitest';
import { defaultSettings } from '../../electron/contract/default-settings.ts';
import type { JobState } from '../../electron/contract/views.ts';
import { courseOption, minutesOf } from '../../renderer/places/compare/sustained.ts';
import { sampleTrial, sustainedResult } from '../cli/sample-results.ts';
import { expectNoViolations } from './axe.ts';
import { seriesOf, tokensOf } from './chart-series.ts';
import { describeWindow } from './describe-window.ts';
import { compareJob, compareResult, finishedRun } from './fixtures/finished-run.ts';
import { localBoard, sampleModel } from './fixtures/run-summaries.ts';
import type { Answers } from './window-harness.ts';

const { run } = finishedRun.summary;
const { disagreements, ...rest } = sampleTrial;
const trial = {
  ...rest,
  run,
  // What a board says is shown as text and nothing else.
  boardName: '<img src=x onerror=alert(1)>',
  disagreements: disagreements.map(({ outputA: _, outputB: __, ...row }) => row),
};
const answers: Answers = {
  'settings.get': defaultSettings,
  'jobs.list': [],
  'boards.list': [localBoard],
  'models.list': [
    sampleModel,
    { ...sampleModel, sha256: 'b'.repeat(64), name: 'other', path: '/m/other.onnx', isSample: false },
  ],
  'data.list': [],
  'runs.list': { total: 1, rows: [finishedRun.summary] },
  'runs.get': finishedRun,
  'trials.list': [trial],
};
const longJob: JobState = {
  ...compareJob,
  request: { ...compareJob.request, minutes: 30 } as JobState['request'],
  sustained: sustainedResult.points,
  stages: compareJob.stages.map((stage) =>
    stage.name === 'compare' ? { ...stage, state: 'running', done: 0.41, total: 1800 } : stage,
  ),
};
const trialJob: JobState = {
  ...compareJob,
  kind: 'trial',
  request: { kind: 'trial', models: { run }, board: { address: 'local' }, inputs: '/srv/in', threads: 1 },
  trial: { counts: trial.counts, disagreements: trial.disagreements, malformed: trial.malformed },
};

test('the course draws both models and the heat, and no heat where the board tells none', () => {
  const words = { a: 'A', b: 'B', temperature: 'heat', minute: 'm', latency: 'l' };
  const { points } = sustainedResult;
  const option = courseOption(points, words, tokensOf('#000'));
  expect(seriesOf(option, 'B')[1]).toEqual([1, 0.95]);
  expect(seriesOf(option, 'heat')).toHaveLength(4);
  const cool = points.map((point) => ({ ...point, temperatureC: null }));
  expect(courseOption(cool, words, tokensOf('#000')).series).toHaveLength(2);
  expect([minutesOf('quick'), minutesOf('30')]).toEqual([null, 30]);
});

describeWindow('A comparison over minutes', (harness) => {
  test('is asked for, shown while it goes on, and ends in parts of the time with one ranking', async () => {
    const { page, calls, tell } = await harness.open('/compare/new', {
      answers: { ...answers, 'runs.compare': longJob, 'trials.list': [] },
    });
    await page.getByRole('combobox', { name: 'Model A' }).click();
    await page.getByRole('option', { name: /sample/ }).click();
    await page.getByRole('combobox', { name: 'Model B' }).click();
    await page.getByRole('option', { name: /other/ }).click();
    await page.getByRole('combobox', { name: 'How long' }).click();
    await page.getByRole('option', { name: '30 minutes' }).click();
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByText('Minute 13 of 30').waitFor();
    expect(calls.find(({ name }) => name === 'runs.compare')?.args).toMatchObject({ minutes: 30 });
    await page.getByRole('img', { name: /Latency over time/ }).waitFor();
    const comparison = {
      ...compareResult,
      sustained: { ...sustainedResult, ended: 'linkLost' as const, minutes: 12.3, reason: 'unplugged' },
    };
    await tell({ kind: 'job', job: { ...longJob, state: 'done', outcome: { kind: 'compare', comparison } } });
    const table = page.getByRole('table', { name: 'Verdict over the time' });
    await table.getByRole('row', { name: /Last third.*slower/ }).waitFor();
    await page.getByText('The ranking turned', { exact: false }).waitFor();
    await page.getByText('lost after 12.3 of 30 minutes (unplugged)', { exact: false }).waitFor();
    await page.getByText('flat within 5 %', { exact: false }).waitFor();
    await expectNoViolations(page);
  });
});

describeWindow('A trial', (harness) => {
  const open = (more: Answers = {}, language: 'en' | 'ja' = 'en') =>
    harness.open(`/compare/${run}?tab=trial`, { answers: { ...answers, ...more }, language });

  test('is started on a folder of the board', async () => {
    const { page, calls } = await open({ 'trials.start': trialJob });
    await page.getByRole('combobox', { name: 'Board' }).click();
    await page.getByRole('option').first().click();
    const start = page.getByRole('button', { name: 'Start the trial' });
    expect(await start.isDisabled()).toBe(true);
    await page.getByLabel('Folder on the board with inputs').fill('/srv/in');
    await page.getByLabel('Go on with new files until stopped').check();
    await start.click();
    await page.getByText('1,210 inputs, 1,204 agreed, 1 files not usable').waitFor();
    expect(calls.find(({ name }) => name === 'trials.start')?.args).toMatchObject({
      models: { run },
      inputs: '/srv/in',
      watch: true,
    });
    await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
  });

  test('is approved by a person with a name, and by nobody without one (fault 49)', async () => {
    const { page, calls } = await open({ 'trials.decide': { ...trial, state: 'approved' } });
    await page.getByText('B agrees on 99.5 % of 1,210 inputs', { exact: false }).waitFor();
    await page.getByText('<img src=x onerror=alert(1)>', { exact: false }).waitFor();
    await page.getByRole('row', { name: /frame-0017\.npy/ }).waitFor();
    const approve = page.getByRole('button', { name: 'Approve B' });
    expect(await approve.isDisabled()).toBe(true);
    await page.getByLabel('Your name').fill('Sato');
    await approve.click();
    await expect
      .poll(() => calls.find(({ name }) => name === 'trials.decide')?.args)
      .toEqual({ trial: trial.trial, decision: 'approved', by: 'Sato', note: '' });
    await expectNoViolations(page);
  });

  test('says who decided, in Japanese as well', async () => {
    const decision = { by: 'Sato', note: '', at: '2026-11-27T18:00:00Z' };
    const { page } = await open({ 'trials.list': [{ ...trial, state: 'rejected', decision }] }, 'ja');
    await page.getByText('Sato が否認', { exact: false }).waitFor();
    expect(await page.getByRole('button', { name: 'B を承認' }).count()).toBe(0);
  });
});
