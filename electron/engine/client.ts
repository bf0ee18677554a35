import type { ChildProcess } from 'node:child_process';
import { setTimeout as setTimeoutAsync } from 'node:timers/promises';
import type { AppError } from '../contract/errors.ts';
import { fail, type Result } from '../contract/result.ts';
import { forkProgram } from './fork.ts';
import type { EngineHost } from './host.ts';
import type { Ask, EngineJobs, FromEngine, JobName, ToEngine } from './messages.ts';

/** Starts an engine process for one job, answers what it asks through `host`, and ends it. */
export type RunInEngine = <N extends JobName>(
  name: N,
  job: EngineJobs[N]['job'],
  host: EngineHost,
) => Promise<Result<EngineJobs[N]['value'], AppError>>;

/** What tests change. */
export interface EngineOptions {
  /** Program of the engine process; it calls `serveEngine`. */
  readonly entry?: URL;
  /** How long the engine may take to end by itself once it was cancelled or is done. */
  readonly graceMs?: number;
}

/** Thrown by a host's method for a failure after which the engine's work cannot go on, such as a full disk. */
export class HostFailure extends Error {
  readonly error: AppError;
  constructor(error: AppError) {
    super(error.kind);
    this.error = error;
  }
}

const defaultGraceMs = 2_000;
const lastWordsMs = 500;
const keptComplaintChars = 8_000;

/**
 * The way to run jobs in an engine process. Errors: those of the job; engineDied when the process ends by itself,
 * cancelled when the host's signal ended it. A bug inside the engine is thrown here, with the engine's stack.
 */
export function makeEngineRunner(options: EngineOptions = {}): RunInEngine {
  const entry = options.entry ?? new URL('./main.ts', import.meta.url);
  const graceMs = options.graceMs ?? defaultGraceMs;
  return async (name, job, host) => {
    if (host.signal.aborted) return fail({ kind: 'cancelled' });
    // What a name's job gives is what the engine, of the same build, says is done.
    type Done = Result<EngineJobs[typeof name]['value'], AppError>;
    // The app decides what the terminal's Ctrl+C means.
    const child = forkProgram(entry, { complaints: 'pipe', detached: true });
    const complaints = collectComplaints(child);
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ? `ended by ${signal}` : `exit code ${code}`));
    });
    const send = (message: ToEngine): void => {
      // A process that is gone shows as its end.
      if (child.connected) child.send(message, () => undefined);
    };
    let killTimer: NodeJS.Timeout | undefined;
    const endSoon = (): void => {
      killTimer ??= setTimeout(() => child.kill('SIGKILL'), graceMs);
    };
    const onAbort = (): void => {
      send({ kind: 'cancel' });
      endSoon();
    };
    host.signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await new Promise<Done>((resolve, reject) => {
        child.on('message', (message: FromEngine) => {
          switch (message.kind) {
            case 'event':
              host.event(message.event);
              return;
            case 'ask':
              answer(host, message.ask).then(
                (value) => send({ kind: 'answer', id: message.id, value }),
                (error: unknown) =>
                  error instanceof HostFailure ? resolve(fail(error.error)) : reject(error),
              );
              return;
            case 'done':
              resolve(message.result as Done);
              return;
            case 'bug':
              reject(bugOf(message));
          }
        });
        void ended.then(async (end) => {
          // Last words may come after the end, and after a disconnect the streams never close.
          await Promise.race([closed, setTimeoutAsync(lastWordsMs)]);
          const error: AppError = host.signal.aborted
            ? { kind: 'cancelled' }
            : { kind: 'engineDied', reason: tellingLine(complaints()) ?? end };
          resolve(fail(error));
        });
        send({ kind: 'start', name, job } as ToEngine); // name and job belong together by this function's type
      });
    } finally {
      host.signal.removeEventListener('abort', onAbort);
      if (child.connected) child.disconnect();
      endSoon();
      await ended;
      clearTimeout(killTimer);
    }
  };
}

function collectComplaints(child: ChildProcess): () => string {
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-keptComplaintChars);
  });
  return () => complaints;
}

/** The line that says what happened: the last that names an error, for a stack or an advertisement may follow it. */
function tellingLine(complaints: string): string | undefined {
  const lines = complaints
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('Node.js v'));
  return lines.findLast((line) => /error|fatal|abort|exception/i.test(line)) ?? lines.at(-1);
}

function bugOf(bug: Extract<FromEngine, { kind: 'bug' }>): Error {
  const error = new Error(`In the engine: ${bug.message}`);
  error.stack = `${error.message}\n${bug.stack}`;
  return error;
}

function answer(host: EngineHost, { method, args }: Ask): Promise<unknown> {
  switch (method) {
    case 'time':
      return host.time(...args);
    case 'profile':
      return host.profile(...args);
    case 'peakMemory':
      return host.peakMemory(...args);
    case 'recall':
      return host.recall(...args);
    case 'record':
      return host.record(...args);
    case 'saveCandidates':
      return host.saveCandidates(...args);
    case 'experience':
      return host.experience(...args);
    case 'remember':
      return host.remember(...args);
  }
}
