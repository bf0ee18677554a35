import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Api, OptimizeResult } from '../../electron/contract/api.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import type { RunDetails } from '../../electron/contract/views.ts';
import type { DiffModelsJob, InspectSamplesJob } from '../../electron/engine/messages.ts';
import { errorOf, listening, openApp, openBeside, runOf, unwrap, workFolder } from './app-setup.ts';
import { behaviours } from './fake-jobs.ts';
import { answering, changesOf } from './queries-setup.ts';
import { callOf } from './tiny-call.ts';

const page = { offset: 0, limit: 50 };

/** A folder with a finished run in it. */
async function finished(): Promise<{ folder: string; app: Api; outcome: OptimizeResult }> {
  const folder = workFolder();
  const app = await openApp(folder);
  const outcome = unwrap(await app.optimize(callOf({ out: 'results' }), listening()));
  return { folder, app, outcome };
}

describe('a run', () => {
  test('is there in whole: request, result, details, stages and the files that are left', async () => {
    const { folder, app, outcome } = await finished();
    rmSync(join(folder, 'results', 'report.html'));
    const detail = unwrap(await app.query('runs.get', { run: outcome.run }));
    expect(detail).toMatchObject({
      summary: { run: outcome.run, state: 'improved', speedup: 2, model: 'tiny', board: 'local' },
      request: callOf({ out: 'results' }),
      finishedAt: expect.any(String),
      explanation: '',
      details: { pairs: 1, blockRatios: [2] },
      files: ['measurements.csv', 'result.json', 'optimized.onnx'],
    });
    expect(Object.keys(detail.summary).sort()).toEqual([
      'accuracyChange',
      'board',
      'boardName',
      'model',
      'modelSha256',
      'out',
      'run',
      'speedup',
      'startedAt',
      'state',
    ]);
    expect(detail.result).toEqual(outcome.result);
    expect(detail.stages.map(({ name }) => name)).toEqual(['connect', 'profile', 'search', 'report']);
    expect(detail.stages[3]?.summary).toEqual({ kind: 'reported', files: 4 });
  });

  test('has no files where another run’s results lie by now', async () => {
    const { folder, app, outcome } = await finished();
    rmSync(join(folder, 'results'), { recursive: true });
    expect(unwrap(await app.query('runs.get', { run: outcome.run })).files).toEqual([]);
    const other = unwrap(await app.optimize(callOf({ out: 'results' }), listening()));
    expect(unwrap(await app.query('runs.get', { run: outcome.run })).files).toEqual([]);
    expect(unwrap(await app.query('runs.get', { run: other.run })).files).toHaveLength(4);
  });

  test('that did not come to its end has no result', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const listener = listening();
    await app.optimize(callOf({ seed: behaviours.dies }), listener);
    const detail = unwrap(await app.query('runs.get', { run: runOf(listener.events) }));
    expect(detail).toMatchObject({ summary: { state: 'failed' }, result: null, details: null, files: [] });
  });

  test('that is not there is an error in every question about it', async () => {
    const app = await openApp(workFolder());
    const run = 'no-such-run';
    const unknown = { kind: 'runUnknown', run };
    expect(errorOf(await app.query('runs.get', { run }))).toEqual(unknown);
    expect(errorOf(await app.query('runs.diff', { run }))).toEqual(unknown);
    expect(errorOf(await app.query('runs.disagreements', { run, ...page }))).toEqual(unknown);
    expect(errorOf(await app.query('runs.delete', { runs: [run] }))).toEqual(unknown);
    expect(errorOf(await app.query('runs.restore', { runs: [run] }))).toEqual(unknown);
  });
});

describe('the history', () => {
  test('lists, deletes with undo, and cleans for good', async () => {
    const { app, folder, outcome } = await finished();
    const changes = changesOf(app);
    const ask = async (filter: object = {}) =>
      unwrap(await app.query('runs.list', { ...page, ...filter })).total;
    expect(await ask({ board: 'local', search: 'tiny', since: '2026-01-01T00:00:00Z' })).toBe(1);
    expect(await ask({ until: '2026-01-01T00:00:00Z' })).toBe(0);
    unwrap(await app.query('runs.delete', { runs: [outcome.run] }));
    expect(await ask()).toBe(0);
    expect(unwrap(await app.history({}))).toEqual([]);
    expect(errorOf(await app.query('runs.get', { run: outcome.run })).kind).toBe('runUnknown');
    expect(errorOf(await app.resume(outcome.run, listening())).kind).toBe('runUnknown');
    expect(unwrap(await app.query('storage.use', {}))).toMatchObject({ runs: 0, deletedRuns: 1 });
    unwrap(await app.query('runs.restore', { runs: [outcome.run] }));
    expect(await ask()).toBe(1);
    expect(unwrap(await app.query('runs.get', { run: outcome.run })).details?.pairs).toBe(1);
    unwrap(await app.query('runs.delete', { runs: [outcome.run] }));
    const used = unwrap(await app.query('storage.use', {}));
    const cleaned = unwrap(await app.query('storage.clean', {}));
    expect(cleaned).toMatchObject({ folder: join(folder, 'state'), runs: 0, deletedRuns: 0 });
    expect(used.blobBytes).toBeGreaterThan(0);
    expect(cleaned.blobBytes).toBe(0);
    expect(errorOf(await app.query('runs.restore', { runs: [outcome.run] })).kind).toBe('runUnknown');
    expect(changes).toEqual(['runs', 'runs', 'runs', 'runs']);
    // What the run wrote is the person's own.
    expect(readFileSync(join(folder, 'results', 'optimized.onnx')).length).toBeGreaterThan(0);
  });

  test('a run at work cannot be deleted', async () => {
    const app = await openApp(workFolder());
    const begun = Promise.withResolvers<void>();
    const listener = listening((event) => {
      if (event.kind === 'stageStarted' && event.stage === 'profile') begun.resolve();
    });
    const outcome = app.optimize(callOf({ seed: behaviours.goesOnForever }), listener);
    await begun.promise;
    const run = runOf(listener.events);
    expect(errorOf(await app.query('runs.delete', { runs: [run] }))).toMatchObject({ kind: 'runInUse', run });
    listener.controller.abort();
    await outcome;
    unwrap(await app.query('runs.delete', { runs: [run] }));
  });

  test('a trend has the conditions in words, so that a line breaks where they change', async () => {
    const { app, outcome } = await finished();
    const { board } = outcome.result;
    const [point] = unwrap(await app.query('runs.trend', { model: 'tiny', board: 'local' }));
    expect(point).toEqual({
      run: outcome.run,
      startedAt: expect.any(String),
      originalUs: 10,
      optimizedUs: 10,
      speedup: 2,
      speedupInterval95: [1.9, 2.1],
      accuracyChange: 0,
      conditions: `${board.name} (${board.id.slice(0, 8)}) · ${board.os} · onnxruntime ${board.runtimeVersion} · 1 thread`,
    });
    expect(unwrap(await app.query('runs.trend', { model: 'tiny', board: 'ssh://a@b' }))).toEqual([]);
    expect(unwrap(await app.query('runs.trend', { model: 'other' }))).toEqual([]);
  });
});

describe('pausing', () => {
  test('a run that was stopped goes on where it was, more than once, and comes to its end', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    let stopAfter = 3;
    const stopping = () => {
      const listener = listening((event) => {
        if (event.kind === 'progress' && event.stage === 'search' && event.done === stopAfter)
          listener.controller.abort();
      });
      return listener;
    };
    const first = stopping();
    expect(errorOf(await app.optimize(callOf(), first))).toEqual({ kind: 'cancelled' });
    const run = runOf(first.events);
    const stateOf = async () => unwrap(await app.query('runs.get', { run })).summary.state;
    expect(await stateOf()).toBe('cancelled');
    stopAfter = 6;
    expect(errorOf(await app.resume(run, stopping()))).toEqual({ kind: 'cancelled' });
    const changes = changesOf(app);
    expect(unwrap(await app.resume(run, listening())).improved).toBe(true);
    expect(await stateOf()).toBe('improved');
    expect(changes).toEqual(expect.arrayContaining(['runs', 'boards']));
  });
});

describe('disagreements', () => {
  const disagreements = [5, 9, 2].map((sample) => ({ sample, label: 1, a: 1, b: 0 }));

  async function withDisagreements(classNames: readonly string[] | null) {
    const { folder, app, outcome } = await finished();
    await app.close();
    const store = openBeside(folder);
    const details = store.runDetails.get(outcome.run) as RunDetails;
    unwrap(store.runDetails.save(outcome.run, { ...details, disagreements, disagreementCount: 3 }));
    const jobs: InspectSamplesJob[] = [];
    const runInEngine = answering({
      inspectSamples: (job) => {
        jobs.push(job);
        const samples = job.samples.map((sample) => ({
          sample,
          picture: `data:image/png;${sample}`,
          values: [sample],
          label: 1,
        }));
        return ok({ classNames, samples });
      },
    });
    return { folder, jobs, run: outcome.run, app: await openApp(folder, { runInEngine }) };
  }

  test('are shown a page at a time, with pictures and the names of classes', async () => {
    const { folder, jobs, run, app } = await withDisagreements(['cat', 'dog']);
    const shown = unwrap(await app.query('runs.disagreements', { run, offset: 1, limit: 5 }));
    expect(jobs).toEqual([
      {
        dataPath: join(folder, 'data.npz'),
        modelPath: join(folder, 'tiny.onnx'),
        seed: behaviours.improves,
        samples: [9, 2],
      },
    ]);
    expect(shown[0]).toEqual({
      sample: 9,
      label: 1,
      a: 1,
      b: 0,
      picture: 'data:image/png;9',
      values: [9],
      labelName: 'dog',
      aName: 'dog',
      bName: 'cat',
    });
    expect(shown.map(({ sample }) => sample)).toEqual([9, 2]);
    expect(unwrap(await app.query('runs.disagreements', { run, offset: 3, limit: 5 }))).toEqual([]);
    expect(jobs).toHaveLength(1);
  });

  test('are numbered where classes have no names, and not shown for data that changed or is gone', async () => {
    const { folder, run, app } = await withDisagreements(null);
    const [shown] = unwrap(await app.query('runs.disagreements', { run, ...page }));
    expect(shown).toMatchObject({ labelName: '1', aName: '1', bName: '0' });
    writeFileSync(join(folder, 'data.npz'), 'other data');
    const changed = await app.query('runs.disagreements', { run, ...page });
    expect(errorOf(changed)).toEqual({ kind: 'inputChanged', run, path: 'data.npz' });
    rmSync(join(folder, 'data.npz'));
    const gone = await app.query('runs.disagreements', { run, ...page });
    expect(errorOf(gone)).toMatchObject({ kind: 'dataMissing', path: 'data.npz' });
  });
});

describe('the difference of the graphs', () => {
  async function withDiff() {
    const { folder, app, outcome } = await finished();
    await app.close();
    const jobs: DiffModelsJob[] = [];
    const runInEngine = answering({
      diffModels: (job) => {
        jobs.push(job);
        return ok({ operators: [] });
      },
    });
    return { folder, jobs, run: outcome.run, app: await openApp(folder, { runInEngine }) };
  }

  test('is one of the user’s model and of what the run wrote, or keeps when that is gone', async () => {
    const { folder, jobs, run, app } = await withDiff();
    unwrap(await app.query('runs.diff', { run }));
    const optimized = join(folder, 'results', 'optimized.onnx');
    expect(jobs[0]).toEqual({ modelPathA: join(folder, 'tiny.onnx'), modelPathB: optimized });
    const bytes = readFileSync(optimized);
    writeFileSync(optimized, 'something else');
    unwrap(await app.query('runs.diff', { run }));
    rmSync(optimized);
    unwrap(await app.query('runs.diff', { run }));
    for (const { modelPathB } of jobs.slice(1)) expect(readFileSync(modelPathB)).toEqual(bytes);
  });

  test('is an error when a model is gone or is another one now', async () => {
    const { folder, run, app } = await withDiff();
    writeFileSync(join(folder, 'tiny.onnx'), 'another');
    const changed = await app.query('runs.diff', { run });
    expect(errorOf(changed)).toEqual({ kind: 'inputChanged', run, path: 'tiny.onnx' });
    rmSync(join(folder, 'tiny.onnx'));
    expect(errorOf(await app.query('runs.diff', { run }))).toMatchObject({
      kind: 'modelMissing',
      path: 'tiny.onnx',
    });
  });

  test('is an error for a run that made no model', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const listener = listening();
    await app.optimize(callOf({ seed: behaviours.dies, out: 'results' }), listener);
    const diff = await app.query('runs.diff', { run: runOf(listener.events) });
    expect(errorOf(diff)).toMatchObject({
      kind: 'modelMissing',
      path: join(folder, 'results', 'optimized.onnx'),
    });
  });

  test('a job of the engine that fails is passed on', async () => {
    const { folder, app, outcome } = await finished();
    await app.close();
    const runInEngine = answering({ diffModels: () => fail({ kind: 'engineDied', reason: 'x' }) });
    const other = await openApp(folder, { runInEngine });
    const diff = await other.query('runs.diff', { run: outcome.run });
    expect(errorOf(diff)).toEqual({ kind: 'engineDied', reason: 'x' });
  });
});
