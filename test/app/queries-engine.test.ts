import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectBoard } from '../../electron/board/connect.ts';
import { makeEngineRunner } from '../../electron/engine/client.ts';
import { sshdMissing, startPrivateSshd } from '../faults/private-sshd.ts';
import { errorOf, listening, openApp, openBeside, unwrap, workFolder } from './app-setup.ts';
import { changesOf } from './queries-setup.ts';
import { callOf } from './tiny-call.ts';

const runInEngine = makeEngineRunner();

test('the engine itself opens the sample and its data, runs the one on the other, and shows samples of a run', async () => {
  const folder = workFolder();
  const app = await openApp(folder, { runInEngine });
  const [sample] = unwrap(await app.query('models.list', {}));
  const [data] = unwrap(await app.query('data.list', {}));
  if (!sample || !data) throw new Error('There is no sample');
  const model = unwrap(await app.query('models.open', { path: sample.path }));
  expect(model).toMatchObject({ sha256: sample.sha256, sizeBytes: sample.sizeBytes, isSample: true });
  expect(model.operators.length).toBeGreaterThan(3);
  expect(unwrap(await app.query('models.list', {}))[0]?.lastUsedAt).not.toBeNull();
  const opened = unwrap(await app.query('data.open', { path: data.path, modelPath: sample.path }));
  expect(opened.check?.accuracy ?? 0).toBeGreaterThan((opened.check?.chance ?? 100) + 20);

  const store = openBeside(folder);
  const begun = openApp(folder);
  const call = callOf({ modelPath: sample.path, dataPath: data.path });
  const { run } = unwrap(await (await begun).optimize(call, listening()));
  const details = store.runDetails.get(run);
  if (!details) throw new Error('The run has no details');
  const disagreements = [3, 1].map((index) => ({ sample: index, label: 0, a: 0, b: 1 }));
  unwrap(store.runDetails.save(run, { ...details, disagreements }));
  const shown = unwrap(await app.query('runs.disagreements', { run, offset: 0, limit: 60 }));
  expect(shown.map((picture) => picture.sample)).toEqual([3, 1]);
  expect(shown.every(({ picture, values }) => picture !== null || values.length > 0)).toBe(true);
  const { operators } = unwrap(await app.query('runs.diff', { run }));
  expect(operators.length).toBeGreaterThanOrEqual(model.operators.length);
});

test('the engine itself says what is wrong with a file, by the name that was given', async () => {
  const folder = workFolder();
  copyFileSync(join(folder, 'data.npz'), join(folder, 'no.onnx'));
  const app = await openApp(folder, { runInEngine });
  const model = await app.query('models.open', { path: 'no.onnx' });
  expect(errorOf(model)).toMatchObject({ kind: 'modelNotOnnx', path: 'no.onnx' });
  const missing = await app.query('models.open', { path: 'missing.onnx' });
  expect(errorOf(missing)).toMatchObject({ kind: 'modelMissing', path: 'missing.onnx' });
  const data = await app.query('data.open', { path: 'data.npz' });
  expect(errorOf(data)).toMatchObject({ kind: 'dataUnreadable', path: 'data.npz' });
  const nowhere = await app.query('data.open', { path: 'nowhere' });
  expect(errorOf(nowhere)).toMatchObject({ kind: 'dataMissing', path: 'nowhere' });
  const crossed = await app.query('data.open', { path: 'data.npz', modelPath: 'missing.onnx' });
  expect(['dataUnreadable', 'modelMissing']).toContain(errorOf(crossed).kind);
});

test.skipIf(sshdMissing)(
  `a board over SSH is connected, known by its key, and forgotten with it ${sshdMissing}`,
  async () => {
    const sshd = await startPrivateSshd();
    try {
      const remoteRoot = join(sshd.folder, 'board');
      const app = await openApp(workFolder(), {
        connectBoard: (choice, contact, options) => connectBoard(choice, contact, { ...options, remoteRoot }),
      });
      const changes = changesOf(app);
      const board = { address: sshd.address, identityFile: sshd.identityFile };
      const listener = { ...listening(), confirmHostKey: async () => true };
      const connected = unwrap(await app.connect(board, listener));
      expect(connected.installedBytes).toBeGreaterThan(0);
      expect(connected.state.load1).toBeGreaterThanOrEqual(0);
      expect(changes).toEqual(['hostKeys', 'boards', 'boards']);
      const [, card] = unwrap(await app.query('boards.list', {}));
      expect(card).toMatchObject({ address: sshd.address, fingerprint: sshd.fingerprint, link: 'ssh' });
      expect(unwrap(await app.connect(board, listening())).installedBytes).toBe(0);

      const [key] = unwrap(await app.query('hostKeys.list', {}));
      if (!key) throw new Error('No key was kept');
      unwrap(await app.query('hostKeys.forget', { host: key.host, fingerprint: key.fingerprint }));
      // A first contact again, and nobody who says yes.
      const refused = errorOf(await app.connect(board, listening()));
      expect(refused).toMatchObject({ kind: 'hostKeyUnknown', fingerprint: sshd.fingerprint });
      unwrap(await app.query('boards.forget', { address: sshd.address }));
      expect(unwrap(await app.query('boards.list', {}))).toHaveLength(1);
    } finally {
      await sshd.stop();
    }
  },
);
