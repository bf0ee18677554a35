import { expect, test } from 'vitest';
import type { AppError } from '../../electron/contract/errors.ts';
import { describeWindow } from './describe-window.ts';
import { appInfo } from './fixtures/models.ts';
import { answers, kept, other } from './fixtures/models-page.ts';
import type { TestPage } from './window-harness.ts';

const uploads = '**/uploads/**';

describeWindow('Opening models and data', (harness) => {
  test('uploads a model in a browser, shows the progress, and opens it', async () => {
    const opened = await harness.open('/models', { answers });
    const { page, calls } = opened;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const asked: string[] = [];
    await page.route(uploads, async (route) => {
      asked.push(`${route.request().method()} ${new URL(route.request().url()).search}`);
      await held;
      await route.fulfill({ json: { ok: true, value: { path: '/up/inspection.onnx' } } });
    });
    const file = { name: 'inspection.onnx', mimeType: '', buffer: Buffer.alloc(4_000) };
    await page.locator('input[type=file][accept=".onnx"]').setInputFiles(file);
    await page.getByText('Uploading inspection.onnx').waitFor();
    await page.getByText('of 4.00 kB').waitFor();
    release();
    await page.waitForURL(`**/models/${other.sha256}`);
    await page.getByRole('heading', { level: 2, name: 'inspection' }).waitFor();
    expect(asked).toEqual(['POST ?name=inspection.onnx']);
    expect(calls.filter(({ name }) => name === 'models.open')).toHaveLength(1);
    expect((await kept(opened)).model.path).toBe('/up/inspection.onnx');
  });

  test('stops an upload when it is cancelled, and says nothing more of it', async () => {
    const { page } = await harness.open('/models', { answers });
    await page.route(uploads, () => undefined);
    await page
      .locator('input[type=file][accept=".onnx"]')
      .setInputFiles({ name: 'big.onnx', mimeType: '', buffer: Buffer.alloc(4_000) });
    await page.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => page.getByText('Uploading').count()).toBe(0);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('takes a dropped folder of data with the paths in it', async () => {
    const opened = await harness.open('/models', { answers });
    const { page } = opened;
    const names: string[] = [];
    await page.route(uploads, async (route) => {
      names.push(new URL(route.request().url()).searchParams.get('name') ?? '');
      await route.fulfill({ json: { ok: true, value: { path: '/up/line-3' } } });
    });
    await page.getByRole('link', { name: 'Open the sample' }).waitFor();
    await dropFolder(page, 'line-3', ['dataset.json', 'fit.npz', '.hidden', 'verify.npz']);
    await page.waitForURL('**/models/data');
    await page.getByRole('heading', { level: 2, name: 'Fashion-MNIST' }).waitFor();
    expect(names.sort()).toEqual(['line-3/dataset.json', 'line-3/fit.npz', 'line-3/verify.npz']);
  });

  test('opens a typed path, and says why it cannot', async () => {
    const missing: AppError = { kind: 'modelMissing', path: '/no.onnx', reason: 'no such file' };
    const { page, calls } = await harness.open('/models', {
      answers: {
        ...answers,
        'models.open': () => {
          throw missing;
        },
      },
    });
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('textbox', { name: 'Path on this computer' }).fill('/no.onnx');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(calls.find(({ name }) => name === 'models.open')?.args).toEqual({ path: '/no.onnx' });
    await page.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.getByRole('alert').count()).toBe(0);
  });

  test('asks with the dialog of the system where there is one', async () => {
    const { page, calls } = await harness.open('/models', {
      answers: {
        ...answers,
        'app.info': { ...appInfo, face: 'electron', canChooseFiles: true },
        'files.choose': '/up/inspection.onnx',
      },
    });
    await page.getByRole('navigation', { name: 'Models' }).waitFor();
    await expect.poll(() => calls.some(({ name }) => name === 'app.info')).toBe(true);
    await page.getByRole('button', { name: 'Open model…' }).click();
    await page.waitForURL(`**/models/${other.sha256}`);
    expect(calls.find(({ name }) => name === 'files.choose')?.args).toEqual({ what: 'model' });
  });
});

async function dropFolder(page: TestPage['page'], name: string, files: readonly string[]): Promise<void> {
  await page.evaluate(
    ([folder, names]) => {
      const entryOf = (file: string) => ({
        name: file,
        isDirectory: false,
        file: (give: (file: File) => void) => give(new File(['x'], file)),
      });
      const entry = {
        name: folder,
        isDirectory: true,
        createReader: () => {
          let left = names.map(entryOf);
          return {
            readEntries: (give: (entries: object[]) => void) => {
              give(left);
              left = [];
            },
          };
        },
      };
      const transfer = {
        types: ['Files'],
        items: [{ kind: 'file', webkitGetAsEntry: () => entry, getAsFile: () => null }],
      };
      for (const kind of ['dragenter', 'dragover', 'drop']) {
        const event = new Event(kind, { bubbles: true, cancelable: true });
        Object.defineProperty(event, 'dataTransfer', { value: transfer });
        document.body.dispatchEvent(event);
      }
    },
    [name, files] as const,
  );
}
