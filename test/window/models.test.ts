import { expect, test } from 'vitest';
import type { AppError } from '../../electron/contract/errors.ts';
import type { JobState } from '../../electron/contract/views.ts';
import { expectNoViolations } from './axe.ts';
import { describeWindow } from './describe-window.ts';
import {
  appInfo,
  branched,
  branchedProfile,
  clothesData,
  longNetwork,
  profileJob,
  profileOf,
} from './fixtures/models.ts';
import { answers, kept, selection } from './fixtures/models-page.ts';
import type { TestPage } from './window-harness.ts';

const box = ({ page }: TestPage, name: string) => page.locator('.ft-box', { hasText: name }).first();

describeWindow('Models and data', (harness) => {
  test('opens the sample by its link, shows what it is, and selects it with its data', async () => {
    const opened = await harness.open('/models/sample', { answers });
    const { page } = opened;
    await page.getByRole('heading', { level: 2, name: 'sample' }).waitFor();
    const text = (await page.locator('.ft-models').textContent()) ?? '';
    for (const part of ['image: float32 [N, 1, 28, 28]', '1.93 MB', '481 k', '13', 'fieldtune'])
      expect(text).toContain(part);
    expect(text).toContain('1 operator stays as it is');
    await page.getByRole('button', { name: 'Which, and why' }).click();
    await page.getByText('state: there is no definition of LSTM').first().waitFor();
    // The latencies come after the model.
    await expect
      .poll(() => page.locator('.ft-models').textContent())
      .toContain('Operators sum 975 µs; clean run 1.00 ms; difference 25.0 µs; profiling overhead 1.12×');
    await expect.poll(async () => (await kept(opened)).data?.path).toBe(appInfo.sample.dataPath);
    expect((await kept(opened)).model).toEqual({
      path: branched.path,
      name: 'sample',
      sha256: branched.sha256,
    });
  });

  test('lists the sample first and marks it', async () => {
    const { page } = await harness.open('/models', { answers });
    const items = page.getByRole('navigation', { name: 'Models' }).getByRole('link');
    await expect.poll(() => items.count()).toBe(2);
    expect(await items.first().textContent()).toContain('Sample');
    expect(await items.last().textContent()).not.toContain('Sample');
    await page.getByRole('link', { name: 'Open the sample' }).waitFor();
  });

  test('draws each operator with its time, and says which stay and which were absorbed', async () => {
    const opened = await harness.open('/models/sample', { answers, selection });
    await box(opened, 'wide').waitFor();
    await expect.poll(() => box(opened, 'narrow').textContent()).toContain('120 µs');
    await expect.poll(() => box(opened, 'stem_relu').textContent()).toContain('in stem');
    await expect
      .poll(() => opened.page.locator('.ft-model-view').textContent())
      .toContain('Median latency0520 µs');
    await opened.page.getByRole('button', { name: 'Show the whole graph' }).click();
    await expect.poll(() => opened.page.locator('.ft-graph').getAttribute('data-level')).not.toBe('near');
  });

  test('goes from hit to hit with Enter and marks all of them', async () => {
    const opened = await harness.open('/models/sample', { answers, selection });
    const { page } = opened;
    await box(opened, 'wide').waitFor();
    const search = page.getByRole('searchbox', { name: /Search the graph/ });
    await search.fill('kernel_shape');
    await expect.poll(() => page.locator('.ft-box[data-hit]').count()).toBe(3);
    await search.press('Enter');
    await page.getByText('1 of 3').waitFor();
    await search.press('Enter');
    await search.press('Enter');
    await page.getByText('3 of 3').waitFor();
    await search.press('Shift+Enter');
    await page.getByText('2 of 3').waitFor();
    expect(await page.locator('.ft-box[data-selected]').textContent()).toContain('wide');
  });

  test('selects the row of a clicked box, and by keyboard in the table the box of a row', async () => {
    const opened = await harness.open('/models/sample', { answers, selection });
    const { page } = opened;
    await box(opened, 'narrow').click();
    const grid = page.getByRole('grid', { name: 'Operators' });
    await expect.poll(() => grid.locator('tr[aria-selected="true"]').textContent()).toContain('narrow');
    await page.getByText('kernel_shape', { exact: true }).waitFor();
    expect(await page.locator('.ft-facts').textContent()).toContain('12.0 % of the clean run');
    await grid.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => page.locator('.ft-box[data-selected]').textContent()).toContain('wide');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.locator('.ft-box[data-selected]').textContent()).toContain('stem');
    await page.keyboard.press('End');
    await expect.poll(() => grid.locator('tr[aria-selected="true"]').count()).toBe(1);
  });

  test('sorts and filters the table', async () => {
    const { page } = await harness.open('/models/sample', { answers, selection });
    const grid = page.getByRole('grid', { name: 'Operators' });
    const first = () => grid.locator('tr[aria-selected]').first().textContent();
    await expect.poll(first).toContain('wide');
    await grid.getByRole('button', { name: /MAC/ }).click();
    await expect.poll(first).toContain('28.9 M');
    await grid.getByRole('button', { name: 'Operator', exact: true }).click();
    await expect.poll(first).toContain('head');
    await page.getByRole('textbox', { name: /Filter the table/ }).fill('/relu|pool/');
    await page.getByText('3 of 10 operators').waitFor();
  });

  test('profiles on the chosen board, shows how far it is, and then the times', async () => {
    let profile: typeof branchedProfile | null = null;
    const opened = await harness.open('/models/sample', {
      answers: { ...answers, 'models.profile': () => profile },
      selection,
    });
    const { page, calls, tell } = opened;
    await page.getByText('No latency was measured on laptop yet.').waitFor();
    await page.getByRole('button', { name: 'Profile on laptop' }).click();
    await page.getByRole('progressbar', { name: 'Profiling on laptop' }).first().waitFor();
    expect(calls.find(({ name }) => name === 'runs.profile')?.args).toEqual({
      modelPath: branched.path,
      board: { address: 'local' },
      threads: 2,
    });
    profile = branchedProfile;
    const done: JobState = { ...profileJob, state: 'done', finishedAt: profileJob.startedAt };
    await tell({ kind: 'job', job: done });
    await page.getByText('Measured on laptop, threads: 1, runs: 400.').waitFor();
    await page.getByText('Operators sum 975 µs').waitFor();
  });

  test('says of data what the model makes of them and what the labels can certify', async () => {
    const { page, calls } = await harness.open('/models/data', { answers, selection });
    await page.getByText('211 of 256 right: 82.4 %; guessing gives 10.2 %').waitFor();
    const text = (await page.locator('.ft-models').textContent()) ?? '';
    expect(text).toContain('3,000 labels for verifying: a loss below about 0.9 points cannot be excluded.');
    expect(text).toContain('−0.81 to 2.02, mean 0.0112');
    expect(await page.locator('.ft-samples img').count()).toBe(24);
    expect(await page.getByText('Wrong', { exact: true }).count()).toBe(3);
    expect(calls.find(({ name }) => name === 'data.open')?.args).toEqual({
      path: clothesData.path,
      modelPath: branched.path,
    });
  });

  test('goes from the model to the data and back', async () => {
    const opened = await harness.open('/models/sample', { answers, selection });
    const { page } = opened;
    await box(opened, 'wide').waitFor();
    await page.getByRole('navigation', { name: 'Data' }).getByRole('link').click();
    await page.getByText('211 of 256 right').waitFor();
    await page.getByRole('navigation', { name: 'Models' }).getByRole('link', { name: 'sample' }).click();
    await box(opened, 'wide').waitFor();
  });

  test('warns when the model does no better than guessing', async () => {
    const { page } = await harness.open('/models/data', {
      answers: {
        ...answers,
        'data.open': { ...clothesData, check: { samples: 256, accuracy: 11, chance: 10 } },
      },
      selection,
    });
    await page.getByText('28 of 256 right: 11.0 %; guessing gives 10.0 %').waitFor();
    await page.getByText('The preprocessing may not be the one this model was trained with').waitFor();
  });

  test('shows data that do not fit the model without it', async () => {
    const wrong: AppError = {
      kind: 'dataShape',
      path: clothesData.path,
      expected: [3, 224, 224],
      actual: [1, 28, 28],
    };
    const { page } = await harness.open('/models/data', {
      answers: {
        ...answers,
        'data.open': ({ modelPath }) => {
          if (modelPath !== undefined) throw wrong;
          return { ...clothesData, check: null };
        },
      },
      selection,
    });
    await page.getByRole('button', { name: 'Show them without the model' }).click();
    await page.getByRole('heading', { level: 2, name: 'Fashion-MNIST' }).waitFor();
    await page.getByText('Open a model to check these data with it.').waitFor();
  });

  test('keeps a few hundred of 2,000 operators on the page, from near and from afar', async () => {
    const long = longNetwork(2_000);
    const opened = await harness.open(`/models/${long.sha256}`, {
      size: { width: 1920, height: 1080 },
      answers: { ...answers, 'models.open': long, 'models.profile': profileOf(long) },
      selection: { ...selection, model: { path: long.path, name: long.name, sha256: long.sha256 } },
    });
    const { page } = opened;
    await box(opened, 'stem').waitFor();
    expect(await page.locator('.ft-box').count()).toBeLessThan(300);
    expect(await page.locator('.ft-operators tr').count()).toBeLessThan(80);
    const grid = page.getByRole('grid', { name: 'Operators' });
    const search = page.getByRole('searchbox');
    await search.fill('block_40/gate');
    await search.press('Enter');
    await expect
      .poll(() =>
        page.evaluate(() => {
          const row = document.querySelector('.ft-operators tr[aria-selected="true"]');
          const table = document.querySelector('.ft-operators');
          if (!row || !table) return 'no row';
          const [inner, outer] = [row.getBoundingClientRect(), table.getBoundingClientRect()];
          return inner.top >= outer.top + inner.height && inner.bottom <= outer.bottom;
        }),
      )
      .toBe(true);
    await grid.focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.locator('.ft-box[data-selected]').count()).toBe(1);
    await page.getByRole('button', { name: 'Show the whole graph' }).click();
    await expect.poll(() => page.locator('.ft-box').count()).toBe(0);
  });

  test.each(['light', 'dark'] as const)('has no violations of accessibility (%s)', async (theme) => {
    for (const path of ['/models', '/models/sample', '/models/data']) {
      const opened = await harness.open(path, {
        answers,
        dark: theme === 'dark',
        ...(path !== '/models' && { selection }),
      });
      const { page } = opened;
      if (path === '/models/sample') {
        await box(opened, 'wide').click();
        await page.getByRole('searchbox').fill('conv');
      } else if (path === '/models/data') await page.getByText('211 of 256').waitFor();
      else await page.getByRole('link', { name: 'Open the sample' }).waitFor();
      await page.getByRole('navigation', { name: 'Data' }).getByRole('link').waitFor();
      await expectNoViolations(page);
      await page.context().close();
    }
  });

  test('speaks Japanese', async () => {
    const opened = await harness.open('/models/sample', { answers, selection, language: 'ja' });
    const { page } = opened;
    await page.getByRole('heading', { level: 1, name: 'モデルとデータ' }).waitFor();
    await box(opened, 'wide').waitFor();
    await page.getByText('1 個の演算子はそのまま残ります').waitFor();
    await page.getByText('演算子の合計 975 µs、通常実行 1.00 ms、差 25.0 µs').waitFor();
    await page.getByRole('link', { name: 'data' }).click();
    await page.getByText('256 件中 211 件が正解：正解率 82.4 %（当て推量では 10.2 %）').waitFor();
  });
});

/** Drops a folder on the page: its entries are made there, as a browser makes them of a real one. */
