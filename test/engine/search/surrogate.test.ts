import { describe, expect, test } from 'vitest';
import { fitSurrogate, type Traits } from '../../../electron/engine/search/surrogate.ts';

/** Two layers at different shares; the value bends in one of them. */
const traits: Traits[] = Array.from({ length: 25 }, (_, i) => ({ one: i % 5, other: Math.floor(i / 5) }));
const measure = ({ one = 0, other = 0 }: Traits): number => 3 + 2 * one - 0.3 * other ** 2;

describe('What was not measured', () => {
  const isHeld = (i: number) => i % 3 === 1;
  const foretell = fitSurrogate(
    traits.filter((_, i) => !isHeld(i)),
    traits.filter((_, i) => !isHeld(i)).map(measure),
  );

  test('is foretold from its neighbours, better than by the mean', () => {
    const held = traits.filter((_, i) => isHeld(i));
    const errors = held.map((t) => Math.abs(foretell(t).mean - measure(t)));
    expect(Math.max(...errors)).toBeLessThan(0.8);
  });

  test('is the less certain the farther it is from all that is known', () => {
    const near = foretell({ one: 2, other: 2 }).deviation;
    const far = foretell({ one: 30, other: -30 }).deviation;
    expect(near).toBeGreaterThan(0);
    expect(far).toBeGreaterThan(3 * near);
  });

  test('is their mean where all are the same, or one is known', () => {
    const same = fitSurrogate(
      traits,
      traits.map(() => 4),
    );
    expect(same({ one: 9 })).toEqual({ mean: 4, deviation: 0 });
    expect(fitSurrogate([{ one: 1 }], [7])({ one: 3 }).mean).toBe(7);
  });
});
