import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectSize, stratifiedOrder } from '../../../electron/engine/data/split.ts';

describe('stratifiedOrder', () => {
  const labelled = fc.array(fc.nat(5), { minLength: 1, maxLength: 300 });

  it('names every sample once, the same for the same seed', () => {
    fc.assert(
      fc.property(labelled, fc.integer(), (list, seed) => {
        const labels = Int32Array.from(list);
        const order = stratifiedOrder(labels.length, labels, seed);
        expect([...order].sort((a, b) => a - b)).toEqual(list.map((_, index) => index));
        expect(stratifiedOrder(labels.length, labels, seed)).toEqual(order);
      }),
    );
  });

  it('holds each class in its share in every stretch, within a sample at each end', () => {
    fc.assert(
      fc.property(labelled, fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (list, seed, share) => {
        const order = stratifiedOrder(list.length, Int32Array.from(list), seed);
        const cut = Math.floor(share * list.length);
        const classes = new Set(list);
        for (const label of classes) {
          const total = list.filter((other) => other === label).length;
          const taken = [...order.subarray(0, cut)].filter((index) => list[index] === label).length;
          // Every class of the prefix ends at the same place, so it is off by one of its own and one a class.
          expect(Math.abs(taken - (total * cut) / list.length)).toBeLessThanOrEqual(1 + classes.size);
        }
      }),
    );
  });

  it('shuffles otherwise with another seed, and without labels', () => {
    expect(stratifiedOrder(50, null, 1)).not.toEqual(stratifiedOrder(50, null, 2));
    expect(stratifiedOrder(50, null, 1)).not.toEqual(Int32Array.from({ length: 50 }, (_, i) => i));
  });
});

describe('selectSize', () => {
  it.each([
    [12, 3],
    [400, 80],
    [999, 200],
    [1000, 200],
    [10_000, 1000],
    [60_000, 2000],
  ])('takes from %i samples %i', (fit, select) => {
    expect(selectSize(fit)).toBe(select);
  });
});
