import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** A number from 0 below `below`. */
export const draw = (rng: RandomGenerator, below: number): number => uniformInt(rng, 0, below - 1);

/** A place in `weights`, drawn in proportion to them; evenly where none is above 0. */
export function drawWeighted(rng: RandomGenerator, weights: readonly number[]): number {
  const total = weights.reduce((sum, w) => sum + Math.max(0, w), 0);
  if (!(total > 0)) return draw(rng, weights.length);
  let left = uniformFloat64(rng) * total;
  const at = weights.findIndex((w) => {
    left -= Math.max(0, w);
    return left < 0;
  });
  return at < 0 ? weights.length - 1 : at;
}

/** One of a list. */
export const pick = <T>(rng: RandomGenerator, from: readonly T[]): T => from[draw(rng, from.length)]!;
