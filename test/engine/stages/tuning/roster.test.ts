import { describe, expect, test } from 'vitest';
import type { Contender, Student } from '../../../../electron/engine/stages/networks/student.ts';
import {
  afterLeg,
  inOwnPrecision,
  Roster,
  type Trainee,
} from '../../../../electron/engine/stages/tuning/roster.ts';

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
  return { student, precision: 'float', trained, contenders: [contender] };
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

  test('gives up who is far behind, but never leaves one alone', () => {
    const [near, far, further, last] = [trainee(1.5, 87), trainee(1.8, 70), trainee(2, 60), trainee(2.2, 50)];
    const open = (list: readonly Trainee[]) => roster().stillOpen(list, 4);
    expect(open([further, near, last, far])).toEqual([near, far]);
    const closer = trainee(1.7, 80);
    const third = trainee(1.75, 76);
    expect(open([third, near, closer, far])).toEqual([near, closer, third]);
  });

  test('takes one that is beaten rather than leaving the best alone, at another speed, but none for nobody', () => {
    const all = [trainee(2, 87), trainee(1.9, 86), trainee(1.5, 80), trainee(1.2, 79)] as const;
    const [best, , slower] = all;
    expect(roster().stillOpen(all, 3)).toEqual([best, slower]);
    expect(roster().stillOpen(all, 1)).toEqual([best]);
    expect(roster().stillOpen([trainee(2, 89), trainee(1.5, 80)], 2)).toEqual([]);
  });

  test('gives the next leg to students of different speeds, and only then to those as fast as one of them', () => {
    const all = [trainee(1.5, 87), trainee(1.55, 86), trainee(1.9, 80), trainee(2.6, 78)] as const;
    const [slow, twin, middle, bold] = all;
    expect(roster().stillOpen(all, 3)).toEqual([slow, middle, bold]);
    expect(roster().stillOpen(all, 2)).toEqual([slow, middle]);
    expect(roster().stillOpen(all, 4)).toEqual([slow, middle, bold, twin]);
  });
});

describe('Where few samples choose', () => {
  const [held, bold, bolder] = [trainee(1.5, 89), trainee(1.8, 84), trainee(2.2, 70)];
  const open = (doubt: number, list: readonly Trainee[], count = 2) =>
    new Roster({ safe: 90, bold: 88 }, null, doubt).stillOpen(list, count);

  test('the fastest that reached the goal goes on while that may be chance, before those that are far behind it', () => {
    const slower = trainee(1.3, 90);
    expect(open(3, [slower, bolder, held, bold])).toEqual([bold, held]);
    expect(open(3, [slower, bolder, held, bold], 3)).toEqual([bold, held, bolder]);
    expect(open(3, [held, slower])).toEqual([held]);
  });

  test('but not in the place of one that may come up to it', () => {
    const near = trainee(2, 80);
    expect(open(3, [bolder, near, held, bold])).toEqual([bold, near]);
    expect(open(3, [bolder, near, held, bold], 3)).toEqual([bold, near, held]);
  });

  test('it makes room where there are enough samples, or where it is beyond the goal by more than chance', () => {
    expect(open(0, [held, bold, bolder])).toEqual([bold, bolder]);
    expect(open(0.9, [held, bold, bolder])).toEqual([bold, bolder]);
  });

  test('A after fine-tuning is better than A as it was only by more than chance', () => {
    const isBetter = (doubt: number, gain: number) =>
      new Roster({ safe: 90, bold: 88 }, null, doubt).isClearlyBetter(
        { selectAccuracy: 90 + gain },
        { selectAccuracy: 90 },
      );
    expect([isBetter(3, 2), isBetter(3, 4), isBetter(0, 0), isBetter(0, 0.1)]).toEqual([
      ...[false, true, false, true],
    ]);
  });

  test('what reached it in an earlier round has no place in this one', () => {
    const roster = new Roster({ safe: 90, bold: 88 }, null, 3);
    roster.admit([held]);
    expect(roster.stillOpen([bold, bolder], 2)).toEqual([bold, bolder]);
  });
});

describe('The last leg', () => {
  const last = (...list: readonly Trainee[]) => {
    const roster = new Roster({ safe: 90, bold: 88 }, null);
    roster.admit(list);
    return roster.forLastLeg().map((c) => c.speedup);
  };

  test('is for the fastest that reaches the goal, and for a faster one that nearly does', () => {
    expect(last(trainee(1.3, 90), trainee(1.5, 89), trainee(1.8, 85), trainee(2.2, 84.5))).toEqual([
      1.8, 1.5,
    ]);
  });

  test('is for that one alone where nothing faster is near, and for nobody where nothing is faster than A', () => {
    expect(last(trainee(1.5, 89), trainee(2.2, 25))).toEqual([1.5]);
    expect(last(trainee(1.5, 70), trainee(2.2, 25))).toEqual([1.5]);
    expect(last()).toEqual([]);
  });
});

describe('A trainee', () => {
  /** Faster in 8 bits, which reach `rounded`, than in float. */
  function withInt8(rounded: number, int8Speedup = 2): Trainee {
    const plain = trainee(1.2, 90);
    const student = { ...plain.student, int8Speedup };
    const [own] = plain.contenders;
    const form = { program: { instructions: [], outputs: [0] }, parameters: new Map() };
    const inInt8 = {
      student,
      precision: 'int8',
      speedup: int8Speedup,
      selectAccuracy: rounded,
      steps: 1,
      form,
    };
    return { ...plain, student, contenders: [{ ...own!, student }, inInt8 as Contender] };
  }

  test('goes on in 8 bits where rounding costs its faster form too much, from what that reaches', () => {
    const next = inOwnPrecision(withInt8(80), 0.5);
    expect(next.precision).toBe('int8');
    expect(next.trained).toMatchObject({ selectAccuracy: 80, program: { outputs: [0] } });
    expect(next.contenders).toHaveLength(2);
    expect(inOwnPrecision(next, 0.5)).toBe(next);
  });

  test('stays in float where rounding costs little, and where 8 bits are not the faster form', () => {
    const [gentle, slower] = [withInt8(89.6), withInt8(80, 1.1)];
    expect(inOwnPrecision(gentle, 0.5)).toBe(gentle);
    expect(inOwnPrecision(slower, 0.5)).toBe(slower);
  });
});

describe('A in 8 bits', () => {
  const ofA = (selectAccuracy: number, steps: number): Contender => ({
    ...trainee(2, selectAccuracy).contenders[0]!,
    precision: 'int8',
    steps,
  });

  test('is trained so where rounding keeps it from the bold goal, the better of its states, and counts once', () => {
    const all = new Roster({ safe: 90, bold: 88 }, null);
    all.admitBase([ofA(78, 0), ofA(80, 40)]);
    const rounded = all.takeRounded();
    expect(rounded).toMatchObject({ precision: 'int8', trained: { selectAccuracy: 80, steps: 40 } });
    expect(all.contenders).toEqual([]);
    all.admit([rounded!]);
    expect(all.contenders.map((c) => c.selectAccuracy)).toEqual([80]);
  });

  test('is left as it is where it reaches the goal', () => {
    const all = new Roster({ safe: 90, bold: 88 }, null);
    all.admitBase([ofA(88.5, 0)]);
    expect(all.takeRounded()).toBeNull();
    expect(all.contenders).toHaveLength(1);
  });
});

test('A leg in 8 bits renews that form alone', async () => {
  const plain = trainee(1.2, 90);
  const [own] = plain.contenders;
  const inInt8: Contender = { ...own!, precision: 'int8', speedup: 2, selectAccuracy: 80 };
  const before: Trainee = { ...plain, precision: 'int8', contenders: [own!, inInt8] };
  const trained = { ...plain.trained, selectAccuracy: 88, steps: 9 };
  // Nothing is measured for it: neither the study nor A's outputs are looked at.
  const after = await afterLeg(null as never, null as never, before, trained, 0);
  expect(after.trained).toBe(trained);
  expect(after.contenders.map((c) => [c.precision, c.selectAccuracy, c.steps])).toEqual([
    ['float', 90, 1],
    ['int8', 88, 9],
  ]);
});
