import type { Features } from '../../store/experiences.ts';

/** Two structures that can be timed against each other: what would be replaced, and what would stand in its place. */
export interface Pair {
  readonly baseline: string;
  readonly structure: string;
  readonly baselineFeatures: Features;
  readonly features: Features;
}

/** Equal for pairs of the same two structures. */
export const pairKey = ({ baseline, structure }: Pick<Pair, 'baseline' | 'structure'>): string =>
  `${baseline} ${structure}`;

/** A measured pair, and how many times as fast what stood in its place was. */
export interface Sample extends Pair {
  readonly ratio: number;
}

/** The logarithm of how many times as fast a candidate is as what it replaces. */
export type LogRatio = (baseline: Features, candidate: Features) => number;
