import { expect, test } from 'vitest';
import { errorOf, openApp, openBeside, unwrap, workFolder } from './app-setup.ts';
import { answering, changesOf } from './queries-setup.ts';

const defaults = {
  language: 'system',
  theme: 'system',
  maxAccuracyDrop: 1,
  budgetSeconds: 600,
  threads: 1,
  groupSize: 4,
  seed: 1,
} as const;

test('settings have defaults, are kept over a restart, and tell when they change', async () => {
  const folder = workFolder();
  const app = await openApp(folder);
  const changes = changesOf(app);
  expect(unwrap(await app.query('settings.get', {}))).toEqual(defaults);
  const mine = { ...defaults, language: 'ja', theme: 'contrast', maxAccuracyDrop: 0.5 } as const;
  expect(unwrap(await app.query('settings.save', mine))).toEqual(mine);
  expect(changes).toEqual(['settings']);
  await app.close();
  expect(unwrap(await (await openApp(folder)).query('settings.get', {}))).toEqual(mine);
});

test('a stored setting of no form of today is as if it had not been set, and the others hold', async () => {
  const folder = workFolder();
  const app = await openApp(folder);
  unwrap(openBeside(folder).settings.save({ theme: 'sepia', threads: 'many', seed: 7, old: true }));
  expect(unwrap(await app.query('settings.get', {}))).toEqual({ ...defaults, seed: 7 });
});

test('who stops listening is told no more', async () => {
  const app = await openApp(workFolder());
  const seen: string[] = [];
  const stop = app.onChange((what) => seen.push(what));
  unwrap(await app.query('settings.save', defaults));
  stop();
  unwrap(await app.query('settings.save', defaults));
  expect(seen).toEqual(['settings']);
});

test('closing the app waits for a question that is being answered, and cancels it', async () => {
  const folder = workFolder();
  const asked = Promise.withResolvers<void>();
  const app = await openApp(folder, {
    runInEngine: async (_name, _job, host) => {
      asked.resolve();
      await new Promise((resolve) => host.signal.addEventListener('abort', resolve));
      return answering({})(
        'evaluate',
        { modelPathA: '', modelPathB: '', dataPath: '', seed: 1 },
        host,
      ) as never;
    },
  });
  const opened = app.query('models.open', { path: 'tiny.onnx' });
  await asked.promise;
  await app.close();
  expect(errorOf(await opened)).toEqual({ kind: 'cancelled' });
});
