import { beforeEach, describe, expect, test } from 'vitest';
import type { Store } from '../../electron/store/open-store.ts';
import type { RunQuery } from '../../electron/store/run-pages.ts';
import type { TrendFigures } from '../../electron/store/trend.ts';
import { identity, openedStore, Sqlite, shaA, shaB, unwrap } from './store-setup.ts';

const bench = 'ssh://pi@bench:22';
const figures: TrendFigures = {
  originalUs: 10,
  optimizedUs: 5,
  speedup: 2,
  speedupInterval95: [1.9, 2.1],
  accuracyChange: -0.5,
  boardId: identity.id,
  boardName: identity.name,
  os: identity.os,
  runtimeVersion: identity.runtimeVersion,
  threads: 1,
  governor: 'performance',
};

let store: Store;
/** Runs in the order of their start, a minute apart. */
let runs: Record<'fast' | 'slow' | 'failed' | 'working' | 'killed', string>;

beforeEach(() => {
  let minutes = 0;
  store = openedStore(undefined, { now: () => new Date(Date.UTC(2026, 10, 25, 4, minutes, 0)) });
  unwrap(
    store.models.save({ sha256: shaA, name: 'Zebra', path: '/m/zebra.onnx', sizeBytes: 1, parameters: 1 }),
  );
  unwrap(store.models.save({ sha256: shaB, name: 'apple', path: '/m/犬.onnx', sizeBytes: 1, parameters: 1 }));
  unwrap(store.boards.save(identity, bench));
  const start = (modelSha256: string, boardAddress: string): string => {
    minutes += 1;
    const run = unwrap(store.runs.create({ request: {}, modelSha256, boardAddress, out: 'o', seed: 1 }));
    return run;
  };
  const onBench = (run: string): string => {
    unwrap(store.runs.setBoard(run, identity));
    return run;
  };
  runs = {
    // As typed, without the port: its board is known by the address in full.
    fast: onBench(start(shaA, 'ssh://pi@bench')),
    slow: onBench(start(shaB, bench)),
    failed: start(shaB, 'local'),
    working: start(shaA, 'local'),
    killed: start(shaA, 'local'),
  };
  const ends = { speedup: 2, accuracyChange: -0.5, trend: [figures] };
  unwrap(store.runs.setState(runs.fast, 'improved', ends));
  unwrap(store.runs.setState(runs.slow, 'no improvement', { trend: [{ ...figures, governor: null }] }));
  unwrap(store.runs.setState(runs.failed, 'failed'));
  const db = new Sqlite(store.path);
  // The largest number there can be is above every system's limit.
  db.prepare('UPDATE runs SET owner_pid = ?, owner_started = NULL WHERE id = ?').run(2 ** 30, runs.killed);
  db.close();
});

const found = (query: Partial<RunQuery>): string[] => {
  const names = Object.fromEntries(Object.entries(runs).map(([name, run]) => [run, name]));
  return store.findRuns({ offset: 0, limit: 100, ...query }).rows.map(({ run }) => names[run] ?? run);
};

describe('A page of runs', () => {
  test.each<[string, Partial<RunQuery>, string[]]>([
    ['everything, the newest first', {}, ['killed', 'working', 'failed', 'slow', 'fast']],
    ['a word of the model’s name in another case', { search: 'ZEB' }, ['killed', 'working', 'fast']],
    ['a word of the model’s path', { search: '犬' }, ['failed', 'slow']],
    ['a word of the board’s name', { search: 'bench pi' }, ['slow', 'fast']],
    ['several words, each somewhere', { search: 'apple bench' }, ['slow']],
    ['words that are no pattern', { search: '%' }, []],
    ['a board by its address in full', { addresses: [bench] }, ['slow', 'fast']],
    ['a model by its sha256', { model: shaB }, ['failed', 'slow']],
    ['a model by its path', { model: '/m/zebra.onnx' }, ['killed', 'working', 'fast']],
    ['a state', { state: 'failed' }, ['failed']],
    ['those that run', { state: 'running' }, ['working']],
    ['those that were interrupted', { state: 'interrupted' }, ['killed']],
    [
      'a time, both ends included',
      { since: '2026-11-25T04:02:00.000Z', until: '2026-11-25T04:03:00.000Z' },
      ['failed', 'slow'],
    ],
    ['the oldest first', { descending: false }, ['fast', 'slow', 'failed', 'working', 'killed']],
    [
      'by speed-up, those without one last',
      { sort: 'speedup', descending: true },
      ['fast', 'killed', 'working', 'failed', 'slow'],
    ],
    [
      'by speed-up upwards, those without one last too',
      { sort: 'speedup' },
      ['fast', 'killed', 'working', 'failed', 'slow'],
    ],
    ['by accuracy', { sort: 'accuracyChange' }, ['fast', 'killed', 'working', 'failed', 'slow']],
    ['by model, without regard to case', { sort: 'model' }, ['failed', 'slow', 'killed', 'working', 'fast']],
    ['by board', { sort: 'board', descending: true }, ['killed', 'working', 'failed', 'slow', 'fast']],
    [
      'all filters at once',
      { search: 'zebra', addresses: [bench], model: 'Zebra', state: 'improved' },
      ['fast'],
    ],
  ])('has %s.', (_what, query, expected) => {
    expect(found(query)).toEqual(expected);
    expect(store.findRuns({ offset: 0, limit: 1, ...query }).total).toBe(expected.length);
  });

  test('is a part of what was found, with the number of all.', () => {
    expect(found({ offset: 1, limit: 2 })).toEqual(['working', 'failed']);
    expect(store.findRuns({ offset: 4, limit: 2 })).toMatchObject({ total: 5, rows: [{ run: runs.fast }] });
    expect(store.findRuns({ offset: 9, limit: 2 })).toEqual({ total: 5, rows: [] });
    expect(store.findRuns({ search: 'zebra', offset: 9, limit: 2 })).toEqual({ total: 3, rows: [] });
  });

  test('leaves out what was deleted, and so do the history and the trend.', () => {
    unwrap(store.runRemoval.remove([runs.fast]));
    expect(found({})).toEqual(['killed', 'working', 'failed', 'slow']);
    expect(store.runs.list().map(({ run }) => run)).not.toContain(runs.fast);
    expect(store.trend('Zebra')).toEqual([]);
  });
});

test('The trend has the finished runs of a model, by its sha256, name or path, on all boards or on one.', () => {
  expect(store.trend(shaA)).toEqual([{ ...figures, run: runs.fast, startedAt: '2026-11-25T04:01:00.000Z' }]);
  expect(store.trend('apple')).toMatchObject([{ run: runs.slow, governor: null }]);
  expect(store.trend('/m/zebra.onnx', [bench])).toHaveLength(1);
  expect(store.trend('/m/zebra.onnx', ['local'])).toEqual([]);
  expect(store.trend('nothing')).toEqual([]);
});

test('A run on several boards is found by each of them, and has a point of each in the trend.', () => {
  const second = { ...identity, id: 'second', name: 'Second' };
  unwrap(store.boards.save(second, 'ssh://pi@second:22'));
  unwrap(store.runs.setBoard(runs.working, identity, ['second']));
  // Once more when the run goes on.
  unwrap(store.runs.setBoard(runs.working, identity, ['second']));
  const ofSecond = { ...figures, boardId: 'second', boardName: 'Second', originalUs: 99 };
  unwrap(store.runs.setState(runs.working, 'improved', { trend: [figures, ofSecond] }));
  expect(found({ addresses: ['ssh://pi@second:22'] })).toEqual(['working']);
  expect(found({ addresses: [bench] })).toEqual(['working', 'slow', 'fast']);
  const pointsAt = (addresses?: readonly string[]) =>
    store
      .trend(shaA, addresses)
      .filter(({ run }) => run === runs.working)
      .map(({ originalUs }) => originalUs);
  expect(pointsAt(['ssh://pi@second:22'])).toEqual([99]);
  expect(pointsAt([bench])).toEqual([figures.originalUs]);
  expect(pointsAt().toSorted((a, b) => a - b)).toEqual([figures.originalUs, 99].toSorted((a, b) => a - b));
});
