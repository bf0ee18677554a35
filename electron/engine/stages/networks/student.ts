import type { Parameters, Program } from '../../instructions/program.ts';
import { isMadeOf } from '../../search/draft.ts';
import type { Edit } from '../../search/edits.ts';
import type { Candidate } from '../candidates/search.ts';
import type { Study } from '../study.ts';

/** A program in place of all of A, on its way from edits to a model file. */
export interface Student {
  /** Equal for equal students of one run. */
  readonly key: string;
  /** The edits of each round, each on what the one before left; none: A after the exact rewrites. */
  readonly rounds: readonly (readonly Edit[])[];
  /** Candidates that were measured alone and are all there is to it; none where its edits are others. */
  readonly candidates: readonly Candidate[];
  readonly program: Program;
  readonly parameters: Parameters;
  /** A's time over its time on the board, as a whole model. */
  readonly speedup: number;
  /** The same in 8 bits; null where that is no faster. */
  readonly int8Speedup: number | null;
  /** Weights of A whose contractions, or what is made of them, stay in float in that form: the first of the network. */
  readonly inFloat: readonly string[];
  /** KL divergence to A on samples of `select` after the closed-form fit, nats (for plain values: 1 − cosine). */
  readonly damage: number;
}

/** A after the exact rewrites, of which no form has been timed. */
export const originalStudent = ({ whole }: Pick<Study, 'whole'>) => ({
  ...whole!,
  key: 'A',
  rounds: [],
  candidates: [],
  damage: 0,
});

/** Says of a weight whether what is made of it goes over in the 8-bit form. */
export const isInInt8 =
  ({ inFloat }: Pick<Student, 'inFloat'>) =>
  (weight: string): boolean =>
    !inFloat.some((original) => isMadeOf(weight, original));

/** The faster of a student's two forms. */
export const bestSpeedup = ({ speedup, int8Speedup }: Pick<Student, 'speedup' | 'int8Speedup'>): number =>
  Math.max(speedup, int8Speedup ?? 0);

/** How numbers are held while the model runs. */
export type Precision = 'float' | 'int8';

/** A student in one precision, as it could be delivered. */
export interface Contender {
  readonly student: Student;
  readonly precision: Precision;
  /** A's time over its time on the board. */
  readonly speedup: number;
  /** Percent on `select`. */
  readonly selectAccuracy: number;
  /** Steps of fine-tuning. */
  readonly steps: number;
  /** What goes into the file. */
  readonly form: { readonly program: Program; readonly parameters: Parameters };
}

/** Name of a contender in events and stores. */
export const keyOfContender = ({ student, precision }: Pick<Contender, 'student' | 'precision'>): string =>
  precision === 'float' ? student.key : `${student.key} in 8 bits`;
