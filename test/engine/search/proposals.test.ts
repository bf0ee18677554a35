import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { applyEdits, firstChannels } from '../../../electron/engine/search/edits.ts';
import { Fingerprints } from '../../../electron/engine/search/fingerprint.ts';
import { keyOf, propose } from '../../../electron/engine/search/proposals.ts';
import {
  breed,
  type Gene,
  knapsack,
  specificationKey,
  spreadOverFront,
} from '../../../electron/engine/search/specifications.ts';
import { classifier, oneConvolution, residualBlock } from './small-nets.ts';

describe('proposals', () => {
  test('the same seed proposes the same, in the same order; another seed does not', () => {
    const run = (seed: number) =>
      propose(residualBlock(), 12, xoroshiro128plus(seed)).map((p) => `${p.origin} ${keyOf(p.edits)}`);
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  test('mutation and crossover come after the seeds and most of them make a program', () => {
    const draft = classifier();
    const proposals = propose(draft, 30, xoroshiro128plus(5));
    const bred = proposals.filter((p) => p.origin !== 'seed');
    expect(bred.some((p) => p.origin === 'mutation') && bred.some((p) => p.origin === 'crossover')).toBe(
      true,
    );
    expect(bred.every((p) => p.parents.length > 0)).toBe(true);
    const valid = bred.filter((p) => applyEdits(draft, p.edits, firstChannels) !== null);
    expect(valid.length).toBeGreaterThan(bred.length / 3);
    expect(new Set(proposals.map((p) => keyOf(p.edits))).size).toBe(proposals.length);
  });
});

test('what is hoped of edits decides whose children are proposed', () => {
  const bred = propose(classifier(), 24, xoroshiro128plus(2), (edits) =>
    edits.some((e) => e.weight === 'w2') ? 1 : 0,
  ).filter((p) => p.origin !== 'seed');
  expect(bred.length).toBeGreaterThan(4);
  expect(bred.every((p) => p.edits.some((e) => e.weight === 'w2'))).toBe(true);
});

describe('fingerprints', () => {
  test('an equal program is a duplicate in its own scope, another one of equal cost is not', () => {
    const prints = new Fingerprints();
    expect(prints.isDuplicate('a', oneConvolution().program)).toBe(false);
    expect(prints.isDuplicate('a', oneConvolution().program)).toBe(true);
    expect(prints.isDuplicate('b', oneConvolution().program)).toBe(false);
    expect(prints.isDuplicate('a', residualBlock().program)).toBe(false);
  });
});

describe('specifications', () => {
  const gene = (ordinal: number, weights: string[], savedUs: number, damage: number): Gene => ({
    ordinal,
    weights,
    savedUs,
    damage,
  });
  const order = ['a', 'b', 'c', 'd'];
  const genes = [
    gene(0, ['a'], 10, 0.1),
    gene(1, ['a', 'b'], 30, 0.2),
    gene(2, ['b'], 5, 0.9),
    gene(3, ['c', 'd'], 20, 0.05),
    gene(4, ['d'], 19.5, 0.01),
  ];

  test('the knapsack takes what is worth its damage and never one operator twice', () => {
    const best = knapsack(genes, order, 0.05);
    expect(specificationKey(best)).toBe('1+4');
    expect(knapsack(genes, order, 0)).toEqual([]);
  });

  test('breeding gives different specifications without overlaps, the same for the same seed', () => {
    const bred = breed(genes, order, 8, xoroshiro128plus(1));
    expect(bred.map(specificationKey)).toEqual(
      breed(genes, order, 8, xoroshiro128plus(1)).map(specificationKey),
    );
    expect(new Set(bred.map(specificationKey)).size).toBe(bred.length);
    for (const s of bred) {
      const weights = s.flatMap((g) => g.weights);
      expect(new Set(weights).size).toBe(weights.length);
    }
  });

  test('what is slower and worse than another does not go on', () => {
    const measured = [
      { speedup: 1.2, damage: 0.1 },
      { speedup: 2, damage: 0.05 },
      { speedup: 3, damage: 0.5 },
      { speedup: 5, damage: 2 },
    ];
    expect(spreadOverFront(measured, 2, 5).map((m) => m.speedup)).toEqual([2, 5]);
  });
});
