import { meanInterval95 } from '../complexity/intervals.ts';
import type { Interval } from './intervals.ts';
import { quantiles } from './ratio.ts';

/** A mean of values that follow each other in time, with an interval that holds although neighbours are alike. */
export interface CorrelatedMean {
  readonly mean: number;
  readonly interval95: Interval;
  /** Batches of neighbours that the interval rests on. */
  readonly batches: number;
}

/** A straight line through values in time. */
export interface Trend {
  readonly slope: number;
  readonly interval95: Interval;
}

/** Tried in this order: fewer and longer batches where neighbouring ones are still alike. */
const batchCounts = [32, 16, 8] as const;
/** Lag-1 correlation of batches up to which they count as independent. */
const independentUpTo = 0.15;
/** A correlation nearer to 1 than this is no longer one that a few batches can tell. */
const mostCorrelation = 0.9;
/** Fewer values carry no interval. */
export const neededValues = 6;

/**
 * Mean by non-overlapping batches: neighbours become one median each, of more and more values until the batches are
 * uncorrelated (as in Fishman's procedure); what correlation is left widens the interval as that of an AR(1) series
 * does, by (1 + r) / (1 − r), and Student's t counts what they are worth. Fewer than `neededValues` values: their range.
 * Sources: G. Fishman, Management Science 24 (1978), 510–521; B. Schmeiser, Operations Research 30 (1982), 556–568.
 */
export function correlatedMean(values: readonly number[]): CorrelatedMean {
  if (values.length === 0) throw new Error('A mean needs a value');
  if (values.length < neededValues) {
    const mean = average(values);
    return { mean, interval95: [Math.min(...values), Math.max(...values)], batches: values.length };
  }
  const batches = independentBatches(values);
  const mean = average(batches);
  const deviation = Math.sqrt(squares(batches, mean) / (batches.length - 1));
  const factor = inflation(batches.map((value) => value - mean));
  const widened = deviation * Math.sqrt(factor);
  const interval95 = meanInterval95(batches, {
    deviation: widened,
    freedom: freedomOf(batches.length - 1, factor),
  });
  return { mean, interval95, batches: batches.length };
}

/**
 * Least squares over batches of (time, value), its interval widened by what correlation the residuals keep. Null
 * for fewer than `neededValues` values.
 */
export function correlatedTrend(times: readonly number[], values: readonly number[]): Trend | null {
  if (values.length < neededValues || times.length !== values.length) return null;
  const count = Math.min(16, values.length);
  const x = inBatches(times, count).map(average);
  const y = inBatches(values, count).map(middle);
  const meanX = average(x);
  const meanY = average(y);
  const spread = squares(x, meanX);
  if (!(spread > 0)) return null;
  const slope = x.reduce((sum, at, i) => sum + (at - meanX) * (y[i]! - meanY), 0) / spread;
  const residuals = y.map((value, i) => value - meanY - slope * (x[i]! - meanX));
  const freedom = count - 2;
  const factor = inflation(residuals);
  const error = Math.sqrt(((squares(residuals, 0) / freedom) * factor) / spread);
  // The interval of a mean of one value is the value and t times the deviation.
  const interval95 = meanInterval95([slope], { deviation: error, freedom: freedomOf(freedom, factor) });
  return { slope, interval95 };
}

function independentBatches(values: readonly number[]): readonly number[] {
  let batches: readonly number[] = values;
  for (const count of batchCounts) {
    if (count > values.length) continue;
    batches = inBatches(values, count).map(middle);
    if (correlation(batches) <= independentUpTo) break;
  }
  return batches;
}

/** By how much the variance of a mean is larger than that of independent values; 1 where they are. */
function inflation(residuals: readonly number[]): number {
  const r = Math.min(Math.max(correlation(residuals), 0), mostCorrelation);
  return (1 + r) / (1 - r);
}

/** Correlated values are worth fewer independent ones, in the spread that they show as well. */
const freedomOf = (freedom: number, factor: number): number => Math.max(2, Math.floor(freedom / factor));

/** Lag-1 correlation, with the bias of a short series taken off. */
function correlation(values: readonly number[]): number {
  const mean = average(values);
  const whole = squares(values, mean);
  if (!(whole > 0)) return 0;
  let lagged = 0;
  for (let i = 1; i < values.length; i++) lagged += (values[i - 1]! - mean) * (values[i]! - mean);
  const r = lagged / whole;
  // M. Kendall, Biometrika 41 (1954), 403: the estimate is too low by about (1 + 3 r) / n.
  return r + (1 + 3 * Math.max(r, 0)) / values.length;
}

/** Neighbours in `count` groups whose sizes differ by one at most. */
function inBatches(values: readonly number[], count: number): readonly (readonly number[])[] {
  return Array.from({ length: count }, (_, i) =>
    values.slice(Math.floor((i * values.length) / count), Math.floor(((i + 1) * values.length) / count)),
  );
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const middle = (values: readonly number[]): number => quantiles(values, [0.5])[0];
const squares = (values: readonly number[], mean: number): number =>
  values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
