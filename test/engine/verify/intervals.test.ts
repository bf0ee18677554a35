import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mcnemarExactP,
  pairedDifferenceInterval95,
  wilsonInterval95,
} from '../../../electron/engine/verify/intervals.ts';

describe('wilsonInterval95', () => {
  it.each([
    // R. G. Newcombe, Statistics in Medicine 17 (1998), 857–872, table I, method 3.
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('gives the published interval for %i of %i', (successes, samples, low, high) => {
    const interval = wilsonInterval95(successes, samples);
    expect(interval[0]).toBeCloseTo(low, 4);
    expect(interval[1]).toBeCloseTo(high, 4);
  });

  it('holds the proportion and stays within 0 and 1', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(5000), (successes, failures) => {
        const samples = successes + failures;
        const [low, high] = wilsonInterval95(successes, samples);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        if (samples > 0) {
          expect(low).toBeLessThanOrEqual(successes / samples);
          expect(high).toBeGreaterThanOrEqual(successes / samples);
        }
        expect(high - low).toBeGreaterThan(0);
      }),
    );
  });
});

describe('mcnemarExactP', () => {
  it('gives the published p for Bentur’s airway data, 1 against 7', () => {
    // Fagerland, Lydersen, Laake, BMC Medical Research Methodology 13:91 (2013), exact conditional test.
    expect(mcnemarExactP(1, 7)).toBeCloseTo(0.0703, 4);
  });

  it('is 1 without discordant pairs and with as many on each side', () => {
    expect(mcnemarExactP(0, 0)).toBe(1);
    expect(mcnemarExactP(40, 40)).toBe(1);
  });

  it('sums the binomial tail of 5 heads in 15 throws twice', () => {
    expect(mcnemarExactP(5, 10)).toBeCloseTo((2 * 4944) / 2 ** 15, 12);
  });

  it('neither underflows nor depends on the order for thousands of pairs', () => {
    const p = mcnemarExactP(2400, 2600);
    expect(p).toBe(mcnemarExactP(2600, 2400));
    // Normal approximation with continuity correction: z = 199 / √5000.
    expect(p).toBeCloseTo(0.00489, 4);
  });
});

describe('pairedDifferenceInterval95', () => {
  it('gives the published score interval for Bentur’s airway data', () => {
    // Fagerland, Lydersen, Laake, Statistics in Medicine 33 (2014), 2850–2875, table V: (−0.517, −0.026).
    const [low, high] = pairedDifferenceInterval95(7, 1, 21);
    expect(low).toBeCloseTo(-0.517, 3);
    expect(high).toBeCloseTo(-0.026, 3);
  });

  it('spans about 1.5 points on each side for 15 disagreements in 500', () => {
    const [low, high] = pairedDifferenceInterval95(8, 7, 500);
    expect((high - low) / 2).toBeGreaterThan(0.014);
    expect((high - low) / 2).toBeLessThan(0.017);
  });

  it('still spans z²/(n + z²) on each side where A and B never disagree', () => {
    const z2 = 1.959963984540054 ** 2;
    const [low, high] = pairedDifferenceInterval95(0, 0, 500);
    expect(low).toBeCloseTo(-z2 / (500 + z2), 6);
    expect(high).toBeCloseTo(z2 / (500 + z2), 6);
  });

  it('turns round with A and B, and holds the estimate', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.nat(300), fc.nat(3000), (onlyA, onlyB, agreed) => {
        const samples = onlyA + onlyB + agreed;
        const [low, high] = pairedDifferenceInterval95(onlyA, onlyB, samples);
        const [otherLow, otherHigh] = pairedDifferenceInterval95(onlyB, onlyA, samples);
        expect(otherLow).toBeCloseTo(-high, 8);
        expect(otherHigh).toBeCloseTo(-low, 8);
        if (samples === 0) return;
        expect(low).toBeLessThanOrEqual((onlyB - onlyA) / samples + 1e-9);
        expect(high).toBeGreaterThanOrEqual((onlyB - onlyA) / samples - 1e-9);
      }),
    );
  });
});
