import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Verdict } from '../../contract/api.ts';
import type { Interval } from './intervals.ts';

/** Times of one block: mean call of A and of B, microseconds, both above 0. */
export type PairUs = readonly [aUs: number, bUs: number];

/** A's time over B's: above 1, B is faster. */
export interface Ratio {
  /** Median over the blocks. */
  readonly ratio: number;
  readonly interval95: Interval;
}

/** A ratio held against the noise of A against itself. */
export interface SpeedComparison extends Ratio {
  readonly verdict: Verdict;
  readonly noiseFloor: number;
}

/** Mean calls of the models of one block by either clock, by their places; A comes first. */
interface BlockTimes {
  readonly wallUs: readonly number[];
  readonly cpuUs: readonly number[];
}

/** A's time and that of the model at `place` in each block whose two times are whole. */
export const pairsOf = (
  blocks: readonly BlockTimes[],
  place: number,
  clock: keyof BlockTimes = 'wallUs',
): PairUs[] =>
  blocks.flatMap((block): PairUs[] => {
    // A time that could not be taken comes over the wire as null.
    const [a, b] = [block[clock][0] ?? 0, block[clock][place] ?? 0];
    return a > 0 && b > 0 ? [[a, b]] : [];
  });

/** Blocks below which no verdict is given: fewer cannot carry a 95 % interval of a median (1 − 2^(1−n)). */
export const neededBlocks = 6;

const resamples = 2000;

/**
 * Median of the blocks' ratios with its percentile bootstrap interval over blocks, which stays valid when calls
 * within a block are not independent. Fewer than `neededBlocks` blocks: the interval spans all of them.
 * Source: B. Efron, R. Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
 */
export function pairedRatio(blocks: readonly PairUs[], seed: number): Ratio {
  if (blocks.length === 0) throw new Error('A ratio needs a block');
  const ratios = Float64Array.from(blocks, ([aUs, bUs]) => {
    if (!(aUs > 0 && bUs > 0 && Number.isFinite(aUs) && Number.isFinite(bUs))) {
      throw new Error(`A block took ${aUs} and ${bUs} microseconds`);
    }
    return aUs / bUs;
  }).sort();
  const ratio = quantileOfSorted(ratios, 0.5);
  if (ratios.length < neededBlocks)
    return { ratio, interval95: [ratios[0] ?? ratio, ratios.at(-1) ?? ratio] };

  const random = xoroshiro128plus(seed);
  const last = ratios.length - 1;
  const medians = new Float64Array(resamples);
  const drawn = new Float64Array(ratios.length);
  for (let i = 0; i < resamples; i++) {
    for (let j = 0; j < drawn.length; j++) drawn[j] = ratios[uniformInt(random, 0, last)] ?? ratio;
    medians[i] = quantileOfSorted(drawn.sort(), 0.5);
  }
  medians.sort();
  return { ratio, interval95: [quantileOfSorted(medians, 0.025), quantileOfSorted(medians, 0.975)] };
}

/** Half-width of the ratio of A against itself around 1, its bias included; the allowance that verdicts make. */
export function noiseFloorOf(controlBlocks: readonly PairUs[], seed: number): number {
  const [low, high] = pairedRatio(controlBlocks, seed).interval95;
  // A control's ratio is as good upside down, so both directions are measured on the same scale.
  return Math.max(1 / low - 1, high - 1, 0);
}

/** The ratio with its verdict; `noiseFloor` comes from blocks of A against itself under the same conditions. */
export function compareSpeed(blocks: readonly PairUs[], noiseFloor: number, seed: number): SpeedComparison {
  const { ratio, interval95 } = pairedRatio(blocks, seed);
  const verdict = blocks.length < neededBlocks ? 'inconclusive' : verdictOf(interval95, noiseFloor);
  return { ratio, interval95, verdict, noiseFloor };
}

/** Faster or slower only where the whole interval lies beyond 1 by more than the noise floor. */
export function verdictOf([low, high]: Interval, noiseFloor: number): Verdict {
  if (low > 1 + noiseFloor) return 'faster';
  return high < 1 / (1 + noiseFloor) ? 'slower' : 'inconclusive';
}

/** The quantile `share` (0 to 1) of each, interpolated between neighbours (Hyndman and Fan's type 7). */
export function quantiles<const S extends readonly number[]>(
  values: ArrayLike<number>,
  shares: S,
): { readonly [K in keyof S]: number } {
  if (values.length === 0) throw new Error('Quantiles need a value');
  const sorted = Float64Array.from(values).sort();
  // A map keeps the length of the tuple, which the type of `map` forgets.
  return shares.map((share) => quantileOfSorted(sorted, share)) as { readonly [K in keyof S]: number };
}

/** Median, 90th and 99th percentile of call times. */
export function latencyQuantiles(callsUs: ArrayLike<number>): {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
} {
  const [p50, p90, p99] = quantiles(callsUs, [0.5, 0.9, 0.99]);
  return { p50, p90, p99 };
}

function quantileOfSorted(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}
