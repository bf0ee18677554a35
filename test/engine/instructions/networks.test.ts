import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { checkProgram } from '../../../electron/engine/instructions/check.ts';
import { differentiate, parametersOf } from '../../../electron/engine/instructions/differentiate.ts';
import type { Program } from '../../../electron/engine/instructions/program.ts';
import { ShapeMismatch } from '../../../electron/engine/instructions/row.ts';
import { targetName, withLoss } from '../../../electron/engine/tuning/loss.ts';
import { batch, expectClose, givenFor, inRuntime, reference, sampled, slope } from './running.ts';

const none = {};
const same = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1 };

/** conv, bias, relu, maxPool, depthwise conv, residual, strided conv, averagePool, mean, matmul, bias. */
function smallNet(): Program {
  const b = new ProgramBuilder();
  const convolution = (x: number, name: string, out: number, a = same, kernel = 3): number => {
    const weight = b.parameter(name, [out, b.shape(x)[1]! / a.groups, kernel, kernel]);
    const bias = b.add('reshape', [b.parameter(`${name}.bias`, [out])], { shape: [out, 1, 1] });
    return b.add('add', [b.add('conv', [x, weight], a), bias], none);
  };
  const relu = (x: number): number => b.add('relu', [x], none);
  const first = relu(convolution(b.input('x', [-1, 3, 9, 9]), 'first', 8));
  const pooled = b.add('maxPool', [first], { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  const depthwise = convolution(pooled, 'depthwise', 8, { ...same, groups: 8 });
  const residual = relu(b.add('add', [depthwise, pooled], none));
  const strided = relu(convolution(residual, 'strided', 10, { ...same, strides: [2, 2] }));
  const window = { kernel: [2, 2], strides: [1, 1], pads: [1, 0, 0, 0], countIncludePad: false };
  const mean = b.add('mean', [b.add('averagePool', [strided], window)], { axes: [2, 3], keepDims: false });
  const scores = b.add('matmul', [mean, b.parameter('head', [10, 4])], none);
  return b.build([b.add('add', [scores, b.parameter('head.bias', [4])], none)]);
}

test('the gradient of a small network agrees with finite differences for every parameter, and in the runtime', async () => {
  const loss = withLoss(smallNet(), { head: 'scores', scales: [1] });
  const names = parametersOf(loss).map((p) => p.name);
  expect(names).toHaveLength(8);
  const given = new Map(givenFor(loss, 4));
  given.set(targetName(0), {
    shape: [batch, 4],
    data: Float64Array.of(0.75, 0.25, 0, 0, 0, 0.125, 0.5, 0.375),
  });
  const gradient = differentiate(loss, names);
  expect(checkProgram(gradient).ok).toBe(true);
  const results = reference(gradient, given);
  names.forEach((name, n) => {
    const own = results[n + loss.outputs.length]!;
    for (const index of sampled(own.data.length, 20)) {
      const wanted = slope(loss, given, name, index);
      const difference = Math.abs(own.data[index]! - wanted);
      expect(difference, `${name}[${index}]`).toBeLessThan(1e-5 * (Math.abs(wanted) + 0.01));
    }
  });
  const inOnnx = await inRuntime(gradient, given, 17);
  results.forEach((wanted, n) => {
    expectClose(inOnnx[n]!, wanted);
  });
});

/** One step of a random program: which instruction, on which earlier results, how. */
const steps = fc.array(
  fc.record({
    op: fc.constantFrom(
      ...([
        'add',
        'sub',
        'mul',
        'max',
        'min',
        'tanh',
        'relu',
        'sigmoid',
        'abs',
        'clip',
        'conv',
        'maxPool',
      ] as const),
    ),
    a: fc.nat(100),
    b: fc.nat(100),
    channels: fc.integer({ min: 1, max: 4 }),
    kernel: fc.constantFrom(1, 2, 3),
    stride: fc.constantFrom(1, 2),
    pads: fc.array(fc.nat(1), { minLength: 4, maxLength: 4 }),
    isGrouped: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

/** The program of the steps that the builder accepts. */
function programOf(all: typeof steps extends fc.Arbitrary<infer T> ? T : never): Program {
  const b = new ProgramBuilder();
  const values = [b.input('x', [-1, 4, 6, 6])];
  for (const [n, step] of all.entries()) {
    const x = values[step.a % values.length]!;
    const y = values[step.b % values.length]!;
    const strides = [step.stride, step.stride];
    try {
      if (step.op === 'conv') {
        const channels = b.shape(x)[1]!;
        const groups = step.isGrouped ? channels : 1;
        const shape = [groups * step.channels, channels / groups, step.kernel, step.kernel];
        const weight = b.parameter(`w${n}`, shape);
        values.push(b.add('conv', [x, weight], { strides, dilations: [1, 1], pads: step.pads, groups }));
      } else if (step.op === 'maxPool') {
        const kernel = [step.kernel, step.kernel];
        values.push(b.add('maxPool', [x], { kernel, strides, pads: step.pads }));
      } else if (step.op === 'clip') values.push(b.add('clip', [x], { min: -0.5, max: 0.5 }));
      else if (['tanh', 'relu', 'sigmoid', 'abs'].includes(step.op)) values.push(b.add(step.op, [x], none));
      else values.push(b.add(step.op, [x, y], none));
    } catch (error) {
      if (!(error instanceof ShapeMismatch)) throw error;
    }
  }
  return b.build([values.at(-1)!]);
}

test('whatever the builder accepts passes the checker and means the same in the runtime', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(1000), async (all, seed) => {
      const program = programOf(all);
      expect(checkProgram(program)).toEqual({ ok: true, value: undefined });
      const given = givenFor(program, seed);
      const [wanted] = reference(program, given);
      // Products of products grow: the tolerance is of the largest value.
      const largest = wanted!.data.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
      for (const bound of [batch, null])
        expectClose((await inRuntime(program, given, 17, bound))[0]!, wanted!, 1e-4, 1e-5 * largest);
    }),
    { numRuns: 60, seed: 20 },
  );
});
