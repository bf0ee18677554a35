import { describe, expect, test } from 'vitest';
import type { Contender, Student } from '../../../../electron/engine/stages/networks/student.ts';
import { Roster, type Trainee } from '../../../../electron/engine/stages/tuning/roster.ts';

/** A trained student of which only its speed and what it reaches matters. */
function trainee(speedup: number, selectAccuracy: number): Trainee {
  const program = { instructions: [], outputs: [] };
  const student = {
    key: `${speedup}`,
    speedup,
    int8Speedup: null,
    inFloat: [],
    rounds: [],
    program,
  } as unknown as Student;
  const trained = { program, parameters: new Map(), selectAccuracy, steps: 1 };
  const contender: Contender = {
    student,
    precision: 'float',
    speedup,
    selectAccuracy,
    steps: 1,
    form: trained,
  };
  return { student, trained, contenders: [contender] };
}

describe('A roster', () => {
  const roster = () => new Roster({ safe: 90, bold: 88 }, null);

  test('knows the fastest that reaches the bold goal, and the slowest of the faster that missed it', () => {
    const all = roster();
    expect([all.secured, all.missed]).toEqual([1, null]);
    all.admit([trainee(1.2, 91), trainee(1.5, 89), trainee(2.1, 80), trainee(1.7, 85)]);
    expect([all.secured, all.missed]).toEqual([1.5, 1.7]);
    all.admit([trainee(1.8, 88)]);
    expect([all.secured, all.missed]).toEqual([1.8, 2.1]);
    all.admit([trainee(2.5, 95)]);
    expect([all.secured, all.missed]).toEqual([2.5, null]);
  });
});
