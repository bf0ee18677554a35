import type { CompareResult } from '../../../electron/contract/api.ts';
import type { EnergyComparison } from '../../../electron/contract/energy.ts';
import type { MeasuredModel, RunResult } from '../../../electron/contract/run-result.ts';
import type { RunDetails } from '../../../electron/contract/views.ts';
import { evidenceOfRun, type Interval, type SpeedEvidence } from '../../parts/judge.ts';

/** One of two compared models; null where something was not measured. */
export interface ComparedSide {
  readonly latencyUs: MeasuredModel['latencyUs'];
  readonly parameters: number;
  readonly sizeBytes: number;
  readonly peakMemoryBytes: number | null;
  /** Percent. */
  readonly accuracy: number | null;
}

/** B's accuracy against A's. */
export interface AccuracyEvidence {
  readonly metric: string;
  readonly samples: number;
  /** Percentage points, B minus A. */
  readonly change: number;
  readonly changeInterval95: Interval;
  /** Percent, of A fine-tuned as B was; null where it was not. */
  readonly tunedOriginal: number | null;
  /** Largest loss that is accepted, percentage points. */
  readonly limit: number;
}

/** The word by which a metric of `result.json` is named; anything but the two without labels is an accuracy. */
export function nameOfMetric(metric: string): 'accuracy' | 'agreement' | 'cosine' {
  return metric === 'agreement' || metric === 'cosine' ? metric : 'accuracy';
}

/** Two compared models, whether a run compared them or a job of its own. */
export interface Comparison {
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  readonly speed: SpeedEvidence;
  readonly accuracy: AccuracyEvidence | null;
  /** Null: not measured; missing: by a version that could not. */
  readonly energy?: EnergyComparison | null;
}

/** What a run says about its original model and the optimized one. */
export function comparisonOfRun(result: RunResult, details: RunDetails | null, limit: number): Comparison {
  const { comparison, optimized } = result;
  return {
    a: sideOf(result.original),
    b: sideOf(optimized),
    speed: evidenceOfRun(comparison, details),
    ...(comparison.energy !== undefined && { energy: comparison.energy }),
    accuracy: {
      metric: optimized.accuracy.metric,
      samples: optimized.accuracy.samples,
      change: comparison.accuracyChange,
      changeInterval95: comparison.accuracyChangeInterval95,
      tunedOriginal: comparison.tunedOriginalAccuracy,
      limit,
    },
  };
}

const sideOf = ({
  latencyUs,
  parameters,
  sizeBytes,
  peakMemoryBytes,
  accuracy,
}: MeasuredModel): ComparedSide => ({
  latencyUs,
  parameters,
  sizeBytes,
  peakMemoryBytes,
  accuracy: accuracy.value,
});

/** What a comparison of any two models says; `limit` is the loss that is accepted by the settings. */
export function comparisonOfJob(result: CompareResult, limit: number): Comparison {
  const { a, b, accuracy, energy } = result;
  return {
    ...(energy && { energy: energy.kind === 'measured' ? energy.energy : null }),
    a: { ...a, peakMemoryBytes: null, accuracy: accuracy?.a ?? null },
    b: { ...b, peakMemoryBytes: null, accuracy: accuracy?.b ?? null },
    speed: {
      speedup: result.speedup,
      speedupInterval95: result.speedupInterval95,
      noiseFloor: result.noiseFloor,
      pairs: result.pairs,
      throttled: null,
    },
    accuracy: accuracy && { ...accuracy, tunedOriginal: null, limit },
  };
}

/** Whether a run found something to put in A's place. */
export const isImproved = (result: RunResult): boolean => result.explanation === '';
