/** Lower and upper end. */
export type Interval = readonly [number, number];

/** 0.975 quantile of the normal distribution: two-sided 95 %. */
export const z95 = 1.959963984540054;

/**
 * 95 % Wilson score interval of a proportion; `successes` may be fractional. Without samples [0, 1].
 * Source: E. B. Wilson, JASA 22 (1927), 209–212.
 */
export function wilsonInterval95(successes: number, samples: number): Interval {
  if (samples === 0) return [0, 1];
  const proportion = successes / samples;
  const z2 = z95 * z95;
  const center = (proportion + z2 / (2 * samples)) / (1 + z2 / samples);
  const variance = (proportion * (1 - proportion)) / samples + z2 / (4 * samples * samples);
  const half = (z95 * Math.sqrt(variance)) / (1 + z2 / samples);
  // The ends at no and at every success are exactly 0 and 1; rounding must not say otherwise.
  const low = successes === 0 ? 0 : Math.max(0, center - half);
  return [low, successes === samples ? 1 : Math.min(1, center + half)];
}

/** Standard error of a percentage of so many samples, points. */
export function standardError(percent: number, samples: number): number {
  const share = Math.min(1, Math.max(0, percent / 100));
  return 100 * Math.sqrt((share * (1 - share)) / samples);
}

/**
 * Two-sided exact p of McNemar's test: `onlyA` samples that only A got right, `onlyB` that only B did.
 * Source: Q. McNemar, Psychometrika 12 (1947), 153–157, with the binomial distribution.
 */
export function mcnemarExactP(onlyA: number, onlyB: number): number {
  const discordant = onlyA + onlyB;
  // Logarithms, because the terms underflow from about a thousand discordant pairs on.
  let logTerm = -discordant * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= Math.min(onlyA, onlyB); k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((discordant - k) / (k + 1));
  }
  return Math.min(1, 2 * tail);
}

/**
 * 95 % score interval of the difference of paired proportions, B − A, from the discordant pairs among `samples`.
 * Never of width 0, so "no loss" is never claimed beyond what the samples support. Without samples [−1, 1].
 * Source: T. Tango, Statistics in Medicine 17 (1998), 891–908.
 */
export function pairedDifferenceInterval95(onlyA: number, onlyB: number, samples: number): Interval {
  if (samples === 0) return [-1, 1];
  const estimate = (onlyB - onlyA) / samples;
  const score = (difference: number) => scoreStatistic(onlyA, onlyB, samples, difference);
  return [
    bisect(-1, estimate, (difference) => score(difference) > z95),
    bisect(estimate, 1, (difference) => score(difference) > -z95),
  ];
}

/** Tango's statistic of the hypothesis that the difference B − A is `difference`; it falls as that rises. */
function scoreStatistic(onlyA: number, onlyB: number, samples: number, difference: number): number {
  const a = 2 * samples;
  const b = -onlyB - onlyA + (2 * samples - onlyB + onlyA) * difference;
  const c = -onlyA * difference * (1 - difference);
  const probabilityOnlyA = (Math.sqrt(Math.max(0, b * b - 4 * a * c)) - b) / (2 * a);
  const variance = samples * (2 * probabilityOnlyA + difference * (1 - difference));
  const deviation = onlyB - onlyA - samples * difference;
  if (variance > 0) return deviation / Math.sqrt(variance);
  return deviation === 0 ? 0 : Math.sign(deviation) * Number.POSITIVE_INFINITY;
}

/** Where `isBelow` turns from true to false. */
function bisect(low: number, high: number, isBelow: (value: number) => boolean): number {
  let [from, to] = [low, high];
  for (let step = 0; step < 60; step++) {
    const middle = (from + to) / 2;
    if (isBelow(middle)) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}
