import type { AccuracyComparison } from '../../contract/api.ts';
import { meanInterval95, pooledSpread } from '../complexity/intervals.ts';
import type { Dense } from '../tuning/runtime.ts';
import { agreement, noPrediction, type OutputDifference } from './agreement.ts';
import { mcnemarExactP, pairedDifferenceInterval95, wilsonInterval95 } from './intervals.ts';
import { likenessOf, meanOf } from './likeness.ts';

/**
 * B against A on the same samples: top-1 accuracy with labels, agreement with A without. `samples` is the number of
 * independent samples where each gives several predictions (a detector's anchors); the interval then rests on it.
 */
export function accuracyComparison(
  predictionsA: ArrayLike<number>,
  predictionsB: ArrayLike<number>,
  labels: ArrayLike<number> | null,
  outputs: Pick<OutputDifference, 'cosine' | 'largestDifference'>,
  samples = predictionsA.length,
): AccuracyComparison {
  const { cosine, largestDifference } = outputs;
  if (labels === null) {
    const share = agreement(predictionsA, predictionsB);
    const [low, high] = wilsonInterval95(share * samples, samples);
    return {
      metric: 'agreement',
      samples,
      a: 100,
      b: 100 * share,
      change: 100 * share - 100,
      changeInterval95: [100 * low - 100, 100 * high - 100],
      p: null,
      cosine,
      largestDifference,
    };
  }

  const { both, onlyA, onlyB } = countCorrect(predictionsA, predictionsB, labels);
  const [low, high] = pairedDifferenceInterval95(onlyA, onlyB, labels.length);
  return {
    metric: 'top-1',
    samples: labels.length,
    a: (100 * (both + onlyA)) / labels.length,
    b: (100 * (both + onlyB)) / labels.length,
    change: (100 * (onlyB - onlyA)) / labels.length,
    changeInterval95: [100 * low, 100 * high],
    p: mcnemarExactP(onlyA, onlyB),
    cosine,
    largestDifference,
  };
}

/** Outputs of a model for some samples: all outputs of a sample side by side, each of a shape without batch. */
interface ValuesOfSamples {
  readonly outputs: Float32Array;
  readonly outputShapes: readonly (readonly number[])[];
  readonly samples: number;
}

/**
 * B's outputs against A's where they are plain values (a detector's, a regressor's, features): the likeness of each
 * output's values of a sample, and of a detector's boxes, as its mean over the samples, in percent; the worst counts.
 * The interval is Student's over the samples, so that a dozen photos say less than a thousand. NaN is as far as can be.
 */
export function valuesComparison(a: ValuesOfSamples, b: ValuesOfSamples): AccuracyComparison {
  const measures = likenessOf(apart(a), apart(b)).map((values) => ({ values, mean: meanOf(values) }));
  const worst = measures.reduce((least, one) => (one.mean < least.mean ? one : least), {
    values: [1],
    mean: 1,
  });
  const [low, high] = worst.mean < 1 ? meanInterval95(worst.values, pooledSpread([worst.values])) : [1, 1];
  const [least, most] = [Math.max(-1, low), Math.min(1, high)];
  return {
    metric: 'cosine',
    samples: a.samples,
    a: 100,
    b: Math.max(0, 100 * worst.mean),
    change: Math.max(0, 100 * worst.mean) - 100,
    changeInterval95: [100 * least - 100, 100 * most - 100],
    p: null,
    cosine: Math.min(...measures.slice(0, a.outputShapes.length).map(({ mean }) => mean)),
    largestDifference: largestDifferenceOf(a.outputs, b.outputs),
  };
}

/** Each output by itself, [N, …]. */
function apart({ outputs, outputShapes, samples }: ValuesOfSamples): Dense[] {
  const sizes = outputShapes.map((shape) => shape.reduce((size, d) => size * d, 1));
  const width = sizes.reduce((sum, size) => sum + size, 0);
  let from = 0;
  return outputShapes.map((shape, n) => {
    const size = sizes[n]!;
    const data = new Float32Array(samples * size);
    for (let s = 0; s < samples; s++)
      data.set(outputs.subarray(s * width + from, s * width + from + size), s * size);
    from += size;
    return { shape: [samples, ...shape], data };
  });
}

function largestDifferenceOf(a: Float32Array, b: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!Number.isFinite(difference)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, difference);
  }
  return largest;
}

function countCorrect(
  predictionsA: ArrayLike<number>,
  predictionsB: ArrayLike<number>,
  labels: ArrayLike<number>,
): { readonly both: number; readonly onlyA: number; readonly onlyB: number } {
  if (labels.length === 0 || predictionsA.length !== labels.length || predictionsB.length !== labels.length) {
    throw new Error(
      `${predictionsA.length} and ${predictionsB.length} predictions for ${labels.length} labels`,
    );
  }
  let both = 0;
  let onlyA = 0;
  let onlyB = 0;
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === noPrediction) throw new Error(`Label ${noPrediction} means no prediction`);
    const rightA = predictionsA[i] === labels[i];
    const rightB = predictionsB[i] === labels[i];
    if (rightA && rightB) both++;
    else if (rightA) onlyA++;
    else if (rightB) onlyB++;
  }
  return { both, onlyA, onlyB };
}
