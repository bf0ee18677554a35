import { describe, expect, test } from 'vitest';
import { likenessOf, meanOf } from '../../../electron/engine/verify/likeness.ts';

/** A detector of two classes on two samples: in the first a box on each of four places, in the second none. */
const detector = (corners: readonly (readonly number[])[]) => [
  {
    shape: [2, 4, 2],
    data: Float32Array.of(...[0, 1, 0, 1, 0, 1, 0, 1], ...[1, 0, 1, 0, 1, 0, 1, 0]),
  },
  { shape: [2, 4, 4], data: Float32Array.of(...corners.flat(), ...corners.flat()) },
];
const apart = [
  [0, 0, 0.02, 0.02],
  [0.5, 0.5, 0.52, 0.52],
  [0.2, 0.7, 0.22, 0.72],
  [0.9, 0.1, 0.92, 0.12],
];

describe('How alike plain values are', () => {
  test('is the cosine of each sample for each output', () => {
    const a = [{ shape: [2, 2], data: Float32Array.of(1, 0, 3, 4) }];
    const b = [{ shape: [2, 2], data: Float32Array.of(1, 1, 6, 8) }];
    const [cosines, ...others] = likenessOf(a, b);
    expect(others).toEqual([]);
    expect(cosines![0]).toBeCloseTo(Math.SQRT1_2, 6);
    expect(cosines![1]).toBeCloseTo(1, 6);
  });

  test('knows of small boxes that are lost where the cosine hardly does', () => {
    const shifted = apart.map((corners, i) => (i === 0 ? corners.map((v) => v + 0.015) : corners));
    const [, boxes, found, ...others] = likenessOf(detector(apart), detector(shifted));
    expect(others).toEqual([]);
    expect(meanOf(boxes!)).toBeGreaterThan(0.999);
    // One of four, in the one sample that has any; a box in twenty is worth 0.01.
    expect(found).toEqual([1 - 0.2 / 4]);
  });

  test('is 1 for the same detector', () => {
    const all = likenessOf(detector(apart), detector(apart));
    expect(all).toHaveLength(3);
    for (const values of all) expect(meanOf(values)).toBeCloseTo(1, 6);
  });
});
