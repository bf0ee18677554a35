import { expect, test } from 'vitest';
import type { DeployRequest } from '../../electron/contract/deploy.ts';
import type { JobState } from '../../electron/contract/views.ts';
import { deploymentRecords, deployPlan, deployResult } from '../cli/sample-results.ts';
import { expectNoViolations } from './axe.ts';
import { describeWindow } from './describe-window.ts';
import { boardAnswers, connectJob } from './fixtures/connect-jobs.ts';
import { finishedJob, piBoard } from './fixtures/optimize-job.ts';
import type { Answers } from './window-harness.ts';

const path = '/opt/app/model.onnx';

/** A job around a model on the board, as it stands. */
function deployJob(part: Partial<JobState> = {}): JobState {
  const request: DeployRequest = {
    kind: 'deploy',
    source: { kind: 'run', run: 'r7' },
    board: { address: piBoard.address },
    path,
    manage: true,
    otherBoard: false,
    despiteTrial: false,
    breakLock: false,
    healthTimeoutSeconds: 30,
  };
  return {
    ...connectJob(piBoard.address),
    id: 'deploy-1',
    kind: 'deploy',
    request,
    stages: (['connect', 'upload', 'smoke', 'switch'] as const).map((name) => ({
      name,
      state: name === 'connect' ? 'running' : 'waiting',
      seconds: 0,
      done: null,
      note: null,
      summary: null,
    })),
    ...part,
  };
}

const tell = (job: JobState) => ({ kind: 'job', job }) as const;
const answers: Answers = {
  ...boardAnswers,
  'jobs.list': [finishedJob()],
  'jobs.answer': null,
  'deployments.deploy': deployJob(),
  'deployments.rollback': deployJob({ id: 'back-1', kind: 'rollback' }),
};

describeWindow('A model on the board', (harness) => {
  test('is put there from the result of a run, after a question that Enter does not answer with yes', async () => {
    const page = await harness.open('/run', { answers });
    const { page: view, calls } = page;
    await view.getByRole('button', { name: 'Put on the board' }).click();
    const form = view.getByRole('dialog', { name: 'Put the improved model on a board' });
    await form.getByRole('textbox', { name: 'Path on the board' }).fill(path);
    await form.getByRole('checkbox', { name: /plain file/ }).check();
    await form.getByRole('textbox', { name: 'Restart command' }).fill('systemctl restart app');
    await expectNoViolations(view);
    await form.getByRole('button', { name: 'Look at the board' }).click();
    await form.getByText('Send the model').waitFor();
    expect(calls.find(({ name }) => name === 'deployments.deploy')?.args).toMatchObject({
      source: { kind: 'run' },
      path,
      manage: true,
      otherBoard: false,
      restart: 'systemctl restart app',
      healthTimeoutSeconds: 30,
    });

    const decision = { by: 'Sato', note: 'wrong at night', at: '2026-11-20T10:00:00.000Z' };
    const trial = { trial: 't-1', state: 'approved', decision } as const;
    const question = { kind: 'deployment', id: 3, plan: { ...deployPlan, path, trial } } as const;
    await page.tell(tell(deployJob({ question })));
    const asking = view.getByRole('dialog', { name: /^Replace the model on/ });
    await asking.getByText('aaaaaaaaaaaa').waitFor();
    await asking.getByText('systemctl restart app').waitFor();
    await asking.getByText(/^approved by Sato on .*: wrong at night$/).waitFor();
    // Nobody has read it so soon, and what has the focus changes nothing.
    expect(await asking.getByRole('button', { name: /^Replace model on/ }).isDisabled()).toBe(true);
    expect(
      await asking.getByRole('button', { name: 'Cancel' }).evaluate((one) => one === document.activeElement),
    ).toBe(true);
    await expectNoViolations(view);
    await asking.getByRole('button', { name: /^Replace model on/ }).click();
    await expect
      .poll(() => calls.find(({ name }) => name === 'jobs.answer')?.args)
      .toEqual({ job: 'deploy-1', question: 3, accept: true });

    const deployed = { kind: 'deploy', deployed: deployResult } as const;
    await page.tell(tell(deployJob({ state: 'done', outcome: deployed })));
    await form.getByText(/^bbbbbbbbbbbb is active at/).waitFor();
    await form.getByText('Latest trial: awaiting approval').waitFor();
    await form.getByRole('button', { name: 'Undo' }).click();
    await expect
      .poll(() => calls.find(({ name }) => name === 'deployments.rollback')?.args)
      .toMatchObject({ path: deployResult.path, to: deployResult.previous });
  });

  test('that stands in the way asks for just the consent that is missing', async () => {
    const { page, tell: say } = await harness.open('/run', { answers, language: 'ja' });
    await page.getByRole('button', { name: 'ボードに置く' }).click();
    const form = page.getByRole('dialog', { name: '改良したモデルをボードに置く' });
    await form.getByRole('textbox', { name: 'ボード上のパス' }).fill(path);
    expect(await form.getByRole('checkbox').count()).toBe(1);
    await form.getByRole('button', { name: 'ボードを確認' }).click();
    const error = { kind: 'deployOtherBoard', board: 'b', run: 'r7', measuredOn: 'line-3-pi' } as const;
    await say(tell(deployJob({ state: 'failed', error })));
    await form.getByText('実行 r7 は別のボードで測定されました').waitFor();
    await form.getByRole('button', { name: '変更してもう一度' }).click();
    await form.getByRole('checkbox', { name: '実行を測定したボードと別のボードでもよい' }).check();
  });

  test('whose trial was rejected is put there only by who says so twice', async () => {
    const { page, tell: say, calls } = await harness.open('/run', { answers });
    await page.getByRole('button', { name: 'Put on the board' }).click();
    const form = page.getByRole('dialog', { name: 'Put the improved model on a board' });
    await form.getByRole('textbox', { name: 'Path on the board' }).fill(path);
    await form.getByRole('button', { name: 'Look at the board' }).click();
    const decision = { by: 'Sato', note: 'wrong at night', at: '2026-11-20T10:00:00.000Z' };
    const error = { kind: 'deployTrialRejected', board: 'b', path, trial: 't-1', ...decision } as const;
    await say(tell(deployJob({ state: 'failed', error })));
    await form
      .getByText(/^Sato rejected the latest trial of this model there on .*: wrong at night\.$/)
      .waitFor();
    await form.getByRole('button', { name: 'Change and try again' }).click();
    await form
      .getByRole('checkbox', { name: 'Put this model there although its trial was rejected' })
      .check();
    await form.getByRole('button', { name: 'Look at the board' }).click();
    await expect
      .poll(() => calls.filter(({ name }) => name === 'deployments.deploy').at(-1)?.args)
      .toMatchObject({ despiteTrial: true });
    const trial = { trial: 't-1', state: 'rejected', decision } as const;
    const question = { kind: 'deployment', id: 3, plan: { ...deployPlan, path, trial } } as const;
    await say(tell(deployJob({ question })));
    const asking = page.getByRole('dialog', { name: /^Replace the model on/ });
    await asking.getByText('Sato rejected this model after its trial on this board.').waitFor();
    await asking.getByRole('button', { name: 'Replace despite the rejected trial' }).waitFor();
    await expectNoViolations(page);
  });

  test('is listed with the board, with the ways home', async () => {
    const [record] = deploymentRecords;
    const records = [
      { ...record!, state: 'interrupted' as const },
      { ...record!, id: 'older' },
    ];
    const { page, calls } = await harness.open('/boards', {
      answers: {
        ...answers,
        'jobs.list': [],
        'deployments.list': records,
        'deployments.check': deployJob({ id: 'check-1', kind: 'checkDeployments' }),
        'deployments.unmanage': deployJob({ id: 'away-1', kind: 'unmanage' }),
      },
    });
    const row = page.getByRole('article', { name: piBoard.name, exact: true });
    await row.getByRole('button', { name: /^Details/ }).click();
    const part = row.getByRole('region', { name: 'Models put on this board' });
    await part.getByText(path).waitFor();
    await part.getByText('This was cut off. Look at the board to see what is active.').waitFor();
    await part.getByRole('button', { name: 'Look at the board' }).click();
    await part.getByRole('button', { name: 'Roll back' }).click();
    await part.getByRole('button', { name: 'Give back the plain file' }).click();
    await expect.poll(() => calls.map(({ name }) => name)).toContain('deployments.unmanage');
    const made = calls.map(({ name }) => name);
    expect(made).toContain('deployments.check');
    expect(made).toContain('deployments.rollback');
    await expectNoViolations(page);
  });
});
