import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import type { BoardCard, JobState } from '../../electron/contract/views.ts';
import { everyError } from '../cli/every-error.ts';
import { expectNoViolations } from './axe.ts';
import { describeWindow } from './describe-window.ts';
import {
  boardAnswers as answers,
  calmState,
  computerSeen,
  connectedJob,
  connectJob,
  failedJob,
  fingerprint,
  installingJob,
  newBoard,
  oldFingerprint,
  restlessState,
} from './fixtures/connect-jobs.ts';
import { computer, piBoard, runningJob } from './fixtures/optimize-job.ts';
import type { WindowHarness } from './window-harness.ts';

const pi = piBoard.address;

describeWindow('Boards', (harness) => {
  const rowOf = (page: Page, { name }: BoardCard) => page.getByRole('article', { name, exact: true });
  const tellJob = (job: JobState) => ({ kind: 'job', job }) as const;
  /** The page with a job as it stands. */
  const openWith = (job: JobState, more: Partial<Parameters<WindowHarness['open']>[1]> = {}) =>
    harness.open('/boards', { ...more, answers: { ...answers, 'jobs.list': [job], ...more.answers } });

  test('connects this computer by one click from an empty start, and takes it into use', async () => {
    const { page, calls, tell } = await harness.open('/boards', {
      answers: { ...answers, 'boards.list': [computer], 'boards.connect': connectJob('local') },
    });
    await page.getByRole('button', { name: 'Connect', exact: true }).first().click();
    await rowOf(page, computer).getByText('Connecting').waitFor();
    expect(calls.find(({ name }) => name === 'boards.connect')?.args).toEqual({
      board: { address: 'local' },
    });
    await tell(tellJob(connectedJob(computerSeen, calmState)));
    await rowOf(page, computer).getByText('In use').waitFor();
    await page.getByRole('heading', { name: 'Connected' }).waitFor();
    await page.getByText('laptop is connected and is now the board in use.').waitFor();
    await page.getByRole('banner').getByRole('link', { name: 'laptop' }).waitFor();
  });

  test('never changes a board that is in use, and takes another only when told so', async () => {
    const { page, tell } = await openWith(connectJob(pi), {
      selection: { board: { address: 'local', name: 'laptop' } },
    });
    await rowOf(page, piBoard).getByText('Connecting').waitFor();
    await tell(tellJob(connectedJob(piBoard, calmState)));
    await rowOf(page, piBoard).getByText('Connected', { exact: true }).waitFor();
    await page.getByRole('banner').getByRole('link', { name: 'laptop' }).waitFor();
    await rowOf(page, piBoard).getByRole('button', { name: 'Use this board' }).click();
    await page.getByRole('banner').getByRole('link', { name: 'line-3-pi' }).waitFor();
  });

  test('shows the steps, the size and the progress of an installation, and stops it', async () => {
    const { page, calls, tell } = await openWith(connectJob(pi), { answers: { 'jobs.cancel': null } });
    const steps = page.getByRole('list', { name: 'Readiness of line-3-pi' });
    await steps.getByText('Reachable: in progress').waitFor();
    await tell(tellJob(installingJob(pi, 0.25)));
    await steps.getByText('Runner: in progress').waitFor();
    await page.getByText('Installing the runner: 15.6 MB of 62.4 MB').waitFor();
    expect(await page.getByRole('progressbar', { name: /Installing/ }).getAttribute('aria-valuenow')).toBe(
      '25',
    );
    await rowOf(page, piBoard).getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => calls.at(-1)).toMatchObject({ name: 'jobs.cancel' });
  });

  test('asks about a key on any place, trusts nobody by Enter, and answers as told', async () => {
    const question = { kind: 'hostKey', board: pi, fingerprint, id: 7 } as const;
    const asking = runningJob({ question });
    const open = () =>
      harness.open('/history', {
        answers: { ...answers, 'jobs.list': [asking], 'jobs.answer': null },
      });
    const { page, calls } = await open();
    const dialog = page.getByRole('dialog', { name: 'First connection to line-3-pi' });
    await dialog.getByText(fingerprint).waitFor();
    await dialog.getByRole('button', { name: 'How to check' }).click();
    await dialog.getByText('ssh-keygen -lf "$f"').waitFor();
    await dialog.getByRole('button', { name: 'Trust and connect' }).click();
    const answer = (list: typeof calls) => list.find(({ name }) => name === 'jobs.answer')?.args;
    await expect.poll(() => answer(calls)).toEqual({ job: asking.id, question: 7, accept: true });
    await expect.poll(() => dialog.count()).toBe(0);

    const second = await open();
    await second.page.getByRole('dialog').getByText(fingerprint).waitFor();
    await expect.poll(() => second.page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel');
    await second.page.keyboard.press('Enter');
    await expect.poll(() => answer(second.calls)).toEqual({ job: asking.id, question: 7, accept: false });
  });

  test('asks for a password hidden, says that one was wrong, and keeps it nowhere (fault 6)', async () => {
    const question = { kind: 'password', board: pi, user: 'pi', failedTries: 2, id: 4 } as const;
    const asking = runningJob({ question });
    const { page, calls } = await harness.open('/history', {
      answers: { ...answers, 'jobs.list': [asking], 'jobs.answer': null },
    });
    const dialog = page.getByRole('dialog', { name: 'Sign in to line-3-pi' });
    await dialog.getByText('That was not right. This is the last try.').waitFor();
    const field = dialog.getByLabel('Password of pi');
    expect(await field.getAttribute('type')).toBe('password');
    await expect.poll(() => field.evaluate((it) => it === document.activeElement)).toBe(true);
    await field.fill('hunter2 of old');
    await page.keyboard.press('Enter');
    const given = { job: asking.id, question: 4, accept: true, answers: ['hunter2 of old'] };
    await expect.poll(() => calls.find(({ name }) => name === 'jobs.answer')?.args).toEqual(given);
    await expect.poll(() => dialog.count()).toBe(0);
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    expect(kept + (await page.content())).not.toContain('hunter2');
  });

  test('relays what a board asks, one field a prompt, and takes Escape for a no (fault 7)', async () => {
    const prompts = [
      { text: 'Password: ', echo: false },
      { text: '<img onerror=x>', echo: true },
    ];
    const own = {
      kind: 'keyboardInteractive',
      board: pi,
      user: 'pi',
      name: '',
      instructions: 'Token',
    } as const;
    const asking = runningJob({ question: { ...own, prompts, failedTries: 0, id: 5 } });
    const { page, calls } = await harness.open('/history', {
      answers: { ...answers, 'jobs.list': [asking], 'jobs.answer': null },
    });
    const dialog = page.getByRole('dialog', { name: 'Sign in to line-3-pi' });
    await dialog.getByText('Token').waitFor();
    expect(await dialog.getByLabel('<img onerror=x>').getAttribute('type')).not.toBe('password');
    await dialog.getByLabel('Password:').fill('secret');
    await page.keyboard.press('Escape');
    const given = { job: asking.id, question: 5, accept: false };
    await expect.poll(() => calls.find(({ name }) => name === 'jobs.answer')?.args).toEqual(given);
  });

  test('shows how to remove a changed key that OpenSSH keeps, and offers no replacing (fault 2)', async () => {
    const file = '/home/mika/.ssh/known_hosts';
    const error = {
      ...everyError.hostKeyChanged,
      board: pi,
      fingerprint,
      known: oldFingerprint,
      file,
      own: false,
    };
    const { page } = await openWith(failedJob(pi, error), { answers: { 'hostKeys.list': [] } });
    await page.getByRole('button', { name: 'Compare the keys …' }).click();
    const dialog = page.getByRole('dialog', { name: 'The key of line-3-pi has changed' });
    await dialog.getByText(`ssh-keygen -R '10.0.0.7' -f '${file}'`).waitFor();
    expect(await dialog.getByRole('button', { name: 'Replace key' }).count()).toBe(0);
  });

  test('shows both keys of a board whose key has changed, and replaces it only when told so', async () => {
    const error = { ...everyError.hostKeyChanged, board: pi, fingerprint, known: oldFingerprint };
    const known = { host: '10.0.0.7', type: 'ssh-ed25519', fingerprint: oldFingerprint };
    const { page, calls } = await openWith(failedJob(pi, error), {
      answers: { 'hostKeys.list': [known], 'hostKeys.forget': [], 'boards.connect': connectJob(pi) },
    });
    const compare = page.getByRole('button', { name: 'Compare the keys …' });
    await compare.click();
    const dialog = page.getByRole('dialog', { name: 'The key of line-3-pi has changed' });
    await dialog.getByText(oldFingerprint).waitFor();
    await dialog.getByText(fingerprint).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Cancel');
    await page.keyboard.press('Enter');
    await expect.poll(() => dialog.count()).toBe(0);
    expect(calls.some(({ name }) => name === 'hostKeys.forget')).toBe(false);
    await compare.click();
    await dialog.getByRole('button', { name: 'Replace key' }).click();
    await expect
      .poll(() => calls.slice(-2))
      .toEqual([
        { name: 'hostKeys.forget', args: { host: '10.0.0.7', fingerprint: oldFingerprint } },
        { name: 'boards.connect', args: { board: { address: pi, acceptHostKey: fingerprint } } },
      ]);
  });

  test('mends a refused sign-in by a key file, and keeps it for the board', async () => {
    const error = { ...everyError.authenticationFailed, board: pi };
    const { page, calls } = await openWith(failedJob(pi, error), {
      answers: { 'boards.connect': connectJob(pi) },
    });
    await page.getByText('Tried without success: agent, id_ed25519.').waitFor();
    await page.getByLabel('Private key file').fill('/home/mika/.ssh/line-3');
    await page.getByRole('alert').getByRole('button', { name: 'Connect' }).click();
    const board = { address: pi, identityFile: '/home/mika/.ssh/line-3' };
    await expect.poll(() => calls.find(({ name }) => name === 'boards.connect')?.args).toEqual({ board });
  });

  test('chooses a key file by the system’s dialog where there is one', async () => {
    const { page } = await harness.open('/boards', {
      answers: {
        ...answers,
        'app.info': { ...(answers['app.info'] as object), canChooseFiles: true } as never,
        'files.choose': '/home/mika/.ssh/chosen',
      },
    });
    await page.getByRole('button', { name: 'Use a key file …' }).click();
    await page.getByRole('button', { name: 'Choose …' }).click();
    await expect.poll(() => page.getByLabel('Private key file').inputValue()).toBe('/home/mika/.ssh/chosen');
  });

  test('keeps a typed address before it connects, and says in place why one cannot be used', async () => {
    const { page, calls } = await harness.open('/boards', {
      answers: {
        ...answers,
        'boards.remember': ({ address }) => {
          if (address === 'ssh://bench') throw everyError.boardAddress;
          return [computer, piBoard, newBoard];
        },
        'boards.connect': connectJob(newBoard.address),
      },
    });
    const field = page.getByLabel('Type an address …');
    await field.fill('bench');
    await field.press('Enter');
    await page.getByText('The address ftp://x cannot be used').waitFor();
    await field.fill('admin@gate-4.plant.example:2222');
    await field.press('Enter');
    await rowOf(page, newBoard).getByText('Connecting').waitFor();
    const { address } = newBoard;
    expect(calls.filter(({ name }) => name === 'boards.remember').at(-1)?.args).toEqual({
      address,
    });
    expect(calls.at(-1)).toEqual({ name: 'boards.connect', args: { board: { address } } });
  });

  test('renames a board by keyboard; Escape leaves the name', async () => {
    const renamed = { ...piBoard, name: 'Line 3, left' };
    const { page, calls } = await harness.open('/boards', {
      answers: { ...answers, 'boards.remember': [computer, renamed] },
      selection: { board: { address: pi, name: 'line-3-pi' } },
    });
    const pencil = page.getByRole('button', { name: 'Rename line-3-pi' });
    await pencil.press('Enter');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Escape');
    await expect.poll(() => pencil.evaluate((it) => it === document.activeElement)).toBe(true);
    await pencil.press('Enter');
    await page.keyboard.type('Line 3, left');
    await page.keyboard.press('Enter');
    await page.getByRole('banner').getByRole('link', { name: 'Line 3, left' }).waitFor();
    expect(calls.filter(({ name }) => name === 'boards.remember').map(({ args }) => args)).toEqual([
      { address: pi, name: 'Line 3, left' },
    ]);
  });

  test('forgets a board and gives it back, in use as it was, by Undo', async () => {
    const { page, calls } = await harness.open(`/boards/${encodeURIComponent(pi)}`, {
      answers: { ...answers, 'boards.forget': [computer], 'boards.remember': [computer, piBoard] },
      selection: { board: { address: pi, name: 'line-3-pi' } },
    });
    await page.getByRole('button', { name: 'Forget this board' }).click();
    await expect.poll(() => rowOf(page, piBoard).count()).toBe(0);
    await page.getByRole('banner').getByText('No board chosen').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await rowOf(page, piBoard).getByText('In use').waitFor();
    expect(calls.findLast(({ name }) => name.startsWith('boards.'))).toEqual({
      name: 'boards.remember',
      args: { address: pi, name: '' },
    });
  });

  test('warns of what would spoil a measurement, with the command that mends it', async () => {
    const { page } = await openWith(connectedJob(piBoard, restlessState));
    const warning = page.getByRole('alert');
    await warning.getByText(/The clock governor is “ondemand”/).waitFor();
    await warning.getByText(/The load is 2.31 \/ 4 cores/).waitFor();
    await warning.getByRole('button', { name: /^Copy: echo performance/ }).waitFor();
  });

  test('shows behind the chevron what is known of a board, with units', async () => {
    const { page } = await openWith(connectedJob(piBoard, restlessState));
    const chevron = page.getByRole('button', { name: 'Details of line-3-pi' });
    expect(await chevron.getAttribute('aria-expanded')).toBe('false');
    await chevron.press('Enter');
    const details = rowOf(page, piBoard).locator('dl');
    await details.waitFor();
    const shown = await details.textContent();
    for (const value of ['10000000abcdef01', '8.00 GB', 'arm64', '24.21.0', '1.30.0', '83.4 °C', '2.31'])
      expect(shown).toContain(value);
    expect(shown).toContain('1,500–2,400 MHz × 4');
    expect(shown).toContain('~/.fieldtune');
    for (const read of ['SD card (ext4), 20.0 GB of 30.0 GB free', 'glibc 2.36', 'cpu-thermal 50.0 °C'])
      expect(shown).toContain(read);
    expect(shown).toContain('energy is not measured');
    expect(shown).toContain('cannot be read there');
  });

  test('shows a board that is named in markup as text', async () => {
    const name = '<img src=x onerror="document.title=\'owned\'">';
    const cpu = '<script>document.title="owned"</script>';
    const evil = { ...piBoard, name, identity: { ...piBoard.identity!, name, cpu, serialNumber: name } };
    const question = { kind: 'hostKey', board: pi, fingerprint, id: 7 } as const;
    const { page, tell } = await harness.open('/boards', {
      answers: {
        ...answers,
        'boards.list': [computer, evil],
        'jobs.list': [connectedJob(evil, calmState)],
      },
      selection: { board: { address: pi, name } },
    });
    await page.getByRole('button', { name: `Details of ${name}` }).click();
    await rowOf(page, evil).locator('dl').getByText(name).waitFor();
    await tell(tellJob(connectJob(pi, { id: 'new', startedAt: '2026-11-25T09:00:00.000Z', question })));
    await page.getByRole('dialog', { name: `First connection to ${name}` }).waitFor();
    expect(await page.locator('img:not([src="/icon.svg"]), main script').count()).toBe(0);
    expect(await page.title()).toBe('Boards – Fieldtune');
  });

  test('offers connecting in the palette', async () => {
    const { page, calls } = await harness.open('/boards', {
      answers: { ...answers, 'boards.connect': connectJob(pi) },
    });
    await rowOf(page, piBoard).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Commands (Ctrl+K)' }).waitFor();
    await page.keyboard.type('connect to line-3');
    await page.keyboard.press('Enter');
    await expect
      .poll(() => calls.at(-1))
      .toMatchObject({ name: 'boards.connect', args: { board: { address: pi } } });
  });

  test('speaks Japanese', async () => {
    const { page } = await openWith(connectedJob(piBoard, restlessState), { language: 'ja' });
    await page.getByRole('heading', { name: '接続済み' }).waitFor();
    await page.getByText('line-3-pi で測定する前に直すこと').waitFor();
    await rowOf(page, computer).getByRole('button', { name: '接続', exact: true }).waitFor();
  });

  test.each([false, true])(
    'has no violation that axe finds (dark: %s)',
    async (dark) => {
      const refused = failedJob(newBoard.address, everyError.authenticationFailed);
      const { page, tell } = await harness.open('/boards', {
        dark,
        answers: {
          ...answers,
          'boards.list': [computer, piBoard, newBoard],
          'jobs.list': [connectedJob(piBoard, restlessState), refused],
        },
      });
      await page.getByRole('button', { name: 'Details of line-3-pi' }).click();
      await page.locator('dl').waitFor();
      await page.getByLabel('Private key file').waitFor();
      await expectNoViolations(page);
      const question = { kind: 'hostKey', board: pi, fingerprint, id: 7 } as const;
      await tell(tellJob(connectJob('local', { question })));
      await page.getByRole('dialog').getByText(fingerprint).waitFor();
      await page.getByRole('button', { name: 'How to check' }).click();
      await expectNoViolations(page);
    },
    120_000,
  );
});
