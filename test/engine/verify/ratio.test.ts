import fc from 'fast-check';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import {
  compareSpeed,
  latencyQuantiles,
  noiseFloorOf,
  type PairUs,
  pairedRatio,
  quantiles,
} from '../../../electron/engine/verify/ratio.ts';

/**
 * Blocks on a busy 2-core machine: clocks that wander (shared by both of a block), and visits of which some are
 * stretched by whatever else runs, by up to several times.
 */
function makeNoisyBlocks(random: () => number, count: number, speedup: number): PairUs[] {
  let drift = 1;
  const visitUs = (baseUs: number) => {
    const jitter = 1 + 0.02 * (random() + random() + random() - 1.5);
    const stretched = random() < 0.15 ? 0.05 * ((1 - random()) ** (-1 / 1.5) - 1) : 0;
    return baseUs * drift * (jitter + stretched);
  };
  return Array.from({ length: count }, () => {
    const shift = () => {
      drift = Math.max(0.5, Math.min(2, drift * (1 + 0.03 * (random() - 0.5))));
    };
    const meanOfTwo = (first: number, second: number) => (first + second) / 2;
    const firstA = visitUs(1000);
    shift();
    const firstB = visitUs(1000 / speedup);
    const secondB = visitUs(1000 / speedup);
    shift();
    return [meanOfTwo(firstA, visitUs(1000)), meanOfTwo(firstB, secondB)];
  });
}

function makeRandom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

describe('compareSpeed', () => {
  it('declares A against itself faster or slower in at most 1 of 20 noisy comparisons', () => {
    const trials = 120;
    let declared = 0;
    for (let seed = 1; seed <= trials; seed++) {
      const random = makeRandom(seed);
      const floor = noiseFloorOf(makeNoisyBlocks(random, 20, 1), seed);
      const { verdict } = compareSpeed(makeNoisyBlocks(random, 20, 1), floor, seed + trials);
      if (verdict !== 'inconclusive') declared++;
    }
    expect(declared / trials).toBeLessThanOrEqual(1 / 20);
  });

  it('sees a speedup of 1.15 through the same noise in at least 9 of 10', () => {
    const trials = 60;
    let faster = 0;
    let slower = 0;
    for (let seed = 1; seed <= trials; seed++) {
      const random = makeRandom(seed);
      const floor = noiseFloorOf(makeNoisyBlocks(random, 20, 1), seed);
      if (compareSpeed(makeNoisyBlocks(random, 20, 1.15), floor, seed).verdict === 'faster') faster++;
      if (compareSpeed(makeNoisyBlocks(random, 20, 1 / 1.15), floor, seed).verdict === 'slower') slower++;
    }
    expect(faster).toBeGreaterThanOrEqual(0.9 * trials);
    expect(slower).toBeGreaterThanOrEqual(0.9 * trials);
  });

  it('is inconclusive with fewer blocks than carry an interval', () => {
    const blocks = Array.from({ length: 5 }, (): PairUs => [200, 100]);
    expect(compareSpeed(blocks, 0, 1).verdict).toBe('inconclusive');
    expect(compareSpeed([...blocks, [200, 100]], 0, 1).verdict).toBe('faster');
  });

  it('is inconclusive where the interval passes 1 but not the noise floor', () => {
    const blocks = Array.from({ length: 10 }, (): PairUs => [104, 100]);
    expect(compareSpeed(blocks, 0.03, 1).verdict).toBe('faster');
    expect(compareSpeed(blocks, 0.05, 1).verdict).toBe('inconclusive');
    const upsideDown = blocks.map(([a, b]): PairUs => [b, a]);
    expect(compareSpeed(upsideDown, 0.03, 1).verdict).toBe('slower');
    expect(compareSpeed(upsideDown, 0.05, 1).verdict).toBe('inconclusive');
  });
});

describe('pairedRatio', () => {
  it('covers the true ratio in about 19 of 20 noisy measurements', () => {
    const trials = 120;
    let covered = 0;
    for (let seed = 1; seed <= trials; seed++) {
      const [low, high] = pairedRatio(makeNoisyBlocks(makeRandom(seed), 20, 1.5), seed).interval95;
      if (low <= 1.5 && 1.5 <= high) covered++;
    }
    expect(covered / trials).toBeGreaterThanOrEqual(0.9);
  });

  it('gives the same interval for the same seed, and one stretched block does not move it', () => {
    const blocks = makeNoisyBlocks(makeRandom(3), 20, 2);
    expect(pairedRatio(blocks, 7)).toEqual(pairedRatio(blocks, 7));
    const stretched = blocks.map(([a, b], i): PairUs => (i === 4 ? [a * 50, b] : [a, b]));
    expect(pairedRatio(stretched, 7).ratio / pairedRatio(blocks, 7).ratio).toBeCloseTo(1, 1);
  });

  it('throws on a time that is not above 0', () => {
    expect(() => pairedRatio([[0, 1]], 1)).toThrow('microseconds');
    expect(() => pairedRatio([], 1)).toThrow('block');
  });
});

describe('noiseFloorOf', () => {
  it('counts the bias of a control as well as its spread', () => {
    const biased = Array.from({ length: 8 }, (): PairUs => [100, 103]);
    expect(noiseFloorOf(biased, 1)).toBeCloseTo(0.03, 6);
  });
});

describe('quantiles', () => {
  it('interpolates between neighbours', () => {
    expect(quantiles([4, 1, 3, 2], [0, 0.5, 0.9, 1])).toEqual([1, 2.5, expect.closeTo(3.7, 9), 4]);
    expect(latencyQuantiles(Array.from({ length: 101 }, (_, i) => 100 - i))).toEqual({
      p50: 50,
      p90: 90,
      p99: 99,
    });
  });

  it('rises with the share and stays among the values', () => {
    const values = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(values, (calls) => {
        const { p50, p90, p99 } = latencyQuantiles(calls);
        expect(p50).toBeGreaterThanOrEqual(Math.min(...calls));
        expect(p90).toBeGreaterThanOrEqual(p50);
        expect(p99).toBeGreaterThanOrEqual(p90);
        expect(p99).toBeLessThanOrEqual(Math.max(...calls) * (1 + 1e-12));
      }),
    );
  });
});
