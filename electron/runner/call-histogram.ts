import type { CallFigures } from './protocol.ts';

/** Counts call times in bins of constant relative width, so that millions of calls take no more memory than one. */
export interface CallHistogram {
  add(callUs: number): void;
  figures(): CallFigures;
}

/** From a hundredth of a microsecond to eleven days; what lies outside counts at the ends. */
const lowestUs = 0.01;
const highestUs = 1e12;
const growth = 1.005;
const logGrowth = Math.log(growth);
const bins = Math.ceil(Math.log(highestUs / lowestUs) / logGrowth) + 1;

/** An empty histogram; its quantiles are within half a bin, 0.25 %, of those of the calls themselves. */
export function makeCallHistogram(): CallHistogram {
  // Not 32 bits: a fast model makes more than 2^32 calls in a few days.
  const counts = new Float64Array(bins);
  let calls = 0;
  const quantile = (share: number): number => {
    // The call that as many lie below as above, counted from 0, as numpy's `nearest`.
    const rank = Math.round(share * (calls - 1));
    let below = 0;
    for (let bin = 0; bin < bins; bin++) {
      below += counts[bin]!;
      if (below > rank) return lowestUs * growth ** (bin + 0.5);
    }
    return Number.NaN;
  };
  return {
    add(callUs) {
      const bin = Math.floor(Math.log(callUs / lowestUs) / logGrowth);
      counts[bin >= 0 ? Math.min(bin, bins - 1) : 0]! += 1;
      calls += 1;
    },
    figures: () =>
      calls === 0
        ? { calls, p50Us: 0, p90Us: 0, p99Us: 0 }
        : { calls, p50Us: quantile(0.5), p90Us: quantile(0.9), p99Us: quantile(0.99) },
  };
}
