import { logErrorPercent } from '../../contract/log-error.ts';
import type { SearchEffort } from '../../contract/run-notes.ts';
import { formatCount, formatCounted } from '../quantities.ts';

/** An error of a logarithm as percent of the value itself: 0.1 → `11 %`. */
export const formatLogError = (error: number): string => `${logErrorPercent(error).toFixed(0)} %`;

/** Lines that say what the measurements of a search cost, what was spared, and how well it was foretold. */
export function effortLines(effort: SearchEffort): string[] {
  const { predictor, sparedByMemory, sparedByPrediction } = effort;
  const spared = sparedByMemory + sparedByPrediction;
  const checks =
    effort.checksOfSpared === 0
      ? ''
      : `; ${formatCount(effort.checksOfSpared)} more checked, ${formatCount(effort.wronglySpared)} a gain after all`;
  return [
    `Measured         ${formatCounted(effort.structuresTimed, 'structure')}, ${formatCount(spared)} spared (${formatCount(sparedByMemory)} by memory, ${formatCount(sparedByPrediction)} by prediction${checks})`,
    `Inferences       ${formatCount(effort.timingInferences)} to time them (${formatCount(effort.timingInferencesFixed)} at a fixed count), ${formatCount(effort.rankingInferences)} to rank operators (${formatCount(effort.rankingInferencesFixed)})`,
    predictor === null
      ? 'Prediction       none: too few measurements to learn from'
      : `Prediction       off by ${formatLogError(predictor.medianError)} on groups held out (90th percentile ${formatLogError(predictor.p90Error)}), from ${formatCounted(predictor.structures, 'structure')}`,
  ];
}
