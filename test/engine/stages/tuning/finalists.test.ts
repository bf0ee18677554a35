import { describe, expect, test } from 'vitest';
import type { Student } from '../../../../electron/engine/stages/networks/student.ts';
import { finalistsOf } from '../../../../electron/engine/stages/tuning/tune.ts';

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
    damage: i,
  }),
);
const speedups = (chosen: readonly Student[]): number[] => chosen.map((s) => Number(s.speedup.toFixed(1)));

describe('The students that go on to fine-tuning', () => {
  test('are six at different speeds where there is time, the boldest within its bound', () => {
    const chosen = speedups(finalistsOf(students, 1, 'first', 600));
    expect(chosen).toHaveLength(6);
    expect([chosen[0], chosen.at(-1)]).toEqual([1.1, 2.2]);
    expect(speedups(finalistsOf(students, 1.3, 'later', 600))).toHaveLength(4);
  });

  test('are fewer where each would get next to nothing, and never one alone', () => {
    expect(finalistsOf(students, 1, 'first', 20)).toHaveLength(3);
    expect(finalistsOf(students, 1, 'first', 5)).toHaveLength(2);
  });

  test('are faster than what there is', () => {
    expect(Math.min(...speedups(finalistsOf(students, 1.5, 'later', 600)))).toBe(1.6);
  });
});
