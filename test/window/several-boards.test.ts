import { describe, expect, test } from 'vitest';
import type { CompareResult } from '../../electron/contract/api.ts';
import { defaultSettings } from '../../electron/contract/default-settings.ts';
import type { RunDetail } from '../../electron/contract/views.ts';
import type { Selection } from '../../renderer/client/selection.ts';
import { choiceOf } from '../../renderer/places/run/run-choice.ts';
import { severalResult } from '../report/sample-result.ts';
import { expectNoViolations } from './axe.ts';
import { describeWindow } from './describe-window.ts';
import { compareJob, compareResult } from './fixtures/finished-run.ts';
import { appInfo, computer, piBoard, runningJob, sampleCard, sampleData } from './fixtures/optimize-job.ts';
import { runNumber } from './fixtures/run-summaries.ts';
import type { Answers } from './window-harness.ts';

const offers = {
  boards: [computer, piBoard],
  models: [sampleCard],
  data: [sampleData],
  settings: defaultSettings,
};
const onPi: Selection = {
  board: { address: piBoard.address, name: 'line-3-pi' },
  model: null,
  data: null,
};

describe('A run on several boards', () => {
  test('has them all in its call, the chosen one first', () => {
    const { call, otherBoards } = choiceOf({ ...onPi, otherBoards: ['local'] }, {}, offers);
    expect(otherBoards.map(({ address }) => address)).toEqual(['local']);
    expect(call).toMatchObject({
      board: { address: piBoard.address },
      boards: [{ address: piBoard.address }, { address: 'local' }],
    });
  });

  test('has no board twice, and none that is not known any more', () => {
    const otherBoards = [piBoard.address, 'ssh://gone@10.0.0.9:22'];
    const { call } = choiceOf({ ...onPi, otherBoards }, {}, offers);
    expect(call).not.toHaveProperty('boards');
  });
});

describeWindow('Several boards in the window', (harness) => {
  const answers: Answers = {
    'app.info': appInfo,
    'settings.get': defaultSettings,
    'boards.list': offers.boards,
    'models.list': offers.models,
    'data.list': offers.data,
    'jobs.list': [],
    'runs.list': { total: 0, rows: [] },
  };

  test('are chosen for the next run, which says so', async () => {
    const { page, calls } = await harness.open('/run', {
      answers: { ...answers, 'runs.start': runningJob() },
    });
    await page.getByRole('button', { name: /^Board:/ }).click();
    await page.getByRole('option', { name: /line-3-pi/ }).click();
    await page.getByRole('button', { name: 'More settings' }).click();
    await page.getByRole('combobox', { name: 'Measure on further boards as well' }).click();
    await page.getByRole('option', { name: new RegExp(computer.name) }).click();
    await page.getByText(`Measured at the same time on ${computer.name}, with one common choice.`).waitFor();
    await page.keyboard.press('Escape');
    await expectNoViolations(page);
    await page.getByRole('button', { name: 'Profile and optimize' }).click();
    await expect.poll(() => calls.some(({ name }) => name === 'runs.start')).toBe(true);
    expect(calls.find(({ name }) => name === 'runs.start')?.args).toMatchObject({
      board: { address: piBoard.address },
      boards: [{ address: piBoard.address }, { address: 'local' }],
    });
  });

  test('have a verdict each in a finished run, and say where B is not proven', async () => {
    const summary = runNumber(1, { state: 'improved' });
    const detail: RunDetail = {
      summary,
      request: choiceOf({ ...onPi, otherBoards: ['local'] }, {}, offers).call!,
      finishedAt: null,
      explanation: '',
      result: severalResult,
      details: null,
      stages: [],
      frontModels: 0,
      files: [],
    };
    const { page } = await harness.open(`/run/${summary.run}`, {
      answers: { ...answers, 'runs.get': detail },
    });
    const table = page.getByRole('table', { name: 'Each board by itself' });
    await table.waitFor();
    const rows = await table.getByRole('row').allTextContents();
    expect(rows).toHaveLength(4);
    expect(rows[1]).toMatch(/ssh:\/\/pi@gate-7:22\).*11\.0 ms.*4\.79 ms.*2\.31.*Faster/);
    expect(rows[2]).toContain('Inconclusive' + 'Left out, so B is not proven there: the link was cut');
    expect(rows[3]).toMatch(/^ssh:\/\/pi@gate-9:22.*Not compared.*No route to host/);
    await expectNoViolations(page);
  });

  const otherCard = {
    ...sampleCard,
    sha256: 'b'.repeat(64),
    name: 'other',
    path: '/home/mia/models/other.onnx',
  };

  test('are chosen for a comparison of two models, and have a verdict each', async () => {
    const { page, calls, tell } = await harness.open('/compare/new', {
      answers: {
        ...answers,
        'models.list': [sampleCard, otherCard],
        'runs.compare': compareJob,
        'trials.list': [],
      },
    });
    await page.getByRole('combobox', { name: 'Model A' }).click();
    await page.getByRole('option', { name: new RegExp(sampleCard.name) }).click();
    await page.getByRole('combobox', { name: 'Model B' }).click();
    await page.getByRole('option', { name: /other/ }).click();
    await page.getByRole('combobox', { name: 'Measure on further boards as well' }).click();
    await page.getByRole('option', { name: /line-3-pi/ }).click();
    await page.keyboard.press('Escape');
    await page.getByText('All at once, each with a verdict of its own.').waitFor();
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    await expect
      .poll(() => calls.find(({ name }) => name === 'runs.compare')?.args)
      .toMatchObject({
        board: { address: 'local' },
        boards: [{ address: 'local' }, { address: piBoard.address }],
      });
    const lost = { kind: 'boardLost', board: piBoard.address, reason: 'the link was cut' } as const;
    const comparison: CompareResult = {
      ...compareResult,
      boards: [
        { address: 'local', error: null, comparison: { ...compareResult, verdict: 'faster', speedup: 2.5 } },
        { address: piBoard.address, error: lost, comparison: null },
      ],
    };
    await tell({
      kind: 'job',
      job: { ...compareJob, state: 'done', outcome: { kind: 'compare', comparison } },
    });
    const table = page.getByRole('table', { name: 'Each board by itself' });
    await table.waitFor();
    const rows = await table.getByRole('row').allTextContents();
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatch(/2\.50.*Faster$/);
    expect(rows[2]).toMatch(/^ssh:.*Not compared.*the link was cut/);
    await page.getByText('The verdict above is of the board on which B is the least certain').waitFor();
    await expectNoViolations(page);
  });
});
