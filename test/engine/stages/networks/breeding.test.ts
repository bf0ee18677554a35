import { describe, expect, test } from 'vitest';
import { evenly } from '../../../../electron/engine/stages/networks/breeding.ts';

describe('An even order', () => {
  const list = Array.from({ length: 21 }, (_, i) => i);

  test('holds each once', () => {
    expect(evenly(list).toSorted((a, b) => a - b)).toEqual(list);
    expect([evenly([]), evenly([1]), evenly([1, 2])]).toEqual([[], [1], [1, 2]]);
  });

  test.each([3, 7, 15])('leaves no wide stretch out of its first %i', (count) => {
    const seen = [
      -1,
      ...evenly(list)
        .slice(0, count)
        .toSorted((a, b) => a - b),
      list.length,
    ];
    const widest = Math.max(...seen.slice(1).map((v, i) => v - seen[i]! - 1));
    expect(widest).toBeLessThanOrEqual(Math.ceil((2 * list.length) / (count + 1)));
  });
});
