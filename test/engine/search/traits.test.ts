import { expect, test } from 'vitest';
import { applyEdits, type Edit, firstChannels } from '../../../electron/engine/search/edits.ts';
import { traitsOf } from '../../../electron/engine/search/traits.ts';
import { classifier } from './small-nets.ts';

const base = classifier();

function traitsAfter(...edits: readonly Edit[]) {
  const draft = applyEdits(base, edits, firstChannels)!;
  return traitsOf(base.program, draft.program, edits);
}

test('a program like its base has no traits but of what is there', () => {
  const traits = traitsOf(base.program, base.program, []);
  expect(Object.values(traits).every((amount) => amount === 0)).toBe(true);
  expect(Object.keys(traits)).toEqual(expect.arrayContaining(['work w1', 'work w2', 'work w3']));
});

test('half the channels halve the work of what makes them and of what reads them', () => {
  const traits = traitsAfter({ kind: 'narrow', weight: 'w1', keep: 6 });
  expect([traits['work w1'], traits['work w2'], traits['work w3']]).toEqual([1, 1, 0]);
  expect(traits['all multiply-adds']).toBeGreaterThan(0.9);
  expect(traits.narrow).toBe(1);
});

test('a form in place of a convolution is known by its name, its place and its pieces', () => {
  const traits = traitsAfter({ kind: 'replace', weight: 'w2', form: { name: 'depthwise', kernel: 3 } });
  expect(traits['pieces w2']).toBe(1);
  expect(traits['work w2']).toBeGreaterThan(2);
  expect(traits['depthwise w2']).toBe(1);
  expect(traits['work w1']).toBe(0);
});
