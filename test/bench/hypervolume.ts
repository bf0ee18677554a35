import type { FrontPoint } from '../../electron/contract/search-progress.ts';
import { areaUnder } from '../../electron/engine/search/pareto.ts';

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
