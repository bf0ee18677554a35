import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Runs a program in this one's place: its terminal is this one's, and so are the signals and the exit code. `root`: the project. */
export function become(program, programArgs, root) {
  const child = spawn(program, programArgs, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal gives Ctrl+C to the child as well; a second one would end it at once.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(
      `Fieldtune could not be started because ${program} failed (${error.message}): run npm ci in ${root}.\n`,
    );
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}
