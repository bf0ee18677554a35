import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import {
  crowding,
  dominates,
  fronts,
  survivors,
  tournament,
} from '../../../electron/engine/search/pareto.ts';

const points = fc.array(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 3, maxLength: 3 }), {
  minLength: 1,
  maxLength: 14,
});

describe('The fronts', () => {
  test('hold each point once, none dominated by one of its own or of a later front', () => {
    fc.assert(
      fc.property(points, (all) => {
        const found = fronts(all);
        expect(found.flat().sort((a, b) => a - b)).toEqual([...all.keys()]);
        found.forEach((front, n) => {
          const later = found.slice(n).flat();
          for (const i of front) expect(later.some((j) => dominates(all[j]!, all[i]!))).toBe(false);
          const before = found[n - 1];
          if (before)
            for (const i of front) expect(before.some((j) => dominates(all[j]!, all[i]!))).toBe(true);
        });
      }),
    );
  });
});

describe('The survivors', () => {
  test('are as many as there is room for, and no one left out dominates one of them', () => {
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 14 }), (all, size) => {
        const kept = survivors(all, size, (p) => p);
        expect(kept).toHaveLength(Math.min(size, all.length));
        const out = all.filter((p) => !kept.includes(p));
        for (const p of out) for (const k of kept) expect(dominates(p, k)).toBe(false);
      }),
    );
  });

  test('of one front are its ends and its loneliest', () => {
    const front = [0, 1, 2, 6, 10].map((v) => [v, 10 - v]);
    expect(crowding(front)).toEqual([Number.POSITIVE_INFINITY, 0.4, 1, 1.6, Number.POSITIVE_INFINITY]);
    expect(survivors(front, 3, (p) => p)).toEqual([
      [0, 10],
      [10, 0],
      [6, 4],
    ]);
  });
});

test('A tournament prefers those that rank high, and leaves none without a chance', () => {
  const rng = xoroshiro128plus(1);
  const ranked = [0, 1, 2, 3];
  const wins = [0, 0, 0, 0];
  for (let i = 0; i < 400; i++) wins[tournament(ranked, rng)]!++;
  expect([...wins].sort((a, b) => b - a)).toEqual(wins);
  expect(wins[3]).toBeGreaterThan(0);
});
