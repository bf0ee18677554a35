import type { AccuracyComparison, RunEvent } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { EngineHost, OptimizeJob, OptimizeOutcome } from './host.ts';

/** The calls of `EngineHost` that go to the app and come back with an answer. */
export type HostCall = Exclude<keyof EngineHost, 'signal' | 'event'>;

/** A comparison of two model files on the verify part of a data set. */
export interface EvaluateJob {
  readonly modelPathA: string;
  readonly modelPathB: string;
  readonly dataPath: string;
}

/** From the app to its engine. */
export type ToEngine =
  | { readonly type: 'optimize'; readonly job: OptimizeJob }
  | { readonly type: 'evaluate'; readonly job: EvaluateJob }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly type: 'abort' };

/** From the engine to the app. */
export type FromEngine =
  | {
      readonly type: 'call';
      readonly id: number;
      readonly method: HostCall;
      readonly args: readonly unknown[];
    }
  | { readonly type: 'event'; readonly event: RunEvent }
  | { readonly type: 'done'; readonly result: Result<OptimizeOutcome | AccuracyComparison, AppError> };
