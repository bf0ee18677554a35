import { expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { differentiate, parametersOf } from '../../../electron/engine/instructions/differentiate.ts';
import { inputForms } from '../../../electron/engine/instructions/input-gradients.ts';
import type { ConvolutionSite } from '../../../electron/engine/instructions/row.ts';
import { weightForms } from '../../../electron/engine/instructions/weight-gradients.ts';
import { measureForms, timeForms } from '../../../electron/engine/tuning/gradient-forms.ts';
import { withLoss } from '../../../electron/engine/tuning/loss.ts';
import { expectClose, givenFor, reference } from '../instructions/running.ts';

const same = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1 };

/** x [N,4,6,6] → 3×3 in groups, depthwise at stride 2, 1×1, mean → [N,3]. */
function smallNet() {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 4, 6, 6]);
  const first = b.add('conv', [x, b.parameter('w1', [8, 2, 3, 3])], { ...same, groups: 2 });
  const deep = b.add('conv', [b.add('relu', [first], {}), b.parameter('w2', [8, 1, 3, 3])], {
    ...same,
    strides: [2, 2],
    groups: 8,
  });
  const last = b.add('conv', [deep, b.parameter('w3', [3, 8, 1, 1])], { ...same, pads: [0, 0, 0, 0] });
  return b.build([b.add('mean', [last], { axes: [2, 3], keepDims: false })]);
}

test('the measured forms of a net give the gradients of the usual ones', async () => {
  const program = withLoss(smallNet(), { head: 'scores', scales: [1] });
  const names = parametersOf(program).map((p) => p.name);
  const forms = await measureForms(program, { batch: 4, threads: 1, block: null });
  const chosen: string[] = [];
  const own = differentiate(program, names, {
    weight: (site) => {
      const form = forms.weight(site);
      expect(weightForms[form].fits(site)).toBe(true);
      chosen.push(form);
      return form;
    },
    input: (site) => {
      const form = forms.input(site);
      expect(inputForms[form].fits(site)).toBe(true);
      chosen.push(form);
      return form;
    },
  });
  // Three weights; the input's own gradient leads to no parameter.
  expect(chosen.length).toBeGreaterThanOrEqual(5);
  const given = givenFor(program, 3);
  const wanted = reference(differentiate(program, names), given);
  reference(own, given).forEach((y, n) => {
    expectClose(y, wanted[n]!, 1e-9, 1e-9);
  });
  expect(wanted).toHaveLength(2 + names.length);
});

test('a shape is measured once, the fastest form first', async () => {
  const site: ConvolutionSite = {
    large: [-1, 8, 7, 7],
    small: [-1, 8, 7, 7],
    weight: [8, 8, 3, 3],
    convolution: same,
  };
  const timings = await timeForms('weight', site, { batch: 4, threads: 1, block: null });
  expect(timings.length).toBeGreaterThan(2);
  for (const [n, { bestMs }] of timings.entries()) {
    expect(bestMs).toBeGreaterThan(0);
    expect(bestMs).toBeGreaterThanOrEqual(timings[n - 1]?.bestMs ?? 0);
  }
  expect(await timeForms('weight', site, { batch: 4, threads: 1, block: null })).toBe(timings);
});
