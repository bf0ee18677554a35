import { expect, test } from 'vitest';
import type { Experience } from '../../electron/store/experiences.ts';
import { identity, newRun, openedStore, shaA, trial, unwrap } from './store-setup.ts';

const here = { boardId: identity.id, runtimeVersion: identity.runtimeVersion };
const anybody = { run: '', ...here };
const told = (experiences: readonly Experience[]) =>
  experiences.map(({ where, latencyUs, ageDays }) => [where, latencyUs, ageDays]);

test('What a run tried comes back whole, with its age, to every other run.', () => {
  let now = new Date('2026-11-20T00:00:00Z');
  const store = openedStore(undefined, { now: () => now });
  unwrap(store.boards.save(identity, 'local'));
  const run = newRun(store);
  unwrap(store.experiences.save(run, here, [trial]));
  now = new Date('2026-11-22T12:00:00Z');
  expect(store.experiences.newest(anybody)).toEqual([{ ...trial, where: 'here', ageDays: 2.5 }]);
  expect(store.experiences.newest({ ...here, run })).toEqual([]);
});

test('A resumed run that tries the same again has it once, with what it knows of it last.', () => {
  const store = openedStore();
  unwrap(store.boards.save(identity, 'local'));
  const run = newRun(store);
  unwrap(store.experiences.save(run, here, [trial, { ...trial, structure: shaA }]));
  unwrap(store.experiences.save(run, here, [{ ...trial, damage: 0.2 }]));
  const found = store.experiences.newest(anybody);
  expect(found.map(({ structure, damage }) => [structure, damage])).toEqual([
    [trial.structure, 0.2],
    [shaA, null],
  ]);
});

test('The own board comes first, each the newest first, and says with which runtime.', () => {
  let minutes = 0;
  const store = openedStore(undefined, { now: () => new Date(Date.UTC(2026, 10, 25, 0, minutes)) });
  const other = { ...identity, id: 'other' };
  for (const board of [identity, other]) unwrap(store.boards.save(board, 'local'));
  const save = (boardId: string, runtimeVersion: string, latencyUs: number): void => {
    minutes += 1;
    unwrap(store.experiences.save(newRun(store), { boardId, runtimeVersion }, [{ ...trial, latencyUs }]));
  };
  save(identity.id, '1.29.0', 1);
  save(identity.id, identity.runtimeVersion, 2);
  save('other', identity.runtimeVersion, 3);
  save('other', identity.runtimeVersion, 4);
  minutes = 4;
  expect(told(store.experiences.newest(anybody)).map(([where, us]) => [where, us])).toEqual([
    ['here', 2],
    ['otherRuntime', 1],
    ['elsewhere', 4],
    ['elsewhere', 3],
  ]);
});

test('A time of nothing is refused: it would be learned from.', () => {
  const store = openedStore();
  unwrap(store.boards.save(identity, 'local'));
  const run = newRun(store);
  expect(() => store.experiences.save(run, here, [{ ...trial, latencyUs: 0 }])).toThrow(/CHECK/);
});
