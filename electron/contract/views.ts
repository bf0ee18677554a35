import type { BoardInventory, BoardReading } from '../runner/board-reading.ts';
import type { BoardIdentity } from '../runner/protocol.ts';
import type {
  CompareCall,
  CompareResult,
  OperatorRow,
  OptimizeCall,
  ProfileCall,
  ProfileResult,
  RemovalQuestion,
  RemoveRunnerCall,
  RunnerRemoval,
  RunSummary,
  StageName,
  Verdict,
} from './api.ts';
import type { BoardConcern } from './concerns.ts';
import type { DeploymentQuestion, DeployOutcome, DeployRequest } from './deploy.ts';
import type { AppError } from './errors.ts';
import type { HostKeyQuestion, SignInQuestion } from './questions.ts';
import type { LogEntry, NothingFound, ProgressNote, StageSummary } from './run-notes.ts';
import type { RunResult } from './run-result.ts';
import type { FrontPoint, Funnel, TriedProgram } from './search-progress.ts';
import type { SustainedPoint } from './sustained.ts';
import type { TrialCall, TrialCard, TrialProgress } from './trial.ts';

/** What the window shows of the app as a whole. */
export interface AppInfo {
  readonly version: string;
  readonly face: 'browser' | 'electron';
  readonly platform: string;
  readonly stateFolder: string;
  /** The sample that comes with Fieldtune. */
  readonly sample: { readonly modelPath: string; readonly dataPath: string };
  /** Files can be chosen in a dialog of the system; otherwise they are uploaded or a path is typed. */
  readonly canChooseFiles: boolean;
  /** A browser engine is there to print the report. */
  readonly canPrintPdf: boolean;
  /** Whether secrets can be kept safely here, and by what. */
  readonly secrets: { readonly kept: boolean; readonly backend: string };
}

/** What a person set; all have defaults. */
export interface Settings {
  readonly language: 'system' | 'en' | 'ja';
  readonly theme: 'system' | 'light' | 'dark' | 'contrast';
  /** Defaults of the next run. */
  readonly maxAccuracyDrop: number;
  readonly budgetSeconds: number;
  readonly threads: number;
  readonly groupSize: number;
  readonly seed: number;
}

/** A board that was seen, by its id, or an address that was typed, as a row of the place Boards. */
export interface BoardCard {
  /** Where it was last: `local`, `ssh://user@host:port` or `serial:…`. */
  readonly address: string;
  readonly name: string;
  readonly link: 'local' | 'ssh' | 'serial';
  /** All addresses that lead to the board, the one used last first: `address` is the first. */
  readonly ways: readonly BoardWay[];
  /** Null: never connected. */
  readonly identity: BoardIdentity | null;
  readonly lastSeenAt: string | null;
  /** Key that the board showed when it was trusted; null without SSH or before the first contact. */
  readonly fingerprint: string | null;
}

/** An address at which a board was met, or that was typed for it. */
export interface BoardWay {
  readonly address: string;
  readonly link: BoardCard['link'];
  /** Null: never connected. */
  readonly lastSeenAt: string | null;
}

/** What a connect job found out. */
export interface ConnectedBoard {
  readonly address: string;
  readonly identity: BoardIdentity;
  /** Bytes copied to install the runner at this connect; 0 when it was there. */
  readonly installedBytes: number;
  readonly seconds: number;
  readonly state: BoardState;
  /** What it is made of; missing in a connection that another version made. */
  readonly inventory?: BoardInventory;
}

/** What would spoil a measurement, read from the board; what cannot be read is null. */
export interface BoardState {
  readonly governor: string | null;
  readonly clockMHz: readonly number[] | null;
  readonly temperatureC: number | null;
  readonly throttled: boolean | null;
  readonly load1: number;
  /** What to mend before measuring, worst first. */
  readonly concerns: readonly BoardConcern[];
  /** All that was read; missing in a state that another version kept. */
  readonly reading?: BoardReading;
}

export interface HostKey {
  readonly host: string;
  readonly type: string;
  readonly fingerprint: string;
}

/** A model that was opened or optimized once. */
export interface ModelCard {
  readonly sha256: string;
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly parameters: number;
  /** Null: the sample, before its first use. */
  readonly lastUsedAt: string | null;
  readonly isSample: boolean;
}

/** A model with its graph. */
export interface ModelDetail extends Omit<ModelCard, 'lastUsedAt'> {
  readonly opset: number;
  readonly producer: string;
  readonly inputs: readonly TensorPort[];
  readonly outputs: readonly TensorPort[];
  readonly operators: readonly GraphOperator[];
  /** Multiply-adds of one inference; null when a shape is not known. */
  readonly multiplyAdds: number | null;
  /** Operators without a definition in instructions: these stay as they are. */
  readonly opaque: readonly { readonly operator: string; readonly reason: string }[];
}

export interface TensorPort {
  readonly name: string;
  /** −1: any size. */
  readonly shape: readonly number[];
  readonly type: string;
}

/** A node of the graph; it is joined to those whose outputs are its inputs. */
export interface GraphOperator {
  readonly name: string;
  readonly type: string;
  /** Names of values; initializers are left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly parameters: number;
  readonly multiplyAdds: number | null;
  readonly outputShape: readonly number[] | null;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface DataCard {
  readonly path: string;
  readonly name: string;
  /** Null: the sample, before its first use. */
  readonly lastUsedAt: string | null;
  readonly isSample: boolean;
}

/** Data with a preview, held against a model by running it. */
export interface DataDetail {
  readonly path: string;
  readonly name: string;
  readonly task: 'classification' | 'unlabelled';
  readonly classes: readonly string[] | null;
  /** As the model gets it, without batch. */
  readonly sampleShape: readonly number[];
  readonly counts: { readonly fit: number; readonly select: number; readonly verify: number };
  /** The steps from the stored form to the model's input, in English, in order. */
  readonly preprocessing: readonly string[];
  /** Smallest, mean and largest value after preprocessing, over the preview. */
  readonly range: { readonly low: number; readonly mean: number; readonly high: number };
  /** Samples of each class in the parts for fitting and choosing; null unlabelled. */
  readonly samplesByClass: readonly number[] | null;
  readonly preview: readonly PreviewSample[];
  /** The model run on the first samples for choosing; null without a model. */
  readonly check: DataCheck | null;
}

export interface PreviewSample {
  /** PNG as a data URL; null where a sample is no picture. */
  readonly picture: string | null;
  /** The first values, where it is no picture. */
  readonly values: readonly number[];
  readonly label: number | null;
  /** What the model says; null when it was not run. */
  readonly predicted: number | null;
}

export interface DataCheck {
  readonly samples: number;
  /** Percent right; null unlabelled or where the model gives no classes. */
  readonly accuracy: number | null;
  /** Percent of the commonest class, the accuracy of guessing; null unlabelled. */
  readonly chance: number | null;
}

/** Long work as the window sees it: always whole, so a page that comes late has missed nothing. */
export interface JobState {
  readonly id: string;
  readonly kind: JobKind;
  readonly state: 'running' | 'pausing' | 'paused' | 'cancelling' | 'done' | 'failed' | 'cancelled';
  readonly request: JobRequest;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Id of the run, for an optimization. */
  readonly run: string | null;
  readonly identity: BoardIdentity | null;
  readonly installedBytes: number | null;
  readonly stages: readonly StageState[];
  /** Clean latency of A, microseconds; null before it was measured. */
  readonly originalUs: number | null;
  /** Percent of A on the samples for choosing; null before it was measured. */
  readonly originalAccuracy: number | null;
  /** Operators of A, the slowest first. */
  readonly ranking: readonly OperatorRow[];
  readonly funnel: Funnel;
  readonly points: readonly FrontPoint[];
  readonly current: TriedProgram | null;
  /** Of a comparison over minutes until now, at most 120. */
  readonly sustained?: readonly SustainedPoint[];
  /** Of a trial until now. */
  readonly trial?: TrialProgress;
  readonly log: readonly LogLine[];
  readonly question: JobQuestion | null;
  readonly error: AppError | null;
  readonly outcome: JobOutcome | null;
}
export type JobKind = JobRequest['kind'];

export type JobRequest =
  | { readonly kind: 'connect'; readonly address: string }
  | ({ readonly kind: 'profile' } & ProfileCall)
  | ({ readonly kind: 'optimize' } & OptimizeCall)
  | ({ readonly kind: 'compare' } & CompareCall)
  | ({ readonly kind: 'trial' } & TrialCall)
  | ({ readonly kind: 'removeRunner' } & RemoveRunnerCall)
  | DeployRequest;

export type JobOutcome =
  | { readonly kind: 'connect'; readonly board: ConnectedBoard }
  | { readonly kind: 'profile'; readonly profile: ProfileResult }
  | {
      readonly kind: 'optimize';
      readonly run: string;
      readonly improved: boolean;
      /** In English; for where `reason` is null. */
      readonly explanation: string;
      readonly reason: NothingFound | null;
      readonly speedup: number;
      readonly speedupInterval95: readonly [number, number];
      readonly accuracyChange: number;
      readonly accuracyChangeInterval95: readonly [number, number];
      readonly verdict: Verdict;
    }
  | { readonly kind: 'compare'; readonly comparison: CompareResult }
  | { readonly kind: 'trial'; readonly trial: TrialCard }
  | { readonly kind: 'removeRunner'; readonly removal: RunnerRemoval }
  | DeployOutcome;

export interface StageState {
  readonly name: StageName;
  readonly state: 'waiting' | 'running' | 'done';
  readonly seconds: number;
  /** Of the work that the stage counts, 0 to 1; null where nothing is counted. */
  readonly done: number | null;
  /** How much that work is in all, in what the stage counts, such as rounds; null or missing where nothing is counted. */
  readonly total?: number | null;
  /** Null while there is none to tell. */
  readonly note: ProgressNote | null;
  /** Null until it is done. */
  readonly summary: StageSummary | null;
}

export interface LogLine {
  readonly at: string;
  readonly level: 'info' | 'warning';
  readonly entry: LogEntry;
}

/** The open question of a job; `id` names it in the answer, so that a late answer never meets another question. */
export type JobQuestion = (HostKeyQuestion | SignInQuestion | DeploymentQuestion | RemovalQuestion) & {
  readonly id: number;
};

/** A run in whole. */
export interface RunDetail {
  readonly summary: RunSummary;
  readonly request: OptimizeCall;
  readonly finishedAt: string | null;
  /** In English; `details.reason` has the same as data. */
  readonly explanation: string;
  /** Null: it did not come to its end. */
  readonly result: RunResult | null;
  readonly details: RunDetails | null;
  /** `summary`: null where a stage has not come to its end, or is of an earlier version. */
  readonly stages: readonly {
    readonly name: StageName;
    readonly seconds: number;
    readonly summary: StageSummary | null;
  }[];
  /** Models that another limit can be chosen from without a search; 0 where none were kept. */
  readonly frontModels: number;
  /** Names of the files in its folder that are still there. */
  readonly files: readonly string[];
}

/** What a run found beyond `result.json`; kept by the store. */
export interface RunDetails {
  /** Single-call latencies of the comparison in the order they were taken, microseconds; at most 2,000 each. */
  readonly callsUs: { readonly a: readonly number[]; readonly b: readonly number[] };
  /** A's time over B's, block by block. */
  readonly blockRatios: readonly number[];
  /** Half-width of the ratio of A against itself. */
  readonly noiseFloor: number | null;
  readonly pairs: number;
  /** Blocks left out because the board was throttled or its clock changed; missing in runs from before it was kept. */
  readonly droppedBlocks?: number;
  readonly conditions: {
    readonly governor: string | null;
    readonly temperatureC: number | null;
    readonly clockMHz: readonly number[] | null;
    readonly throttled: boolean | null;
    readonly load1: number;
  } | null;
  readonly optimizedOperators: RunResult['operators'];
  readonly profilingOverhead: number | null;
  readonly unexplainedUs: number | null;
  readonly points: readonly FrontPoint[];
  /** Samples of the verify part on which A and B say different things, at most 200. */
  readonly disagreements: readonly Disagreement[];
  readonly disagreementCount: number;
  /** Why nothing was found; missing where something was, and in runs from before it was kept. */
  readonly reason?: NothingFound;
}

export interface Disagreement {
  /** Index in the verify part. */
  readonly sample: number;
  readonly label: number | null;
  readonly a: number;
  readonly b: number;
}

export interface DisagreementPicture extends Disagreement {
  readonly picture: string | null;
  readonly values: readonly number[];
  readonly labelName: string | null;
  readonly aName: string;
  readonly bName: string;
}

/** The graphs of A and B: operators that are gone, new, or the same. */
export interface GraphDiff {
  readonly operators: readonly (GraphOperator & { readonly change: 'same' | 'removed' | 'added' })[];
}

export interface RunPage {
  readonly total: number;
  readonly rows: readonly RunSummary[];
}

/** One finished run of a model on a board, for the trend. */
export interface TrendPoint {
  readonly run: string;
  readonly startedAt: string;
  readonly originalUs: number;
  readonly optimizedUs: number;
  readonly speedup: number;
  readonly speedupInterval95: readonly [number, number];
  readonly accuracyChange: number;
  /** Points with another of these cannot be joined by a line. */
  readonly conditions: string;
}

export interface StorageUse {
  readonly folder: string;
  readonly databaseBytes: number;
  readonly blobBytes: number;
  readonly runs: number;
  readonly deletedRuns: number;
}
