import { describe, expect, test } from 'vitest';
import type { Part } from '../../../electron/engine/data/data.ts';
import { withViews } from '../../../electron/engine/tuning/views.ts';

const size = 16 * 16;
/** Samples that are ramps of their own height. */
const partOf = (count: number): Part => ({
  count,
  labels: Int32Array.from({ length: count }, (_, i) => i % 3),
  read: (indices) =>
    Float32Array.from({ length: indices.length * size }, (_, i) => {
      return indices[Math.floor(i / size)]! * 1000 + (i % size);
    }),
});
const shape = [1, 16, 16];
const rangeOf = (x: Float32Array): [number, number] => [Math.min(...x), Math.max(...x)];

describe('Views of a small part', () => {
  test('are the samples first, then others of the same ones with their labels', async () => {
    const views = withViews(partOf(50), shape, 1);
    expect(views.count).toBe(400);
    expect(await views.read([3, 49])).toEqual(await partOf(50).read([3, 49]));
    const second = Array.from({ length: 50 }, (_, i) => i);
    expect(await views.read(second.map((i) => i + 50))).not.toEqual(await partOf(50).read(second));
    for (const index of [53, 103, 399]) {
      const view = await views.read([index]);
      const own = index % 50;
      const [least, most] = rangeOf(view);
      expect(Math.floor(least / 1000)).toBe(own);
      expect(Math.floor(most / 1000)).toBe(own);
      expect(views.labels![index]).toBe(own % 3);
    }
  });

  test('are the same ones at every reading, and others for another seed', async () => {
    const views = withViews(partOf(20), shape, 1);
    const twice = [await views.read([25, 47]), await views.read([47, 25])];
    expect(twice[0]!.subarray(size)).toEqual(twice[1]!.subarray(0, size));
    const all = Array.from({ length: views.count }, (_, i) => i);
    expect(await withViews(partOf(20), shape, 1).read(all)).toEqual(await views.read(all));
    expect(await withViews(partOf(20), shape, 2).read(all)).not.toEqual(await views.read(all));
  });

  test('are at most eight of a sample, and none where there are enough or the shape says nothing', () => {
    expect(withViews(partOf(3), shape, 1).count).toBe(24);
    const large = partOf(250);
    expect(withViews(large, shape, 1)).toBe(large);
    const few = partOf(10);
    expect(withViews(few, [7], 1)).toBe(few);
  });
});
