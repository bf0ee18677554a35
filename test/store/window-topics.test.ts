import { expect, test } from 'vitest';
import type { ProfileResult } from '../../electron/contract/api.ts';
import type { RunDetails } from '../../electron/contract/views.ts';
import { identity, newRun, openedStore, Sqlite, shaA, shaB, temporaryFolder, unwrap } from './store-setup.ts';

/** A clock that goes on by a second each time it is looked at. */
function ticking(): () => Date {
  let seconds = 0;
  return () => new Date(Date.UTC(2026, 10, 25, 4, 0, seconds++));
}

const model = { sha256: shaA, name: 'net', path: '/m/net.onnx', sizeBytes: 100, parameters: 25 };

test('Settings come back as they were saved, one by one.', () => {
  const folder = temporaryFolder();
  const store = openedStore(folder);
  expect(store.settings.get()).toEqual({});
  unwrap(store.settings.save({ theme: 'dark', threads: 2 }));
  unwrap(store.settings.save({ theme: 'light' }));
  expect(openedStore(folder).settings.get()).toEqual({ theme: 'light', threads: 2 });
});

test('Data is listed by its last use, and keeps its name until a better one is known.', () => {
  const store = openedStore(undefined, { now: ticking() });
  unwrap(store.recentData.use('/d/one', null, 'one'));
  unwrap(store.recentData.use('/d/two', 'Two', 'two'));
  unwrap(store.recentData.use('/d/one', 'One', 'one'));
  unwrap(store.recentData.use('/d/one', null, 'one'));
  expect(store.recentData.list(10).map(({ path, name }) => [path, name])).toEqual([
    ['/d/one', 'One'],
    ['/d/two', 'Two'],
  ]);
  expect(store.recentData.list(1)).toHaveLength(1);
});

test('A remembered board keeps its name; a forgotten one is hidden until it is seen again.', () => {
  const store = openedStore(undefined, { now: ticking() });
  const address = 'ssh://pi@bench:22';
  unwrap(store.boards.remember({ address, name: 'Old' }));
  unwrap(store.boards.remember({ address, name: 'New' }));
  expect(store.boards.listRemembered()).toEqual([{ address, name: 'New' }]);
  unwrap(store.boards.save(identity, address));
  unwrap(store.boards.forget(address));
  expect(store.boards.listRemembered()).toEqual([]);
  expect(store.boards.list()).toEqual([]);
  // Runs still know it.
  expect(store.boards.get(identity.id)?.identity).toEqual(identity);
  unwrap(store.boards.save(identity, address));
  expect(store.boards.list()).toHaveLength(1);
});

test('A forgotten board is there again with all that is known of it when its address is remembered anew.', () => {
  const store = openedStore(undefined, { now: ticking() });
  const address = 'ssh://pi@bench:22';
  unwrap(store.boards.save(identity, address));
  unwrap(store.boards.forget(address));
  unwrap(store.boards.remember({ address, name: '' }));
  expect(store.boards.list()).toMatchObject([{ identity, address }]);
});

test('Used models are listed by their last use, a path once; what a run made is not listed until it is opened.', () => {
  const store = openedStore(undefined, { now: ticking() });
  const made = { ...model, sha256: shaB, name: 'net (optimized)', path: '/out/optimized.onnx' };
  const changed = { ...model, sha256: 'c'.repeat(64) };
  unwrap(store.models.save(model));
  unwrap(store.models.saveMade(made));
  expect(store.models.listUsed(10)).toMatchObject([model]);
  expect(store.models.get(shaB)).toEqual(made);
  unwrap(store.models.save(changed));
  expect(store.models.listUsed(10)).toMatchObject([changed]);
  unwrap(store.models.save(made));
  expect(store.models.listUsed(10).map(({ sha256 }) => sha256)).toEqual([shaB, changed.sha256]);
  // Made again by another run, an opened model keeps its place and its last use.
  unwrap(store.models.saveMade({ ...made, name: 'other' }));
  expect(store.models.listUsed(1)).toMatchObject([made]);
});

test('The newest profile of a model is found, on any board or on one.', () => {
  const store = openedStore();
  const other = { ...identity, id: 'decade' };
  unwrap(store.models.save(model));
  unwrap(store.boards.save(identity, 'local'));
  unwrap(store.boards.save(other, 'ssh://pi@bench:22'));
  const profile = (calls: number, board = identity) =>
    ({ board, modelSha256: shaA, calls, operators: [{ name: 'conv' }] }) as unknown as ProfileResult;
  expect(store.profiles.newest(shaA)).toBeUndefined();
  unwrap(store.profiles.save(profile(1), 'local'));
  unwrap(store.profiles.save(profile(2), 'local'));
  unwrap(store.profiles.save(profile(3, other), 'ssh://pi@bench:22'));
  expect(store.profiles.newest(shaA)).toEqual(profile(3, other));
  expect(store.profiles.newest(shaA, ['local'])).toEqual(profile(2));
  expect(store.profiles.newest(shaA, ['ssh://x@y:22'])).toBeUndefined();
  expect(store.profiles.newest(shaB)).toBeUndefined();
});

test('The details of a run come back whole, and lie compressed.', () => {
  const folder = temporaryFolder();
  const store = openedStore(folder);
  const run = newRun(store);
  const callsUs = Array.from({ length: 2000 }, (_, n) => 1000 + (n % 50));
  const details: RunDetails = {
    callsUs: { a: callsUs, b: callsUs },
    blockRatios: [1.5],
    noiseFloor: 0.01,
    pairs: 40,
    conditions: { governor: null, temperatureC: 50, clockMHz: [1500], throttled: null, load1: 0.1 },
    optimizedOperators: [],
    profilingOverhead: 1.1,
    unexplainedUs: -3,
    points: [],
    disagreements: [{ sample: 3, label: null, a: 1, b: 2 }],
    disagreementCount: 1,
  };
  expect(store.runDetails.get(run)).toBeUndefined();
  unwrap(store.runDetails.save(run, { ...details, pairs: 1 }));
  unwrap(store.runDetails.save(run, details));
  expect(store.runDetails.get(run)).toEqual(details);
  const db = new Sqlite(store.path, { readonly: true });
  const length = Number(db.prepare('SELECT length(details) FROM run_details').pluck().get());
  db.close();
  expect(length).toBeLessThan(JSON.stringify(details).length / 4);
});

test('The size of the blobs follows what comes and goes.', () => {
  const folder = temporaryFolder();
  const store = openedStore(folder);
  expect(store.blobs.usedBytes()).toBe(0);
  const first = unwrap(store.blobs.put(new Uint8Array(1000).fill(1)));
  expect(store.blobs.usedBytes()).toBe(1000);
  for (let n = 2; n < 40; n++) unwrap(store.blobs.put(new Uint8Array(100).fill(n)));
  expect(store.blobs.usedBytes()).toBe(1000 + 38 * 100);
  unwrap(store.blobs.remove([first, shaA]));
  expect(store.blobs.has(first)).toBe(false);
  expect(store.blobs.usedBytes()).toBe(38 * 100);
  expect(() => store.blobs.remove(['../../etc/passwd'])).toThrow('Not a sha256');
});
