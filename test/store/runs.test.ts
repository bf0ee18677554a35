import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive, thisProcess } from '../../electron/store/process-identity.ts';
import {
  identity,
  newRun,
  openedStore,
  Sqlite,
  shaA,
  shaB,
  startProgram,
  temporaryFolder,
  unwrap,
} from './store-setup.ts';

const firstLine = async (stream: NodeJS.ReadableStream): Promise<string> =>
  String(await once(stream, 'data')).trim();

test('A run has a short id that starts with its time, and comes back as it was created.', () => {
  const store = openedStore(undefined, { now: () => new Date('2026-11-25T04:42:10.500Z') });
  const run = newRun(store, 'ssh://pi@bench:22');
  expect(run).toMatch(/^20261125-044210-[0-9a-f]{4}$/);
  expect(store.runs.get(run)).toMatchObject({
    run,
    request: { budgetSeconds: 60 },
    state: 'running',
    seed: 7,
    model: 'keywords',
    modelSha256: shaA,
    board: 'ssh://pi@bench:22',
    boardName: 'ssh://pi@bench:22',
    elapsedSeconds: 0,
    finishedAt: null,
  });
  expect(store.runs.get('20000101-000000-0000')).toBeUndefined();
});

test('Runs created within one second get different ids.', () => {
  const store = openedStore(undefined, { now: () => new Date('2026-11-25T04:42:10Z') });
  const ids = Array.from({ length: 300 }, () => newRun(store));
  expect(new Set(ids).size).toBe(300);
});

test('A run that this process works on cannot be claimed a second time.', () => {
  const store = openedStore();
  const run = newRun(store);
  expect(store.runs.claim(run)).toEqual({ ok: false, error: { kind: 'runInUse', run, pid: process.pid } });
});

test('A run whose process was killed is listed as interrupted, and one of two claimants gets it.', async () => {
  const folder = temporaryFolder();
  const store = openedStore(folder);
  const run = newRun(store);
  unwrap(store.runs.setState(run, 'cancelled'));

  const holder = startProgram('recording-program.ts', folder, run, 'claim');
  expect(await firstLine(holder.child.stdout)).toBe('claimed');
  expect(store.runs.get(run)?.state).toBe('running');
  expect(store.runs.claim(run)).toMatchObject({
    ok: false,
    error: { kind: 'runInUse', pid: holder.child.pid },
  });

  holder.child.kill('SIGKILL');
  await holder.ended;
  expect(store.runs.list().map((row) => row.state)).toEqual(['interrupted']);

  const rivals = [1, 2].map(() => startProgram('recording-program.ts', folder, run, 'claim'));
  const answers = await Promise.all(rivals.map(({ child }) => firstLine(child.stdout)));
  expect(answers.sort()).toEqual(['claimed', 'runInUse']);
});

test('A process number that was given to another process does not keep a run.', () => {
  const self = thisProcess();
  expect(isAlive(self)).toBe(true);
  if (self.started !== null) expect(isAlive({ ...self, started: `${self.started}0` })).toBe(false);
  // The largest number there can be is above every system's limit.
  expect(isAlive({ pid: 2 ** 30, started: null })).toBe(false);
});

test('A finished run cannot be claimed, a failed or cancelled one can, an unknown one is named.', () => {
  const store = openedStore();
  const run = newRun(store);
  for (const state of ['improved', 'no improvement'] as const) {
    unwrap(store.runs.setState(run, state));
    expect(store.runs.claim(run)).toEqual({ ok: false, error: { kind: 'runFinished', run } });
  }
  for (const state of ['failed', 'cancelled'] as const) {
    unwrap(store.runs.setState(run, state, { explanation: 'why' }));
    expect(store.runs.get(run)).toMatchObject({ state, explanation: 'why' });
    expect(unwrap(store.runs.claim(run))).toMatchObject({
      state: 'running',
      explanation: null,
      finishedAt: null,
    });
  }
  expect(store.runs.claim('nope')).toEqual({ ok: false, error: { kind: 'runUnknown', run: 'nope' } });
  expect(store.runs.addElapsed('nope', 1)).toEqual({ ok: false, error: { kind: 'runUnknown', run: 'nope' } });
});

test('Elapsed seconds add up over resumes.', () => {
  const store = openedStore();
  const run = newRun(store);
  unwrap(store.runs.addElapsed(run, 12.5));
  unwrap(store.runs.setState(run, 'cancelled'));
  expect(unwrap(store.runs.claim(run)).elapsedSeconds).toBe(12.5);
  unwrap(store.runs.addElapsed(run, 2.5));
  expect(store.runs.get(run)?.elapsedSeconds).toBe(15);
  expect(() => store.runs.addElapsed(run, Number.NaN)).toThrow();
});

test('The end of a run keeps its figures and its result.', () => {
  const store = openedStore();
  const run = newRun(store);
  unwrap(
    store.runs.setState(run, 'improved', {
      speedup: 2.3,
      accuracyChange: -0.4,
      explanation: '',
      result: { schema: 1 },
    }),
  );
  expect(store.runs.get(run)).toMatchObject({
    state: 'improved',
    speedup: 2.3,
    accuracyChange: -0.4,
    result: { schema: 1 },
  });
});

test('The history is filtered by part of the board or the model, newest first.', () => {
  let seconds = 0;
  const store = openedStore(undefined, { now: () => new Date(Date.UTC(2026, 10, 25, 4, 0, seconds++)) });
  const onPi = newRun(store, 'ssh://pi@10.0.0.7:22');
  unwrap(store.boards.save(identity, 'ssh://pi@10.0.0.7:22'));
  unwrap(store.runs.setBoard(onPi, identity));
  const local = newRun(store);
  unwrap(
    store.models.save({ sha256: shaB, name: '100%_net', path: '/m/n.onnx', sizeBytes: 1, parameters: 1 }),
  );
  const odd = unwrap(
    store.runs.create({ request: null, modelSha256: shaB, boardAddress: 'local', out: 'o', seed: 1 }),
  );
  const ids = (filter: Parameters<typeof store.runs.list>[0]) =>
    store.runs.list(filter).map((row) => row.run);
  expect(ids({})).toEqual([odd, local, onPi]);
  expect(ids({ board: 'bench' })).toEqual([onPi]);
  expect(ids({ board: '10.0.0.7' })).toEqual([onPi]);
  expect(ids({ board: 'c0ff' })).toEqual([onPi]);
  expect(ids({ board: 'local' })).toEqual([odd, local]);
  expect(ids({ model: 'KEYWORDS', board: 'local' })).toEqual([local]);
  expect(ids({ model: 'bbbb' })).toEqual([odd]);
  // Text of a pattern is text.
  expect(ids({ model: '%' })).toEqual([odd]);
  expect(ids({ model: "'; DROP TABLE runs" })).toEqual([]);
  expect(store.runs.get(onPi)).toMatchObject({
    boardId: identity.id,
    boardIdentity: identity,
    boardName: 'Bench Pi',
  });
});

test('A run keeps the board as it was, when the board changes later.', () => {
  const store = openedStore();
  const run = newRun(store);
  unwrap(store.boards.save(identity, 'local'));
  unwrap(store.runs.setBoard(run, identity));
  unwrap(store.boards.save({ ...identity, runtimeVersion: '1.31.0' }, 'local'));
  expect(store.boards.get(identity.id)?.identity.runtimeVersion).toBe('1.31.0');
  expect(store.boards.list()).toHaveLength(1);
  expect(store.runs.get(run)?.boardIdentity?.runtimeVersion).toBe('1.30.0');
});

test('A resumed stage adds its seconds up and keeps its first start.', () => {
  let seconds = 0;
  const store = openedStore(undefined, { now: () => new Date(Date.UTC(2026, 10, 25, 4, 0, seconds++)) });
  const run = newRun(store);
  const ranked = { kind: 'ranked', operators: 42, latencyUs: 728 } as const;
  const searched = { kind: 'searched', proposed: 9, timed: 8 } as const;
  unwrap(store.stages.start(run, 'profile'));
  expect(store.stages.list(run)[0]?.summary).toBeNull();
  unwrap(store.stages.finish(run, 'profile', 3, ranked));
  unwrap(store.stages.start(run, 'search'));
  unwrap(store.stages.addSeconds(run, 'search', 10));
  const [, first] = store.stages.list(run);
  unwrap(store.stages.start(run, 'search'));
  unwrap(store.stages.finish(run, 'search', 5, searched));
  const [profile, search] = store.stages.list(run);
  expect(profile).toMatchObject({ name: 'profile', seconds: 3, summary: ranked, starts: 1 });
  expect(search).toMatchObject({
    name: 'search',
    seconds: 15,
    summary: searched,
    starts: 2,
    startedAt: first?.startedAt,
  });
  expect(search?.finishedAt).not.toBeNull();
  expect(() => store.stages.finish(run, 'tune', 1, ranked)).toThrow('never started');
});

test('A stage that an earlier version summed up in a sentence is listed without a summary.', () => {
  const folder = temporaryFolder();
  const store = openedStore(folder);
  const run = newRun(store);
  unwrap(store.stages.start(run, 'search'));
  unwrap(store.stages.finish(run, 'search', 5, { kind: 'searched', proposed: 9, timed: 8 }));
  const raw = new Sqlite(join(folder, 'fieldtune.sqlite'));
  raw.prepare('UPDATE stages SET summary = ?').run('9 proposed, 8 timed');
  raw.close();
  expect(store.stages.list(run)).toMatchObject([{ name: 'search', seconds: 5, summary: null }]);
});

test('A run that lost its board is given up as interrupted, and can be claimed again at once.', () => {
  const store = openedStore();
  const run = newRun(store);
  unwrap(store.runs.setState(run, 'interrupted'));
  expect(store.runs.get(run)).toMatchObject({ state: 'interrupted', finishedAt: null });
  expect(unwrap(store.runs.claim(run))).toMatchObject({ run, state: 'running' });
});
