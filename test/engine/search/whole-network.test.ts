import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { checkProgram, signatureOf } from '../../../electron/engine/instructions/check.ts';
import { costOf } from '../../../electron/engine/instructions/cost.ts';
import { applyEdits, type Edit, firstChannels } from '../../../electron/engine/search/edits.ts';
import { keyOf } from '../../../electron/engine/search/proposals.ts';
import { mutateWhole, wholeSeeds } from '../../../electron/engine/search/whole-network.ts';
import { classifier } from './small-nets.ts';
import { residualNet, transformer } from './stream-nets.ts';

const nets = [
  ['a residual net', residualNet('conv')],
  ['a residual net that pads channels', residualNet('pad')],
  ['a transformer', transformer()],
  ['a plain chain', classifier()],
] as const;

describe.each(nets)('%s', (_name, draft) => {
  const seeds = wholeSeeds(draft);

  test('every seed makes a cheaper program of the same signature, and no two are equal', () => {
    expect(seeds.length).toBeGreaterThan(4);
    for (const edits of seeds) {
      const made = applyEdits(draft, edits, firstChannels);
      expect(made, keyOf(edits)).not.toBeNull();
      expect(checkProgram(made!.program, signatureOf(draft.program)).ok).toBe(true);
      expect(costOf(made!.program).multiplyAdds).toBeLessThan(costOf(draft.program).multiplyAdds);
    }
    expect(new Set(seeds.map(keyOf)).size).toBe(seeds.length);
  });

  test('mutants are the same for the same seed, and most of them make a program', () => {
    const run = (seed: number): Edit[][] => {
      const rng = xoroshiro128plus(seed);
      return Array.from({ length: 60 }, (_, i) => mutateWhole(draft, seeds[i % seeds.length]!, rng));
    };
    expect(run(4)).toEqual(run(4));
    expect(run(4)).not.toEqual(run(5));
    const made = run(4).filter((edits) => applyEdits(draft, edits, firstChannels) !== null);
    expect(made.length).toBeGreaterThan(36);
  });
});

test('seeds cut streams, inner widths and both, leave out branches, and narrow heads', () => {
  const has = (seeds: readonly (readonly Edit[])[], ...kinds: readonly Edit['kind'][]) =>
    seeds.some((edits) => [...new Set(edits.map((e) => e.kind))].sort().join() === [...kinds].sort().join());
  const residual = wholeSeeds(residualNet('conv'));
  for (const kinds of [
    ['narrow'],
    ['narrowStream'],
    ['narrow', 'narrowStream'],
    ['dropBranch'],
    ['dropBranch', 'narrow'],
  ] as const)
    expect(has(residual, ...kinds), kinds.join()).toBe(true);
  const attention = wholeSeeds(transformer());
  expect(has(attention, 'narrowStream', 'narrowHeads')).toBe(true);
});
