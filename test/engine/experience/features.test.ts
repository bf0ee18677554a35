import { expect, test } from 'vitest';
import { featuresOf } from '../../../electron/engine/experience/features.ts';
import { formsOf } from '../../../electron/engine/experience/forms.ts';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { applyEdits, type Edit, firstChannels } from '../../../electron/engine/search/edits.ts';
import { classifier, oneConvolution, residualBlock } from '../search/small-nets.ts';

test('The features of a convolution are its arithmetic, its traffic and its kind.', () => {
  const features = featuresOf(oneConvolution().program);
  expect(features).toMatchObject({
    'spatial count': 1,
    'spatial multiply-adds': 73_730,
    'spatial points': 64,
    'spatial taps': 9,
    // 8 channels fill a vector of 8, and none of 16.
    'multiply-adds beside vectors of 16': 73_730,
    weights: 16 * 8 * 9,
  });
  expect(features['multiply-adds beside vectors of 8']).toBeUndefined();
});

test('Forms of other kinds have other features, and names of parameters none.', () => {
  const draft = oneConvolution();
  const of = (edit: Edit) => featuresOf(applyEdits(draft, [edit], firstChannels)!.program);
  const depthwise = of({ kind: 'replace', weight: 'w1', form: { name: 'depthwise', kernel: 3 } });
  expect(depthwise).toMatchObject({ 'depthwise count': 1, 'pointwise count': 1, 'pointwise taps': 1 });
  expect(depthwise['spatial count']).toBeUndefined();
  expect(of({ kind: 'replace', weight: 'w1', form: { name: 'grouped', groups: 2 } })).toMatchObject({
    'grouped count': 1,
    'grouped multiply-adds': 36_860,
  });
  const b = new ProgramBuilder();
  const [x, w] = [b.input('in', [-1, 4]), b.parameter('any name', [4, 4])];
  expect(featuresOf(b.build([b.add('matmul', [x, w], {})]))).toEqual({
    'matmul count': 1,
    'matmul multiply-adds': 16,
    'matmul bytes': 4 * (4 + 16 + 4),
    weights: 16,
  });
});

test('The forms of edits are the same for other names and widths.', () => {
  const edits = (a: string, b: string, keep: number, rank: number): Edit[] => [
    { kind: 'narrow', weight: a, keep },
    { kind: 'replace', weight: b, form: { name: 'lowRank', rank } },
    { kind: 'skip', weight: b },
  ];
  const forms = ['lowRank 0.25', 'narrow 0.5', 'skip'];
  expect(formsOf(residualBlock(), edits('w1', 'w2', 8, 2))).toEqual(forms);
  expect(formsOf(classifier(), edits('w1', 'w2', 6, 3))).toEqual(forms);
});
