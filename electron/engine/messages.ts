import type { AccuracyComparison, RunEvent } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { DataDetail, GraphDiff, ModelDetail } from '../contract/views.ts';
import type { EngineHost, OptimizeJob, OptimizeOutcome, PickJob } from './host.ts';

/** Accuracy of B against A on the verify part of some data. */
export interface EvaluateJob {
  readonly modelPathA: string;
  readonly modelPathB: string;
  readonly dataPath: string;
  readonly seed: number;
}

/** A model file with its graph. */
export interface InspectModelJob {
  readonly modelPath: string;
}

/** Data with a preview; with a model, held against it by running it. */
export interface InspectDataJob {
  readonly dataPath: string;
  readonly modelPath: string | null;
  /** Cuts the data into the parts that a run of this seed has. */
  readonly seed: number;
}

/** Some samples of the verify part. */
export interface InspectSamplesJob {
  readonly dataPath: string;
  /** Picks the preprocessing: what is shown is what this model gets. */
  readonly modelPath: string;
  readonly seed: number;
  /** Indices in the verify part. */
  readonly samples: readonly number[];
}

/** Samples as they look, in the order they were asked for. */
export interface InspectedSamples {
  /** Name of each class; null unlabelled. */
  readonly classNames: readonly string[] | null;
  readonly samples: readonly InspectedSample[];
}

/** One sample of the verify part. */
export interface InspectedSample {
  readonly sample: number;
  /** PNG as a data URL; null where a sample is no picture. */
  readonly picture: string | null;
  /** The first values, where it is no picture. */
  readonly values: readonly number[];
  readonly label: number | null;
}

/** Inputs of some calls, from the verify part. */
export interface ReadInputsJob {
  readonly dataPath: string;
  /** Picks the preprocessing. */
  readonly modelPath: string;
  readonly seed: number;
  /** Values that one call of the model takes. */
  readonly valuesPerCall: number;
  /** Most calls; fewer where the data has fewer. */
  readonly calls: number;
}

/** float32 LE inputs of each call. */
export interface ReadInputs {
  readonly calls: readonly Uint8Array[];
}

/** Two model files held against each other, operator by operator. */
export interface DiffModelsJob {
  readonly modelPathA: string;
  readonly modelPathB: string;
}

/** What the engine process can be started for, with what comes out of it. */
export interface EngineJobs {
  readonly optimize: { readonly job: OptimizeJob; readonly value: OptimizeOutcome };
  readonly pick: { readonly job: PickJob; readonly value: OptimizeOutcome };
  readonly evaluate: { readonly job: EvaluateJob; readonly value: AccuracyComparison };
  /** Errors: those of a model. The app knows better what the model is called and whether it is the sample. */
  readonly inspectModel: { readonly job: InspectModelJob; readonly value: ModelDetail };
  /** Errors: those of the data and of the model. */
  readonly inspectData: { readonly job: InspectDataJob; readonly value: DataDetail };
  /** Errors: those of the data; dataTooFew where a sample is not there (any more). */
  readonly inspectSamples: { readonly job: InspectSamplesJob; readonly value: InspectedSamples };
  /** Errors: those of the data; dataShape, dataTooFew where the model takes other inputs. */
  readonly readInputs: { readonly job: ReadInputsJob; readonly value: ReadInputs };
  /** Errors: those of a model. */
  readonly diffModels: { readonly job: DiffModelsJob; readonly value: GraphDiff };
}
export type JobName = keyof EngineJobs;

/** The engine's side: one function a job; a program that serves fewer jobs may leave the others out. */
export type JobTable = {
  readonly [N in JobName]: (
    job: EngineJobs[N]['job'],
    host: EngineHost,
  ) => Promise<Result<EngineJobs[N]['value'], AppError>>;
};

/** The host's methods that answer, asked over the channel. */
export type Asked =
  | 'time'
  | 'profile'
  | 'peakMemory'
  | 'recall'
  | 'record'
  | 'saveCandidates'
  | 'experience'
  | 'remember';
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
