import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areaUnder } from '../../electron/engine/search/pareto.ts';
import { gainsOf, hypervolume } from './hypervolume.ts';

const gain = fc.record({
  speedup: fc.double({ min: 0.5, max: 8, noNaN: true }),
  change: fc.double({ min: -20, max: 5, noNaN: true }),
});

test('the area is that below the steps of the front', () => {
  expect(hypervolume([])).toBe(0);
  expect(hypervolume([{ speedup: 2, change: 0 }])).toBeCloseTo(10);
  // Four times as fast at half of the height, and twice as fast at all of it.
  const front = [
    { speedup: 2, change: 0 },
    { speedup: 4, change: -5 },
  ];
  expect(hypervolume(front)).toBeCloseTo(2 * 5 + 1 * 5);
  expect(hypervolume([...front, { speedup: 1.9, change: -6 }])).toBeCloseTo(15);
});

test('a corner below 0 on either axis adds nothing to an area', () => {
  const corner = { x: 2, y: 3 };
  expect(areaUnder([corner])).toBe(6);
  expect(areaUnder([corner, { x: -1, y: 9 }, { x: 9, y: -1 }])).toBe(6);
});

test('a point that is slower than A or ten points worse is worth nothing', () => {
  expect(hypervolume([{ speedup: 0.9, change: 3 }])).toBe(0);
  expect(hypervolume([{ speedup: 3, change: -10.5 }])).toBe(0);
});

test('another point never makes the area smaller, and the order does not matter', () => {
  fc.assert(
    fc.property(fc.array(gain, { maxLength: 12 }), gain, (points, more) => {
      const area = hypervolume(points);
      expect(hypervolume([...points, more])).toBeGreaterThanOrEqual(area - 1e-9);
      expect(hypervolume(points.toReversed())).toBeCloseTo(area, 9);
    }),
  );
});

test('points without an accuracy do not count', () => {
  const point = {
    id: 'a',
    speedup: 2,
    accuracy: 90,
    originalAccuracy: 91,
    state: 'tuned',
    replacements: 1,
    speedupInterval95: null,
    accuracyInterval95: null,
  } as const;
  expect(gainsOf([point, { ...point, accuracy: null }])).toEqual([{ speedup: 2, change: -1 }]);
});
