import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AppError } from '../contract/errors.ts';
import { fail, type Result } from '../contract/result.ts';
import type { EngineHost } from '../engine/host.ts';
import type { FromEngine, ToEngine } from '../engine/messages.ts';

const entryFile = fileURLToPath(new URL('../engine/main.ts', import.meta.url));
const killAfterMs = 5_000;

/**
 * Runs one job in an engine process of its own and answers what it asks. The process ends with the job, with
 * `host.signal` (after a moment to stop by itself), or with this one. Errors: those of the job, `engineDied`.
 */
export function runInEngine<T>(
  job: ToEngine,
  host: EngineHost,
  entry = entryFile,
): Promise<Result<T, AppError>> {
  const child = fork(entry, {
    execPath: process.execPath,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let lastLine = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    const lines = `${lastLine}${chunk.toString()}`.split('\n').filter((line) => line.trim() !== '');
    lastLine = lines.find((line) => /Error/.test(line)) ?? lines.at(-1) ?? '';
  });
  const send = (message: ToEngine): void => {
    if (child.connected) child.send(message);
  };
  return new Promise((resolve) => {
    let killer: NodeJS.Timeout | undefined;
    const abort = (): void => {
      send({ type: 'abort' });
      killer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    };
    const finish = (result: Result<T, AppError>): void => {
      clearTimeout(killer);
      host.signal.removeEventListener('abort', abort);
      if (child.connected) child.disconnect();
      child.kill('SIGKILL');
      resolve(result);
    };
    host.signal.addEventListener('abort', abort, { once: true });
    child.on('message', (message: FromEngine) => {
      if (message.type === 'event') host.event(message.event);
      // The job's own kind of result comes back: the caller names it.
      else if (message.type === 'done') finish(message.result as Result<T, AppError>);
      else
        void answer(host, message).then(
          (value) => send({ type: 'answer', id: message.id, value }),
          (error: unknown) =>
            finish(
              fail({ kind: 'engineDied', reason: error instanceof Error ? error.message : String(error) }),
            ),
        );
    });
    child.on('error', (error) => finish(fail({ kind: 'engineDied', reason: error.message })));
    child.on('exit', (code, signal) =>
      finish(
        fail(
          host.signal.aborted
            ? { kind: 'cancelled' }
            : { kind: 'engineDied', reason: lastLine.trim() || `it ended with ${signal ?? code}` },
        ),
      ),
    );
    if (host.signal.aborted) return abort();
    send(job);
  });
}

/** Calls the host's method of that name; the engine is our own program, so its arguments are what they must be. */
function answer(host: EngineHost, call: Extract<FromEngine, { type: 'call' }>): Promise<unknown> {
  const method = host[call.method] as (...args: readonly unknown[]) => Promise<unknown>;
  return method(...call.args);
}
