import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BoardError, RequestError } from '../contract/errors.ts';
import { fail, type Result } from '../contract/result.ts';
import type { Board } from './board.ts';
import { localRunnerProgram } from './install/runner-files.ts';
import type { RunnerLink } from './link.ts';
import { linkTo } from './local-shell.ts';
import { openRunnerBoard } from './runner-board.ts';

/** Starts a runner on this computer; its files go under `stateFolder`. Errors: `runnerFailed`, `boardLost`, `notWritable`. */
export async function connectLocal(stateFolder: string): Promise<Result<Board, BoardError | RequestError>> {
  const root = join(stateFolder, 'local-board');
  try {
    mkdirSync(root, { recursive: true });
  } catch (error) {
    return fail({
      kind: 'notWritable',
      path: root,
      reason: error instanceof Error ? error.message : String(error),
    });
  }
  const marker = `fieldtune-runner-${randomUUID()}`;
  return openRunnerBoard(startLocalRunner(root, marker), {
    board: 'local',
    marker,
    modelFolder: join(root, 'models'),
    installedBytes: 0,
    release: () => {},
  });
}

function startLocalRunner(root: string, marker: string): RunnerLink {
  // Options of this process (a debugger, a test runner's hooks) are not the runner's.
  const { NODE_OPTIONS: _, ...environment } = process.env;
  const child = spawn(process.execPath, [localRunnerProgram(), '--root', root, '--marker', marker], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environment,
  });
  return linkTo(child);
}
