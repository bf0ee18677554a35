import type { FrontPoint } from '../../electron/contract/search-progress.ts';

/** A point that gains by both: speed-up over A, and change of accuracy against it, percentage points. */
export interface Gain {
  readonly speedup: number;
  readonly change: number;
}

/** What a front is measured from: as fast as A, and this many percentage points worse. */
const worstChange = -10;

/** Points whose accuracy was measured. */
export const gainsOf = (points: readonly FrontPoint[]): Gain[] =>
  points.flatMap(({ speedup, accuracy, originalAccuracy }) =>
    accuracy === null || originalAccuracy === null ? [] : [{ speedup, change: accuracy - originalAccuracy }],
  );

/**
 * Area that the points dominate, halvings of the time × percentage points, from A's own speed and 10 points below
 * its accuracy on.
 */
export const hypervolume = (points: readonly Gain[]): number =>
  areaUnder(points.map(({ speedup, change }) => ({ x: Math.log2(speedup), y: change - worstChange })));

/**
 * Area that corners dominate from 0 on, both axes upward. Source: E. Zitzler, L. Thiele, Multiobjective Optimization
 * Using Evolutionary Algorithms (1998).
 */
export function areaUnder(corners: readonly { readonly x: number; readonly y: number }[]): number {
  const inside = corners.filter(({ x, y }) => x > 0 && y > 0).sort((one, other) => other.x - one.x);
  let area = 0;
  let top = 0;
  // From the farthest on, each adds the strip by which it rises above all beyond it.
  for (const { x, y } of inside) {
    area += x * Math.max(0, y - top);
    top = Math.max(top, y);
  }
  return area;
}
