import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AppOptions } from '../../electron/app/app.ts';
import { latestTrialOf } from '../../electron/app/trials.ts';
import type { Board } from '../../electron/board/board.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import type { TrialCall } from '../../electron/contract/trial.ts';
import { encodeNpy } from '../../electron/engine/data/npy.ts';
import type { TrialCounts, TrialPart, TrialRequest } from '../../electron/runner/protocol.ts';
import { makeOrderModel } from '../board/tiny-models.ts';
import { identity } from '../store/store-setup.ts';
import { errorOf, listening, openApp, openBeside, unwrap, workFolder } from './app-setup.ts';

const call: TrialCall = {
  models: { modelPathA: 'a.onnx', modelPathB: 'b.onnx' },
  ...{ board: { address: 'local' }, inputs: 'inputs', threads: 1 },
};

/** A folder with A, a B that says the same unless one of the last two is the largest, and inputs. */
function trialFolder(inputs: readonly number[]): string {
  const folder = workFolder();
  writeFileSync(join(folder, 'a.onnx'), makeOrderModel([0, 1, 2, 3]).bytes);
  writeFileSync(join(folder, 'b.onnx'), makeOrderModel([0, 1, 3, 2]).bytes);
  mkdirSync(join(folder, 'inputs'));
  for (const [index, largest] of inputs.entries()) {
    const values = Float32Array.from({ length: 4 }, (_, i) => (i === largest ? 5 : 0));
    writeFileSync(join(folder, 'inputs', `${index}.npy`), encodeNpy({ shape: [4], values }));
  }
  return folder;
}

const calls = { calls: 20, p50Us: 100, p90Us: 110, p99Us: 130 };
const counts: TrialCounts = {
  ...{ inputs: 20, agreed: 19, malformed: 0, failedB: 0, a: calls, b: calls },
  ...{ smallestCosine: 0.9, largestDifference: 1, by: 'top-1' },
};
const none: TrialCounts = { ...counts, inputs: 0, agreed: 0, by: null };
const disagreement = {
  ...{ input: 'x.npy', top1A: 1, top1B: 2, cosine: 0.9, largestDifference: 1 },
  ...{ outputA: [1, 2], outputB: [2, 1], reason: null },
};
const lost = { kind: 'boardLost', board: 'ssh://pi@10.0.0.7:22', reason: 'unplugged' } as const;

/** An app on a board that tells these parts and then ends as `end` says. */
async function appOn(parts: readonly TrialPart[], end: () => ReturnType<Board['trial']>) {
  const folder = trialFolder([]);
  const asked: TrialRequest[] = [];
  const board = {
    identity,
    address: 'ssh://pi@10.0.0.7:22',
    installedBytes: 0,
    putModels: async () => ok(undefined),
    trial: async (request, onPart) => {
      asked.push(request);
      for (const part of parts) onPart(part);
      return end();
    },
    close: async () => undefined,
  } satisfies Partial<Board>;
  // The rest of a board is not asked for.
  const connectBoard = (async () => ok(board)) as unknown as NonNullable<AppOptions['connectBoard']>;
  return { app: await openApp(folder, { connectBoard }), asked, folder };
}
const remote: TrialCall = { ...call, board: { address: 'ssh://pi@10.0.0.7' }, inputs: '/srv/in' };
const part = (changes: Partial<TrialPart> = {}): TrialPart => ({
  ...{ counts, disagreements: [], malformed: [] },
  ...changes,
});

describe('a trial', () => {
  test('runs on this computer from beginning to approval, and is found by who deploys', async () => {
    const folder = trialFolder([0, 1, 2, 0, 0]);
    const app = await openApp(folder);
    const listener = listening();
    const trial = unwrap(await app.trial({ ...call, outputs: 'answers' }, listener));
    expect(trial).toMatchObject({
      ...{ state: 'awaiting approval', decision: null, ended: 'complete', run: null, address: 'local' },
      ...{ inputs: join(folder, 'inputs'), outputs: join(folder, 'answers') },
      counts: { inputs: 5, agreed: 4, malformed: 0, by: 'top-1' },
      agreementPercent: 80,
      disagreements: [{ input: '2.npy', top1A: 2, top1B: 3, outputA: [0, 0, 5, 0], outputB: [0, 0, 0, 5] }],
    });
    const [low, high] = trial.agreementInterval95;
    expect(low).toBeGreaterThan(30);
    expect(high).toBeLessThan(100);
    const events = listener.events.filter((event) => event.kind === 'trial');
    expect(events.at(-1)).toMatchObject({ progress: { counts: { inputs: 5 } } });
    expect(JSON.stringify(events)).not.toContain('outputA');

    const store = openBeside(folder);
    const of = { sha256A: trial.a.sha256, sha256B: trial.b.sha256 };
    expect(latestTrialOf(store, of, trial.boardId)?.state).toBe('awaiting approval');
    const verdict = { trial: trial.trial, decision: 'approved', by: ' Sato ', note: 'fine' } as const;
    const decided = unwrap(await app.query('trials.decide', verdict));
    expect(decided).toMatchObject({ state: 'approved', decision: { by: 'Sato', note: 'fine' } });
    expect(latestTrialOf(store, of, trial.boardId)).toMatchObject({ state: 'approved' });
    expect(latestTrialOf(store, of, null)?.trial).toBe(trial.trial);
    expect(latestTrialOf(store, of, 'another board')).toBeNull();
    expect(latestTrialOf(store, { run: 'r1' }, null)).toBeNull();
    expect(unwrap(await app.query('trials.list', { of })).map((card) => card.trial)).toEqual([trial.trial]);
    expect(unwrap(await app.query('trials.list', {}))[0]).not.toHaveProperty('disagreements.0.outputA');
    expect(errorOf(await app.query('trials.decide', verdict))).toMatchObject({ kind: 'trialDecided' });
  });

  test('is not approved by nobody', async () => {
    const folder = trialFolder([0]);
    const app = await openApp(folder);
    const { trial } = unwrap(await app.trial(call, listening()));
    const decision = await app.query('trials.decide', { trial, decision: 'approved', by: '  ', note: '' });
    expect(errorOf(decision)).toMatchObject({ kind: 'usage', option: '--by', value: '' });
    expect(unwrap(await app.query('trials.get', { trial })).state).toBe('awaiting approval');
  });

  test('says why there was nothing to run on', async () => {
    const folder = trialFolder([]);
    const app = await openApp(folder);
    writeFileSync(join(folder, 'inputs', 'photo.jpg'), 'not decoded here');
    expect(errorOf(await app.trial(call, listening()))).toEqual({
      kind: 'trialEmpty',
      board: 'local',
      folder: join(folder, 'inputs'),
      malformed: 1,
      example: 'photo.jpg: only .npy, .npz, .bin, .raw can be read; images have no decoder on the board',
    });
    expect(errorOf(await app.trial({ ...call, inputs: 'nowhere' }, listening()))).toMatchObject({
      kind: 'trialRefused',
      reason: expect.stringContaining('ENOENT'),
    });
    expect(openBeside(folder).trials.list()).toEqual([]);
  });

  test('keeps what was run when the link goes (fault 18)', async () => {
    const { app, asked } = await appOn([part({ disagreements: [disagreement] })], async () => fail(lost));
    const trial = unwrap(await app.trial(remote, listening()));
    expect(trial).toMatchObject({ ended: 'linkLost', reason: 'unplugged', counts: { inputs: 20 } });
    expect(trial.disagreements).toHaveLength(1);
    expect(asked[0]).toMatchObject({ inputs: '/srv/in', most: 0, watch: false, modelName: 'a.onnx' });
  });

  test('tells the failure where nothing was run before it', async () => {
    const { app, folder } = await appOn([], async () => fail(lost));
    expect(errorOf(await app.trial(remote, listening()))).toEqual(lost);
    expect(openBeside(folder).trials.list()).toEqual([]);
  });

  test('stopped, keeps what was run; stopped before anything was, is cancelled', async () => {
    const listener = listening();
    const stop = (found: TrialCounts) => async () => {
      listener.controller.abort();
      return ok({ ended: 'cancelled', counts: found, refused: '', failed: null, folder: '/f' } as const);
    };
    const some = await appOn([part()], stop(counts));
    expect(unwrap(await some.app.trial(remote, listener))).toMatchObject({ ended: 'stopped', folder: '/f' });
    const nothing = await appOn([], stop(none));
    expect(errorOf(await nothing.app.trial(remote, listening()))).toMatchObject({ kind: 'trialEmpty' });
    expect(errorOf(await nothing.app.trial(remote, listener))).toEqual({ kind: 'cancelled' });
  });

  test('keeps no more of what a board says than a trial holds (fault 16)', async () => {
    const flood = part({
      disagreements: Array.from({ length: 400 }, () => disagreement),
      malformed: Array.from({ length: 400 }, () => ({ file: 'x', reason: 'y' })),
    });
    const { app } = await appOn([flood, flood], async () =>
      ok({ ended: 'complete', counts, refused: '', failed: null, folder: '/f' }),
    );
    const trial = unwrap(await app.trial(remote, listening()));
    expect([trial.disagreements.length, trial.malformed.length]).toEqual([100, 100]);
  });

  test('names the model that the runtime refuses by its path', async () => {
    const failed = { model: 1, reason: 'no kernel' } as const;
    const { app } = await appOn([], async () =>
      ok({ ended: 'complete', counts: none, refused: '', failed, folder: '/f' }),
    );
    const expected = { kind: 'modelFailsToRun', path: 'b.onnx', reason: 'no kernel' };
    expect(errorOf(await app.trial(remote, listening()))).toEqual(expected);
  });

  test('does not connect for models that take different things, or for a run that is not there', async () => {
    const { app, asked, folder } = await appOn([], async () => fail(lost));
    writeFileSync(join(folder, 'wide.onnx'), makeOrderModel([0, 1, 2, 3, 4]).bytes);
    const wide = { ...remote, models: { modelPathA: 'a.onnx', modelPathB: 'wide.onnx' } };
    expect(errorOf(await app.trial(wide, listening()))).toMatchObject({ kind: 'modelsDiffer' });
    const unknown = { ...remote, models: { run: 'r-none' } };
    expect(errorOf(await app.trial(unknown, listening()))).toEqual({ kind: 'runUnknown', run: 'r-none' });
    expect(asked).toEqual([]);
  });
});
