import type { BoardIdentity } from '../runner/protocol.ts';
import type { AccuracyComparison, StageName, Verdict } from './api.ts';
import type { BoardConcern } from './concerns.ts';
import type { CutOff, DeployAction } from './deploy.ts';
import type { AppError } from './errors.ts';
import type { RunResult } from './run-result.ts';
import type { FrontPoint } from './search-progress.ts';
import type { JobQuestion } from './views.ts';

// What long work says while it goes on, as data: the wording is made by the face that shows it.

/** What the stage at work counts, or what it is at. Accuracies are percent, speedups A's time over the other's. */
export type ProgressNote =
  /** `board`: address of the one of several boards that it is for. */
  | { readonly kind: 'runnerBytes'; readonly board?: string; readonly secondsLeft?: number }
  /** `again`: the order of the operators was not certain after fewer calls. */
  | { readonly kind: 'calls'; readonly calls: number; readonly again: boolean }
  | { readonly kind: 'candidatesTimed' }
  | { readonly kind: 'candidatesFitted' }
  /** Generations of whole models until now, and how many models were timed in them. */
  | { readonly kind: 'generation'; readonly generation: number; readonly models: number }
  | { readonly kind: 'originalTuned' }
  /** `rung` and `student` count from 1. */
  | {
      readonly kind: 'studentAtWork';
      readonly rung: number;
      readonly student: number;
      readonly students: number;
      readonly speedup: number;
    }
  | {
      readonly kind: 'studentDone';
      readonly rung: number;
      readonly speedup: number;
      readonly accuracy: number;
      readonly originalAccuracy: number;
      readonly steps: number;
    }
  | { readonly kind: 'verified'; readonly model: 'original' | 'optimized' | 'tunedOriginal' }
  | { readonly kind: 'evaluated'; readonly model: 'a' | 'b'; readonly samples: number }
  | { readonly kind: 'pairs' }
  /** Seconds of a comparison over minutes, with the newest medians; null before there are any. */
  | {
      readonly kind: 'sustaining';
      readonly aUs: number | null;
      readonly bUs: number | null;
      readonly temperatureC: number | null;
    }
  /** Both models are called in turn while a sensor of power is read. */
  | { readonly kind: 'energy' }
  | { readonly kind: 'modelBytes' }
  /** Inputs that B has shadowed A on. */
  | { readonly kind: 'shadowing'; readonly agreed: number; readonly malformed: number };

/** What the measurements of a search cost and what was spared, as in `result.json`. */
export type SearchEffort = NonNullable<RunResult['search']['effort']>;

/** What a stage came to. */
export type StageSummary =
  | { readonly kind: 'connected'; readonly runtimeVersion: string; readonly board: string }
  /** `boards`: names of those that answered, of so many that were asked for. */
  | { readonly kind: 'connectedSeveral'; readonly boards: readonly string[]; readonly asked: number }
  /** `certain`: more calls would not change the order of the operators. */
  | {
      readonly kind: 'profiled';
      readonly calls: number;
      readonly operators: number;
      readonly certain: boolean;
    }
  | {
      readonly kind: 'ranked';
      readonly operators: number;
      readonly latencyUs: number;
      /** Spent on the ranking, and what a fixed number of calls takes; none in runs of earlier versions. */
      readonly inferences?: number;
      readonly inferencesFixed?: number;
    }
  | { readonly kind: 'rewritten'; readonly rewrites: number }
  | {
      readonly kind: 'searched';
      readonly proposed: number;
      readonly timed: number;
      /** None in runs of earlier versions. */
      readonly effort?: SearchEffort;
    }
  | { readonly kind: 'fitted'; readonly models: number }
  | {
      readonly kind: 'tuned';
      readonly speedup: number;
      readonly accuracy: number;
      readonly originalAccuracy: number;
    }
  /** `change`: percentage points, B − A. */
  | { readonly kind: 'verified'; readonly change: number; readonly samples: number }
  | {
      readonly kind: 'evaluated';
      readonly metric: AccuracyComparison['metric'];
      readonly samples: number;
    }
  | {
      readonly kind: 'compared';
      readonly speedup: number;
      readonly speedupInterval95: readonly [number, number];
    }
  | { readonly kind: 'paired'; readonly pairs: number }
  | { readonly kind: 'sustained'; readonly blocks: number; readonly minutes: number }
  | { readonly kind: 'shadowed'; readonly inputs: number; readonly agreed: number }
  | { readonly kind: 'reported'; readonly files: number }
  | { readonly kind: 'uploaded'; readonly sentBytes: number }
  /** `relativeError`: largest ‖output − expected‖ / ‖expected‖ of a sample. */
  | {
      readonly kind: 'smoked';
      readonly samples: number;
      readonly relativeError: number;
      readonly medianUs: number;
    }
  | {
      readonly kind: 'switched';
      readonly active: string;
      readonly previous: string | null;
      readonly restarted: boolean;
      readonly healthChecked: boolean;
    };

/** What a person should know although the work goes on. */
export type RunWarning =
  /** Something about the board's state will spoil what is about to be measured. */
  | {
      readonly kind: 'boardConcern';
      readonly concern: BoardConcern;
      /** Name of the board, where there are several. */
      readonly board?: string;
    }
  /** The run is resumed on `board`, which is not the one it began on: everything is measured again. */
  | { readonly kind: 'otherBoard'; readonly board: string }
  /** One of several boards failed, and the work goes on without it. */
  | { readonly kind: 'boardLeftOut'; readonly board: string; readonly error: AppError }
  /** A part of the SSH configuration that could not be judged was left out; `line` from 1. */
  | {
      readonly kind: 'sshConfigSkipped';
      readonly file: string;
      readonly line: number;
      readonly what: string;
    }
  /** The link broke off; it is being taken up again. */
  | { readonly kind: 'linkLost'; readonly board: string; readonly reason: string }
  /** The same board, with the same key, answers again; what was interrupted is done once more. */
  | { readonly kind: 'linkBack'; readonly board: string }
  /** The history was damaged: it lies at `setAside` now, and a new one was begun. */
  | {
      readonly kind: 'storeDamaged';
      readonly path: string;
      readonly setAside: string;
      readonly reason: string;
    }
  /** A deployment of this computer was cut off in an earlier session; the board tells more. */
  | {
      readonly kind: 'deploymentInterrupted';
      readonly board: string;
      readonly address: string;
      readonly path: string;
      readonly action: DeployAction;
      /** ISO 8601. */
      readonly at: string;
    }
  /** Found on the board and brought to its end: what somebody's work had come to when it was cut off. */
  | {
      readonly kind: 'deploymentCutOff';
      readonly board: string;
      readonly path: string;
      readonly cutOff: CutOff;
      readonly action: DeployAction;
      readonly by: string;
      readonly at: string;
    };

/** Why a run found nothing; speedups are A's time over the candidate's, changes percentage points. */
export type NothingFound =
  | { readonly kind: 'noSearch'; readonly obstacle: SearchObstacle }
  | { readonly kind: 'noneFaster' }
  | {
      readonly kind: 'accuracyLost';
      readonly allowed: number;
      /** What was judged on data kept aside, in turn. */
      readonly looks: readonly { readonly speedup: number; readonly change: number }[];
    }
  | {
      readonly kind: 'notFaster';
      readonly verdict: Exclude<Verdict, 'faster'>;
      /** Names of the boards where it was not, in a run with several. */
      readonly boards?: readonly string[];
    };

/** Why a model cannot be searched as a whole. */
export type SearchObstacle =
  | { readonly kind: 'severalInputs'; readonly inputs: number }
  /** It computes in 8 bits already, which no search begins from. */
  | { readonly kind: 'inEightBits'; readonly operator: string }
  | { readonly kind: 'undefinedOperator'; readonly operator: string; readonly reason: string };

/** What a line of a job's log says. */
export type LogEntry =
  | { readonly kind: 'runCreated'; readonly run: string; readonly out: string }
  | { readonly kind: 'boardConnected'; readonly identity: BoardIdentity; readonly installedBytes: number }
  | { readonly kind: 'warning'; readonly warning: RunWarning }
  | {
      readonly kind: 'stageFinished';
      readonly stage: StageName;
      readonly seconds: number;
      readonly summary: StageSummary;
    }
  /** The clean latency of A and its slowest operator; `share` 0 to 1. */
  | {
      readonly kind: 'ranking';
      readonly latencyUs: number;
      readonly slowest: { readonly name: string; readonly type: string; readonly share: number } | null;
    }
  | { readonly kind: 'originalAccuracy'; readonly percent: number }
  /** A point that is news: the fastest one screened so far, or one that went on. */
  | { readonly kind: 'point'; readonly point: FrontPoint }
  | { readonly kind: 'asked'; readonly question: JobQuestion }
  | { readonly kind: 'answered'; readonly about: JobQuestion['kind']; readonly accept: boolean }
  | { readonly kind: 'stopping'; readonly state: 'pausing' | 'cancelling' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: AppError | null }
  | { readonly kind: 'paused' }
  /** `kept`: there is a run that can go on. */
  | { readonly kind: 'cancelled'; readonly kept: boolean };
