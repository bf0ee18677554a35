import type { CheckCall, DeployCall, RollbackCall, UnmanageCall } from '../contract/deploy.ts';
import type { Result } from '../contract/result.ts';
import { type BoardOptions, readBoard, reading, readPath, refuse, type UsageError } from './arguments.ts';
import { parseDuration } from './durations.ts';

/** Options of `deploy` as typed. */
export interface DeployOptions extends BoardOptions {
  readonly model?: string;
  readonly to?: string;
  readonly manage?: true;
  readonly otherBoard?: true;
  readonly despiteTrial?: true;
  readonly breakLock?: true;
  readonly restart?: string;
  readonly health?: string;
  readonly healthTimeout: string;
}

/** Options of `rollback` and `unmanage` as typed. */
export interface BackOptions extends BoardOptions {
  readonly path?: string;
  readonly to?: string;
  readonly breakLock?: true;
}

const longestHealthSeconds = 3600;

/** Reads what `deploy` was asked for: a run or a model file, and where to. */
export function readDeployCall(
  run: string | undefined,
  options: DeployOptions,
): Result<DeployCall, UsageError> {
  return reading(() => {
    const { model, restart, health } = options;
    if (run === undefined && model === undefined)
      refuse('deploy', '', 'a run as in fieldtune deploy RUN, or a file with --model');
    if (run !== undefined && model !== undefined)
      refuse('--model', model, 'either a run or a model file, not both');
    const healthTimeoutSeconds = parseDuration(options.healthTimeout);
    if (
      healthTimeoutSeconds === null ||
      healthTimeoutSeconds < 1 ||
      healthTimeoutSeconds > longestHealthSeconds
    )
      return refuse('--health-timeout', options.healthTimeout, 'a time from 1s to 1h such as 30s');
    return {
      source:
        run === undefined
          ? { kind: 'model', modelPath: readPath('--model', model ?? '') }
          : { kind: 'run', run },
      board: readBoard(options),
      path: readPath('--to', options.to ?? ''),
      manage: options.manage === true,
      otherBoard: options.otherBoard === true,
      despiteTrial: options.despiteTrial === true,
      breakLock: options.breakLock === true,
      ...(restart === undefined ? {} : { restart: readCommand('--restart', restart) }),
      ...(health === undefined ? {} : { health: readCommand('--health', health) }),
      healthTimeoutSeconds,
    };
  });
}

/** Reads what `rollback` was asked for. */
export function readRollbackCall(options: BackOptions): Result<RollbackCall, UsageError> {
  return reading(() => {
    const { to = 'previous' } = options;
    if (to !== 'previous' && !/^[0-9a-f]{4,64}$/i.test(to))
      refuse('--to', to, 'previous, or at least 4 digits of the sha256 of a version');
    return {
      ...readPlace(options),
      ...(to === 'previous' ? {} : { to: to.toLowerCase() }),
    };
  });
}

/** Reads what `unmanage` was asked for. */
export const readUnmanageCall = (options: BackOptions): Result<UnmanageCall, UsageError> =>
  reading(() => readPlace(options));

/** Reads what `deployments check` was asked for. */
export const readCheckCall = (options: BackOptions): Result<CheckCall, UsageError> =>
  reading(() => ({
    board: readBoard(options),
    ...(options.path === undefined ? {} : { path: readPath('--path', options.path) }),
  }));

const readPlace = (options: BackOptions): UnmanageCall => ({
  board: readBoard(options),
  path: readPath('--path', options.path ?? ''),
  breakLock: options.breakLock === true,
});

function readCommand(option: string, value: string): string {
  return value.trim() === '' || value.includes('\0') ? refuse(option, value, 'a command line') : value;
}
