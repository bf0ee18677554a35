import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { connectBoard } from '../../electron/board/connect.ts';
import { runResultSchema } from '../../electron/contract/run-result.ts';
import { sha256 } from '../../electron/engine/onnx/hash.ts';
import { makeDenseModel } from '../board/tiny-models.ts';
import { findProcesses, until } from '../faults/processes.ts';
import {
  enginePid,
  errorOf,
  listening,
  openApp,
  openBeside,
  runOf,
  stateOf,
  unwrap,
  workFolder,
} from './app-setup.ts';
import { behaviours, timings } from './fake-jobs.ts';
import { callOf } from './tiny-call.ts';

const resultFiles = ['measurements.csv', 'optimized.onnx', 'report.html', 'result.json'];

const isGone = (pid: number): boolean => !existsSync(`/proc/${pid}/stat`);

describe('optimize', () => {
  test('writes the whole folder, keeps everything in the history and leaves no process', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const listener = listening();
    const outcome = unwrap(await app.optimize(callOf({ out: 'results' }), listener));

    const out = join(folder, 'results');
    expect(readdirSync(out).sort()).toEqual(resultFiles);
    expect(outcome.files.map((file) => readFileSync(file).length > 0)).toEqual([true, true, true, true]);
    const result = runResultSchema.parse(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')));
    expect(result).toEqual(outcome.result);
    expect(result).toMatchObject({ run: outcome.run, explanation: '', model: { path: 'tiny.onnx' } });
    // What is named by its hash can be checked with any other tool.
    expect(result.original.sha256).toBe(sha256(readFileSync(join(folder, 'tiny.onnx'))));
    expect(result.optimized.sha256).toBe(sha256(readFileSync(join(out, 'optimized.onnx'))));
    expect(result.stages.map(({ name }) => name)).toEqual(['connect', 'profile', 'search', 'report']);

    const store = openBeside(folder);
    expect(store.runs.get(outcome.run)).toMatchObject({
      state: 'improved',
      speedup: 2,
      accuracyChange: 0,
      out,
    });
    expect(store.measurements.list(outcome.run).filter(({ kind }) => kind === 'time')).toHaveLength(timings);
    expect(store.comparisons.list(outcome.run)).toMatchObject([{ purpose: 'final', speedup: 2 }]);
    expect(store.accuracies.list(outcome.run)).toHaveLength(2);
    expect(store.candidates.list(outcome.run)).toHaveLength(1);
    const [profiled] = store.measurements.list(outcome.run);
    expect(profiled?.kind).toBe('profile');
    expect(store.runs.get(outcome.run)?.elapsedSeconds).toBeGreaterThan(0);
    await until(() => isGone(enginePid(listener.events)));
    expect(unwrap(await app.history({ model: 'tiny.onnx' }))).toMatchObject([{ run: outcome.run }]);
    expect(unwrap(await app.history({ model: 'other.onnx' }))).toEqual([]);
  });

  test('delivers the user’s own file with the reason when nothing was found', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const outcome = unwrap(await app.optimize(callOf({ seed: behaviours.findsNothing }), listening()));
    const reason = { kind: 'noneFaster' };
    expect(outcome).toMatchObject({ improved: false, explanation: 'Nothing was faster.', reason });
    expect(openBeside(folder).runDetails.get(outcome.run)).toMatchObject({ reason });
    const out = join(folder, 'out', `tiny-${outcome.run}`);
    expect(readdirSync(out).sort()).toEqual(resultFiles);
    expect(readFileSync(join(out, 'optimized.onnx'))).toEqual(readFileSync(join(folder, 'tiny.onnx')));
    expect(outcome.result.optimized.sha256).toBe(outcome.result.original.sha256);
    expect(openBeside(folder).runs.get(outcome.run)).toMatchObject({
      state: 'no improvement',
      speedup: null,
    });
  });

  test('touches nothing where there are files already, and begins no run', async () => {
    const folder = workFolder();
    mkdirSync(join(folder, 'full'));
    writeFileSync(join(folder, 'full', 'mine.txt'), 'mine');
    const app = await openApp(folder);
    const refused = await app.optimize(callOf({ out: 'full' }), listening());
    expect(errorOf(refused)).toEqual({ kind: 'outputExists', path: join(folder, 'full') });
    expect(readdirSync(join(folder, 'full'))).toEqual(['mine.txt']);
    expect(unwrap(await app.history({}))).toEqual([]);
  });

  test('fills an empty folder that is there', async () => {
    const folder = workFolder();
    mkdirSync(join(folder, 'empty'));
    const app = await openApp(folder);
    unwrap(await app.optimize(callOf({ out: 'empty' }), listening()));
    expect(readdirSync(join(folder, 'empty')).sort()).toEqual(resultFiles);
  });

  test('says that the engine died, with its last words, and leaves no output', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const listener = listening();
    const died = await app.optimize(callOf({ seed: behaviours.dies, out: 'results' }), listener);
    expect(errorOf(died)).toEqual({ kind: 'engineDied', reason: 'TypeError: no such thing' });
    expect(readdirSync(folder).sort()).toEqual(['data.npz', 'state', 'tiny.onnx']);
    expect(openBeside(folder).runs.get(runOf(listener.events))?.state).toBe('failed');
    expect(findProcesses(stateOf(folder))).toEqual([]);
  });

  test('throws a bug of the engine as a bug, and gives the run up', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const listener = listening();
    await expect(app.optimize(callOf({ seed: behaviours.hasABug }), listener)).rejects.toThrow(
      'a bug of the engine',
    );
    expect(openBeside(folder).runs.get(runOf(listener.events))?.state).toBe('failed');
    expect(findProcesses(stateOf(folder))).toEqual([]);
  });

  test('fault 21: stops an engine that does not stop by itself, and the runner with it', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const listener = listening((event) => {
      if (event.kind === 'stageStarted' && event.stage === 'profile') listener.controller.abort();
    });
    const call = callOf({ seed: behaviours.goesOnForever, out: 'results' });
    expect(errorOf(await app.optimize(call, listener))).toEqual({ kind: 'cancelled' });
    const run = runOf(listener.events);
    expect(openBeside(folder).runs.get(run)?.state).toBe('cancelled');
    expect(existsSync(join(folder, 'results'))).toBe(false);
    expect(isGone(enginePid(listener.events))).toBe(true);
    expect(findProcesses(stateOf(folder))).toEqual([]);
  });

  test('refuses a model and data that are not there before it connects', async () => {
    const folder = workFolder();
    const app = await openApp(folder, {
      connectBoard: async () => {
        throw new Error('The board was connected');
      },
    });
    const listener = listening();
    expect(errorOf(await app.optimize(callOf({ modelPath: 'no.onnx' }), listener))).toMatchObject({
      kind: 'modelMissing',
      path: 'no.onnx',
    });
    expect(errorOf(await app.optimize(callOf({ dataPath: 'no' }), listener))).toMatchObject({
      kind: 'dataMissing',
      path: 'no',
    });
    expect(listener.events).toEqual([]);
  });
});

describe('resume', () => {
  /** Runs until the engine's n-th timing and cancels there. */
  async function interrupted(folder: string, afterTimings: number): Promise<string> {
    const app = await openApp(folder);
    const listener = listening((event) => {
      if (event.kind === 'progress' && event.stage === 'search' && event.done === afterTimings)
        listener.controller.abort();
    });
    expect(errorOf(await app.optimize(callOf({ out: 'results' }), listener))).toEqual({ kind: 'cancelled' });
    return runOf(listener.events);
  }

  test('goes on with a cancelled run without measuring again what was measured', async () => {
    const folder = workFolder();
    const run = await interrupted(folder, 4);
    const store = openBeside(folder);
    const before = store.measurements.list(run);
    let timed = 0;
    const app = await openApp(folder, {
      connectBoard: async (...args) => {
        const connected = await connectBoard(...args);
        if (!connected.ok) return connected;
        const { time } = connected.value;
        return {
          ok: true,
          value: {
            ...connected.value,
            time: (...request) => {
              timed++;
              return time(...request);
            },
          },
        };
      },
    });
    const outcome = unwrap(await app.resume(run, listening()));
    expect(outcome).toMatchObject({ run, improved: true });
    const isTime = ({ kind }: { readonly kind: string }) => kind === 'time';
    const after = store.measurements.list(run);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.filter(isTime)).toHaveLength(timings);
    expect(timed).toBe(timings - before.filter(isTime).length);
    expect(timed).toBeLessThan(timings);
    expect(readdirSync(join(folder, 'results')).sort()).toEqual(resultFiles);
    expect(errorOf(await app.resume(run, listening()))).toEqual({ kind: 'runFinished', run });
  });

  test('refuses a run whose model or data has changed since', async () => {
    const folder = workFolder();
    const run = await interrupted(folder, 2);
    const app = await openApp(folder);
    writeFileSync(join(folder, 'data.npz'), 'other data');
    expect(errorOf(await app.resume(run, listening()))).toEqual({
      kind: 'inputChanged',
      run,
      path: 'data.npz',
    });
    writeFileSync(join(folder, 'data.npz'), 'data');
    const model = readFileSync(join(folder, 'tiny.onnx'));
    writeFileSync(join(folder, 'tiny.onnx'), makeDenseModel(16, 3).bytes);
    expect(errorOf(await app.resume(run, listening()))).toEqual({
      kind: 'inputChanged',
      run,
      path: 'tiny.onnx',
    });
    writeFileSync(join(folder, 'tiny.onnx'), model);
    expect(unwrap(await app.resume(run, listening())).improved).toBe(true);
  });

  test('measures again, and says so, on another board than the run began on', async () => {
    const folder = workFolder();
    const run = await interrupted(folder, 4);
    const app = await openApp(folder, {
      connectBoard: async (...args) => {
        const connected = await connectBoard(...args);
        if (!connected.ok) return connected;
        const identity = { ...connected.value.identity, id: 'another', name: 'another' };
        return { ok: true, value: { ...connected.value, identity } };
      },
    });
    const before = openBeside(folder)
      .measurements.list(run)
      .filter(({ kind }) => kind === 'time').length;
    const listener = listening();
    unwrap(await app.resume(run, listener));
    expect(listener.events).toContainEqual({
      kind: 'warning',
      warning: { kind: 'otherBoard', board: 'another' },
    });
    const times = openBeside(folder)
      .measurements.list(run)
      .filter(({ kind }) => kind === 'time');
    expect(times).toHaveLength(before + timings);
  });

  test('knows no run of another name', async () => {
    const app = await openApp(workFolder());
    expect(errorOf(await app.resume('none', listening()))).toEqual({ kind: 'runUnknown', run: 'none' });
  });
});
