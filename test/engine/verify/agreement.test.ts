import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  agreement,
  areProbabilities,
  makeOutputComparison,
  noPrediction,
  top1,
} from '../../../electron/engine/verify/agreement.ts';

const compare = (width: number, teacher: number[], student: number[]) => {
  const comparison = makeOutputComparison(width);
  comparison.add(Float32Array.from(teacher), Float32Array.from(student));
  return comparison.result();
};

describe('top1', () => {
  it('takes the first of the largest of each row', () => {
    expect([...top1([1, 5, 2, -3, -1, -1], 3)]).toEqual([1, 1]);
  });

  it('predicts nothing where an output is not finite, which is right for no label', () => {
    const predictions = top1([1, Number.NaN, 0, 1, Number.POSITIVE_INFINITY, 0], 2);
    expect([...predictions]).toEqual([noPrediction, 1, noPrediction]);
    expect(accuracy(predictions, [0, 1, 0])).toBeCloseTo(1 / 3);
    expect(agreement(predictions, predictions)).toBeCloseTo(1 / 3);
  });

  it('reads a single output as yes or no', () => {
    expect([...top1([0.2, 0.5, 3], 1)]).toEqual([0, 1, 1]);
  });

  it('refuses outputs that are no whole rows', () => {
    expect(() => top1([1, 2, 3], 2)).toThrow('rows of 2');
  });
});

describe('areProbabilities', () => {
  it('tells distributions from logits', () => {
    expect(areProbabilities([0.2, 0.8, 1, 0], 2)).toBe(true);
    expect(areProbabilities([0.2, 0.8, 1, 0.5], 2)).toBe(false);
    expect(areProbabilities([1.5, -0.5], 2)).toBe(false);
    expect(areProbabilities([Number.NaN, 1], 2)).toBe(false);
  });
});

describe('makeOutputComparison', () => {
  it('finds no difference between equal outputs', () => {
    const outputs = [3, -1, 0.5, 0, 2, 7];
    const result = compare(3, outputs, outputs);
    expect(result).toEqual({ rows: 2, agreement: 1, cosine: 1, largestDifference: 0, kl: 0 });
  });

  it('computes KL from probabilities and from their logits alike', () => {
    const expected = 0.5 * Math.log(0.5 / 0.25) + 0.5 * Math.log(0.5 / 0.75);
    expect(compare(2, [0.5, 0.5], [0.25, 0.75]).kl).toBeCloseTo(expected, 6);
    const logits = compare(2, [4, 4], [Math.log(0.25) + 9, Math.log(0.75) + 9]);
    expect(logits.kl).toBeCloseTo(expected, 6);
  });

  it('stays finite where a probability of the student is 0', () => {
    const { kl } = compare(2, [0.5, 0.5], [1, 0]);
    expect(kl).toBeGreaterThan(10);
    expect(kl).toBeLessThan(20);
  });

  it('reports outputs that are not finite as infinitely different', () => {
    const result = compare(2, [1, 2], [Number.NaN, 2]);
    expect(result).toEqual({
      rows: 1,
      agreement: 0,
      cosine: 0,
      largestDifference: Number.POSITIVE_INFINITY,
      kl: Number.POSITIVE_INFINITY,
    });
  });

  it('measures cosine and the largest difference by row and by value', () => {
    const result = compare(2, [1, 0, 0, 2], [0, 1, 0, 5]);
    expect(result.cosine).toBeCloseTo(0.5);
    expect(result.largestDifference).toBe(3);
    expect(result.agreement).toBe(0.5);
  });

  it('gives the same for one batch as for many', () => {
    const row = fc.array(fc.float({ min: -20, max: 20, noNaN: true }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 12 }), fc.nat(11), (rows, at) => {
        const teacher = Float32Array.from(rows.flatMap((values) => values.slice(0, 3)));
        const student = Float32Array.from(rows.flatMap((values) => values.slice(3)));
        const whole = makeOutputComparison(3);
        whole.add(teacher, student);
        const parts = makeOutputComparison(3);
        const cut = 3 * Math.min(at, rows.length);
        parts.add(teacher.subarray(0, cut), student.subarray(0, cut));
        parts.add(teacher.subarray(cut), student.subarray(cut));
        const [a, b] = [whole.result(), parts.result()];
        expect(b.rows).toBe(a.rows);
        expect(b.agreement).toBe(a.agreement);
        expect(b.largestDifference).toBe(a.largestDifference);
        expect(b.cosine).toBeCloseTo(a.cosine, 10);
        expect(b.kl).toBeCloseTo(a.kl, 8);
        expect(a.kl).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
