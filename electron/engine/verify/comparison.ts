import type { AccuracyComparison } from '../../contract/api.ts';
import { agreement, noPrediction, type OutputDifference } from './agreement.ts';
import { mcnemarExactP, pairedDifferenceInterval95, wilsonInterval95 } from './intervals.ts';

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
