import { describe, expect, test } from 'vitest';
import type { Student } from '../../../../electron/engine/stages/networks/student.ts';
import {
  firstFinalists,
  firstRange,
  laterFinalists,
  laterRange,
} from '../../../../electron/engine/stages/tuning/finalists.ts';

/** Students at 1.1, 1.2, … times, the faster the more damaged. */
const students = Array.from(
  { length: 12 },
  (_, i): Student => ({
    key: `${i}`,
    rounds: [],
    candidates: [],
    program: { instructions: [], outputs: [] } as unknown as Student['program'],
    parameters: new Map(),
    speedup: 1.1 + i / 10,
    int8Speedup: null,
    inFloat: [],
    damage: i,
  }),
);
const speedups = (chosen: readonly Student[]): number[] => chosen.map((s) => Number(s.speedup.toFixed(1)));

describe('The students that go on to fine-tuning', () => {
  test('are six at different speeds where there is time, the boldest within its bound', () => {
    const chosen = speedups(firstFinalists(students, firstRange(1), 600));
    expect(chosen).toHaveLength(6);
    expect([chosen[0], chosen.at(-1)]).toEqual([1.1, 2.2]);
  });

  test('are fewer where each would get next to nothing, and never one alone', () => {
    expect(firstFinalists(students, firstRange(1), 20)).toHaveLength(3);
    expect(firstFinalists(students, firstRange(1), 5)).toHaveLength(2);
  });

  test('are four of a later round, faster than what there is', () => {
    expect(speedups(laterFinalists(students, laterRange(1.35, null)))).toEqual([1.4, 1.5, 1.6, 1.8]);
    expect(speedups(laterFinalists(students, laterRange(1.6, null)))).toEqual([1.7, 1.8, 2, 2.2]);
  });

  test('close in on what missed the goal, but look some way ahead', () => {
    expect(speedups(laterFinalists(students, laterRange(1.35, 1.65)))).toEqual([1.4, 1.5, 1.6]);
    expect(speedups(laterFinalists(students, laterRange(1.35, 1.36)))).toEqual([1.4]);
  });
});
