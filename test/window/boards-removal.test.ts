import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { RunnerRemoval } from '../../electron/contract/api.ts';
import type { JobState } from '../../electron/contract/views.ts';
import { newJob } from '../../electron/service/job-state.ts';
import { everyError } from '../cli/every-error.ts';
import { expectNoViolations } from './axe.ts';
import { describeWindow } from './describe-window.ts';
import { boardAnswers as answers, calmState, connectedJob, newBoard } from './fixtures/connect-jobs.ts';
import { computer, piBoard } from './fixtures/optimize-job.ts';

const pi = piBoard.address;
const found: RunnerRemoval = {
  board: pi,
  deleted: false,
  folders: ['/home/pi/.fieldtune', '/var/tmp/<img onerror=x>'],
  runners: 2,
  models: 1234,
  temporary: 3,
  running: 1,
  sizeBytes: 131e6,
};
const removalJob = (part: Partial<JobState> = {}): JobState => ({
  ...newJob(
    'removal-1',
    { kind: 'removeRunner', board: { address: pi }, onlyLook: false, ask: true },
    '2026-11-25T09:00:00.000Z',
  ),
  ...part,
});
const asking = removalJob({ question: { kind: 'removal', found, id: 9 } });
const over = (removal: RunnerRemoval): JobState =>
  removalJob({
    state: 'done',
    finishedAt: '2026-11-25T09:00:05.000Z',
    outcome: { kind: 'removeRunner', removal },
  });

describeWindow('Removing Fieldtune from a board', (harness) => {
  const open = (more: Partial<Parameters<typeof harness.open>[1]> = {}) =>
    harness.open(`/boards/${encodeURIComponent(pi)}`, {
      ...more,
      answers: {
        ...answers,
        'jobs.list': [connectedJob(piBoard, calmState)],
        'boards.removeRunner': removalJob(),
        'jobs.answer': null,
        ...more.answers,
      },
    });
  const row = (page: Page) => page.getByRole('article', { name: 'line-3-pi', exact: true });
  const dialog = (page: Page) => page.getByRole('dialog', { name: 'Remove Fieldtune from line-3-pi?' });
  const tellJob = (job: JobState) => ({ kind: 'job', job }) as const;

  test('shows all that will be deleted and what stays, deletes nothing by Enter, and answers as told', async () => {
    const { page, calls, tell } = await open();
    await row(page).getByRole('button', { name: 'Remove Fieldtune from this board …' }).click();
    expect(calls.find(({ name }) => name === 'boards.removeRunner')?.args).toEqual({
      board: { address: pi },
    });
    await row(page).getByText('Being cleared').waitFor();
    await tell(tellJob(asking));
    const shown = dialog(page);
    await shown.waitFor();
    const facts = await shown.locator('dl').textContent();
    for (const fact of [
      'Runners2',
      '1,234',
      'Temporary files3',
      '131 MB',
      '1, ended first',
      ...found.folders,
    ])
      expect(facts).toContain(fact);
    await shown.getByText(/Deployed models .* stay/).waitFor();
    expect(await page.locator('img:not([src="/icon.svg"])').count()).toBe(0);
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel');
    await page.keyboard.press('Enter');
    const given = () => calls.findLast(({ name }) => name === 'jobs.answer')?.args;
    await expect.poll(given).toEqual({ job: asking.id, question: 9, accept: false });
    await expect.poll(() => shown.count()).toBe(0);
    await tell(tellJob(removalJob({ state: 'cancelled' })));
    await row(page).getByText('Fieldtune was not removed from line-3-pi, or not all of it.').waitFor();
    await row(page).getByText('Connected', { exact: true }).waitFor();

    await tell(tellJob({ ...asking, question: { kind: 'removal', found, id: 10 } }));
    await shown.getByRole('button', { name: 'Delete on line-3-pi' }).click();
    await expect.poll(given).toEqual({ job: asking.id, question: 10, accept: true });
  });

  test('says what was freed, and that the board is no longer ready', async () => {
    const { page, tell } = await open();
    await row(page).getByText('Connected', { exact: true }).waitFor();
    await tell(tellJob(over({ ...found, deleted: true })));
    await row(page).getByText('removed from line-3-pi, 131 MB freed. Deployed models stayed.').waitFor();
    await row(page).getByRole('button', { name: 'Connect', exact: true }).waitFor();
  });

  test('says that nothing was there, with the board as ready as before', async () => {
    const { page, tell } = await open();
    await row(page).getByText('Connected', { exact: true }).waitFor();
    await tell(tellJob(over({ ...found, folders: [], sizeBytes: null })));
    await row(page).getByText('Nothing of Fieldtune is on line-3-pi.').waitFor();
    await row(page).getByText('Connected', { exact: true }).waitFor();
  });

  test('says why it failed', async () => {
    const { page, tell } = await open();
    await row(page).getByText('Connected', { exact: true }).waitFor();
    await tell(tellJob(removalJob({ state: 'failed', error: { ...everyError.boardLost, board: pi } })));
    await row(page)
      .getByText(/was lost/)
      .waitFor();
  });

  test('is not offered for this computer, nor for a board that was never reached', async () => {
    const { page } = await open({ answers: { 'boards.list': [computer, piBoard, newBoard] } });
    for (const { name } of [computer, newBoard])
      await page.getByRole('button', { name: `Details of ${name}` }).click();
    await page.getByRole('button', { name: 'Forget this board' }).nth(1).waitFor();
    expect(await page.getByRole('button', { name: 'Remove Fieldtune from this board …' }).count()).toBe(1);
  });

  test('speaks Japanese, without a violation that axe finds', async () => {
    const { page, tell } = await open({ language: 'ja', answers: { 'jobs.list': [asking] } });
    const shown = page.getByRole('dialog', { name: 'line-3-pi から Fieldtune を削除しますか？' });
    await shown.getByText('配置したモデルとその他のファイルは残ります。').waitFor();
    await expectNoViolations(page);
    await shown.getByRole('button', { name: 'line-3-pi から削除' }).click();
    await tell(tellJob(over({ ...found, deleted: true })));
    await row(page).getByText('131 MB を空けました。').waitFor();
  });
});
