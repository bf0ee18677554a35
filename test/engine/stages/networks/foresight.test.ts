import { describe, expect, test } from 'vitest';
import { areaUnder } from '../../../../electron/engine/search/pareto.ts';
import {
  closestToFront,
  cornerOf,
  type Known,
  mostPromising,
} from '../../../../electron/engine/stages/networks/foresight.ts';

const worth = { from: 1, to: 4, worthless: 2 } as const;
/** `cut` makes it faster; `harm` is what that costs. */
const student = (cut: number, harm: number): Known => ({
  speedup: 1 + cut,
  int8Speedup: null,
  damage: 10 ** (harm - 3),
  traits: { cut, harm },
});
const measured = [0.2, 0.6, 1, 1.4, 1.8, 4, 6].flatMap((cut) =>
  [1, 1.7, 2.4].map((harm) => student(cut, harm)),
);

describe('Of many that could be measured', () => {
  test('those that add most to the front are chosen, and not twice the same gain', () => {
    const pool = [student(0.3, 3), student(1.9, 0.6), student(1.88, 0.62), student(0.8, 2.5)];
    const chosen = mostPromising(pool, measured, 2, worth);
    expect(chosen[0]).toBe(pool[1]);
    expect(chosen).toHaveLength(2);
    expect(new Set(chosen).size).toBe(2);
  });

  test('more speed than is worth finding counts for nothing', () => {
    const pool = [student(5.8, 1.2), student(2.5, 0.8)];
    expect(mostPromising(pool, measured, 1, worth)[0]).toBe(pool[1]);
  });

  test('all are chosen where there are no more', () => {
    const pool = [student(0.3, 3), student(0.4, 3)];
    expect(mostPromising(pool, measured, 5, worth)).toHaveLength(2);
  });
});

describe('The front of speed and damage', () => {
  test('leads the parents, whatever else they are good at', () => {
    const [bold, gentle, beaten] = [student(2, 2), student(0.5, 1), student(0.4, 1.5)];
    expect(closestToFront([beaten, bold, gentle], worth)).toEqual([bold, gentle, beaten]);
    const [tooBold, asGentle] = [student(50, 2), student(3, 1.9)];
    expect(closestToFront([tooBold, asGentle], worth)[0]).toBe(asGentle);
  });

  test('spans no area where a student knows nothing, or is no faster than what there is', () => {
    const areaOf = (one: Known) => areaUnder([cornerOf(one, worth)]);
    expect(areaOf(student(1, 3.31))).toBe(0);
    expect(areaOf(student(-0.1, 1))).toBe(0);
    expect(areaOf(student(1, 3 + Math.log10(0.2)))).toBeCloseTo(1, 6);
    expect(areaOf(student(9, 3 + Math.log10(0.2)))).toBeCloseTo(2, 6);
  });
});
