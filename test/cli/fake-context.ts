import { EventEmitter } from 'node:events';
import type { CliContext } from '../../electron/cli/context.ts';
import type { Api, Listener, RunnerRemoval } from '../../electron/contract/api.ts';
import type { DeployAction, DeployResult } from '../../electron/contract/deploy.ts';
import type { AppError } from '../../electron/contract/errors.ts';
import { fail, ok, type Result } from '../../electron/contract/result.ts';
import {
  checkResult,
  compareResult,
  deploymentRecords,
  deployPlan,
  deployResult,
  optimizeResult,
  profileResult,
  runSummaries,
  sampleTrial,
} from './sample-results.ts';

/** A context whose streams are kept as text and whose Ctrl+C is an event. */
export interface FakeContext extends CliContext {
  readonly out: () => string;
  readonly err: () => string;
  readonly press: () => void;
  readonly ended: number[];
}

/** Asks as the app does before anything changes, and gives the sample result. */
async function deployed(
  path: string,
  action: DeployAction,
  listener: Listener,
): Promise<Result<DeployResult, AppError>> {
  const agreed = await listener.confirmDeployment?.({ ...deployPlan, action, path });
  return agreed ? ok({ ...deployResult, action, path }) : fail({ kind: 'cancelled' });
}

/** What lay on a board. */
const runnerRemoval: Omit<RunnerRemoval, 'board' | 'deleted'> = {
  folders: ['/home/pi\n/.fieldtune'],
  runners: 2,
  models: 1,
  temporary: 0,
  running: 1,
  sizeBytes: 180e6,
};

/** An `Api` that answers with the sample results, with some of its calls replaced. */
export function fakeApi(calls: Partial<Api> = {}): Api {
  return {
    profile: async () => ok(profileResult),
    optimize: async (_call, listener) => {
      listener.onEvent({ kind: 'runCreated', run: 'r7', out: 'out/x' });
      listener.onEvent({ kind: 'stageStarted', stage: 'search' });
      listener.onEvent({
        kind: 'stageFinished',
        stage: 'search',
        seconds: 61,
        summary: { kind: 'searched', proposed: 80, timed: 60 },
      });
      return ok(optimizeResult);
    },
    resume: async () => ok(optimizeResult),
    pick: async () => ok(optimizeResult),
    compare: async () => ok(compareResult),
    trial: async () => ok(sampleTrial),
    history: async () => ok(runSummaries),
    removeRunner: async ({ board, onlyLook }) =>
      ok({ ...runnerRemoval, board: board.address, deleted: !onlyLook }),
    deploy: async (call, listener) => deployed(call.path, 'deploy', listener),
    rollback: async (call, listener) => deployed(call.path, 'rollback', listener),
    unmanage: async (call, listener) => deployed(call.path, 'unmanage', listener),
    deployments: async () => ok(deploymentRecords),
    checkDeployments: async ({ board }) => ok({ ...checkResult, address: board.address }),
    connect: async ({ address }) =>
      ok({
        address,
        identity: profileResult.board,
        installedBytes: 0,
        seconds: 1,
        state: {
          governor: 'performance',
          clockMHz: null,
          temperatureC: null,
          throttled: null,
          load1: 0,
          concerns: [],
        },
      }),
    query: async (name) => {
      throw new Error(`The terminal does not ask for ${name}`);
    },
    onChange: () => () => undefined,
    close: async () => undefined,
    ...calls,
  };
}

/** Makes a context around an `Api`; nothing in it touches the real process. */
export function fakeContext(api: Api, changes: Partial<CliContext> = {}): FakeContext {
  let out = '';
  let err = '';
  const signals = new EventEmitter();
  const ended: number[] = [];
  return {
    stdout: {
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
    canAsk: false,
    env: {},
    folder: '/data',
    sample: { modelPath: '/sample/model.onnx', dataPath: '/sample/data' },
    signals,
    nowMs: () => 0,
    openApi: async () => ok(api),
    askHostKey: async () => true,
    askDeployment: async () => true,
    askSignIn: async () => null,
    logBug: async () => 'ab12',
    endNow: (exitCode) => {
      ended.push(exitCode);
    },
    ...changes,
    out: () => out,
    err: () => err,
    press: () => {
      signals.emit('SIGINT');
    },
    ended,
  };
}
