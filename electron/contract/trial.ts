import type { TrialCounts, TrialDisagreement, TrialMalformed } from '../runner/protocol.ts';
import type { BoardChoice, GraphLevel } from './api.ts';

/** B shadows A on inputs that lie on the board: what to run, and on what. */
export interface TrialCall {
  /** A run's original and optimized model, or any two. */
  readonly models: { readonly run: string } | { readonly modelPathA: string; readonly modelPathB: string };
  readonly board: BoardChoice;
  /** Folder on the board, absolute. */
  readonly inputs: string;
  /** Folder on the board that gets A's answers as `.npy`, absolute; made when missing. */
  readonly outputs?: string;
  /** Inputs after which it ends; default: all that are there. */
  readonly most?: number;
  /** Goes on with what is put into the folder, until it is stopped. */
  readonly watch?: boolean;
  readonly threads: number;
  /** Default: `all`. */
  readonly level?: GraphLevel;
}

/** Where a trial stands: only a person brings it further than `awaiting approval`. */
export type TrialState = 'awaiting approval' | 'approved' | 'rejected';

/** A trial as it is kept. */
export interface Trial {
  readonly trial: string;
  readonly startedAt: string;
  /** Null for two models that are of no run. */
  readonly run: string | null;
  readonly boardId: string;
  readonly boardName: string;
  readonly address: string;
  readonly a: TrialModel;
  readonly b: TrialModel;
  readonly threads: number;
  readonly level: GraphLevel;
  readonly inputs: string;
  readonly outputs: string | null;
  /** `interrupted`: nobody was there to see its end; the counts are those of the last save before. */
  readonly ended: 'complete' | 'stopped' | 'linkLost' | 'interrupted';
  /** Why the link went; empty otherwise. */
  readonly reason: string;
  readonly counts: TrialCounts;
  readonly agreementPercent: number;
  /** Wilson's, of all inputs that were run. */
  readonly agreementInterval95: readonly [number, number];
  /** At most 100, in order. */
  readonly disagreements: readonly TrialDisagreement[];
  /** At most 100, in order. */
  readonly malformed: readonly TrialMalformed[];
  /** Where the disagreements lie in whole on the board. */
  readonly folder: string;
  readonly state: TrialState;
  readonly decision: TrialDecision | null;
}

export interface TrialModel {
  readonly path: string;
  /** Of the file. */
  readonly sha256: string;
}

export interface TrialDecision {
  readonly by: string;
  readonly note: string;
  readonly at: string;
}

/** A disagreement without the outputs themselves, for lists. */
export type TrialDisagreementRow = Omit<TrialDisagreement, 'outputA' | 'outputB'>;

/** A trial for lists. */
export interface TrialCard extends Omit<Trial, 'disagreements'> {
  readonly disagreements: readonly TrialDisagreementRow[];
}

/** How a trial is going. */
export interface TrialProgress {
  readonly counts: TrialCounts;
  /** At most 100, in order. */
  readonly disagreements: readonly TrialDisagreementRow[];
  readonly malformed: readonly TrialMalformed[];
}

/** A person's word on a trial. */
export interface TrialVerdict {
  readonly trial: string;
  readonly decision: 'approved' | 'rejected';
  readonly by: string;
  readonly note: string;
}

/** Characters of the name of who decides. */
export const longestName = 100;
/** Characters of a note beside a decision. */
export const longestNote = 2_000;
