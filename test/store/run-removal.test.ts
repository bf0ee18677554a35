import { expect, test } from 'vitest';
import {
  identity,
  newRun,
  openedStore,
  Sqlite,
  shaA,
  shaB,
  temporaryFolder,
  trial,
  unwrap,
} from './store-setup.ts';

const key = (n: number): string => n.toString(16).padStart(64, '0');

test('Deleted runs are out of sight as a whole, and come back as a whole.', () => {
  const store = openedStore();
  const [one, two] = [newRun(store), newRun(store)];
  for (const run of [one, two]) unwrap(store.runs.setState(run, 'cancelled'));
  expect(store.runRemoval.remove([one, 'nope'])).toEqual({
    ok: false,
    error: { kind: 'runUnknown', run: 'nope' },
  });
  expect(store.runRemoval.count()).toEqual({ runs: 2, deletedRuns: 0 });
  unwrap(store.runRemoval.remove([one, two]));
  unwrap(store.runRemoval.remove([one]));
  expect(store.runRemoval.count()).toEqual({ runs: 0, deletedRuns: 2 });
  expect(store.runs.list()).toEqual([]);
  expect(store.runs.get(one)).toBeUndefined();
  expect(store.runs.claim(one)).toEqual({ ok: false, error: { kind: 'runUnknown', run: one } });
  unwrap(store.runRemoval.restore([one, two]));
  expect(store.runs.get(one)?.state).toBe('cancelled');
  expect(store.runs.claim(one).ok).toBe(true);
});

test('A run that somebody works on cannot be deleted.', () => {
  const store = openedStore();
  const run = newRun(store);
  const refused = { ok: false, error: { kind: 'runInUse', run, pid: process.pid } };
  expect(store.runRemoval.remove([run])).toEqual(refused);
  expect(store.runs.get(run)?.state).toBe('running');
});

test('Cleaning removes deleted runs with all that only they needed, and nothing else.', async () => {
  const folder = temporaryFolder();
  const store = openedStore(folder);
  unwrap(store.boards.save(identity, 'local'));
  const blob = (text: string): string => unwrap(store.blobs.put(Buffer.from(text)));
  const [own, shared, made, kept] = ['own', 'shared', 'made', 'kept'].map(blob) as [
    string,
    string,
    string,
    string,
  ];
  const runs = [newRun(store), newRun(store)] as const;
  const on = { boardId: identity.id, runtimeVersion: identity.runtimeVersion };
  runs.forEach((run, index) => {
    unwrap(store.stages.start(run, 'search'));
    unwrap(store.experiences.save(run, on, [trial]));
    unwrap(store.measurements.record(run, key(1), 'fit', {}, shared));
    const { interval95, ...accuracy } = {
      metric: 'top-1',
      value: 1,
      samples: 1,
      interval95: [0, 2] as const,
    };
    for (const modelSha256 of [shaA, index === 0 ? made : kept])
      unwrap(store.accuracies.save(run, { modelSha256, split: 'verify', interval95, ...accuracy }));
    unwrap(store.runs.setState(run, 'failed'));
  });
  unwrap(store.measurements.record(runs[0], key(2), 'tune', {}, own));
  for (const sha256 of [made, kept])
    unwrap(store.models.saveMade({ sha256, name: 'm', path: '/o', sizeBytes: 1, parameters: 1 }));

  unwrap(await store.runRemoval.clean());
  expect(store.runRemoval.count()).toEqual({ runs: 2, deletedRuns: 0 });

  unwrap(store.runRemoval.remove([runs[0]]));
  unwrap(await store.runRemoval.clean());
  expect(store.runRemoval.count()).toEqual({ runs: 1, deletedRuns: 0 });
  expect(store.runRemoval.restore([runs[0]])).toMatchObject({ ok: false, error: { kind: 'runUnknown' } });
  expect([own, shared, made, kept].map((sha256) => store.blobs.has(sha256))).toEqual([
    false,
    true,
    false,
    true,
  ]);
  expect(store.models.get(made)).toBeUndefined();
  expect(store.models.get(kept)).toBeDefined();
  // The person used this one: it stays in the list of models.
  expect(store.models.get(shaA)).toBeDefined();
  expect(store.models.get(shaB)).toBeUndefined();
  expect(store.measurements.list(runs[0])).toEqual([]);
  expect(store.measurements.list(runs[1])).toHaveLength(1);
  expect(store.stages.list(runs[1])).toHaveLength(1);
  expect(store.experiences.newest({ run: '', ...on })).toHaveLength(1);
});

test('Cleaning gives the space back to the disk.', async () => {
  const folder = temporaryFolder();
  const store = openedStore(folder);
  const run = newRun(store);
  for (let n = 0; n < 200; n++)
    unwrap(store.measurements.record(run, key(n), 'time', { text: 'x'.repeat(10_000) }));
  unwrap(store.runs.setState(run, 'failed'));
  unwrap(store.runRemoval.remove([run]));
  const before = store.sizeBytes();
  unwrap(await store.runRemoval.clean());
  expect(before).toBeGreaterThan(2_000_000);
  expect(store.sizeBytes()).toBeLessThan(before / 4);
  const db = new Sqlite(store.path, { readonly: true });
  expect(db.pragma('quick_check', { simple: true })).toBe('ok');
  db.close();
});
