import { expect, test } from 'vitest';
import { makeEngineHost } from '../../electron/app/engine-host.ts';
import type { OpenModel } from '../../electron/app/open-model.ts';
import type { Board } from '../../electron/board/board.ts';
import type { Store } from '../../electron/store/open-store.ts';
import { identity, newRun, openedStore, temporaryFolder, trial } from '../store/store-setup.ts';
import { listening, unwrap } from './app-setup.ts';

/** A host of a run on a board that is never asked to measure. */
function hostOf(store: Store, run: string) {
  const refuse = async (): Promise<never> => {
    throw new Error('Nothing was to be measured');
  };
  const board: Board = {
    identity,
    address: 'local',
    installedBytes: 0,
    putModels: refuse,
    time: refuse,
    profile: refuse,
    peakMemory: refuse,
    run: refuse,
    conditions: refuse,
    close: async () => undefined,
  };
  // Only looked at when something is measured.
  const model = {} as OpenModel;
  return makeEngineHost(store, { run, board, model, listener: listening() });
}

test('A run learns what others tried before, and the same when it is resumed, whatever came or went since.', async () => {
  const store = openedStore(temporaryFolder());
  unwrap(store.boards.save(identity, 'local'));
  const [first, second] = [newRun(store), newRun(store)];
  await hostOf(store, first).remember([trial]);
  const learned = await hostOf(store, second).experience();
  expect(learned).toMatchObject([{ ...trial, where: 'here' }]);

  await hostOf(store, second).remember([{ ...trial, latencyUs: 20 }]);
  await hostOf(store, first).remember([{ ...trial, structure: trial.baseline }]);
  expect(await hostOf(store, second).experience()).toEqual(learned);
  unwrap(store.runs.setState(first, 'failed'));
  unwrap(store.runRemoval.remove([first]));
  unwrap(await store.runRemoval.clean());
  expect(await hostOf(store, second).experience()).toEqual(learned);
  expect(await hostOf(store, newRun(store)).experience()).toMatchObject([{ latencyUs: 20 }]);
});
