import { type ChildProcess, spawn } from 'node:child_process';
import { fail, ok, type Result } from '../contract/result.ts';
import type { LinkEnd, RunnerLink } from './link.ts';
import type { BoardShell, CommandOutcome, ShellError } from './shell.ts';
import { type RunWithInput, uploadThrough } from './upload.ts';

const defaultStallMs = 30_000;

/** The shell of this computer, standing in for a board: for deployments to `local`. */
export function makeLocalShell(): BoardShell {
  return {
    board: 'local',
    link: 'local',
    lost: new Promise(() => {}),
    run: runLocally,
    upload: (source, path, options) => uploadThrough('local', runLocally, source, path, options),
    start: async (script) => ok(linkTo(startShell(script))),
    close: async () => {},
  };
}

/** Links to a process that was started with pipes; dropping the link kills the process. */
export function linkTo(child: ChildProcess): RunnerLink {
  const ended = new Promise<LinkEnd>((resolve) => {
    child.once('error', (error) => resolve({ kind: 'lost', reason: error.message }));
    child.once('close', (code, signal) =>
      resolve(signal ? { kind: 'killed', signal } : { kind: 'exited', code: code ?? 0 }),
    );
  });
  return {
    input: child.stdin!,
    output: child.stdout!,
    complaints: child.stderr!,
    ended,
    destroy: () => void child.kill('SIGKILL'),
  };
}

function startShell(script: string): ChildProcess {
  // A group of its own, so that what the script started ends with it.
  return spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
}

/** Runs a script as `BoardShell.run` does, in the shell of this computer. */
export async function runLocally(
  script: string,
  options: Parameters<RunWithInput>[1] = {},
): Promise<Result<CommandOutcome, ShellError>> {
  const { signal, stallMs = defaultStallMs, input } = options;
  if (signal?.aborted) return fail({ kind: 'cancelled' });
  const child = startShell(script);
  const { ended } = linkTo(child);
  let output = '';
  let complaints = '';
  let refusal: ShellError | null = null;
  const stop = (error: ShellError): void => {
    refusal = error;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  };
  const reason = `nothing moved for ${Math.round(stallMs / 1000)} s`;
  const onStall = (): void => stop({ kind: 'boardLost', board: 'local', reason });
  let timer = setTimeout(onStall, stallMs);
  const moved = (): void => {
    clearTimeout(timer);
    timer = setTimeout(onStall, stallMs);
  };
  const onAbort = (): void => stop({ kind: 'cancelled' });
  signal?.addEventListener('abort', onAbort, { once: true });
  child.stdout?.on('data', (chunk: Buffer) => {
    moved();
    const text = chunk.toString('utf8');
    output += text;
    options.onOutput?.(text);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    moved();
    complaints += chunk.toString('utf8');
  });
  // A command that ends before it has read all says so by its exit code.
  child.stdin?.on('error', () => {});
  if (input && child.stdin) {
    input.on('data', moved);
    // The one who gave the input knows why it broke.
    input.on('error', () => child.stdin?.destroy());
    input.pipe(child.stdin);
  } else child.stdin?.end();

  const end = await ended;
  clearTimeout(timer);
  signal?.removeEventListener('abort', onAbort);
  input?.destroy();
  if (refusal) return fail(refusal);
  if (end.kind === 'lost') return fail({ kind: 'boardLost', board: 'local', reason: end.reason });
  return ok({
    code: end.kind === 'exited' ? end.code : null,
    signal: end.kind === 'killed' ? end.signal : null,
    output: output.trim(),
    complaints: complaints.trim(),
  });
}
