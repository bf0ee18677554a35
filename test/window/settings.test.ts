import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../electron/contract/default-settings.ts';
import type { AppError } from '../../electron/contract/errors.ts';
import type { HostKey, Settings } from '../../electron/contract/views.ts';
import { findRows } from '../../renderer/places/settings/rows.ts';
import { expectNoViolations } from './axe.ts';
import { describeWindow } from './describe-window.ts';
import { appInfo } from './fixtures/optimize-job.ts';
import type { Answers } from './window-harness.ts';

describe('The search of the settings', () => {
  test('finds rows by words of either language, and all rows of a section by its name', () => {
    expect([...findRows('seed')]).toEqual(['seed']);
    expect([...findRows('シード')]).toEqual(['seed']);
    expect(findRows('defaults of a run').size).toBe(5);
    expect(findRows('').size).toBeGreaterThan(9);
    expect(findRows('nonsense').size).toBe(0);
  });
});

const keys: readonly HostKey[] = [
  { host: '10.0.0.7', type: 'ssh-ed25519', fingerprint: `SHA256:${'x'.repeat(43)}` },
  { host: '[bench.example.com]:2222', type: 'ecdsa-sha2-nistp256', fingerprint: `SHA256:${'y'.repeat(43)}` },
];
const use = {
  folder: '/home/mika/.local/state/fieldtune',
  databaseBytes: 4_300_000,
  blobBytes: 183_000_000,
  runs: 42,
  deletedRuns: 3,
};

/** An app that keeps what is saved. */
function makeAnswers(start: Partial<Settings> = {}): Answers {
  let kept: Settings = { ...defaultSettings, ...start };
  return {
    'settings.get': () => kept,
    'settings.save': (next) => {
      kept = next;
      return kept;
    },
    'app.info': appInfo,
    'jobs.list': [],
    'hostKeys.list': keys,
    'hostKeys.forget': keys.slice(1),
    'storage.use': use,
    'storage.clean': { ...use, deletedRuns: 0, runs: 39 },
  };
}

describeWindow('Settings', (harness) => {
  test('switches the language of the whole window at once and keeps it', async () => {
    const { page, calls } = await harness.open('/settings', { answers: makeAnswers() });
    await page.getByText('日本語').click();
    await page.getByRole('heading', { level: 1, name: '設定' }).waitFor();
    expect(await page.getByRole('link', { name: '履歴' }).count()).toBe(1);
    expect(calls.find(({ name }) => name === 'settings.save')?.args).toMatchObject({ language: 'ja' });
  });

  test('switches to high contrast at once', async () => {
    const { page } = await harness.open('/settings', { answers: makeAnswers() });
    await page.getByText('High contrast').click();
    await expect.poll(() => page.evaluate(() => document.documentElement.dataset.ftContrast)).toBe('true');
  });

  test('keeps a number when its field is left, marks it as changed, and resets it', async () => {
    const { page, calls } = await harness.open('/settings', { answers: makeAnswers() });
    const saves = () => calls.filter(({ name }) => name === 'settings.save').map(({ args }) => args);
    const field = page.getByRole('textbox', { name: 'Time budget' });
    await field.fill('30');
    await field.press('Tab');
    await expect.poll(saves).toEqual([{ ...defaultSettings, budgetSeconds: 1800 }]);
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByText('Changed from the default').waitFor();
    await page.getByRole('button', { name: 'Time budget: Reset to 10 min' }).click();
    await expect.poll(saves).toHaveLength(2);
    expect(saves()[1]).toEqual(defaultSettings);
    await expect.poll(() => field.inputValue()).toBe('10 min');
  });

  test('builds a second change on the first before that is kept', async () => {
    const release = Promise.withResolvers<void>();
    const { page, calls } = await harness.open('/settings', {
      answers: {
        ...makeAnswers(),
        'settings.save': async (next) => {
          await release.promise;
          return next;
        },
      },
    });
    await page.getByText('Dark', { exact: true }).click();
    await page.getByText('English').click();
    release.resolve();
    await expect.poll(() => calls.filter(({ name }) => name === 'settings.save')).toHaveLength(2);
    expect(calls.filter(({ name }) => name === 'settings.save')[1]?.args).toMatchObject({
      theme: 'dark',
      language: 'en',
    });
  });

  test('takes a change back that could not be kept, and says why', async () => {
    const error: AppError = { kind: 'diskFull', path: '/home/mika' };
    const { page } = await harness.open('/settings', {
      answers: {
        ...makeAnswers(),
        'settings.save': () => {
          throw error;
        },
      },
    });
    await page.getByText('Dark', { exact: true }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('radio', { name: 'Dark' }).isChecked()).toBe(false);
  });

  test('shows only the settings that were searched for', async () => {
    const { page } = await harness.open('/settings', { answers: makeAnswers() });
    const search = page.getByRole('searchbox');
    await search.fill('thread');
    await page.getByRole('textbox', { name: 'Threads' }).waitFor();
    await expect.poll(() => page.getByRole('heading', { level: 2 }).count()).toBe(1);
    await search.fill('nonsense');
    await page.getByText('No setting has this word').waitFor();
  });

  test('forgets the key of one host and says what that means', async () => {
    const { page, calls } = await harness.open('/settings', { answers: makeAnswers() });
    await page.getByRole('button', { name: 'Forget the key of 10.0.0.7' }).click();
    await page.getByText(/At the next contact it is shown again/).waitFor();
    expect(calls.find(({ name }) => name === 'hostKeys.forget')?.args).toEqual({
      host: '10.0.0.7',
      fingerprint: keys[0]?.fingerprint,
    });
  });

  test('tells what is kept and removes for good what was deleted', async () => {
    const { page, calls } = await harness.open('/settings', { answers: makeAnswers() });
    await page.getByText('183 MB').waitFor();
    await page.getByRole('button', { name: 'Remove 3 deleted for good' }).click();
    await expect.poll(() => calls.some(({ name }) => name === 'storage.clean')).toBe(true);
  });

  test('fault 50: says that secrets are not kept where nothing protects them, and what would', async () => {
    const secrets = { kept: false, backend: 'basic_text' };
    const { page } = await harness.open('/settings', {
      answers: { ...makeAnswers(), 'app.info': { ...appInfo, face: 'electron', secrets } },
    });
    const section = page.getByRole('region', { name: 'Secrets' });
    await section.getByText(/Are not kept.*“basic_text”/).waitFor();
    expect(await section.textContent()).toContain('Install and unlock');
  });

  test('copies what a report of a fault should name', async () => {
    const { page } = await harness.open('/settings/diagnostics', { answers: makeAnswers() });
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied').waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    expect(text).toContain('Version: 0.1.0');
    expect(text).toContain(appInfo.stateFolder);
  });

  test.each([false, true])('has no violation that axe finds (dark: %s)', async (dark) => {
    const { page } = await harness.open('/settings', { answers: makeAnswers({ threads: 4 }), dark });
    await page.getByText('183 MB').waitFor();
    await expectNoViolations(page);
  });
});
