import { readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../electron/app/app.ts';
import { trialBefore } from '../../electron/app/deploy-trial.ts';
import type { Api } from '../../electron/contract/api.ts';
import type { TrialVerdict } from '../../electron/contract/trial.ts';
import { openStore, type Store } from '../../electron/store/open-store.ts';
import {
  activeOf,
  deployCall,
  makeScene,
  person,
  quickParts,
  type Scene,
  sha256Of,
  standInBoard,
} from '../board/deployment/deployment-setup.ts';
import { sampleTrial } from '../cli/sample-results.ts';
import { errorOf, unwrap } from './app-setup.ts';

const rejection = { decision: 'rejected', by: 'Sato', note: 'wrong at night' } as const;

/** A scene with A as a plain file, an app, and the store that it reads. */
async function trialScene(): Promise<{ readonly scene: Scene; readonly app: Api; readonly store: Store }> {
  const scene = makeScene();
  writeFileSync(scene.path, scene.a);
  const app = unwrap(await createApp({ stateFolder: scene.state, cwd: scene.folder, ...quickParts(scene) }));
  onTestFinished(() => app.close());
  const store = unwrap(openStore(scene.state));
  onTestFinished(() => store.close());
  unwrap(store.boards.save(standInBoard, 'local'));
  unwrap(store.boards.save({ ...standInBoard, id: 'another', name: 'Another' }, 'ssh://pi@h'));
  return { scene, app, store };
}

/** Keeps a trial of B in A's shadow on a day of November, with what a person decided on it. */
function holdTrial(
  store: Store,
  scene: Scene,
  day: number,
  verdict: Omit<TrialVerdict, 'trial'> | null,
  { on = standInBoard.id, a = scene.a }: { readonly on?: string; readonly a?: Uint8Array } = {},
): void {
  const trial = `t-${day}`;
  const { state: _, decision: __, ...sample } = sampleTrial;
  const held = { ...sample, trial, boardId: on, startedAt: `2026-11-${day}T10:00:00.000Z` };
  const models = {
    a: { path: 'a.onnx', sha256: sha256Of(a) },
    b: { path: 'b.onnx', sha256: sha256Of(scene.b) },
  };
  unwrap(store.trials.save({ ...held, ...models }));
  if (verdict) unwrap(store.trials.decide({ ...verdict, trial }));
}

describe('a deployment', () => {
  test('shows the latest trial of the new model against the one there, of this board alone', async () => {
    const { scene, app, store } = await trialScene();
    const planned = async () => {
      const someone = person(false);
      expect(errorOf(await app.deploy(deployCall(scene), someone))).toEqual({ kind: 'cancelled' });
      return someone.plans[0]?.trial;
    };
    holdTrial(store, scene, 10, rejection, { on: 'another' });
    expect(await planned()).toBeNull();
    holdTrial(store, scene, 11, null);
    expect(await planned()).toEqual({ trial: 't-11', state: 'awaiting approval', decision: null });
    holdTrial(store, scene, 12, { decision: 'approved', by: 'Kim', note: '' });
    // An older one that was rejected later is not the latest.
    unwrap(store.trials.decide({ ...rejection, trial: 't-11' }));
    expect(await planned()).toMatchObject({ trial: 't-12', state: 'approved', decision: { by: 'Kim' } });
    const { trial } = unwrap(await app.deploy(deployCall(scene), person()));
    expect(trial).toMatchObject({ trial: 't-12', state: 'approved' });
    // What goes back has no trial to wait for.
    const back = person();
    const call = { board: { address: 'local' }, path: scene.path, breakLock: false };
    expect(unwrap(await app.rollback(call, back)).trial).toBeNull();
    expect(back.plans).toMatchObject([{ trial: null }]);
  });

  test('looks for trials of the run, of the run’s original and of what is at the path, and takes the newest', async () => {
    const { scene, store } = await trialScene();
    const subject = { run: null, originalSha256: sha256Of(scene.a), sha256: sha256Of(scene.b) };
    const newest = (there: Uint8Array | null, more: Partial<typeof subject> = {}) =>
      trialBefore(store, { ...subject, ...more }, there && sha256Of(there), standInBoard.id)?.trial;
    expect(newest(scene.c)).toBeUndefined();
    holdTrial(store, scene, 12, null, { a: scene.c });
    expect(newest(null)).toBeUndefined();
    expect(newest(scene.c)).toBe('t-12');
    holdTrial(store, scene, 11, null);
    expect(newest(null)).toBe('t-11');
    expect(newest(scene.c)).toBe('t-12');
    holdTrial(store, scene, 13, null);
    expect(newest(scene.c)).toBe('t-13');
    expect(newest(scene.c, { originalSha256: sha256Of(scene.b) })).toBe('t-12');
  });

  test('of a model whose trial was rejected is refused before anybody is asked, unless it is to be there despite it', async () => {
    const { scene, app, store } = await trialScene();
    holdTrial(store, scene, 12, rejection);
    const someone = person();
    expect(errorOf(await app.deploy(deployCall(scene), someone))).toMatchObject({
      ...{ kind: 'deployTrialRejected', board: 'local', path: scene.path, trial: 't-12' },
      ...{ by: 'Sato', note: 'wrong at night' },
    });
    expect(someone.plans).toEqual([]);
    expect(activeOf(scene)).toBe(sha256Of(scene.a));
    expect(readdirSync(dirname(scene.path))).toEqual(['model.onnx']);
    const result = unwrap(await app.deploy(deployCall(scene, { despiteTrial: true }), someone));
    expect(someone.plans).toMatchObject([{ trial: { state: 'rejected', decision: { by: 'Sato' } } }]);
    expect(result).toMatchObject({ active: sha256Of(scene.b), trial: { trial: 't-12', state: 'rejected' } });
  });

  test('that is rejected while the person thinks is not made', async () => {
    const { scene, app, store } = await trialScene();
    holdTrial(store, scene, 12, null);
    const thinking = person(() => store.trials.decide({ ...rejection, trial: 't-12' }).ok);
    expect(errorOf(await app.deploy(deployCall(scene), thinking))).toMatchObject({
      kind: 'deployTrialRejected',
    });
    expect(activeOf(scene)).toBe(sha256Of(scene.a));
    expect(readdirSync(dirname(scene.path))).toEqual(['model.onnx']);
  });
});
