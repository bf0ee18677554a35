import type { AppError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { EngineHost } from './host.ts';
import type { Ask, EngineJobs, FromEngine, JobName, JobTable, ToEngine } from './messages.ts';

/** Makes this process an engine process: it waits for its one job, does it, and ends when the app is gone. */
export function serveEngine(jobs: Partial<JobTable>): void {
  // Ctrl+C in a terminal is for the app, which then cancels.
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit());

  const controller = new AbortController();
  const waiting = new Map<number, (value: unknown) => void>();
  const say = (message: FromEngine): void => {
    // The app may have gone between two messages; `disconnect` then ends this process.
    process.send?.(message, undefined, undefined, () => undefined);
  };
  const host = hostOver(controller.signal, say, waiting);

  process.on('message', (message: ToEngine) => {
    switch (message.kind) {
      case 'answer':
        waiting.get(message.id)?.(message.value);
        waiting.delete(message.id);
        return;
      case 'cancel':
        controller.abort();
        return;
      case 'start':
        work(message, jobs, host).then(
          (result) => say({ kind: 'done', result }),
          (bug: unknown) => say({ kind: 'bug', ...describe(bug) }),
        );
    }
  });
}

function work(
  start: Extract<ToEngine, { kind: 'start' }>,
  jobs: Partial<JobTable>,
  host: EngineHost,
): Promise<Result<EngineJobs[JobName]['value'], AppError>> {
  const missing = async (): Promise<never> => {
    throw new Error(`This engine program does no job ${start.name}`);
  };
  switch (start.name) {
    case 'optimize':
      return (jobs.optimize ?? missing)(start.job, host);
    case 'pick':
      return (jobs.pick ?? missing)(start.job, host);
    case 'evaluate':
      return (jobs.evaluate ?? missing)(start.job, host);
    case 'inspectModel':
      return (jobs.inspectModel ?? missing)(start.job, host);
    case 'inspectData':
      return (jobs.inspectData ?? missing)(start.job, host);
    case 'inspectSamples':
      return (jobs.inspectSamples ?? missing)(start.job, host);
    case 'readInputs':
      return (jobs.readInputs ?? missing)(start.job, host);
    case 'diffModels':
      return (jobs.diffModels ?? missing)(start.job, host);
  }
}

function hostOver(
  signal: AbortSignal,
  say: (message: FromEngine) => void,
  waiting: Map<number, (value: unknown) => void>,
): EngineHost {
  let nextId = 1;
  const ask = <T>(asked: Ask): Promise<T> => {
    const id = nextId++;
    return new Promise<T>((resolve) => {
      // The app answers with what its own `EngineHost` returned for this method; both ends are one build.
      waiting.set(id, (value) => resolve(value as T));
      say({ kind: 'ask', id, ask: asked });
    });
  };
  return {
    signal,
    time: (...args) => ask({ method: 'time', args }),
    profile: (...args) => ask({ method: 'profile', args }),
    peakMemory: (...args) => ask({ method: 'peakMemory', args }),
    recall: (...args) => ask({ method: 'recall', args }),
    record: (...args) => ask({ method: 'record', args }),
    saveCandidates: (...args) => ask({ method: 'saveCandidates', args }),
    experience: (...args) => ask({ method: 'experience', args }),
    remember: (...args) => ask({ method: 'remember', args }),
    event: (event) => say({ kind: 'event', event }),
  };
}

function describe(bug: unknown): { readonly message: string; readonly stack: string } {
  return bug instanceof Error
    ? { message: bug.message, stack: bug.stack ?? '' }
    : { message: String(bug), stack: '' };
}
