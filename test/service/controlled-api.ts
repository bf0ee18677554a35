import type { Api, Listener, RunnerRemoval, RunSummary } from '../../electron/contract/api.ts';
import type { Changed } from '../../electron/contract/calls.ts';
import type { AppError } from '../../electron/contract/errors.ts';
import { fail, ok, type Result } from '../../electron/contract/result.ts';
import type { ConnectedBoard, RunDetail } from '../../electron/contract/views.ts';
import {
  board,
  checkResult,
  compareResult,
  deployResult,
  optimizeResult,
  profileResult,
  sampleTrial,
} from '../cli/sample-results.ts';

/** Work that a test has begun and leads from outside. */
export interface Begun {
  readonly name:
    | 'connect'
    | 'profile'
    | 'optimize'
    | 'resume'
    | 'pick'
    | 'compare'
    | 'deploy'
    | 'rollback'
    | 'unmanage'
    | 'removeRunner'
    | 'checkDeployments'
    | 'trial';
  readonly args: unknown;
  readonly listener: Listener;
  /** Ends the work well. */
  finish(): void;
  fail(error: AppError): void;
  throw(bug: Error): void;
}

/** An `Api` whose long work waits for the test, and ends as cancelled when it is told to stop. */
export interface ControlledApi {
  readonly api: Api;
  readonly begun: readonly Begun[];
  /** The last work that was begun. */
  last(): Begun;
  readonly queries: readonly (readonly [string, unknown])[];
  change(what: Changed): void;
  isClosed(): boolean;
}

export const connectedBoard: ConnectedBoard = {
  address: 'local',
  identity: board,
  installedBytes: 0,
  seconds: 1.2,
  state: { governor: null, clockMHz: null, temperatureC: null, throttled: null, load1: 0.1, concerns: [] },
};

export const optimizeCall = {
  modelPath: '/data/resnet20.onnx',
  dataPath: '/data/cifar10',
  board: { address: 'ssh://pi@10.0.0.7:22' },
  maxAccuracyDrop: 1,
  budgetSeconds: 600,
  threads: 1,
  groupSize: 4,
  seed: 1,
} as const;

/** A run in whole, with its results in `out`. */
export function runDetail(run: string, out: string): RunDetail {
  const summary: RunSummary = {
    run,
    startedAt: '2026-11-25T05:00:00Z',
    board: 'ssh://pi@10.0.0.7:22',
    boardName: 'bench-pi',
    model: '/data/resnet20.onnx',
    modelSha256: 'a'.repeat(64),
    state: 'improved',
    speedup: 2.6,
    accuracyChange: -0.3,
    out,
  };
  return {
    summary,
    request: optimizeCall,
    finishedAt: '2026-11-25T05:10:00Z',
    explanation: '',
    result: null,
    details: null,
    stages: [],
    frontModels: 0,
    files: ['report.html', 'result.json'],
  };
}

/** What was deleted on a board. */
export const runnerRemoval: RunnerRemoval = {
  board: 'ssh://pi@10.0.0.7:22',
  deleted: true,
  folders: ['/home/pi/.fieldtune'],
  runners: 1,
  models: 2,
  temporary: 0,
  running: 0,
  sizeBytes: 120e6,
};

/** Makes an api whose runs have their results in `out`; run `unknown` is not there, `broken` is a bug. */
export function controlApi(out = '/nowhere'): ControlledApi {
  const begun: Begun[] = [];
  const queries: (readonly [string, unknown])[] = [];
  const changeListeners = new Set<(what: Changed) => void>();
  let closed = false;
  const work = <T>(name: Begun['name'], args: unknown, listener: Listener, value: T) =>
    new Promise<Result<T, AppError>>((resolve, reject) => {
      const cancel = (): void => resolve(fail({ kind: 'cancelled' }));
      if (listener.signal.aborted) cancel();
      listener.signal.addEventListener('abort', cancel);
      begun.push({
        name,
        args,
        listener,
        finish: () => resolve(ok(value)),
        fail: (error) => resolve(fail(error)),
        throw: reject,
      });
    });
  const query = async (name: string, args: unknown): Promise<Result<unknown, AppError>> => {
    queries.push([name, args]);
    if (name !== 'runs.get') return ok({ asked: name });
    const { run } = args as { readonly run: string };
    if (run === 'broken') throw new Error('no such luck');
    return run === 'unknown' ? fail({ kind: 'runUnknown', run }) : ok(runDetail(run, out));
  };
  const api: Api = {
    connect: (args, listener) => work('connect', args, listener, connectedBoard),
    profile: (args, listener) => work('profile', args, listener, profileResult),
    optimize: (args, listener) => work('optimize', args, listener, optimizeResult),
    resume: (args, listener) => work('resume', args, listener, optimizeResult),
    pick: (args, listener) => work('pick', args, listener, optimizeResult),
    compare: (args, listener) => work('compare', args, listener, compareResult),
    deploy: (args, listener) => work('deploy', args, listener, deployResult),
    rollback: (args, listener) => work('rollback', args, listener, deployResult),
    unmanage: (args, listener) => work('unmanage', args, listener, deployResult),
    checkDeployments: (args, listener) => work('checkDeployments', args, listener, checkResult),
    removeRunner: (args, listener) => work('removeRunner', args, listener, runnerRemoval),
    deployments: async () => ok([]),
    trial: (args, listener) => work('trial', args, listener, sampleTrial),
    history: async () => ok([]),
    query: query as Api['query'],
    onChange: (listener) => {
      changeListeners.add(listener);
      return () => void changeListeners.delete(listener);
    },
    close: async () => {
      closed = true;
    },
  };
  return {
    api,
    begun,
    queries,
    last: () => {
      const last = begun.at(-1);
      if (last === undefined) throw new Error('No work was begun');
      return last;
    },
    change: (what) => {
      for (const listener of changeListeners) listener(what);
    },
    isClosed: () => closed,
  };
}
