import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { BoardGroup } from '../../electron/app/board-group.ts';
import { makeEngineHost } from '../../electron/app/engine-host.ts';
import { type OpenModel, openModel, storedModelOf } from '../../electron/app/open-model.ts';
import type { Board } from '../../electron/board/board.ts';
import { ok } from '../../electron/contract/result.ts';
import type { Store } from '../../electron/store/open-store.ts';
import { makeDenseModel } from '../board/tiny-models.ts';
import { identity, newRun, openedStore, Sqlite, temporaryFolder, trial } from '../store/store-setup.ts';
import { listening, unwrap } from './app-setup.ts';

/** A host of a run on a board that can do what is given, and is asked for nothing else. */
function hostOf(
  store: Store,
  run: string,
  able: Partial<Board> = {},
  model?: OpenModel,
  group: BoardGroup | null = null,
) {
  const refuse = async (): Promise<never> => {
    throw new Error('Nothing was to be measured');
  };
  const board: Board = {
    identity,
    address: 'local',
    installedBytes: 0,
    putModels: refuse,
    time: refuse,
    sustain: refuse,
    trial: refuse,
    profile: refuse,
    peakMemory: refuse,
    run: refuse,
    conditions: refuse,
    inventory: refuse,
    reading: refuse,
    energy: refuse,
    close: async () => undefined,
    ...able,
  };
  return makeEngineHost(store, {
    run,
    board,
    // Only looked at when something is measured.
    model: model ?? ({} as OpenModel),
    listener: listening(),
    group,
  });
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

test('A run on several boards learns as from other boards, and what it tried is not remembered as of one.', async () => {
  const store = openedStore(temporaryFolder());
  unwrap(store.boards.save(identity, 'local'));
  const [first, second] = [newRun(store), newRun(store)];
  await hostOf(store, first).remember([trial]);
  // Nothing is measured here.
  const host = hostOf(store, second, {}, undefined, {} as BoardGroup);
  expect(await host.experience()).toMatchObject([{ ...trial, where: 'elsewhere' }]);
  await host.remember([{ ...trial, latencyUs: 20 }]);
  expect(await hostOf(store, newRun(store)).experience()).toMatchObject([
    { latencyUs: trial.latencyUs, where: 'here' },
  ]);
});

test('Each round of a profile is measured once, and what is kept is one profile of all rounds.', async () => {
  const folder = temporaryFolder();
  const store = openedStore(folder);
  unwrap(store.boards.save(identity, 'local'));
  const run = newRun(store);
  writeFileSync(join(folder, 'tiny.onnx'), makeDenseModel(4, 1).bytes);
  const model = unwrap(openModel('tiny.onnx', folder));
  unwrap(store.models.save(storedModelOf(model)));
  let asked = 0;
  const able: Partial<Board> = {
    putModels: async () => ok(undefined),
    profile: async ({ iterations }) => {
      asked += 1;
      const callsUs = new Array<number>(iterations).fill(asked);
      const event = { name: 'dense0', type: 'Gemm', callsUs, outputBytes: 4, parameterBytes: 0 };
      const optimizedModel = new Uint8Array(0);
      return ok({ cleanUs: callsUs, instrumentedUs: callsUs, events: [event], optimizedModel });
    },
  };
  const host = hostOf(store, run, able, model);
  const request = { settings: { threads: 1, level: 'all' }, iterations: 10, warmupMs: 1 } as const;
  for (const round of [0, 1, 2]) unwrap(await host.profile(model.boardBytes, request, round));
  const again = unwrap(await hostOf(store, run, able, model).profile(model.boardBytes, request, 1));
  expect(asked).toBe(3);
  expect(again.cleanUs).toEqual(new Array(10).fill(2));
  expect(store.profiles.newest(model.sha256)).toMatchObject({ calls: 30, latencyUs: { p50: 2 } });
  expect(store.operators.list(run, model.boardSha256)[0]).toMatchObject({ latencyUs: 2 });
  const db = new Sqlite(store.path, { readonly: true });
  expect(db.prepare('SELECT count(*) FROM profiles').pluck().get()).toBe(1);
  db.close();
});
