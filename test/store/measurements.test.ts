import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { measurementKey } from '../../electron/store/measurements.ts';
import { newRun, openedStore, shaA, unwrap } from './store-setup.ts';

test('What was recorded is recalled by run and key, with a growing sequence number and its time.', () => {
  let seconds = 0;
  const store = openedStore(undefined, { now: () => new Date(Date.UTC(2026, 10, 25, 4, 0, seconds++)) });
  const run = newRun(store);
  const other = newRun(store);
  const keys = [1, 2, 3].map((i) => measurementKey('time', { i }));
  const sequences = keys.map((key, i) => unwrap(store.measurements.record(run, key, 'time', { i })));
  expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  expect(new Set(sequences).size).toBe(3);
  expect(store.measurements.recall(run, keys[1] ?? '')).toEqual({ i: 1 });
  expect(store.measurements.recall(other, keys[1] ?? '')).toBeUndefined();
  const times = store.measurements.list(run).map((row) => row.recordedAt);
  expect(times).toEqual([...times].sort());
  expect(new Set(times).size).toBe(3);
});

test('A recorded null is told apart from work that is still to do.', () => {
  const store = openedStore();
  const run = newRun(store);
  const key = measurementKey('peakMemory', {});
  expect(store.measurements.recall(run, key)).toBeUndefined();
  unwrap(store.measurements.record(run, key, 'peakMemory', null));
  expect(store.measurements.recall(run, key)).toBeNull();
});

test('A finished measurement cannot be recorded twice in a run.', () => {
  const store = openedStore();
  const run = newRun(store);
  const key = measurementKey('time', {});
  unwrap(store.measurements.record(run, key, 'time', 1));
  expect(() => store.measurements.record(run, key, 'time', 2)).toThrow(/UNIQUE/);
  expect(store.measurements.recall(run, key)).toBe(1);
  expect(store.measurements.list(run)).toHaveLength(1);
});

test('A measurement cannot name bytes that were never put, or a run that is not there.', () => {
  const store = openedStore();
  const run = newRun(store);
  const key = measurementKey('fit', {});
  expect(() => store.measurements.record(run, key, 'fit', {}, shaA)).toThrow('No blob');
  expect(() => store.measurements.record('nope', key, 'fit', {})).toThrow(/FOREIGN KEY/);
  const blob = unwrap(store.blobs.put(new Uint8Array([1, 2])));
  unwrap(store.measurements.record(run, key, 'fit', {}, blob));
  expect(store.measurements.find(run, key)?.blobSha256).toBe(blob);
});

test('The key of a request does not depend on the order of its properties, and does on everything else.', () => {
  const key = measurementKey('time', { sha256s: ['a', 'b'], settings: { threads: 1, level: 'all' } });
  expect(measurementKey('time', { settings: { level: 'all', threads: 1 }, sha256s: ['a', 'b'] })).toBe(key);
  for (const other of [
    measurementKey('profile', { sha256s: ['a', 'b'], settings: { threads: 1, level: 'all' } }),
    measurementKey('time', { sha256s: ['b', 'a'], settings: { threads: 1, level: 'all' } }),
    measurementKey('time', { sha256s: ['a,b'], settings: { threads: 1, level: 'all' } }),
    measurementKey('time', { sha256s: ['a', 'b'], settings: { threads: '1', level: 'all' } }),
  ])
    expect(other).not.toBe(key);
});

test('Two plain requests have the same key exactly when they are equal.', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      // Through JSON first, which has one zero only.
      const equal = isDeepStrictEqual(JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b)));
      return (measurementKey('time', a) === measurementKey('time', b)) === equal;
    }),
  );
});

test('A request that is no plain data has no key.', () => {
  for (const request of [Number.NaN, undefined, { a: undefined }, new Float32Array(2), new Map(), () => 1])
    expect(() => measurementKey('time', request)).toThrow('plain data');
});
