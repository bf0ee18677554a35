import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { lower } from '../../../electron/engine/instructions/lower.ts';
import { print } from '../../../electron/engine/instructions/print.ts';
import type { Program, Shape } from '../../../electron/engine/instructions/program.ts';
import { expectClose, givenFor, inRuntime, reference } from './running.ts';

const none = {};
const plain = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 };
const image: Shape = [-1, 4, 6, 6];

/** Builds on one input; several results where `make` gives several. */
function program(shape: Shape, make: (b: ProgramBuilder, x: number) => number | readonly number[]): Program {
  const b = new ProgramBuilder();
  const made = make(b, b.input('x', shape));
  return b.build(typeof made === 'number' ? [made] : made);
}

const pad = (b: ProgramBuilder, x: number, value = 0, channels = 0): number =>
  b.add('pad', [x], { before: [0, channels, 1, 0], after: [0, 0, 2, 1], value });
const conv = (b: ProgramBuilder, x: number): number =>
  b.add('conv', [x, b.parameter('w', [3, b.shape(x)[1]!, 3, 3])], { ...plain, pads: [0, 1, 0, 0] });
const bias = (b: ProgramBuilder, x: number): number =>
  b.add('add', [b.add('reshape', [b.parameter('v', [3])], { shape: [3, 1, 1] }), x], none);
const product = (b: ProgramBuilder, x: number): number =>
  b.add('matmul', [x, b.parameter('w', [4, 5])], none);

function hardSwish(b: ProgramBuilder, x: number): { gate: number; y: number } {
  const line = b.add('add', [b.constant(0.5), b.add('div', [x, b.constant(6)], none)], none);
  const gate = b.add('clip', [line], { min: 0, max: 1 });
  return { gate, y: b.add('mul', [gate, x], none) };
}

function softmax(b: ProgramBuilder, x: number, axis: number, keepDims = true): { e: number; y: number } {
  const top = b.add('reduceMax', [x], { axes: [axis], keepDims });
  const e = b.add('exp', [b.add('sub', [x, top], none)], none);
  return { e, y: b.add('div', [e, b.add('sum', [e], { axes: [axis], keepDims })], none) };
}

/** (x − mean)/√(variance + ε), scaled, and the centred x in it. */
function normalization(
  b: ProgramBuilder,
  x: number,
  axis: number,
  power?: number,
): { centred: number; scaled: number } {
  const over = { axes: [axis], keepDims: true };
  const centred = b.add('sub', [x, b.add('mean', [x], over)], none);
  const square =
    power === undefined
      ? b.add('mul', [centred, centred], none)
      : b.add('pow', [centred, b.constant(power)], none);
  const variance = b.add('mean', [square], over);
  const root = b.add('sqrt', [b.add('add', [variance, b.constant(0.5)], none)], none);
  return {
    centred,
    scaled: b.add('mul', [b.add('div', [centred, root], none), b.parameter('g', [5])], none),
  };
}

type Row = readonly [title: string, program: Program, opset: number, types: readonly string[]];

const fused: readonly Row[] = [
  [
    'a layer normalization with bias',
    program([-1, 4, 5], (b, x) => b.add('add', [b.parameter('v', [5]), normalization(b, x, 2).scaled], none)),
    17,
    ['LayerNormalization'],
  ],
  [
    'a layer normalization without bias, squared by a power',
    program([-1, 4, 5], (b, x) => normalization(b, x, 2, 2).scaled),
    17,
    ['LayerNormalization'],
  ],
  [
    'a biased product with a transposed weight',
    program([-1, 4], (b, x) => {
      const w = b.add('transpose', [b.parameter('w', [5, 4])], { permutation: [1, 0] });
      return b.add('add', [b.add('matmul', [x, w], none), b.parameter('v', [5])], none);
    }),
    17,
    ['Gemm'],
  ],
  ['a padded convolution with bias', program(image, (b, x) => bias(b, conv(b, pad(b, x)))), 17, ['Conv']],
  ['a convolution with bias', program(image, (b, x) => bias(b, conv(b, x))), 8, ['Conv']],
  [
    'a transposed convolution with bias',
    program(image, (b, x) => {
      const w = b.parameter('w', [4, 3, 3, 3]);
      return bias(b, b.add('convTranspose', [x, w], { ...plain, strides: [2, 2], outputPads: [1, 1] }));
    }),
    17,
    ['ConvTranspose'],
  ],
  [
    'a clipped line through one point',
    program(image, (b, x) => {
      const line = b.add('add', [b.constant(0.5), b.add('mul', [x, b.constant(-0.25)], none)], none);
      return b.add('clip', [line], { min: 0, max: 1 });
    }),
    8,
    ['HardSigmoid'],
  ],
  [
    'a clipped multiple',
    program(image, (b, x) => b.add('clip', [b.add('mul', [b.constant(3), x], none)], { min: 0, max: 1 })),
    17,
    ['HardSigmoid'],
  ],
  [
    'a biased product',
    program([-1, 4], (b, x) => b.add('add', [b.parameter('v', [5]), product(b, x)], none)),
    8,
    ['Gemm'],
  ],
  [
    'a mean over space',
    program(image, (b, x) => b.add('mean', [x], { axes: [3, 2], keepDims: true })),
    8,
    ['GlobalAveragePool'],
  ],
  ['x · clip(x/6 + ½)', program(image, (b, x) => hardSwish(b, x).y), 14, ['HardSwish']],
  ['a softmax along the last axis', program([-1, 4, 5], (b, x) => softmax(b, x, 2).y), 8, ['Softmax']],
  ['a softmax along an inner axis', program([-1, 4, 5], (b, x) => softmax(b, x, 1).y), 13, ['Softmax']],
  [
    'slices along two axes',
    program(image, (b, x) => {
      const rows = b.add('slice', [x], { axis: 2, start: 1, end: 6, step: 2 });
      return b.add('slice', [rows], { axis: 3, start: 2, end: 5, step: 1 });
    }),
    10,
    ['Slice'],
  ],
];

const apart: readonly Row[] = [
  [
    'a layer normalization before opset 17',
    program([-1, 5], (b, x) => normalization(b, x, 1).scaled),
    16,
    ['ReduceMean', 'Sub', 'Mul', 'ReduceMean', 'Add', 'Sqrt', 'Div', 'Mul'],
  ],
  [
    'a layer normalization by another power',
    program([-1, 5], (b, x) => normalization(b, x, 1, 4).scaled),
    17,
    ['ReduceMean', 'Sub', 'Pow', 'ReduceMean', 'Add', 'Sqrt', 'Div', 'Mul'],
  ],
  [
    'a normalization over another axis',
    program([-1, 5, 5], (b, x) => normalization(b, x, 1).scaled),
    17,
    ['ReduceMean', 'Sub', 'Mul', 'ReduceMean', 'Add', 'Sqrt', 'Div', 'Mul'],
  ],
  [
    'a layer normalization whose centred rows others read',
    program([-1, 5], (b, x) => {
      const { centred, scaled } = normalization(b, x, 1);
      return [scaled, centred];
    }),
    17,
    ['ReduceMean', 'Sub', 'Mul', 'ReduceMean', 'Add', 'Sqrt', 'Div', 'Mul'],
  ],
  [
    'a padding that others read',
    program(image, (b, x) => {
      const padded = pad(b, x);
      return [conv(b, padded), padded];
    }),
    17,
    ['Pad', 'Conv'],
  ],
  ['a padding that is not 0', program(image, (b, x) => conv(b, pad(b, x, 1))), 17, ['Pad', 'Conv']],
  ['a padding of the channels', program(image, (b, x) => conv(b, pad(b, x, 0, 1))), 17, ['Pad', 'Conv']],
  [
    'a convolution that others read',
    program(image, (b, x) => {
      const own = conv(b, x);
      return [bias(b, own), own];
    }),
    17,
    ['Conv', 'Reshape', 'Add'],
  ],
  [
    'a bias along the width',
    program([-1, 4, 5, 4], (b, x) => {
      const row = b.add('reshape', [b.parameter('v', [3])], { shape: [1, 1, 3] });
      return b.add('add', [conv(b, x), row], none);
    }),
    17,
    ['Reshape', 'Conv', 'Add'],
  ],
  [
    'a product that others read',
    program([-1, 4], (b, x) => {
      const own = product(b, x);
      return [b.add('add', [own, b.parameter('v', [5])], none), own];
    }),
    17,
    ['MatMul', 'Add'],
  ],
  [
    'a product of a batch of matrices',
    program([-1, 2, 4], (b, x) => b.add('add', [product(b, x), b.parameter('v', [5])], none)),
    17,
    ['MatMul', 'Add'],
  ],
  [
    'a mean over one axis of space',
    program(image, (b, x) => b.add('mean', [x], { axes: [3], keepDims: true })),
    17,
    ['ReduceMean'],
  ],
  [
    'HardSwish before opset 14',
    program(image, (b, x) => hardSwish(b, x).y),
    13,
    ['Div', 'Add', 'Clip', 'Mul'],
  ],
  [
    'a gate that others read',
    program(image, (b, x) => {
      const { gate, y } = hardSwish(b, x);
      return [y, gate];
    }),
    17,
    ['Div', 'Add', 'Clip', 'Mul'],
  ],
  [
    'a clipped line that others read',
    program(image, (b, x) => {
      const line = b.add('mul', [b.constant(3), x], none);
      return [b.add('clip', [line], { min: 0, max: 1 }), line];
    }),
    17,
    ['Mul', 'Clip'],
  ],
  [
    'a line that is clipped elsewhere',
    program(image, (b, x) => b.add('clip', [b.add('mul', [b.constant(3), x], none)], { min: 0, max: 2 })),
    17,
    ['Mul', 'Clip'],
  ],
  [
    'a softmax along an inner axis before opset 13',
    program([-1, 4, 5], (b, x) => softmax(b, x, 1).y),
    12,
    ['ReduceMax', 'Sub', 'Exp', 'ReduceSum', 'Div'],
  ],
  [
    'a softmax whose exponentials others read',
    program([-1, 5], (b, x) => {
      const { e, y } = softmax(b, x, 1);
      return [y, e];
    }),
    17,
    ['ReduceMax', 'Sub', 'Exp', 'ReduceSum', 'Div'],
  ],
  [
    'a quotient that only looks like a softmax',
    program([4, 4], (b, x) => softmax(b, x, 1, false).y),
    17,
    ['ReduceMax', 'Sub', 'Exp', 'ReduceSum', 'Div'],
  ],
  [
    'slices along the same axis',
    program([-1, 8], (b, x) => {
      const first = b.add('slice', [x], { axis: 1, start: 1, end: 8, step: 2 });
      return b.add('slice', [first], { axis: 1, start: 1, end: 3, step: 1 });
    }),
    17,
    ['Slice', 'Slice'],
  ],
];

const typesOf = (p: Program, opset: number): string[] =>
  lower(p, {
    opset,
    batch: 2,
    prefix: 'p',
    inputs: new Map(),
    outputs: p.outputs.map((_, n) => `y${n}`),
  }).nodes.map((node) => node.type);

async function expectSame(p: Program, opset: number): Promise<void> {
  const given = givenFor(p, 6);
  const actual = await inRuntime(p, given, opset);
  reference(p, given).forEach((wanted, n) => {
    expectClose(actual[n]!, wanted);
  });
}

describe('one operator says', () => {
  test.each(fused)('%s', async (_title, p, opset, types) => {
    expect(typesOf(p, opset)).toEqual(types);
    await expectSame(p, opset);
  });
});

describe('left apart is', () => {
  test.each(apart)('%s', async (_title, p, opset, types) => {
    expect(typesOf(p, opset)).toEqual(types);
    await expectSame(p, opset);
  });
});

test('a result that is an input, a parameter, a constant or another result has a tensor of its own', async () => {
  const p = program([-1, 3], (b, x) => {
    const y = b.add('relu', [x], none);
    return [x, y, y, b.parameter('w', [2]), b.constant(1.5, [2])];
  });
  expect(typesOf(p, 17)).toEqual(['Relu', 'Expand', 'Identity', 'Identity', 'Identity']);
  await expectSame(p, 17);
});

test('several inputs and results are numbered in print, and attributes stand where they matter', () => {
  const b = new ProgramBuilder();
  const [x, y] = [b.input('left', [-1, 4, 6, 6]), b.input('right', [-1, 4, 6, 6])];
  const w = b.parameter('layer/depth.w', [4, 1, 3, 3]);
  const depthwise = b.add('conv', [x, w], { ...plain, strides: [2, 2], pads: [1, 1, 1, 1], groups: 4 });
  const cut = b.add('slice', [y], { axis: 2, start: 0, end: 6, step: 2 });
  const top = b.add('maxPool', [y], { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] });
  const sum = b.add('sub', [depthwise, top], none);
  expect(print(b.build([sum, b.add('clip', [cut], { min: 0, max: 6 }), y])).split('\n')).toEqual([
    'a = depthwise conv 3×3 (x1, depth.w [4,1,3,3]) stride 2 pad 1 → [N,4,3,3]',
    'b = slice (x2) axis 2 0:6:2 → [N,4,3,6]',
    'c = maxPool 2×2 (x2) stride 2 → [N,4,3,3]',
    'y1 = a − c → [N,4,3,3]',
    'y2 = clip (b) to 0 … 6 → [N,4,3,6]',
    'y3 = x2',
  ]);
});
