import { expect, test } from 'vitest';
import { compareEnergy } from '../../../electron/engine/verify/energy.ts';

const sensor = { name: 'ina226', covers: 'rail' } as const;

/** Rounds in which both models take this many joules for 100 calls in a second. */
const measured = (joules: readonly (readonly [number, number])[]) => ({
  sensor,
  idleWatts: 0.5,
  rounds: joules.map((round) => round.map((each) => ({ calls: 100, seconds: 1, joules: each }))),
});

test('Energy is given for one inference, in total and beyond what the idle board takes in that time.', () => {
  const {
    a,
    b,
    sensor: name,
    covers,
    rounds,
  } = compareEnergy(
    measured([
      [2, 1],
      [2.2, 1.1],
      [1.8, 0.9],
    ]),
  );
  expect({ name, covers, rounds }).toEqual({ name: 'ina226', covers: 'rail', rounds: 3 });
  expect(a.total.millijoules).toBeCloseTo(20, 9);
  expect(b.total.millijoules).toBeCloseTo(10, 9);
  // 0.5 W over the 10 ms of a call.
  expect(a.aboveIdle.millijoules).toBeCloseTo(15, 9);
  expect(b.aboveIdle.millijoules).toBeCloseTo(5, 9);
  expect(a.calls).toBe(300);
  // 20, 22 and 18: deviation 2, Student's t 4.3 at two degrees of freedom.
  expect(a.total.interval95[0]).toBeCloseTo(20 - (4.3 * 2) / Math.sqrt(3), 6);
  expect(a.total.interval95[1]).toBeCloseTo(20 + (4.3 * 2) / Math.sqrt(3), 6);
});

test('What drifts for both models alike widens their intervals, but not that of the ratio.', () => {
  const drifting = compareEnergy(
    measured([
      [2, 1],
      [3, 1.5],
      [4, 2],
    ]),
  );
  expect(drifting.ratio).toBeCloseTo(2, 9);
  expect(drifting.ratioInterval95[0]).toBeCloseTo(2, 6);
  expect(drifting.ratioInterval95[1]).toBeCloseTo(2, 6);
  expect(drifting.a.total.interval95[1] - drifting.a.total.interval95[0]).toBeGreaterThan(20);
});

test('A ratio that changes from round to round has an interval that says so.', () => {
  const { ratio, ratioInterval95 } = compareEnergy(
    measured([
      [2, 1],
      [1, 2],
      [2, 2],
    ]),
  );
  expect(ratio).toBeCloseTo(1, 9);
  expect(ratioInterval95[0]).toBeLessThan(0.5);
  expect(ratioInterval95[1]).toBeGreaterThan(2);
});
