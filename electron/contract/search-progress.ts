import type { RunResult } from './run-result.ts';

/** How many candidates came how far, as in `result.json`. */
export type Funnel = Omit<RunResult['search'], 'seconds'>;

/** A candidate model as a point between latency and accuracy. */
export interface FrontPoint {
  readonly id: string;
  /** A's time over its time, as screened on the board or, once confirmed, as compared. */
  readonly speedup: number;
  /** Percent on the samples for choosing, or on those for verifying once confirmed; null before it was measured. */
  readonly accuracy: number | null;
  /** Percent of A on the same samples: points of different samples compare by their distance to it. */
  readonly originalAccuracy: number | null;
  readonly state: 'screened' | 'tuned' | 'confirmed' | 'refused';
  readonly replacements: number;
  /** Intervals of a confirmed point. */
  readonly speedupInterval95: readonly [number, number] | null;
  readonly accuracyInterval95: readonly [number, number] | null;
}

/** The program that is tried now beside what it would replace, as the printer shows them. */
export interface TriedProgram {
  readonly operators: readonly string[];
  readonly from: string;
  readonly to: string;
  readonly origin: string;
}
