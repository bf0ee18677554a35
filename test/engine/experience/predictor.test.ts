import fc from 'fast-check';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { learn } from '../../../electron/engine/experience/predictor.ts';
import type { Sample } from '../../../electron/engine/experience/sample.ts';
import type { Features } from '../../../electron/store/experiences.ts';

/** Programs of a pretended board that has a price for each amount, and pairs of them by groups. */
function pretended(groups: number, each: number, factorOf: (group: number, random: () => number) => number) {
  const rng = xoroshiro128plus(11);
  const random = (): number => uniformFloat64(rng);
  const program = (): Features => ({
    'spatial count': 1 + Math.floor(random() * 3),
    'spatial multiply-adds': 1e5 * 10 ** (2 * random()),
    'spatial bytes': 1e4 * 10 ** random(),
    'depthwise multiply-adds': random() < 0.5 ? 0 : 1e4 * 10 ** random(),
    'movement bytes': random() < 0.7 ? 0 : 1e5 * random(),
  });
  const us = (f: Features): number =>
    5 * f['spatial count']! +
    f['spatial multiply-adds']! / 9000 +
    f['spatial bytes']! / 4000 +
    f['depthwise multiply-adds']! / 900 +
    f['movement bytes']! / 1500;
  return Array.from({ length: groups }, (_, group) => {
    const baselineFeatures = program();
    const factor = factorOf(group, random);
    return Array.from({ length: each }, (_, i): Sample => {
      const features = program();
      const ratio = (us(baselineFeatures) / us(features)) * factor;
      return { baseline: `group ${group}`, structure: `${group} ${i}`, baselineFeatures, features, ratio };
    });
  }).flat();
}

describe('the predictor', () => {
  test('learns what a board takes for each amount, and says how well on groups it has not seen', () => {
    const predictor = learn(pretended(20, 8, () => 1));
    expect(predictor?.structures).toBe(160);
    expect(predictor?.heldOut.median).toBeLessThan(0.08);
    expect(predictor?.heldOut.p90).toBeLessThan(0.3);
    const fresh = pretended(25, 8, () => 1).slice(-8);
    for (const { baselineFeatures, features, ratio } of fresh)
      expect(Math.abs(Math.log(predictor!.ratio(baselineFeatures, features) / ratio))).toBeLessThan(0.4);
  });

  test('does not count as known what only the group itself can tell', () => {
    // Every group is off by a factor of its own: who has seen the group knows it, who has not cannot.
    const factor = (_: number, random: () => number): number => (random() < 0.5 ? 1 / 3 : 3);
    const predictor = learn(pretended(20, 8, factor));
    expect(predictor?.heldOut.median).toBeGreaterThan(0.5);
  });

  test('is none of few structures, of few groups, or of one structure many times over', () => {
    expect(learn(pretended(10, 5, () => 1))).toBeNull();
    expect(learn(pretended(4, 30, () => 1))).toBeNull();
    const same = pretended(6, 1, () => 1);
    expect(learn(Array.from({ length: 20 }, () => same).flat())).toBeNull();
  });

  test('takes the newest of equal pairs', () => {
    const samples = pretended(20, 8, () => 1);
    const stale = samples.map((s) => ({ ...s, ratio: 100 * s.ratio }));
    expect(learn([...samples, ...stale])?.heldOut).toEqual(learn(samples)?.heldOut);
  });

  test('foretells 1 for a program against itself, and the inverse the other way round', () => {
    const predictor = learn(pretended(20, 8, () => 1))!;
    const amount = fc.double({ min: 0, max: 1e7, noNaN: true });
    const features = fc.dictionary(
      fc.constantFrom('spatial count', 'spatial multiply-adds', 'never seen'),
      amount,
    );
    fc.assert(
      fc.property(features, features, (a, b) => {
        expect(predictor.ratio(a, a)).toBeCloseTo(1, 9);
        const there = predictor.ratio(a, b);
        expect(there).toBeGreaterThan(0);
        expect(there * predictor.ratio(b, a)).toBeCloseTo(1, 6);
      }),
    );
  });
});
