import { describe, expect, test } from 'vitest';
import {
  type Box,
  countMatched,
  detectorOutputs,
  overlapOf,
  suppress,
} from '../../../electron/engine/verify/boxes.ts';

const box = (x1: number, y1: number, x2: number, y2: number, score = 0.9, label = 1): Box => ({
  corners: [x1, y1, x2, y2],
  score,
  label,
});
const limits = { minScore: 0.7, maxOverlap: 0.5 };

test('the overlap is the shared part of the union', () => {
  expect(overlapOf(box(0, 0, 2, 2), box(0, 0, 2, 2))).toBe(1);
  expect(overlapOf(box(0, 0, 2, 2), box(1, 0, 3, 2))).toBeCloseTo(1 / 3);
  expect(overlapOf(box(0, 0, 1, 1), box(2, 2, 3, 3))).toBe(0);
  expect(overlapOf(box(1, 1, 1, 1), box(1, 1, 1, 1))).toBe(0);
});

describe('suppress', () => {
  const boxes = [0, 0, 2, 2, 0, 0, 2, 1.9, 5, 5, 6, 6, 7, 7, 8, 8];

  test('keeps the likelier of two that overlap, and none below the score', () => {
    const scores = [0.2, 0.8, 0.1, 0.9, 0.25, 0.75, 0.5, 0.5];
    expect(suppress({ scores, boxes, classes: 2 }, limits).map(({ score }) => score)).toEqual([0.9, 0.75]);
  });

  test('a single class is no background', () => {
    const kept = suppress({ scores: [0.8, 0.6, 0.7, 0.1], boxes, classes: 1 }, limits);
    expect(kept.map(({ label, score }) => [label, score])).toEqual([
      [0, 0.8],
      [0, 0.7],
    ]);
  });

  test('boxes of two classes do not suppress one another', () => {
    const scores = [0, 0.9, 0, 0, 0, 0.9, 1, 0, 0, 1, 0, 0];
    expect(suppress({ scores, boxes, classes: 3 }, limits)).toHaveLength(2);
  });
});

describe('countMatched', () => {
  test('no box serves twice, and the best overlap goes first', () => {
    const a = [box(0, 0, 10, 10), box(0, 0, 10, 9)];
    expect(countMatched(a, [box(0, 0, 10, 9)], 0.5)).toBe(1);
    expect(countMatched(a, [box(0, 0, 10, 9), box(0, 0, 10, 8)], 0.5)).toBe(2);
  });

  test('another class or too small an overlap is no match', () => {
    expect(countMatched([box(0, 0, 2, 2)], [box(0, 0, 2, 2, 0.9, 2)], 0.5)).toBe(0);
    expect(countMatched([box(0, 0, 2, 2)], [box(1, 0, 3, 2)], 0.5)).toBe(0);
    expect(countMatched([], [box(1, 0, 3, 2)], 0.5)).toBe(0);
  });
});

describe('detectorOutputs', () => {
  const scores = { shape: [1, 3, 2], data: Float32Array.of(0, 1, 0.5, 0.5, 0.2, 0.8) };
  const boxes = { shape: [1, 3, 4], data: Float32Array.of(0, 0, 1, 1, 0, 0, 9, 9, 1, 1, 2, 2) };

  test('finds scores and boxes in either order', () => {
    expect(detectorOutputs([scores, boxes])).toEqual({ scores: 0, boxes: 1 });
    expect(detectorOutputs([boxes, scores])).toEqual({ scores: 1, boxes: 0 });
  });

  test.each([
    ['one output', [scores]],
    ['three outputs', [scores, boxes, boxes]],
    ['other counts', [{ ...scores, shape: [1, 6, 1] }, boxes]],
    [
      'distances in place of corners',
      [scores, { ...boxes, data: boxes.data.map((v, i) => (i % 4 > 1 ? -v : v)) }],
    ],
    ['no shares', [{ ...scores, data: Float32Array.of(0, 3, 0.5, 0.5, 0.2, 0.8) }, boxes]],
    [
      'two that could be boxes',
      [boxes, { ...boxes, data: boxes.data.map((v) => v / 9) }].map((o) => ({
        ...o,
        data: o.data.map((v) => v / 9),
      })),
    ],
    [
      'no rank of three',
      [
        { shape: [1, 10], data: new Float32Array(10) },
        { shape: [1, 4], data: new Float32Array(4) },
      ],
    ],
  ])('%s: not those of a detector', (_, outputs) => {
    expect(detectorOutputs(outputs)).toBeNull();
  });
});
