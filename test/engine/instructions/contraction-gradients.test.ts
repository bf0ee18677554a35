import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { checkProgram } from '../../../electron/engine/instructions/check.ts';
import { usualForms } from '../../../electron/engine/instructions/contraction-gradients.ts';
import { type InputForm, inputForms } from '../../../electron/engine/instructions/input-gradients.ts';
import type { Program } from '../../../electron/engine/instructions/program.ts';
import { convShape } from '../../../electron/engine/instructions/shapes.ts';
import { type WeightForm, weightForms } from '../../../electron/engine/instructions/weight-gradients.ts';
import { blockHere } from '../../../electron/engine/tuning/blocks.ts';
import { type Case, instructionCases } from './cases.ts';
import { batch, expectClose, givenFor, inRuntime, reference } from './running.ts';

const block = await blockHere();
const convolutions = instructionCases.filter((c): c is Case<'conv'> => c.op === 'conv');
const more: readonly Case<'conv'>[] = [
  {
    op: 'conv',
    title: '5×5 at stride 2 with pads',
    operands: [
      [-1, 3, 8, 8],
      [4, 3, 5, 5],
    ],
    attributes: { strides: [2, 2], dilations: [1, 1], pads: [2, 2, 2, 2], groups: 1 },
  },
  {
    op: 'conv',
    title: 'in groups, dilated',
    operands: [
      [-1, 4, 7, 7],
      [4, 2, 3, 3],
    ],
    attributes: { strides: [1, 1], dilations: [2, 2], pads: [2, 2, 2, 2], groups: 2 },
  },
  {
    op: 'conv',
    title: 'depthwise, dilated at unequal strides',
    operands: [
      [-1, 3, 8, 9],
      [3, 1, 3, 2],
    ],
    attributes: { strides: [2, 1], dilations: [1, 2], pads: [1, 0, 0, 2], groups: 3 },
  },
  {
    op: 'conv',
    title: 'depthwise in one dimension',
    operands: [
      [-1, 3, 97],
      [3, 1, 3],
    ],
    attributes: { strides: [2], dilations: [1], pads: [1, 1], groups: 3 },
  },
];

function siteOf(c: Case<'conv'>) {
  const [large, weight] = c.operands as [number[], number[]];
  return { large, weight, small: convShape(large, weight, c.attributes), convolution: c.attributes };
}

const cases = [...convolutions, ...more].map((c) => [c.title, c] as const);

describe.each(cases)('a convolution %s', (_title, c) => {
  const site = siteOf(c);

  const fitting = (Object.keys(weightForms) as WeightForm[]).filter((f) => weightForms[f].fits(site));
  test.each(fitting)('has its weight gradient as %s', async (form) => {
    const gradientIn = (name: WeightForm) => {
      const b = new ProgramBuilder();
      const [x, g] = [b.input('x', site.large), b.input('g', site.small)];
      return b.build([weightForms[name].build(b, x, g, site)]);
    };
    // Groups a sample are a number only where the batch is one.
    const bounds = form === 'convolved' ? [batch] : [batch, null];
    await expectEqual(gradientIn(form), gradientIn(usualForms.weight(site)), bounds);
  });

  const inputs = (Object.keys(inputForms) as InputForm[]).filter((f) => inputForms[f].fits(site));
  test.each(inputs)('has its input gradient as %s', async (form) => {
    const gradientIn = (name: InputForm) => {
      const b = new ProgramBuilder();
      const [g, w] = [b.input('g', site.small), b.parameter('w', site.weight)];
      return b.build([inputForms[name].build(b, g, w, site)]);
    };
    await expectEqual(gradientIn(form), gradientIn(usualForms.input(site)), [batch, null]);
  });
});

test('every form fits some convolution here', () => {
  for (const form of [...Object.values(weightForms), ...Object.values(inputForms)])
    expect(cases.some(([, c]) => form.fits(siteOf(c)))).toBe(true);
});

/** The usual form is held to finite differences with the table; every other to it. */
async function expectEqual(own: Program, usual: Program, bounds: readonly (number | null)[]): Promise<void> {
  expect(checkProgram(own)).toEqual({ ok: true, value: undefined });
  const given = givenFor(usual, 5);
  const [wanted] = reference(usual, given);
  expectClose(reference(own, given)[0]!, wanted!, 1e-9, 1e-9);
  for (const bound of bounds) expectClose((await inRuntime(own, given, 17, bound))[0]!, wanted!);
  // Its batch is bound, and few of these have channels for a block; what has them must give the same.
  if (block !== null) expectClose((await inRuntime(own, given, 17, batch, block))[0]!, wanted!);
}
