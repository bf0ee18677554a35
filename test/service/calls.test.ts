import { expect, test } from 'vitest';
import { type CallName, callArguments } from '../../electron/contract/calls.ts';
import type { AppInfo } from '../../electron/contract/views.ts';
import { makeCalls } from '../../electron/service/calls.ts';
import { createJobs } from '../../electron/service/jobs.ts';
import { controlApi, optimizeCall } from './controlled-api.ts';

const info: AppInfo = {
  version: '0.1.0',
  face: 'browser',
  platform: 'linux',
  stateFolder: '/state',
  sample: { modelPath: '/sample/model.onnx', dataPath: '/sample/data' },
  canChooseFiles: false,
  canPrintPdf: false,
  secrets: { kept: false, backend: 'none' },
};

function calls() {
  const control = controlApi();
  const bugs: unknown[] = [];
  const logBug = async (bug: unknown): Promise<string> => `log-${bugs.push(bug)}`;
  const jobs = createJobs({ api: control.api, onUpdate: () => undefined, logBug, now: () => new Date() });
  return { ...control, bugs, answer: makeCalls({ api: control.api, jobs, info: () => info, logBug }) };
}

const run = '20261125-044210-ab12';
/** Arguments that are right, for the calls that need some. */
const args: Partial<Record<CallName, unknown>> = {
  'settings.save': {
    language: 'ja',
    theme: 'dark',
    maxAccuracyDrop: 1,
    budgetSeconds: 600,
    threads: 1,
    groupSize: 4,
    seed: 1,
  },
  'boards.remember': { address: 'local', name: 'mine' },
  'boards.forget': { address: 'local' },
  'boards.connect': { board: { address: 'ssh://pi@10.0.0.1' } },
  'boards.removeRunner': { board: { address: 'ssh://pi@10.0.0.18' } },
  'hostKeys.forget': { host: 'pi', fingerprint: 'SHA256:abc' },
  'models.open': { path: 'm.onnx' },
  'models.profile': { sha256: 'a'.repeat(64) },
  'data.open': { path: 'data' },
  'files.choose': { what: 'model' },
  'runs.start': { ...optimizeCall, board: { address: 'ssh://pi@10.0.0.2' } },
  'runs.resume': { run },
  'runs.profile': { modelPath: 'm.onnx', board: { address: 'ssh://pi@10.0.0.3' }, threads: 1 },
  'runs.compare': {
    modelPathA: 'a',
    modelPathB: 'b',
    board: { address: 'ssh://pi@10.0.0.4' },
    threads: 1,
  },
  'deployments.deploy': {
    source: { kind: 'run', run },
    board: { address: 'ssh://pi@10.0.0.5' },
    path: '/opt/app/model.onnx',
    manage: true,
    otherBoard: false,
    despiteTrial: false,
    breakLock: false,
    healthTimeoutSeconds: 30,
  },
  'deployments.rollback': {
    board: { address: 'ssh://pi@10.0.0.6' },
    path: '/opt/app/model.onnx',
    breakLock: false,
  },
  'deployments.unmanage': {
    board: { address: 'ssh://pi@10.0.0.17' },
    path: '/opt/app/model.onnx',
    breakLock: false,
  },
  'deployments.check': { board: { address: 'ssh://pi@10.0.0.8' } },
  'trials.start': {
    models: { run },
    board: { address: 'ssh://pi@10.0.0.15' },
    inputs: '/srv/in',
    most: 10,
    threads: 1,
  },
  'trials.get': { trial: 't-1' },
  'trials.decide': { trial: 't-1', decision: 'approved', by: 'Sato', note: '' },
  'runs.list': { offset: 0, limit: 50 },
  'runs.get': { run },
  'runs.delete': { runs: [run] },
  'runs.restore': { runs: [run] },
  'runs.trend': { model: 'm' },
  'runs.disagreements': { run, offset: 0, limit: 10 },
  'runs.diff': { run },
};
/** They need a job, or a board that another call of these is not at work on. */
const jobCalls: readonly CallName[] = ['jobs.cancel', 'jobs.pause', 'jobs.answer', 'runs.pick'];

test('every call of the contract is answered', async () => {
  const { answer, bugs } = calls();
  for (const name of Object.keys(callArguments) as CallName[]) {
    if (jobCalls.includes(name)) continue;
    expect([name, await answer(name, args[name] ?? {})]).toMatchObject([name, { ok: true }]);
  }
  expect(bugs).toEqual([]);
});

test('the face answers what is its own, the app the rest', async () => {
  const { answer, queries } = calls();
  expect(await answer('app.info', {})).toEqual({ ok: true, value: info });
  expect(await answer('files.choose', { what: 'data' })).toEqual({ ok: true, value: null });
  expect(queries).toEqual([]);
  expect(await answer('runs.trend', { model: 'm' })).toEqual({ ok: true, value: { asked: 'runs.trend' } });
  expect(queries).toEqual([['runs.trend', { model: 'm' }]]);
});

test('a job is started, steered and listed', async () => {
  const { answer, last } = calls();
  const started = await answer('runs.start', optimizeCall);
  const job = (started as { readonly value: { readonly id: string } }).value.id;
  const answered = last().listener.confirmHostKey('pi', 'SHA256:abc');
  expect(await answer('jobs.answer', { job, question: 1, accept: true })).toEqual({ ok: true, value: null });
  expect(await answered).toBe(true);
  expect(await answer('jobs.pause', { job })).toEqual({ ok: true, value: null });
  expect(await answer('jobs.cancel', { job })).toEqual({ ok: true, value: null });
  expect(await answer('jobs.list', {})).toMatchObject({ ok: true, value: [{ id: job }] });
  expect(await answer('runs.start', { ...optimizeCall, board: { address: 'nonsense' } })).toMatchObject({
    ok: true,
  });
});

test('choosing again starts a job', async () => {
  const { answer, last } = calls();
  const call = { run, maxAccuracyDrop: 0.5 };
  expect(await answer('runs.pick', call)).toMatchObject({ ok: true, value: { kind: 'optimize' } });
  expect(last()).toMatchObject({ name: 'pick', args: call });
});

test.each([
  ['runs.pick', { run: 'r' }, 'runs.pick maxAccuracyDrop', ''],
  ['runs.pick', { run: 'r', maxAccuracyDrop: 101 }, 'runs.pick maxAccuracyDrop', '101'],
  ['models.open', {}, 'models.open path', ''],
  ['models.open', { path: 5 }, 'models.open path', '5'],
  ['models.open', { path: '' }, 'models.open path', '""'],
  ['models.open', { path: 'x', extra: 1 }, 'models.open', '{"path":"x","extra":1}'],
  ['models.open', null, 'models.open', 'null'],
  ['runs.get', { run: '../../etc/passwd' }, 'runs.get run', '"../../etc/passwd"'],
  ['runs.start', { ...optimizeCall, level: 'basic' }, 'runs.start level', '"basic"'],
  ['runs.start', { ...optimizeCall, strategy: 'guess' }, 'runs.start strategy', '"guess"'],
  ['runs.start', { ...optimizeCall, threads: 0 }, 'runs.start threads', '0'],
  ['runs.start', { ...optimizeCall, board: { address: 'local', x: 1 } }, 'runs.start board', undefined],
  ['runs.delete', { runs: ['ok', 'NOT OK'] }, 'runs.delete runs 1', '"NOT OK"'],
  ['jobs.answer', { job: 'x', question: 1, accept: 'yes' }, 'jobs.answer accept', ''],
  ['jobs.answer', { job: 'x', question: 1, accept: true, answers: [5] }, 'jobs.answer answers 0', ''],
  ['jobs.answer', { job: 'x', question: 1, accept: true, secret: 'hunter2' }, 'jobs.answer', ''],
  ['toString', {}, 'call', 'toString'],
  ['__proto__', {}, 'call', '__proto__'],
])('fault 45: %s with %j is refused as a wrong use', async (name, given, option, value) => {
  const { answer, queries, begun } = calls();
  const refused = await answer(name, given);
  expect(refused).toMatchObject({ ok: false, error: { kind: 'usage', option } });
  if (value !== undefined) expect(refused).toMatchObject({ error: { value } });
  expect([queries, begun]).toEqual([[], []]);
});

test('a bug is logged once and answered with the id to find it by', async () => {
  const { answer, bugs } = calls();
  expect(await answer('runs.get', { run: 'broken' })).toEqual({
    ok: false,
    error: { kind: 'internal', logId: 'log-1' },
  });
  expect(bugs).toEqual([new Error('no such luck')]);
});
