import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runResultSchema } from '../../electron/contract/run-result.ts';
import { sha256 } from '../../electron/engine/onnx/hash.ts';
import { makeDenseModel } from '../board/tiny-models.ts';
import { errorOf, listening, openApp, openBeside, runOf, unwrap, workFolder } from './app-setup.ts';
import { behaviours } from './fake-jobs.ts';
import { callOf } from './tiny-call.ts';

/** A finished run whose front has one model 0.2 points down, and one that lost 2 points. */
async function finished(folder: string) {
  const app = await openApp(folder);
  const { run } = unwrap(await app.optimize(callOf({ out: 'first', level: 'extended' }), listening()));
  return { app, run };
}

describe('pick', () => {
  test('takes another model of the front without a search, as a run of its own', async () => {
    const folder = workFolder();
    const { app, run } = await finished(folder);
    const listener = listening();
    const picked = unwrap(await app.pick({ run, maxAccuracyDrop: 0.5, out: 'second' }, listener));
    expect(picked).toMatchObject({ improved: true, result: { notes: [`Chosen from run ${run}: near.`] } });
    expect(picked.run).not.toBe(run);
    const stages = listener.events.flatMap((event) => (event.kind === 'stageStarted' ? [event.stage] : []));
    expect(stages).toEqual(['connect', 'compare', 'report']);
    const out = join(folder, 'second');
    const result = runResultSchema.parse(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')));
    expect(result.optimized.sha256).toBe(sha256(readFileSync(join(out, 'optimized.onnx'))));
    // What holds for the run holds for what is chosen from it.
    expect(result.board.level).toBe('extended');
    const detail = unwrap(await app.query('runs.get', { run: picked.run }));
    expect(detail).toMatchObject({ frontModels: 2, request: { maxAccuracyDrop: 0.5 } });
    expect(unwrap(await app.query('runs.get', { run })).request.maxAccuracyDrop).toBe(1);
  });

  test('says that nothing of the front is within the limit', async () => {
    const { app, run } = await finished(workFolder());
    const picked = unwrap(await app.pick({ run, maxAccuracyDrop: 0.1 }, listening()));
    expect(picked).toMatchObject({ improved: false, result: { notes: [`Chosen from run ${run}: none.`] } });
  });

  test('chooses from what was chosen as from the run that searched', async () => {
    const { app, run } = await finished(workFolder());
    const near = unwrap(await app.pick({ run, maxAccuracyDrop: 0.5 }, listening()));
    const far = unwrap(await app.pick({ run: near.run, maxAccuracyDrop: 3 }, listening()));
    expect(far.result.notes).toEqual([`Chosen from run ${run}: far.`]);
  });

  test('goes on where it was stopped, and still searches nothing', async () => {
    const folder = workFolder();
    const { app, run } = await finished(folder);
    const stopping = listening((event) => {
      if (event.kind === 'stageStarted' && event.stage === 'compare') stopping.controller.abort();
    });
    const stopped = await app.pick({ run, maxAccuracyDrop: 0.5, out: 'second' }, stopping);
    expect(errorOf(stopped)).toEqual({ kind: 'cancelled' });
    const resumed = unwrap(await app.resume(runOf(stopping.events), listening()));
    expect(resumed.result.notes).toEqual([`Chosen from run ${run}: near.`]);
    expect(resumed.files[0]).toBe(join(folder, 'second', 'optimized.onnx'));
  });

  test('refuses a run that is not there, and one without a front', async () => {
    const { app } = await finished(workFolder());
    expect(errorOf(await app.pick({ run: 'none', maxAccuracyDrop: 1 }, listening()))).toEqual({
      kind: 'runUnknown',
      run: 'none',
    });
    const nothing = unwrap(await app.optimize(callOf({ seed: behaviours.findsNothing }), listening()));
    expect(unwrap(await app.query('runs.get', { run: nothing.run })).frontModels).toBe(0);
    const listener = listening();
    expect(errorOf(await app.pick({ run: nothing.run, maxAccuracyDrop: 1 }, listener))).toEqual({
      kind: 'runHasNoFront',
      run: nothing.run,
    });
    expect(listener.events).toEqual([]);
  });

  test('refuses when the model or the data are not what they were, and begins no run', async () => {
    const folder = workFolder();
    const { app, run } = await finished(folder);
    const call = { run, maxAccuracyDrop: 0.5 };
    writeFileSync(join(folder, 'data.npz'), 'other data');
    expect(errorOf(await app.pick(call, listening()))).toEqual({
      kind: 'inputChanged',
      run,
      path: 'data.npz',
    });
    rmSync(join(folder, 'data.npz'));
    expect(errorOf(await app.pick(call, listening()))).toMatchObject({
      kind: 'dataMissing',
      path: 'data.npz',
    });
    writeFileSync(join(folder, 'data.npz'), 'data');
    writeFileSync(join(folder, 'tiny.onnx'), makeDenseModel(16, 3).bytes);
    expect(errorOf(await app.pick(call, listening()))).toEqual({
      kind: 'inputChanged',
      run,
      path: 'tiny.onnx',
    });
    rmSync(join(folder, 'tiny.onnx'));
    expect(errorOf(await app.pick(call, listening()))).toMatchObject({
      kind: 'modelMissing',
      path: 'tiny.onnx',
    });
    expect(unwrap(await app.history({}))).toHaveLength(1);
  });

  test('touches nothing where there are files already', async () => {
    const folder = workFolder();
    const { app, run } = await finished(folder);
    const refused = await app.pick({ run, maxAccuracyDrop: 0.5, out: 'first' }, listening());
    expect(errorOf(refused)).toEqual({ kind: 'outputExists', path: join(folder, 'first') });
  });

  test('a run that was deleted takes its front with it, blobs and all', async () => {
    const folder = workFolder();
    const { app, run } = await finished(folder);
    const near = unwrap(await app.pick({ run, maxAccuracyDrop: 0.5 }, listening()));
    unwrap(await app.query('runs.delete', { runs: [run] }));
    expect(errorOf(await app.pick({ run, maxAccuracyDrop: 1 }, listening())).kind).toBe('runUnknown');
    expect(errorOf(await app.pick({ run: near.run, maxAccuracyDrop: 1 }, listening())).kind).toBe(
      'runHasNoFront',
    );
    expect(unwrap(await app.query('runs.get', { run: near.run })).frontModels).toBe(0);
    unwrap(await app.query('storage.clean', {}));
    expect(openBeside(folder).measurements.list(run)).toEqual([]);
  });
});
