import type { Features } from '../../store/experiences.ts';
import { fitPrices } from './additive.ts';
import { fitProcess } from './process.ts';
import { type LogRatio, pairKey, type Sample } from './sample.ts';

/** Foretells how many times as fast one program is as another; see `learn`. */
export interface Predictor {
  /** Distinct pairs of structures that it learned from. */
  readonly structures: number;
  /**
   * Error on groups that were held out: of |log of the measured over the predicted ratio| the median and the 90th
   * percentile, and of the same with its sign the 90th, by which a candidate may be faster than predicted.
   */
  readonly heldOut: { readonly median: number; readonly p90: number; readonly faster: number };
  ratio(baseline: Features, candidate: Features): number;
}

/** Fewer pairs, or pairs of fewer groups, teach nothing that could be trusted. */
const fewestStructures = 60;
const fewestGroups = 5;
/** The newest of more are learned from: the cost grows with the cube. */
const mostStructures = 500;
const folds = 5;
/** However well it foretells, measurements vary by this. */
const leastError = 0.03;

/**
 * Learns the latency of programs, up to a factor, from measured ratios of `samples`, the newest first (of equal pairs
 * the first counts). The error comes from groups that a fit has not seen, nor any structure that it is tested on.
 * Null where there are too few samples.
 */
export function learn(samples: readonly Sample[]): Predictor | null {
  const distinct = newestOf(samples);
  if (distinct.length < fewestStructures) return null;
  const groups = [...new Set(distinct.map((s) => s.baseline))];
  if (groups.length < fewestGroups) return null;
  const errors: number[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const held = new Set(groups.filter((_, i) => i % folds === fold));
    const tested = distinct.filter((s) => held.has(s.baseline));
    const seen = new Set(tested.flatMap((s) => [s.baseline, s.structure]));
    const rest = distinct.filter((s) => !seen.has(s.baseline) && !seen.has(s.structure));
    const fitted = fitBoth(rest);
    if (!fitted) return null;
    for (const s of tested) errors.push(Math.log(s.ratio) - fitted(s.baselineFeatures, s.features));
  }
  const whole = fitBoth(distinct);
  if (!whole) return null;
  const sizes = errors.map(Math.abs);
  return {
    structures: distinct.length,
    heldOut: {
      median: quantile(sizes, 0.5),
      p90: quantile(sizes, 0.9),
      faster: Math.max(leastError, quantile(errors, 0.9)),
    },
    ratio: (baseline, candidate) => Math.exp(whole(baseline, candidate)),
  };
}

const fitBoth = (samples: readonly Sample[]): LogRatio | null =>
  samples.length === 0 ? null : fitProcess(samples, fitPrices(samples));

function newestOf(samples: readonly Sample[]): Sample[] {
  const distinct = new Map<string, Sample>();
  for (const s of samples) {
    const key = pairKey(s);
    if (!distinct.has(key)) distinct.set(key, s);
    if (distinct.size === mostStructures) break;
  }
  return [...distinct.values()];
}

function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
}
