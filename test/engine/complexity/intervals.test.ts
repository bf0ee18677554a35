import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import {
  isRankingCertain,
  meanInterval95,
  median,
  medianInterval,
  medianInterval95,
  pooledSpread,
} from '../../../electron/engine/complexity/intervals.ts';

const row = (latencyUs: number, halfWidth: number) => ({
  latencyUs,
  intervalUs: [latencyUs - halfWidth, latencyUs + halfWidth] as const,
});

describe('the median', () => {
  it('is the middle value, or the mean of the two', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 2, 9])).toBe(3);
  });

  it('has the exact order-statistic interval', () => {
    const upTo = (n: number) => Array.from({ length: n }, (_, i) => n - i);
    expect(medianInterval95(upTo(5))).toEqual([1, 5]);
    expect(medianInterval95(upTo(6))).toEqual([1, 6]);
    expect(medianInterval95(upTo(9))).toEqual([2, 8]);
    expect(medianInterval95(upTo(20))).toEqual([6, 15]);
    expect(medianInterval95(upTo(100))).toEqual([40, 61]);
  });

  it('lies within its interval in at least 95 % of many seeded trials', () => {
    const random = xoroshiro128plus(7);
    let inside = 0;
    for (let trial = 0; trial < 2000; trial++) {
      const [low, high] = medianInterval95(Array.from({ length: 15 }, () => uniformFloat64(random) ** 4));
      if (low <= 0.5 ** 4 && high >= 0.5 ** 4) inside++;
    }
    expect(inside / 2000).toBeGreaterThan(0.95);
  });

  it('is not moved by a few very slow calls', () => {
    const [low, high] = medianInterval95([...new Array<number>(40).fill(10), 9000, 9000]);
    expect([low, high]).toEqual([10, 10]);
  });

  it('is wider where it must be more certain, and all there is where no more can be had', () => {
    const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
    expect(medianInterval(upTo(100), 0.998)).toEqual([35, 66]);
    // 1 − 2/2¹⁰ = 0.998.
    expect(medianInterval(upTo(10), 0.997)).toEqual([1, 10]);
    expect(medianInterval(upTo(20), 1 - 0.05 / 24)).toEqual([3, 18]);
  });

  it('does not underflow for thousands of calls', () => {
    const [low, high] = medianInterval95(Array.from({ length: 5000 }, (_, i) => i));
    expect([low, high]).toEqual([2430, 2569]);
  });
});

describe('the ranking', () => {
  it('is certain when one operator stands out', () => {
    expect(isRankingCertain([row(10, 3), row(100, 5), row(12, 3)])).toBe(true);
  });

  it('is certain when equal operators together stand out', () => {
    expect(isRankingCertain([row(50, 5), row(51, 5), row(49, 5), row(10, 4), row(9, 4)])).toBe(true);
  });

  it('is not certain while the top overlaps the rest', () => {
    expect(isRankingCertain([row(50, 30), row(40, 20), row(30, 20), row(25, 20)])).toBe(false);
  });

  it('becomes certain as the intervals shrink', () => {
    const rows = (halfWidth: number) => [60, 50, 40, 30].map((latencyUs) => row(latencyUs, halfWidth));
    expect(isRankingCertain(rows(12))).toBe(false);
    expect(isRankingCertain(rows(4))).toBe(true);
  });

  it('is not certain of nothing', () => {
    expect(isRankingCertain([])).toBe(false);
  });
});

describe('the interval of a mean', () => {
  it('lies around the mean by Student’s t and the spread of all rows together', () => {
    const spread = pooledSpread([
      [1, 3],
      [10, 10],
      [5, 5, 5],
    ]);
    expect(spread).toEqual({ deviation: Math.sqrt(2 / 4), freedom: 4 });
    const half = (2.78 * Math.sqrt(0.5)) / Math.sqrt(2);
    expect(meanInterval95([1, 3], spread)).toEqual([2 - half, 2 + half]);
  });

  it('holds the true mean in 95 % of many seeded trials, of few values too', () => {
    const random = xoroshiro128plus(3);
    // The sum of twelve uniform values is as good as normal.
    const normal = () => Array.from({ length: 12 }, () => uniformFloat64(random)).reduce((a, b) => a + b) - 6;
    for (const rowsOf of [1, 4, 9]) {
      let inside = 0;
      for (let trial = 0; trial < 1500; trial++) {
        const rows = Array.from({ length: rowsOf }, (_, r) => [0, 0, 0].map(() => r + normal()));
        const [low, high] = meanInterval95(rows[0]!, pooledSpread(rows));
        if (low <= 0 && high >= 0) inside++;
      }
      expect(inside / 1500).toBeGreaterThan(0.93);
      expect(inside / 1500).toBeLessThan(0.97);
    }
  });

  it('is everything where nothing tells of the spread', () => {
    expect(meanInterval95([2], pooledSpread([[2]]))).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });
});
