import type { GraphLevel, RunEvent, SearchStrategy } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { RunResult } from '../contract/run-result.ts';
import type { RunDetails } from '../contract/views.ts';
import type { ReportExtras } from '../report/extras.ts';
import type {
  ProfileReply,
  ProfileRequest,
  SessionSettings,
  TimeReply,
  TimeRequest,
} from '../runner/protocol.ts';
import type { StoredCandidate } from '../store/candidates.ts';
import type { Experience, Trial } from '../store/experiences.ts';

/** One optimization, as the engine gets it. */
export interface OptimizeJob {
  readonly modelPath: string;
  readonly dataPath: string;
  readonly threads: number;
  /** Of every session on the board. */
  readonly level: GraphLevel;
  readonly strategy: SearchStrategy;
  readonly groupSize: number;
  readonly seed: number;
  readonly budgetSeconds: number;
  /** Seconds that earlier, interrupted attempts at this run have used of the budget. */
  readonly elapsedSeconds: number;
  /** Percentage points. */
  readonly maxAccuracyDrop: number;
  readonly targetSpeedup: number | null;
}

/** A finished piece of work of the engine that a resumed run takes over instead of repeating it. */
export interface FinishedWork {
  readonly value: unknown;
  readonly blob: Uint8Array | null;
}

/** `screening`, the default: to choose which models go on. `claim`: A, A again and B, for what will be said of B. */
export type TimingPurpose = 'screening' | 'claim';

/** A profile with the graph as the runtime saved it (may be empty). */
export type ProfileWithGraph = ProfileReply & { readonly optimizedModel: Uint8Array };

/** A profile, with those of the further boards where a run has several. */
export type ProfileReplies = ProfileWithGraph & { readonly others?: readonly ProfileWithGraph[] };

/**
 * What the engine asks of the app. Board measurements are remembered by the app under a key of the request and
 * of the models' hashes, so asking again in a resumed run costs nothing.
 */
export interface EngineHost {
  readonly signal: AbortSignal;
  /**
   * Where a run has several boards, each model's times are those of the board where it gains least on the first; for
   * a claim, all times are those of the one board where the last model fares worst.
   */
  time(
    models: readonly Uint8Array[],
    request: Omit<TimeRequest, 'sha256s'>,
    purpose?: TimingPurpose,
  ): Promise<Result<TimeReply, AppError>>;
  /** The app keeps the analysis of all rounds of a model so far; a round is measured once. */
  profile(
    model: Uint8Array,
    request: Omit<ProfileRequest, 'sha256'>,
    round?: number,
  ): Promise<Result<ProfileReplies, AppError>>;
  /** Bytes, the most of all boards, or null where none can tell. */
  peakMemory(model: Uint8Array, settings: SessionSettings): Promise<Result<number | null, AppError>>;
  /** `key` is plain data that names the work, inputs included. */
  recall(kind: 'fit' | 'tune' | 'accuracy', key: unknown): Promise<FinishedWork | null>;
  record(kind: 'fit' | 'tune' | 'accuracy', key: unknown, work: FinishedWork): Promise<void>;
  saveCandidates(candidates: readonly StoredCandidate[]): Promise<void>;
  /** What earlier runs tried, those on this board first; the same list when the run is resumed. */
  experience(): Promise<readonly Experience[]>;
  /** Keeps what this run tried for later ones. */
  remember(trials: readonly Trial[]): Promise<void>;
  event(event: RunEvent): void;
}

/** A model of a run's front between speed and accuracy, kept so that another limit can be chosen later. */
export interface FrontModel {
  readonly id: string;
  /** A's time over its time, as screened on the board. */
  readonly speedup: number;
  /** Percent on the samples for choosing. */
  readonly selectAccuracy: number;
  /** Steps of fine-tuning. */
  readonly steps: number;
  readonly replacements: RunResult['replacements'];
  /** Its file. */
  readonly bytes: Uint8Array;
}

/** What choosing again needs of a run. */
export interface RunFront {
  /** Percent of A on the samples for choosing. */
  readonly originalSelect: number;
  /** Percent of A after the same fine-tuning on the samples for verifying; null where it was not tuned. */
  readonly tunedOriginal: number | null;
  /** None is both slower and less accurate than another; the slowest first. */
  readonly models: readonly FrontModel[];
}

/** Another choice from the front of a run that is done. */
export interface PickJob {
  /** As the run's, with the limit asked for now. */
  readonly job: OptimizeJob;
  readonly from: RunResult;
  readonly front: RunFront;
}

/** What an optimization found; the app adds the board, the stages and the run, and writes the reports. */
export interface OptimizeOutcome {
  readonly result: Omit<RunResult, 'schema' | 'run' | 'createdAt' | 'seed' | 'board' | 'stages'>;
  readonly extras: Omit<ReportExtras, 'identity'>;
  readonly details: RunDetails;
  readonly optimizedModel: Uint8Array;
  /** Null where nothing was searched, or for what was itself picked from a front. */
  readonly front: RunFront | null;
}

/** Chooses again from a front: verifies and compares, and searches nothing. Errors: as `Optimize`. */
export type Pick = (pick: PickJob, host: EngineHost) => Promise<Result<OptimizeOutcome, AppError>>;

/** The engine's one long job: `electron/engine/optimize.ts` implements it. */
export type Optimize = (job: OptimizeJob, host: EngineHost) => Promise<Result<OptimizeOutcome, AppError>>;
