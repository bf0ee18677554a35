import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { fail, ok } from '../../electron/contract/result.ts';
import type { DataDetail } from '../../electron/contract/views.ts';
import type { InspectDataJob } from '../../electron/engine/messages.ts';
import { sha256 } from '../../electron/engine/onnx/hash.ts';
import { makeDenseModel } from '../board/tiny-models.ts';
import { shaB } from '../store/store-setup.ts';
import { errorOf, listening, openApp, unwrap, workFolder } from './app-setup.ts';
import { answering, changesOf, inspected, withSample } from './queries-setup.ts';
import { callOf } from './tiny-call.ts';

describe('models', () => {
  test('the sample is always there, without a last use before it is used', async () => {
    const folder = workFolder();
    const app = await openApp(folder, withSample(folder));
    const path = join(folder, 'tiny.onnx');
    const hash = sha256(readFileSync(path));
    const [sample, ...others] = unwrap(await app.query('models.list', {}));
    expect(others).toEqual([]);
    expect(sample).toMatchObject({ path, sha256: hash, isSample: true, lastUsedAt: null, parameters: 512 });
  });

  test('the sample that comes with the app is found', async () => {
    const app = await openApp(workFolder());
    const [sample] = unwrap(await app.query('models.list', {}));
    expect(sample?.path).toMatch(/resources\/sample\/model\.onnx$/);
    expect(unwrap(await app.query('data.list', {}))[0]?.path).toMatch(/resources\/sample\/data$/);
  });

  test('an opened model is listed under its own path and name, and the change is told', async () => {
    const folder = workFolder();
    const runInEngine = answering({
      inspectModel: ({ modelPath }) => {
        expect(modelPath).toBe(join(folder, 'sub', 'net.v2.onnx'));
        return inspected(shaB);
      },
    });
    const app = await openApp(folder, { ...withSample(folder), runInEngine });
    const changes = changesOf(app);
    const opened = unwrap(await app.query('models.open', { path: 'sub/net.v2.onnx' }));
    const path = join(folder, 'sub', 'net.v2.onnx');
    expect(opened).toMatchObject({ name: 'net.v2', path, isSample: false, sha256: shaB, opset: 13 });
    expect(changes).toEqual(['models']);
    const listed = unwrap(await app.query('models.list', {}));
    expect(listed.map(({ name, isSample }) => [name, isSample])).toEqual([
      ['net.v2', false],
      ['tiny', true],
    ]);
    expect(listed[0]).toMatchObject({ sizeBytes: 1234, parameters: 56, lastUsedAt: expect.any(String) });
  });

  test('a copy of the sample is the sample, in its own place', async () => {
    const folder = workFolder();
    const hash = sha256(readFileSync(join(folder, 'tiny.onnx')));
    const runInEngine = answering({ inspectModel: () => inspected(hash) });
    const app = await openApp(folder, { ...withSample(folder), runInEngine });
    expect(unwrap(await app.query('models.open', { path: 'copy.onnx' })).isSample).toBe(true);
    const listed = unwrap(await app.query('models.list', {}));
    expect(listed).toMatchObject([{ path: join(folder, 'tiny.onnx'), isSample: true }]);
  });

  test('a model that cannot be opened is named as the person named it, and not listed', async () => {
    const folder = workFolder();
    const runInEngine = answering({
      inspectModel: ({ modelPath }) => fail({ kind: 'modelMissing', path: modelPath, reason: 'gone' }),
    });
    const app = await openApp(folder, { ...withSample(folder), runInEngine });
    const changes = changesOf(app);
    const error = errorOf(await app.query('models.open', { path: '../no.onnx' }));
    expect(error).toEqual({ kind: 'modelMissing', path: '../no.onnx', reason: 'gone' });
    expect(unwrap(await app.query('models.list', {}))).toHaveLength(1);
    expect(changes).toEqual([]);
  });

  test('a profile is kept, found on its board, and not on another', async () => {
    const folder = workFolder();
    writeFileSync(join(folder, 'wide.onnx'), makeDenseModel(64, 2).bytes);
    const app = await openApp(folder, withSample(folder));
    const changes = changesOf(app);
    const call = { modelPath: 'wide.onnx', board: { address: 'local' }, threads: 1 };
    const profiled = unwrap(await app.profile(call, listening()));
    const ask = { sha256: profiled.modelSha256 };
    expect(unwrap(await app.query('models.profile', ask))).toEqual(profiled);
    expect(unwrap(await app.query('models.profile', { ...ask, board: 'local' }))).toEqual(profiled);
    expect(unwrap(await app.query('models.profile', { ...ask, board: 'ssh://a@b' }))).toBeNull();
    expect(unwrap(await app.query('models.profile', { sha256: shaB }))).toBeNull();
    expect(changes).toEqual(expect.arrayContaining(['boards', 'models']));
  });

  test('the profile of a run is one of the user’s own model', async () => {
    const folder = workFolder();
    const app = await openApp(folder, withSample(folder));
    const { result } = unwrap(await app.optimize(callOf(), listening()));
    const profile = unwrap(await app.query('models.profile', { sha256: result.original.sha256 }));
    expect(profile).toMatchObject({ modelPath: 'tiny.onnx', threads: 1 });
    expect(profile?.operators.length).toBeGreaterThan(0);
    const listed = unwrap(await app.query('models.list', {}));
    expect(listed.map(({ sha256: hash }) => hash)).toEqual([result.original.sha256]);
  });
});

describe('data', () => {
  const detail: DataDetail = {
    path: 'as the engine sees it',
    name: 'Few pictures',
    task: 'unlabelled',
    classes: null,
    sampleShape: [3],
    counts: { fit: 1, select: 1, verify: 1 },
    preprocessing: [],
    range: { low: 0, mean: 0, high: 0 },
    samplesByClass: null,
    preview: [],
    check: null,
  };

  test('opened data is cut by the seed of the settings, held against the model, and listed by its name', async () => {
    const folder = workFolder();
    const jobs: InspectDataJob[] = [];
    const runInEngine = answering({
      inspectData: (job) => {
        jobs.push(job);
        return ok(detail);
      },
    });
    const app = await openApp(folder, { ...withSample(folder), runInEngine });
    const settings = unwrap(await app.query('settings.get', {}));
    unwrap(await app.query('settings.save', { ...settings, seed: 9 }));
    const changes = changesOf(app);
    const dataPath = join(folder, 'photos');
    expect(unwrap(await app.query('data.open', { path: 'photos' })).path).toBe(dataPath);
    unwrap(await app.query('data.open', { path: dataPath, modelPath: 'tiny.onnx' }));
    expect(jobs).toEqual([
      { dataPath, modelPath: null, seed: 9 },
      { dataPath, modelPath: join(folder, 'tiny.onnx'), seed: 9 },
    ]);
    expect(changes).toEqual(['data', 'data']);
    expect(unwrap(await app.query('data.list', {}))).toMatchObject([
      { path: dataPath, name: 'Few pictures', isSample: false },
      { path: join(folder, 'data.npz'), lastUsedAt: null, isSample: true },
    ]);
  });

  test('what cannot be opened is named as the person named it, data and model', async () => {
    const folder = workFolder();
    const runInEngine = answering({
      inspectData: ({ dataPath, modelPath }) =>
        modelPath === null
          ? fail({ kind: 'dataMissing', path: dataPath, reason: 'gone' })
          : fail({ kind: 'modelNotOnnx', path: modelPath }),
    });
    const app = await openApp(folder, { ...withSample(folder), runInEngine });
    const missing = await app.query('data.open', { path: 'no' });
    expect(errorOf(missing)).toEqual({ kind: 'dataMissing', path: 'no', reason: 'gone' });
    const broken = await app.query('data.open', { path: 'no', modelPath: 'bad.onnx' });
    expect(errorOf(broken)).toEqual({ kind: 'modelNotOnnx', path: 'bad.onnx' });
    expect(unwrap(await app.query('data.list', {}))).toHaveLength(1);
  });

  test('the data of a run is listed', async () => {
    const folder = workFolder();
    mkdirSync(join(folder, 'state'));
    const app = await openApp(folder);
    unwrap(await app.optimize(callOf(), listening()));
    const [first] = unwrap(await app.query('data.list', {}));
    expect(first).toMatchObject({ path: join(folder, 'data.npz'), name: 'data.npz', isSample: false });
  });
});
