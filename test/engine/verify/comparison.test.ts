import { describe, expect, it } from 'vitest';
import { accuracyComparison, valuesComparison } from '../../../electron/engine/verify/comparison.ts';

const outputs = { cosine: 0.99, largestDifference: 0.5 };

/** 500 samples: A right on 470, B on 469, in disagreement on 15. */
function makePredictions() {
  const labels = new Int32Array(500).fill(3);
  const a = Int32Array.from({ length: 500 }, (_, i) => (i < 8 || (i >= 15 && i < 477) ? 3 : 1));
  const b = Int32Array.from({ length: 500 }, (_, i) => (i >= 8 && i < 477 ? 3 : 2));
  return { labels, a, b };
}

describe('accuracyComparison', () => {
  it('compares top-1 in percent, with an interval of the change in points', () => {
    const { labels, a, b } = makePredictions();
    const comparison = accuracyComparison(a, b, labels, outputs);
    expect(comparison).toMatchObject({ metric: 'top-1', samples: 500, cosine: 0.99, largestDifference: 0.5 });
    expect(comparison.a).toBeCloseTo(94);
    expect(comparison.b).toBeCloseTo(93.8);
    expect(comparison.change).toBeCloseTo(-0.2);
    expect(comparison.p).toBe(1);
    const [low, high] = comparison.changeInterval95;
    expect(low).toBeCloseTo(-1.8, 0);
    expect(high).toBeCloseTo(1.4, 0);
  });

  it('never claims that nothing was lost: equal predictions still leave an interval', () => {
    const { labels, a } = makePredictions();
    const { change, changeInterval95 } = accuracyComparison(a, a, labels, outputs);
    expect(change).toBe(0);
    expect(changeInterval95[0]).toBeLessThan(-0.5);
  });

  it('reports agreement with A where there are no labels', () => {
    const { a, b } = makePredictions();
    const comparison = accuracyComparison(a, b, null, outputs);
    const same = a.filter((prediction, i) => prediction === b[i]).length;
    expect(comparison).toMatchObject({ metric: 'agreement', a: 100, p: null });
    expect(comparison.b).toBeCloseTo(same / 5);
    expect(comparison.change).toBeCloseTo(same / 5 - 100);
    expect(comparison.changeInterval95[0]).toBeLessThan(comparison.change);
    expect(comparison.changeInterval95[1]).toBeLessThan(0);
  });

  it('rests the interval on samples, not on the many predictions of each', () => {
    const { a, b } = makePredictions();
    const wide = accuracyComparison(a, b, null, outputs, 10);
    const narrow = accuracyComparison(a, b, null, outputs);
    expect(wide.samples).toBe(10);
    const width = ([low, high]: readonly [number, number]) => high - low;
    expect(width(wide.changeInterval95)).toBeGreaterThan(3 * width(narrow.changeInterval95));
  });

  it('throws where predictions and labels differ in number', () => {
    expect(() => accuracyComparison([1, 2], [1], [1, 2], outputs)).toThrow('predictions');
    expect(() => accuracyComparison([], [], [], outputs)).toThrow('predictions');
  });
});

describe('valuesComparison', () => {
  const samplesOf = (rows: readonly (readonly number[])[], outputWidths: readonly number[]) => ({
    outputs: Float32Array.from(rows.flat()),
    outputShapes: outputWidths.map((width) => [width]),
    samples: rows.length,
  });

  it('takes the mean cosine of each output over the samples, and of several outputs the worst', () => {
    // The first output stays as it is; the second turns by 90° in one of four samples.
    const a = samplesOf(
      [1, 2, 3, 4].map((scale) => [5, 1, scale, 0]),
      [2, 2],
    );
    const b = samplesOf(
      [1, 2, 3, 4].map((scale) => (scale === 4 ? [5, 1, 0, 4] : [5, 1, 2 * scale, 0])),
      [2, 2],
    );
    const found = valuesComparison(a, b);
    expect(found).toMatchObject({ metric: 'cosine', samples: 4, a: 100, p: null, largestDifference: 4 });
    expect(found.b).toBeCloseTo(75, 4);
    expect(found.change).toBeCloseTo(-25, 4);
    expect(found.cosine).toBeCloseTo(0.75, 4);
    // Student's t with 3 degrees of freedom: 0.25 · 3.18 around it, and a cosine is at most 1.
    expect(found.changeInterval95[0]).toBeCloseTo(-25 - 79.5, 0);
    expect(found.changeInterval95[1]).toBeCloseTo(0, 4);
  });

  it('finds nothing lost in the same outputs, and all in outputs that are not finite', () => {
    const a = samplesOf(
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
      [3],
    );
    expect(valuesComparison(a, a).change).toBeCloseTo(0, 4);
    const lost = valuesComparison(
      a,
      samplesOf(
        [
          [Number.NaN, 2, 3],
          [Number.NaN, 5, 6],
        ],
        [3],
      ),
    );
    expect(lost).toMatchObject({ b: 0, change: -100, largestDifference: Number.POSITIVE_INFINITY });
  });
});
