import type { Disagreement } from '../../../electron/contract/views.ts';

/** Who is right on the samples on which A and B say different things. */
export interface SampleCounts {
  readonly onlyB: number;
  readonly onlyA: number;
  readonly neither: number;
  /** Samples without a label: nobody can be called right. */
  readonly unlabelled: number;
}

/** Counts by whether A or B says the label. */
export function countSamples(disagreements: readonly Disagreement[]): SampleCounts {
  const counts = { onlyB: 0, onlyA: 0, neither: 0, unlabelled: 0 };
  for (const { label, a, b } of disagreements) {
    if (label === null) counts.unlabelled++;
    else if (label === b) counts.onlyB++;
    else if (label === a) counts.onlyA++;
    else counts.neither++;
  }
  return counts;
}
