import type { BoardIdentity, OptimizationLevel } from '../runner/protocol.ts';
import type { CallArguments, CallResult, Changed, QueryName } from './calls.ts';
import type {
  CheckCall,
  CheckResult,
  DeployCall,
  DeploymentRecord,
  DeployPlan,
  DeployResult,
  RollbackCall,
  UnmanageCall,
} from './deploy.ts';
import type { EnergyFindings } from './energy.ts';
import type { AppError } from './errors.ts';
import type { AskSignIn } from './questions.ts';
import type { Result } from './result.ts';
import type { NothingFound, ProgressNote, RunWarning, StageSummary } from './run-notes.ts';
import type { RunResult } from './run-result.ts';
import type { FrontPoint, Funnel, TriedProgram } from './search-progress.ts';
import type { SustainedPoint, SustainedResult } from './sustained.ts';
import type { Trial, TrialCall, TrialProgress } from './trial.ts';
import type { BoardState, ConnectedBoard } from './views.ts';

/** The one API of all faces. Long work reports through `Listener` and stops at `signal`. */
export interface Api {
  profile(request: ProfileCall, listener: Listener): Promise<Result<ProfileResult, AppError>>;
  optimize(request: OptimizeCall, listener: Listener): Promise<Result<OptimizeResult, AppError>>;
  /** `acceptBoard`: as in `BoardChoice`. */
  resume(
    run: string,
    listener: Listener,
    changes?: { readonly acceptBoard?: string },
  ): Promise<Result<OptimizeResult, AppError>>;
  /** Chooses again from the front of a finished run, as a run of its own that searches nothing. */
  pick(request: PickCall, listener: Listener): Promise<Result<OptimizeResult, AppError>>;
  compare(request: CompareCall, listener: Listener): Promise<Result<CompareResult, AppError>>;
  /** Lets B shadow A on inputs that lie on the board; what comes out awaits a person's approval. */
  trial(request: TrialCall, listener: Listener): Promise<Result<Trial, AppError>>;
  history(filter: {
    readonly board?: string;
    readonly model?: string;
  }): Promise<Result<readonly RunSummary[], AppError>>;
  /** Connects, installs the runner where it is missing, reads the board's state, and closes. */
  connect(board: BoardChoice, listener: Listener): Promise<Result<ConnectedBoard, AppError>>;
  /** Puts a model where the customer's service reads it, tried on the board first, with a way home. */
  deploy(call: DeployCall, listener: Listener): Promise<Result<DeployResult, AppError>>;
  /** Makes an earlier version of the board active again. */
  rollback(call: RollbackCall, listener: Listener): Promise<Result<DeployResult, AppError>>;
  /** Gives the plain file back, and leaves nothing of Fieldtune beside it. */
  unmanage(call: UnmanageCall, listener: Listener): Promise<Result<DeployResult, AppError>>;
  /** What the history knows of deployments, the newest first. */
  deployments(filter: { readonly board?: string }): Promise<Result<readonly DeploymentRecord[], AppError>>;
  /** Asks a board what is active there, and brings to an end what was cut off. */
  checkDeployments(call: CheckCall, listener: Listener): Promise<Result<CheckResult, AppError>>;
  /** Looks at what Fieldtune put on a board for its measurements, or deletes it; deployments are none of it. */
  removeRunner(call: RemoveRunnerCall, listener: Listener): Promise<Result<RunnerRemoval, AppError>>;
  /** What the window asks for and gets at once. */
  query<N extends QueryName>(name: N, args: CallArguments<N>): Promise<CallResult<N>>;
  /** Calls back when what a query would give has changed; returns how to stop that. */
  onChange(listener: (what: Changed) => void): () => void;
  close(): Promise<void>;
}

/** Where to run: an address, and how to answer a first contact over SSH. */
export interface BoardChoice {
  /** `local` or `ssh://[user@]host[:port]`, where `host` may be an alias of `~/.ssh/config`. */
  readonly address: string;
  /** `SHA256:…`, several with commas for jump hosts: accept these host keys at a first contact without asking. */
  readonly acceptHostKey?: string;
  /** Id of a board that may be met at the address in place of the one that was met last there. */
  readonly acceptBoard?: string;
  /** Id of the board that has to be there; without it, the one that was met last at the address. */
  readonly expectBoard?: string;
  /** `SHA256:…`: this key of the board or of a jump host is given up for one that is accepted in its place. */
  readonly replaceHostKey?: string;
  /** Private key file; the agent and the usual key files are tried without it. */
  readonly identityFile?: string;
}

/**
 * How far the runtime may optimize a graph. `extended` leaves the blocked layout out: for boards whose runtime has
 * none, and on x64 in place of an Arm board.
 */
export const graphLevels = ['all', 'extended'] as const satisfies readonly OptimizationLevel[];
export type GraphLevel = (typeof graphLevels)[number];

/** How candidates are proposed; `random` samples the same space under the same budget, for comparison. */
export const searchStrategies = ['evolution', 'random'] as const;
export type SearchStrategy = (typeof searchStrategies)[number];

export interface ProfileCall {
  readonly modelPath: string;
  readonly board: BoardChoice;
  readonly threads: number;
  /** Default: `all`. */
  readonly level?: GraphLevel;
  readonly out?: string;
}

export interface OptimizeCall {
  readonly modelPath: string;
  readonly dataPath: string;
  readonly board: BoardChoice;
  /** All boards of a run with several, `board` first: each candidate counts as fast as where it gains least. */
  readonly boards?: readonly BoardChoice[];
  /** Folder of the results; must not exist, or be empty. Default: `out/<model>-<run>`. */
  readonly out?: string;
  /** Percentage points. */
  readonly maxAccuracyDrop: number;
  /** Stop at this ratio; without it, as fast as the accuracy allows within the budget. */
  readonly targetSpeedup?: number;
  readonly budgetSeconds: number;
  readonly threads: number;
  /** Default: `all`. */
  readonly level?: GraphLevel;
  /** Default: `evolution`. */
  readonly strategy?: SearchStrategy;
  /** N_o: how many operators of a kind one candidate may replace together. */
  readonly groupSize: number;
  readonly seed: number;
}

export interface PickCall {
  /** A finished run, or one that was itself chosen from one's front. */
  readonly run: string;
  /** Percentage points. */
  readonly maxAccuracyDrop: number;
  /** As in `OptimizeCall`. */
  readonly out?: string;
}

export interface CompareCall {
  readonly modelPathA: string;
  readonly modelPathB: string;
  readonly board: BoardChoice;
  /** All boards of a comparison on several, `board` first. */
  readonly boards?: readonly BoardChoice[];
  readonly dataPath?: string;
  /** Measure for so long with everything resident and nothing dropped; without it, a quick look. */
  readonly minutes?: number;
  readonly threads: number;
  /** Default: `all`. */
  readonly level?: GraphLevel;
}

export interface RemoveRunnerCall {
  readonly board: BoardChoice;
  /** Deletes nothing. */
  readonly onlyLook: boolean;
  /** Shows a person what was found before it is deleted; without it, the call itself is the yes. */
  readonly ask?: boolean;
}

/** What was found on a board that came there for measurements, and whether it was deleted. */
export interface RunnerRemoval {
  readonly board: string;
  readonly deleted: boolean;
  /** Folders on the board in which something was found. */
  readonly folders: readonly string[];
  readonly runners: number;
  readonly models: number;
  /** What installations left that did not come to their end. */
  readonly temporary: number;
  /** Runners at work, which are ended before anything is deleted. */
  readonly running: number;
  /** Null where the board cannot tell. */
  readonly sizeBytes: number | null;
}

/** Whether what was found on a board may be deleted; nothing was yet. */
export interface RemovalQuestion {
  readonly kind: 'removal';
  readonly found: RunnerRemoval;
}

/** What long work tells while it goes on, and asks. */
export interface Listener {
  readonly signal: AbortSignal;
  onEvent(event: RunEvent): void;
  /** First contact: resolves to `true` only when a person accepted this fingerprint. */
  confirmHostKey(board: string, fingerprint: string): Promise<boolean>;
  /** Asks for what only a person knows; null: nobody can be asked. */
  readonly ask: AskSignIn | null;
  /** Before anything changes on a board: resolves to `true` only when a person agreed. Without it, nobody does. */
  confirmDeployment?(plan: DeployPlan): Promise<boolean>;
  /** Before a runner is deleted for a call that asks. Without it, nobody agrees. */
  confirmRemoval?(found: RunnerRemoval): Promise<boolean>;
}

/** The stages of a run in their order. */
export const stageNames = [
  'connect',
  'profile',
  'rewrite',
  'search',
  'fit',
  'tune',
  'verify',
  'compare',
  'report',
  'trial',
] as const;
/** The stages of putting a model on a board, after `connect`. */
export const deployStageNames = ['upload', 'smoke', 'switch'] as const;
export type RunStageName = (typeof stageNames)[number];
export type StageName = RunStageName | (typeof deployStageNames)[number];

export type RunEvent =
  | { readonly kind: 'runCreated'; readonly run: string; readonly out: string }
  | { readonly kind: 'boardConnected'; readonly identity: BoardIdentity; readonly installedBytes: number }
  /**
   * The packed runner of so many bytes is about to be copied to the board; `seconds` by the measured rate of the link,
   * null where it could not be measured. `board`: address of the one of several boards that it is for.
   */
  | {
      readonly kind: 'installStarting';
      readonly sizeBytes: number;
      readonly seconds: number | null;
      readonly board?: string;
    }
  | { readonly kind: 'stageStarted'; readonly stage: StageName }
  /** `done` of `total` of whatever the stage counts. */
  | {
      readonly kind: 'progress';
      readonly stage: StageName;
      readonly done: number;
      readonly total: number;
      readonly note: ProgressNote;
    }
  | {
      readonly kind: 'stageFinished';
      readonly stage: StageName;
      readonly seconds: number;
      readonly summary: StageSummary;
    }
  /** The operators of A by their time, and its clean median latency. */
  | { readonly kind: 'ranking'; readonly latencyUs: number; readonly operators: readonly OperatorRow[] }
  | { readonly kind: 'funnel'; readonly funnel: Funnel }
  | { readonly kind: 'trying'; readonly program: TriedProgram }
  /** Percent of A on the samples for choosing. */
  | { readonly kind: 'originalAccuracy'; readonly percent: number }
  /** A point that is new or, by its id, further on than before. */
  | { readonly kind: 'point'; readonly point: FrontPoint }
  /** A comparison over minutes until now, whole each time. */
  | { readonly kind: 'sustained'; readonly points: readonly SustainedPoint[] }
  /** A trial until now, whole each time. */
  | { readonly kind: 'trial'; readonly progress: TrialProgress }
  | { readonly kind: 'warning'; readonly warning: RunWarning };

/** One row of the Operator Complexity Analysis. */
export interface OperatorRow {
  readonly name: string;
  readonly type: string;
  /** Part of the clean end-to-end latency, 0 to 1. */
  readonly share: number;
  readonly latencyUs: number;
  /** 95 % interval of `latencyUs`. */
  readonly latencyInterval95Us: readonly [number, number];
  readonly parameters: number;
  readonly multiplyAdds: number | null;
  readonly outputBytes: number;
  /** Operators of the user's model that this one absorbed when the runtime fused them. */
  readonly absorbed: readonly string[];
  /** False for a row that the runtime put in itself (layout changes). */
  readonly users: boolean;
}

export interface ProfileResult {
  readonly board: BoardIdentity;
  readonly threads: number;
  /** Missing in profiles from before it was kept, which were taken at `all`. */
  readonly level?: OptimizationLevel;
  readonly modelPath: string;
  readonly modelSha256: string;
  readonly parameters: number;
  readonly sizeBytes: number;
  /** Clean pass: the only source of claims. */
  readonly latencyUs: { readonly p50: number; readonly p90: number; readonly p99: number };
  readonly calls: number;
  /** Instrumented over clean median, e.g. 1.12. */
  readonly profilingOverhead: number;
  /** Clean latency that no operator explains, microseconds; may be negative by noise. */
  readonly unexplainedUs: number;
  readonly operators: readonly OperatorRow[];
  /** Runtime names that no operator of the user could be found for. */
  readonly unmapped: readonly string[];
  readonly rankingCertain: boolean;
  /** Files written, when `out` was given. */
  readonly files: readonly string[];
}

export interface OptimizeResult {
  readonly run: string;
  readonly result: RunResult;
  readonly improved: boolean;
  /** Why, in one English sentence as in `result.json`, when nothing was found; empty otherwise. */
  readonly explanation: string;
  /** Why, as data; null also where a run from before this was kept has only the sentence. */
  readonly reason: NothingFound | null;
  readonly files: readonly string[];
}

export type Verdict = 'faster' | 'slower' | 'inconclusive';

export interface CompareResult {
  readonly board: BoardIdentity;
  readonly threads: number;
  readonly level: GraphLevel;
  readonly a: ComparedModel;
  readonly b: ComparedModel;
  /** A's time over B's: above 1, B is faster. */
  readonly speedup: number;
  readonly speedupInterval95: readonly [number, number];
  readonly verdict: Verdict;
  /** Half-width of the ratio of A against itself under the same conditions. */
  readonly noiseFloor: number;
  readonly pairs: number;
  readonly droppedBlocks: number;
  readonly accuracy: AccuracyComparison | null;
  /** Of a comparison over minutes, whose verdict for the whole is the one above. */
  readonly sustained?: SustainedResult;
  /** Missing in comparisons from before it was kept, like the two below. */
  readonly energy?: EnergyFindings;
  /** Before anything was measured. */
  readonly state?: BoardState;
  /** Execution provider of the runtime. */
  readonly provider?: string;
  /** Every board of a comparison on several; what stands above is of the one that is the least certain to be faster. */
  readonly boards?: readonly ComparedBoard[];
}

/** One of several boards of a comparison. */
export interface ComparedBoard {
  readonly address: string;
  /** Why it was left out; null: it was not. */
  readonly error: AppError | null;
  readonly comparison: CompareResult | null;
}

export interface ComparedModel {
  readonly path: string;
  readonly sha256: string;
  readonly parameters: number;
  readonly sizeBytes: number;
  readonly latencyUs: { readonly p50: number; readonly p90: number; readonly p99: number };
}

/** B against A on the same samples. */
export interface AccuracyComparison {
  readonly metric: 'top-1' | 'agreement' | 'cosine';
  readonly samples: number;
  /** Percent; for `agreement` and `cosine` A is 100 by definition. */
  readonly a: number;
  readonly b: number;
  /** Percentage points, B − A. */
  readonly change: number;
  readonly changeInterval95: readonly [number, number];
  /** McNemar's exact p; null without labels. */
  readonly p: number | null;
  readonly cosine: number;
  readonly largestDifference: number;
}

export interface RunSummary {
  readonly run: string;
  readonly startedAt: string;
  readonly board: string;
  readonly boardName: string;
  readonly model: string;
  readonly modelSha256: string;
  readonly state: 'running' | 'interrupted' | 'improved' | 'no improvement' | 'failed' | 'cancelled';
  readonly speedup: number | null;
  readonly accuracyChange: number | null;
  readonly out: string;
}
