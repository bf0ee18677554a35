import { describe, expect, test } from 'vitest';
import { firstRoundSeconds, laterRoundSeconds } from '../../../../electron/engine/stages/tuning/plan.ts';

describe('A first round', () => {
  test('takes most of a short budget where there is much to learn', () => {
    expect(firstRoundSeconds(60, 0.1)).toBeCloseTo(0.72 * 60);
    expect(firstRoundSeconds(160, 0.1)).toBeCloseTo(0.72 * 160);
  });

  test('ends where the samples were seen often enough, and leaves the rest to later ones', () => {
    // 600 passes at 6 a second.
    expect(firstRoundSeconds(160, 6)).toBeCloseTo(100);
    expect(firstRoundSeconds(160, 60)).toBeCloseTo(0.45 * 160);
  });

  test('is never longer than its students need, unless the budget is long', () => {
    expect(firstRoundSeconds(500, 0.1)).toBe(300);
    expect(firstRoundSeconds(2000, 0.1)).toBeCloseTo(900);
  });

  test('is planned where A made no step, too', () => {
    expect(firstRoundSeconds(60, 0)).toBeCloseTo(0.72 * 60);
    expect(laterRoundSeconds(60, 0)).toBe(40);
  });
});

test('a later round is as short as 200 passes and its evolution allow, and longer in a long budget', () => {
  expect(laterRoundSeconds(60, 0.1)).toBe(40);
  expect(laterRoundSeconds(60, 8)).toBe(25);
  expect(laterRoundSeconds(60, 100)).toBe(20);
  expect(laterRoundSeconds(600, 0.1)).toBeCloseTo(102);
});
