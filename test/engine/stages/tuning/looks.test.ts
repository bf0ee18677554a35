import { describe, expect, test } from 'vitest';
import {
  bolderLook,
  firstLook,
  goalsOf,
  type Judged,
  secondLook,
  stillOpen,
} from '../../../../electron/engine/stages/tuning/looks.ts';

const student = (speedup: number, selectAccuracy: number): Judged => ({
  speedup,
  selectAccuracy,
});
const goals = { safe: 90, bold: 88 };
const slow = student(1.4, 91);
const middle = student(1.7, 89);
const fast = student(2.4, 86);

describe('The goals', () => {
  test('are one where A is as good on both parts, or better on the one for verifying', () => {
    expect(goalsOf({ select: 80, verify: 80 }, 1)).toEqual({ safe: 79.5, bold: 79.5 });
    expect(goalsOf({ select: 80, verify: 82 }, 1)).toEqual({ safe: 79.5, bold: 79.5 });
  });

  test('part where A remembers the samples for choosing', () => {
    expect(goalsOf({ select: 86, verify: 82 }, 1)).toEqual({ safe: 85.5, bold: 83.5 });
  });
});

describe('The looks at the verify part', () => {
  test('begin with the fastest that reaches the bold goal, else with the most accurate', () => {
    expect(firstLook([fast, slow, middle], goals)).toBe(middle);
    expect(firstLook([student(3, 70), student(2, 75)], goals)).toEqual(student(2, 75));
  });

  test('go on to the fastest that makes up for what was missing, with room', () => {
    const [gentle, gentler] = [student(1.6, 90.2), student(1.5, 90.6)];
    const all = [fast, slow, middle, gentle, gentler];
    expect(secondLook(all, middle, { lost: 1.6, allowed: 1 })).toBe(gentle);
    expect(secondLook(all, middle, { lost: 2.0, allowed: 1 })).toBe(gentler);
  });

  test('go on to the faster one that promises most where the first held', () => {
    const all = [slow, middle, student(2.2, 87), fast, student(3, 70)];
    const second = (change: number, deviation: number) =>
      bolderLook(all, middle, { change, allowed: 1, deviation })?.speedup;
    // Two points behind: certain with 2.2 points of room where chance plays no part.
    expect(second(1.2, 0)).toBe(2.2);
    expect(second(2.1, 0)).toBe(2.4);
    expect(second(0.2, 0)).toBeUndefined();
    // A little short of room is still worth a look where the parts differ by more than that.
    expect(second(0.8, 1.2)).toBe(2.2);
    // A fair chance of much is worth more than a good one of little.
    expect(second(2.8, 1.2)).toBe(2.4);
  });

  test('go on to nothing that has no fair chance, or is no faster', () => {
    const without = { change: 0, allowed: 1, deviation: 1 };
    expect(bolderLook([student(3, 85)], student(1.7, 89), without)).toBeNull();
    expect(bolderLook([slow], middle, without)).toBeNull();
  });

  test('end with A itself in another form where nothing makes up for it', () => {
    const own = { ...student(1.3, 88.5), isOriginal: true };
    const slowest = { ...student(1.1, 88.9), isOriginal: true };
    expect(secondLook([fast, own, slowest, middle, slow], middle, { lost: 9, allowed: 1 })).toBe(own);
  });

  test('end with the most accurate of the slower where A has no such form, and where nothing is slower', () => {
    expect(secondLook([fast, slow, middle], middle, { lost: 9, allowed: 1 })).toBe(slow);
    expect(secondLook([slow, fast], slow, { lost: 3, allowed: 1 })).toBeNull();
  });
});

describe('More time', () => {
  test('goes to those faster than what has reached the bold goal, the most accurate first', () => {
    expect(stillOpen([slow, middle, student(3, 80), fast], goals, null)).toEqual([fast, student(3, 80)]);
  });

  test('goes to nobody who is beaten in both', () => {
    const beaten = student(2.2, 85);
    expect(stillOpen([middle, beaten, fast, student(3, 80)], goals, null)).toEqual([fast, student(3, 80)]);
  });

  test('goes to all while none has reached it, and to nobody once the speed-up asked for is there', () => {
    expect(stillOpen([fast, student(2, 87)], goals, null)).toEqual([student(2, 87), fast]);
    expect(stillOpen([slow, middle, fast], goals, 1.5)).toEqual([]);
  });
});
