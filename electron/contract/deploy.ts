import type { BoardIdentity } from '../runner/protocol.ts';
import type { BoardChoice } from './api.ts';
import type { AppError } from './errors.ts';
import type { Trial } from './trial.ts';

/** What is put on a board: B of a run, or any model file. */
export type DeploySource =
  | { readonly kind: 'run'; readonly run: string }
  | { readonly kind: 'model'; readonly modelPath: string };

export interface DeployCall {
  readonly source: DeploySource;
  readonly board: BoardChoice;
  /** On the board, absolute: what the customer's service reads. */
  readonly path: string;
  /** A plain file that lies there may become managed. */
  readonly manage: boolean;
  /** The board need not be the one that the run was measured on. */
  readonly otherBoard: boolean;
  /** A model whose latest trial a person rejected may be put there all the same. */
  readonly despiteTrial: boolean;
  /** A lock whose owner has been quiet for long may be broken. */
  readonly breakLock: boolean;
  /** Run on the board after the switch, with a time limit. */
  readonly restart?: string;
  /** Run on the board until it ends with 0; else the model before comes back. */
  readonly health?: string;
  readonly healthTimeoutSeconds: number;
}

export interface RollbackCall {
  readonly board: BoardChoice;
  readonly path: string;
  /** sha256 of a version that lies there, or its beginning; default: the one before. */
  readonly to?: string;
  readonly breakLock: boolean;
}

export interface UnmanageCall {
  readonly board: BoardChoice;
  readonly path: string;
  readonly breakLock: boolean;
}

export interface CheckCall {
  readonly board: BoardChoice;
  /** Default: every path that was ever deployed to on this board. */
  readonly path?: string;
}

export type DeployAction = 'deploy' | 'rollback' | 'unmanage';

/** A model on a board, as people see it. */
export interface ModelThere {
  readonly sha256: string;
  readonly sizeBytes: number;
  /** ISO 8601, by the board's clock. */
  readonly modifiedAt: string;
}

/** How a person decided on a trial of B in A's shadow, if anybody has. */
export type DeployTrial = Pick<Trial, 'trial' | 'state' | 'decision'>;

/** All that a person has to know before anything changes on the board. */
export interface DeployPlan {
  readonly action: DeployAction;
  readonly board: BoardIdentity;
  readonly address: string;
  readonly path: string;
  readonly run: string | null;
  /** What will be active; null for `unmanage`, which changes no bytes. */
  readonly model: { readonly name: string; readonly sha256: string; readonly sizeBytes: number } | null;
  /** B of the run against A; accuracy in percentage points. */
  readonly comparison: {
    readonly speedup: number;
    readonly speedupInterval95: readonly [number, number];
    readonly accuracyChange: number;
    readonly accuracyChangeInterval95: readonly [number, number];
  } | null;
  /** The run was measured on a board of this name, which is not this one. */
  readonly measuredOn: string | null;
  /** The latest on this board of the run, or of the new model against the one there; null: none was held. */
  readonly trial: DeployTrial | null;
  readonly now: ModelThere | null;
  /** A plain file becomes managed. */
  readonly becomesManaged: boolean;
  readonly restart: string | null;
  readonly health: string | null;
  readonly healthTimeoutSeconds: number;
}

/** The new model on the board before the switch, against what this computer made of the same inputs. */
export interface SmokeFigures {
  readonly samples: number;
  readonly largestDifference: number;
  /** Largest ‖output − expected‖ / ‖expected‖ of a sample. */
  readonly relativeError: number;
  readonly medianUs: number;
  /** The inputs are samples of the run's data, kept aside from the search; else drawn at random. */
  readonly fromData: boolean;
}

export interface DeployResult {
  readonly id: string;
  readonly action: DeployAction;
  readonly board: BoardIdentity;
  readonly address: string;
  readonly path: string;
  /** sha256 of the model that is active now, as the board hashed it. */
  readonly active: string;
  /** The way home; null where there is none. */
  readonly previous: string | null;
  readonly smoke: SmokeFigures | null;
  /** As the plan said it; null: none was held, or the action is not `deploy`. */
  readonly trial: DeployTrial | null;
  readonly sentBytes: number;
  readonly restarted: boolean;
  readonly healthChecked: boolean;
  readonly seconds: number;
}

/** How far a deployment has come; `interrupted` is also seen where its process is gone. */
export type DeploymentState =
  | 'planned'
  | 'uploading'
  | 'verifying'
  | 'switching'
  | 'active'
  | 'rolled back'
  | 'failed'
  | 'cancelled'
  | 'interrupted';

/** One deployment, rollback or return, as the history keeps it. */
export interface DeploymentRecord {
  readonly id: string;
  readonly action: DeployAction;
  readonly state: DeploymentState;
  readonly boardId: string;
  readonly boardName: string;
  readonly address: string;
  readonly path: string;
  readonly run: string | null;
  /** What was to become active. */
  readonly sha256: string | null;
  /** What was active before. */
  readonly previous: string | null;
  readonly by: string;
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly failure: AppError | null;
}

/** How far a piece of work on a board had come that was cut off. */
export type CutOff = 'notSwitched' | 'finished' | 'unchecked' | 'unmanaged' | 'stillManaged';

/** What a board says of one path. */
export interface PathReport {
  readonly path: string;
  readonly standing:
    | 'managed'
    | 'plain'
    | 'missing'
    /** Something that Fieldtune does not take: a folder, a device, a link of somebody else. */
    | 'foreign';
  readonly active: ModelThere | null;
  /** The active file is the one that the manifest beside it names; null where there is no manifest. */
  readonly matches: boolean | null;
  /** Versions that lie there, the newest first; `sound`: its bytes are what its manifest says. */
  readonly versions: readonly {
    readonly sha256: string;
    readonly isActive: boolean;
    readonly isPrevious: boolean;
    readonly sound: boolean;
  }[];
  /** Who works there now, as `user@computer`; null: nobody. */
  readonly lockedBy: string | null;
  /** What was found cut off; it has been brought to its end unless somebody works there. */
  readonly cutOff: { readonly what: CutOff; readonly by: string; readonly at: string } | null;
}

export interface CheckResult {
  readonly board: BoardIdentity;
  readonly address: string;
  readonly paths: readonly PathReport[];
}

/** Whether all this may be done to a board. */
export interface DeploymentQuestion {
  readonly kind: 'deployment';
  readonly plan: DeployPlan;
}

/** What a job around a model on a board was asked for. */
export type DeployRequest =
  | ({ readonly kind: 'deploy' } & DeployCall)
  | ({ readonly kind: 'rollback' } & RollbackCall)
  | ({ readonly kind: 'unmanage' } & UnmanageCall)
  | ({ readonly kind: 'checkDeployments' } & CheckCall);

/** What came of it. */
export type DeployOutcome =
  | { readonly kind: DeployAction; readonly deployed: DeployResult }
  | { readonly kind: 'checkDeployments'; readonly check: CheckResult };
