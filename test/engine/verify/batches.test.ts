import { describe, expect, test } from 'vitest';
import { correlatedMean, correlatedTrend } from '../../../electron/engine/verify/batches.ts';
import { autocorrelated, gaussian } from './series.ts';

const simulations = 200;

/** Percent of seeded series around 0 whose interval does not hold 0. */
function missed(length: number, rho: number): number {
  let count = 0;
  for (let seed = 1; seed <= simulations; seed++) {
    const [low, high] = correlatedMean(autocorrelated(seed, length, rho)).interval95;
    if (low > 0 || high < 0) count++;
  }
  return (100 * count) / simulations;
}

describe('the mean of values whose neighbours are alike', () => {
  test.each([
    [720, 0],
    [720, 0.5],
    [720, 0.9],
    [240, 0.8],
    [120, 0.5],
  ])('is missed by about one interval in twenty: %i values of correlation %d', (length, rho) => {
    // 200 series of 5 %: 10 ± 3.1 miss by chance; twice that is the bound.
    expect(missed(length, rho)).toBeLessThanOrEqual(8);
  });

  test('is not missed for the reason that an interval of independent values would be', () => {
    let naive = 0;
    for (let seed = 1; seed <= simulations; seed++) {
      const values = autocorrelated(seed, 720, 0.9);
      const mean = values.reduce((a, b) => a + b, 0) / values.length;
      const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
      if (Math.abs(mean) > (1.96 * deviation) / Math.sqrt(values.length)) naive++;
    }
    expect((100 * naive) / simulations).toBeGreaterThan(40);
  });

  test('does not make an interval of independent values much wider than it needs to be', () => {
    const widths = Array.from({ length: 50 }, (_, seed) => {
      const [low, high] = correlatedMean(autocorrelated(seed + 1, 720, 0)).interval95;
      return high - low;
    }).sort((a, b) => a - b);
    // That of the mean of 720 normal values is 0.146; of batch medians √(π/2) times that.
    expect(widths[25]).toBeLessThan(0.146 * Math.sqrt(Math.PI / 2) * 1.4);
  });

  test('of a handful of values has their range for an interval', () => {
    expect(correlatedMean([1, 3, 2])).toEqual({ mean: 2, interval95: [1, 3], batches: 3 });
  });
});

describe('the slope of values in time', () => {
  const times = Array.from({ length: 300 }, (_, i) => i / 10);

  test('is found with an interval around it', () => {
    const draw = gaussian(3);
    const trend = correlatedTrend(
      times,
      times.map((minute) => 5 + 0.02 * minute + 0.01 * draw()),
    );
    expect(trend?.slope).toBeCloseTo(0.02, 3);
    expect(trend?.interval95[0]).toBeGreaterThan(0.018);
    expect(trend?.interval95[1]).toBeLessThan(0.022);
  });

  test('of a series without any holds 0, however alike its neighbours are', () => {
    let count = 0;
    for (let seed = 1; seed <= simulations; seed++) {
      const trend = correlatedTrend(times, autocorrelated(seed, times.length, 0.8));
      if (!trend || trend.interval95[0] > 0 || trend.interval95[1] < 0) count++;
    }
    expect((100 * count) / simulations).toBeLessThanOrEqual(8);
  });

  test('is not given for too few values', () => {
    expect(correlatedTrend([1, 2, 3], [1, 2, 3])).toBeNull();
  });
});
