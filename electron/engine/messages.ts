import type { AccuracyComparison, RunEvent } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { EngineHost, OptimizeJob, OptimizeOutcome } from './host.ts';

/** Accuracy of B against A on the verify part of some data. */
export interface EvaluateJob {
  readonly modelPathA: string;
  readonly modelPathB: string;
  readonly dataPath: string;
  readonly seed: number;
}

/** What the engine process can be started for, with what comes out of it. */
export interface EngineJobs {
  readonly optimize: { readonly job: OptimizeJob; readonly value: OptimizeOutcome };
  readonly evaluate: { readonly job: EvaluateJob; readonly value: AccuracyComparison };
}
export type JobName = keyof EngineJobs;

/** The engine's side: one function a job. */
export type JobTable = {
  readonly [N in JobName]: (
    job: EngineJobs[N]['job'],
    host: EngineHost,
  ) => Promise<Result<EngineJobs[N]['value'], AppError>>;
};

/** The host's methods that answer, asked over the channel. */
export type Asked = 'time' | 'profile' | 'peakMemory' | 'recall' | 'record' | 'saveCandidates';
export type Ask = {
  [M in Asked]: { readonly method: M; readonly args: Parameters<EngineHost[M]> };
}[Asked];

/** From the app to the engine process; `start` comes first and once. */
export type ToEngine =
  | {
      [N in JobName]: { readonly kind: 'start'; readonly name: N; readonly job: EngineJobs[N]['job'] };
    }[JobName]
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'cancel' };

/** From the engine process to the app; `done` or `bug` comes last. */
export type FromEngine =
  | { readonly kind: 'ask'; readonly id: number; readonly ask: Ask }
  | { readonly kind: 'event'; readonly event: RunEvent }
  | { readonly kind: 'done'; readonly result: Result<unknown, AppError> }
  | { readonly kind: 'bug'; readonly message: string; readonly stack: string };
