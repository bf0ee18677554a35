import type { Features } from '../../store/experiences.ts';

/** One measured pair: what was replaced, what stood in its place, and how many times as fast that was. */
export interface Sample {
  readonly baseline: string;
  readonly structure: string;
  readonly baselineFeatures: Features;
  readonly features: Features;
  readonly ratio: number;
}

/** The logarithm of how many times as fast a candidate is as what it replaces. */
export type LogRatio = (baseline: Features, candidate: Features) => number;
