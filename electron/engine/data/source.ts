import type { Plan } from './preprocess.ts';

/** Samples in their stored order, preprocessed when read. */
export interface Source {
  readonly count: number;
  /** Null: unlabelled. */
  readonly labels: Int32Array | null;
  /** As the model wants it, without batch. */
  readonly sampleShape: readonly number[];
  /** True where the stored values are bytes, as pictures are. */
  readonly isStoredAsBytes: boolean;
  readonly plan: Plan;
  /** From the stored form to the model's input, a sentence a step, in English. */
  readonly steps: readonly string[];
  /** Float32 [n, ...sampleShape] of the samples at `indices`. An index out of range is a bug. */
  read(indices: ArrayLike<number>): Promise<Float32Array> | Float32Array;
}

/** Throws unless every index is one of `count` samples. */
export function checkIndices(indices: ArrayLike<number>, count: number): void {
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] ?? -1;
    if (!Number.isInteger(index) || index < 0 || index >= count) {
      throw new Error(`Sample ${index} of ${count} was asked for`);
    }
  }
}
