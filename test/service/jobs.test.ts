import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Result } from '../../electron/contract/result.ts';
import type { JobState } from '../../electron/contract/views.ts';
import { createJobs, type Jobs } from '../../electron/service/jobs.ts';
import { deployPlan } from '../cli/sample-results.ts';
import { identity } from '../store/store-setup.ts';
import {
  type ControlledApi,
  connectedBoard,
  controlApi,
  optimizeCall,
  runnerRemoval,
} from './controlled-api.ts';

let control: ControlledApi;
let jobs: Jobs;
let updates: JobState[];
let bugs: unknown[];

beforeEach(() => {
  vi.useFakeTimers();
  control = controlApi();
  updates = [];
  bugs = [];
  jobs = createJobs({
    api: control.api,
    onUpdate: (job) => updates.push(job),
    logBug: async (bug) => `log-${bugs.push(bug)}`,
    now: () => new Date(),
  });
});
afterEach(() => vi.useRealTimers());

const idOf = (started: Result<JobState, unknown>): string => {
  if (!started.ok) throw new Error(`Not started: ${JSON.stringify(started.error)}`);
  return started.value.id;
};
const find = (id: string): JobState => {
  const job = jobs.list().find((one) => one.id === id);
  if (job === undefined) throw new Error(`There is no job ${id}`);
  return job;
};
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);
const { board: _board, ...options } = optimizeCall;
const onBoard = (address: string) => ({ ...options, board: { address } });

test('a job runs to its end and says what came of it', async () => {
  const id = idOf(jobs.connect({ address: 'local' }));
  expect(find(id)).toMatchObject({ kind: 'connect', state: 'running', outcome: null });
  control.last().finish();
  await settle();
  expect(find(id)).toMatchObject({
    state: 'done',
    outcome: { kind: 'connect', board: connectedBoard },
    error: null,
  });
  expect(updates.at(-1)).toEqual(find(id));
});

test('every kind of work gets the request it was started with, and its outcome', async () => {
  const profile = { modelPath: 'm.onnx', board: { address: 'local' }, threads: 1 };
  const compare = { modelPathA: 'a', modelPathB: 'b', board: { address: 'local' }, threads: 1 };
  const trial = { models: { run: 'r1' }, board: { address: 'local' }, inputs: '/in', threads: 1 };
  for (const start of [
    () => jobs.profile(profile),
    () => jobs.compare(compare),
    () => jobs.trial(trial),
    () => jobs.optimize(onBoard('local')),
  ]) {
    const id = idOf(start());
    control.last().finish();
    await settle();
    expect(find(id).outcome?.kind).toBe(find(id).kind);
    // A state goes out whole several times a second.
    expect(JSON.stringify(find(id))).not.toContain('outputA');
  }
  expect(control.begun.map(({ name, args }) => [name, args])).toEqual([
    ['profile', profile],
    ['compare', compare],
    ['trial', trial],
    ['optimize', onBoard('local')],
  ]);
});

test('Fieldtune is removed from a board only after a person has agreed to what was found', async () => {
  const id = idOf(jobs.removeRunner({ address: 'ssh://pi@10.0.0.7' }));
  expect(control.last()).toMatchObject({ name: 'removeRunner', args: { onlyLook: false, ask: true } });
  const found = { ...runnerRemoval, deleted: false };
  const { confirmRemoval } = control.last().listener;
  const refused = confirmRemoval?.(found);
  expect(find(id).question).toMatchObject({ kind: 'removal', found });
  jobs.answer(id, { question: find(id).question!.id, accept: false, answers: null });
  expect(await refused).toBe(false);
  const agreed = confirmRemoval?.(found);
  jobs.answer(id, { question: find(id).question!.id, accept: true, answers: null });
  expect(await agreed).toBe(true);
  control.last().finish();
  await settle();
  expect(find(id)).toMatchObject({
    state: 'done',
    outcome: { kind: 'removeRunner', removal: runnerRemoval },
  });
});

test('a failure stands in the job, and a bug is logged and shown by its id', async () => {
  const failed = idOf(jobs.connect({ address: 'local' }));
  control.last().fail({ kind: 'boardLost', board: 'local', reason: 'cable' });
  await settle();
  expect(find(failed)).toMatchObject({ state: 'failed', error: { kind: 'boardLost' } });
  const broken = idOf(jobs.connect({ address: 'local' }));
  control.last().throw(new Error('oops'));
  await settle();
  expect(find(broken)).toMatchObject({ state: 'failed', error: { kind: 'internal', logId: 'log-1' } });
  expect(bugs).toEqual([new Error('oops')]);
});

test('a board takes one job at a time, however its address is written', async () => {
  const first = idOf(jobs.optimize(onBoard('ssh://pi@10.0.0.7')));
  expect(jobs.connect({ address: 'ssh://pi@10.0.0.7:22' })).toEqual({
    ok: false,
    error: { kind: 'boardBusy', board: 'ssh://pi@10.0.0.7:22', job: first },
  });
  expect(jobs.connect({ address: 'ssh://pi@10.0.0.8' }).ok).toBe(true);
  jobs.cancel(first);
  await settle();
  expect(jobs.connect({ address: 'ssh://pi@10.0.0.7:22' }).ok).toBe(true);
});

test('what is started while a connected board is only being read waits for that, and is not refused', async () => {
  const connecting = idOf(jobs.connect({ address: 'local' }));
  const reading = control.last();
  expect(jobs.optimize(onBoard('local'))).toMatchObject({ ok: false, error: { kind: 'boardBusy' } });
  reading.listener.onEvent({ kind: 'boardConnected', identity, installedBytes: 0 });
  expect(jobs.connect({ address: 'local' })).toMatchObject({ ok: false, error: { kind: 'boardBusy' } });
  const run = idOf(jobs.optimize(onBoard('local')));
  await settle();
  expect(control.last()).toBe(reading);
  reading.finish();
  await settle();
  expect(find(connecting).state).toBe('done');
  expect(control.last()).toMatchObject({ name: 'optimize' });
  expect(find(run).state).toBe('running');
});

test('every board of a run with several is taken', async () => {
  const [board, other] = [{ address: 'local' }, { address: 'ssh://pi@10.0.0.7' }];
  const first = idOf(jobs.optimize({ ...optimizeCall, board, boards: [board, other] }));
  expect(jobs.connect({ address: 'ssh://pi@10.0.0.7:22' })).toEqual({
    ok: false,
    error: { kind: 'boardBusy', board: 'ssh://pi@10.0.0.7:22', job: first },
  });
});

test('cancelling goes over cancelling to cancelled', async () => {
  const id = idOf(jobs.optimize(optimizeCall));
  expect(jobs.cancel(id)).toEqual({ ok: true, value: null });
  expect(find(id).state).toBe('cancelling');
  await settle();
  expect(find(id)).toMatchObject({ state: 'cancelled', error: null });
  expect(jobs.cancel(id).ok).toBe(true);
  expect(find(id).state).toBe('cancelled');
});

test('a run is paused and goes on as a new job that knows what was found out', async () => {
  const first = idOf(jobs.optimize(optimizeCall));
  const { listener } = control.last();
  listener.onEvent({ kind: 'runCreated', run: 'r7', out: '/out' });
  listener.onEvent({ kind: 'originalAccuracy', percent: 81.2 });
  jobs.pause(first);
  expect(find(first).state).toBe('pausing');
  await settle();
  expect(find(first)).toMatchObject({ state: 'paused', run: 'r7' });

  const second = idOf(await jobs.resume('r7'));
  expect(second).not.toBe(first);
  expect(find(second)).toMatchObject({
    state: 'running',
    run: 'r7',
    request: { kind: 'optimize', ...optimizeCall },
    originalAccuracy: 81.2,
  });
  expect(control.last()).toMatchObject({ name: 'resume', args: 'r7' });
  control.last().finish();
  await settle();
  expect(find(second).outcome).toMatchObject({ kind: 'optimize', run: 'r7', speedup: 2.6 });
});

test('pausing before there is a run is cancelling, and only an optimization can be paused', async () => {
  const id = idOf(jobs.optimize(optimizeCall));
  jobs.pause(id);
  await settle();
  expect(find(id).state).toBe('cancelled');
  const connecting = idOf(jobs.connect({ address: 'local' }));
  expect(jobs.pause(connecting)).toMatchObject({ ok: false, error: { kind: 'usage', option: 'job' } });
  expect(find(connecting).state).toBe('running');
});

test('choosing again is an optimization with the other limit, and a run of its own', async () => {
  const id = idOf(await jobs.pick({ run: 'r7', maxAccuracyDrop: 2.5 }));
  expect(find(id)).toMatchObject({
    state: 'running',
    run: null,
    request: { kind: 'optimize', ...optimizeCall, maxAccuracyDrop: 2.5 },
  });
  expect(control.last()).toMatchObject({ name: 'pick', args: { run: 'r7', maxAccuracyDrop: 2.5 } });
  control.last().finish();
  await settle();
  expect(find(id).outcome).toMatchObject({ kind: 'optimize', speedup: 2.6 });
  const unknown = await jobs.pick({ run: 'unknown', maxAccuracyDrop: 1 });
  expect(unknown).toEqual({ ok: false, error: { kind: 'runUnknown', run: 'unknown' } });
});

test('a run that is not there cannot be resumed', async () => {
  expect(await jobs.resume('unknown')).toEqual({ ok: false, error: { kind: 'runUnknown', run: 'unknown' } });
  expect(control.begun).toEqual([]);
});

test('a question waits for its answer as long as it takes', async () => {
  const id = idOf(jobs.connect({ address: 'ssh://pi@10.0.0.7' }));
  const answered = control.last().listener.confirmHostKey('ssh://pi@10.0.0.7:22', 'SHA256:abc');
  await vi.advanceTimersByTimeAsync(24 * 3600 * 1000);
  expect(find(id).question).toEqual({
    kind: 'hostKey',
    board: 'ssh://pi@10.0.0.7:22',
    fingerprint: 'SHA256:abc',
    id: 1,
  });
  jobs.answer(id, { question: 1, accept: true, answers: null });
  expect(await answered).toBe(true);
  expect(find(id).question).toBeNull();
});

test('a deployment asks with all that a person has to know, and only a yes to just this question is one', async () => {
  const call = {
    source: { kind: 'run', run: 'r7' },
    board: { address: 'ssh://pi@10.0.0.7' },
    path: '/opt/app/model.onnx',
    manage: false,
    otherBoard: false,
    despiteTrial: false,
    breakLock: false,
    healthTimeoutSeconds: 30,
  } as const;
  const id = idOf(jobs.deploy(call));
  expect(find(id).stages.map(({ name }) => name)).toEqual(['connect', 'upload', 'smoke', 'switch']);
  const answered = control.last().listener.confirmDeployment?.(deployPlan);
  await vi.advanceTimersByTimeAsync(1000);
  expect(find(id).question).toEqual({ kind: 'deployment', plan: deployPlan, id: 1 });
  jobs.answer(id, { question: 2, accept: true, answers: null });
  expect(find(id).question).not.toBeNull();
  jobs.answer(id, { question: 1, accept: true, answers: null });
  expect(await answered).toBe(true);
  const again = control.last().listener.confirmDeployment?.(deployPlan);
  jobs.cancel(id);
  expect(await again).toBe(false);
});

test('a question is answered with no when it is, and when its job is cancelled', async () => {
  const id = idOf(jobs.connect({ address: 'ssh://pi@10.0.0.7' }));
  const { listener } = control.last();
  const first = listener.confirmHostKey('pi', 'SHA256:abc');
  jobs.answer(id, { question: 1, accept: false, answers: null });
  expect(await first).toBe(false);
  const second = listener.confirmHostKey('pi', 'SHA256:abc');
  jobs.cancel(id);
  expect(await second).toBe(false);
  await settle();
  expect(find(id)).toMatchObject({ state: 'cancelled', question: null });
});

test('an answer goes to the question it was given to, and no other', async () => {
  const id = idOf(jobs.connect({ address: 'ssh://pi@10.0.0.7' }));
  const { listener } = control.last();
  const trusted = listener.confirmHostKey('pi', 'SHA256:abc');
  jobs.answer(id, { question: 1, accept: true, answers: null });
  expect(await trusted).toBe(true);
  const asked = listener.ask?.({ kind: 'password', board: 'pi', user: 'pi', failedTries: 0 });
  // As of a second window, or of a second press of the same button.
  jobs.answer(id, { question: 1, accept: true, answers: null });
  expect(find(id).question).toMatchObject({ kind: 'password', id: 2 });
  jobs.answer(id, { question: 2, accept: true, answers: ['hunter2 of old'] });
  expect(await asked).toEqual(['hunter2 of old']);
  control.last().fail({ kind: 'authenticationFailed', board: 'pi', tried: ['password'] });
  await settle();
  expect(JSON.stringify([jobs.list(), updates])).not.toContain('hunter2');
});

test('states are pushed five times a second at most, and the last one always', async () => {
  jobs.optimize(optimizeCall);
  const { listener } = control.last();
  await settle();
  updates.length = 0;
  for (let index = 1; index <= 1000; index++) {
    listener.onEvent({ kind: 'originalAccuracy', percent: index / 10 });
    await vi.advanceTimersByTimeAsync(2);
  }
  await settle();
  expect(updates.length).toBeLessThanOrEqual(11);
  expect(updates.length).toBeGreaterThan(5);
  expect(updates.at(-1)?.originalAccuracy).toBe(100);
});

test('the stage at work shows the time it has taken', async () => {
  const id = idOf(jobs.optimize(optimizeCall));
  await vi.advanceTimersByTimeAsync(500);
  control.last().listener.onEvent({ kind: 'stageStarted', stage: 'connect' });
  await vi.advanceTimersByTimeAsync(3000);
  expect(find(id).stages[0]).toMatchObject({ name: 'connect', state: 'running' });
  expect(find(id).stages[0]?.seconds).toBeCloseTo(3, 1);
  const summary = { kind: 'connected', runtimeVersion: '1.30.0', board: 'pi' } as const;
  control.last().listener.onEvent({ kind: 'stageFinished', stage: 'connect', seconds: 2.9, summary });
  await vi.advanceTimersByTimeAsync(3000);
  expect(find(id).stages[0]).toMatchObject({ state: 'done', seconds: 2.9 });
});

test('fifty jobs that are over are kept, the latest', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 55; index++) {
    ids.push(idOf(jobs.connect({ address: 'local' })));
    control.last().finish();
    await vi.advanceTimersByTimeAsync(1);
  }
  expect(jobs.list().map(({ id }) => id)).toEqual(ids.slice(5));
});

test('a job that is not there is named', () => {
  for (const refused of [
    jobs.cancel('x'),
    jobs.pause('x'),
    jobs.answer('x', { question: 1, accept: true, answers: null }),
  ])
    expect(refused).toMatchObject({ ok: false, error: { kind: 'usage', value: 'x' } });
});

test('closing stops what is at work, waits for it, and tells the last state', async () => {
  const id = idOf(jobs.optimize(optimizeCall));
  control.last().listener.onEvent({ kind: 'runCreated', run: 'r7', out: '/out' });
  await jobs.close();
  expect(updates.at(-1)).toMatchObject({ id, state: 'paused' });
});
