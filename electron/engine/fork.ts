import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What differs from one kind of child to the next. */
export interface ForkOptions {
  /** Whether what it complains of is collected or shown where this process shows its own. */
  readonly complaints: 'pipe' | 'inherit';
  /** A group of its own, which the terminal's Ctrl+C does not reach. */
  readonly detached: boolean;
}

/** Starts one of the engine's own programs as a child that is talked to in structured clones. */
export function forkProgram(entry: URL, { complaints, detached }: ForkOptions): ChildProcess {
  // Options of this process (a debugger, a test runner's hooks) are not the child's.
  const { NODE_OPTIONS: _, ...env } = process.env;
  return fork(fileURLToPath(entry), [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', complaints, 'ipc'],
    execArgv: [],
    detached,
    env,
  });
}
