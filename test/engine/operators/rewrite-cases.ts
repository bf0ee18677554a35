import type { OnnxNode, Tensor } from '../../../electron/engine/onnx/model.ts';
import { floats, operator } from '../onnx/small-models.ts';
import { float, int, ints, number, text, whole } from './one-operator.ts';

/** A small graph on `x` that a rule takes or refuses. */
export interface Case {
  readonly rule: string;
  readonly title: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly shape?: readonly number[];
  readonly opset?: number;
  /** Types of the operators afterwards. */
  readonly expected: readonly string[];
  /** Why the rule held back; absent where it did not. */
  readonly reason?: string;
  /** Results besides `y`. */
  readonly results?: readonly string[];
}

const positive = (size: number): Tensor => ({
  type: 'float32',
  shape: [size],
  data: Float32Array.from({ length: size }, (_, i) => 0.5 + i / 4),
});
const statistics = { s: floats([4], 2), t: floats([4]), m: floats([4]), v: positive(4) };
const normalize = (from: string, to: string) =>
  operator('BatchNormalization', 'bn', [from, 's', 't', 'm', 'v'], [to]);
const bn = 'fold BatchNormalization';
const weight = { w: floats([4, 4, 3, 3]), b: floats([4]) };
const conv = operator('Conv', 'conv', ['x', 'w', 'b'], ['a']);
const arithmetic = 'fold constant arithmetic';
const pad = 'fold Pad into Conv';
const padded = (attributes: OnnxNode['attributes'] = {}) => [
  operator('Pad', 'pad', ['x', 'pads'], ['a'], attributes),
  operator('Conv', 'conv', ['a', 'w', 'b'], ['y'], { pads: ints(0, 1, 0, 1) }),
];
const pads = whole(0, 0, 1, 0, 0, 0, 2, 0);
const pointwise = [
  operator('Conv', 'one', ['x', 'w1', 'b1'], ['a'], { strides: ints(2, 2) }),
  operator('Conv', 'two', ['a', 'w2'], ['y']),
];
const permuted = (first: readonly number[], second: readonly number[]) => [
  operator('Transpose', 'first', ['x'], ['a'], { perm: ints(...first) }),
  operator('Transpose', 'second', ['a'], ['y'], { perm: ints(...second) }),
];
const reshaped = [
  operator('Reshape', 'first', ['x', 'middle'], ['a']),
  operator('Reshape', 'second', ['a', 'end'], ['y']),
];
const three = { three: number(3), six: number(6), zero: number(0) };
const hardSwish = [
  operator('Add', 'shift', ['x', 'three'], ['a']),
  operator('Clip', 'clip', ['a', 'zero', 'six'], ['c']),
  operator('Mul', 'product', ['x', 'c'], ['d']),
  operator('Div', 'sixth', ['d', 'six'], ['y']),
];
const gelu = [
  operator('Div', 'scaled', ['x', 'root'], ['a']),
  operator('Erf', 'erf', ['a'], ['c']),
  operator('Add', 'shift', ['c', 'one'], ['d']),
  operator('Mul', 'gate', ['x', 'd'], ['e']),
  operator('Mul', 'half', ['e', 'p5'], ['y']),
];
const geluConstants = { root: number(Math.SQRT2), one: number(1), p5: number(0.5) };
const lastAxis = { axes: ints(-1) };
const layerNormalization = (axes: OnnxNode['attributes'] = lastAxis) => [
  operator('ReduceMean', 'mean', ['x'], ['mu'], axes),
  operator('Sub', 'centre', ['x', 'mu'], ['d']),
  operator('Pow', 'square', ['d', 'two'], ['q']),
  operator('ReduceMean', 'variance', ['q'], ['v2'], axes),
  operator('Add', 'raise', ['v2', 'epsilon'], ['r']),
  operator('Sqrt', 'root', ['r'], ['z']),
  operator('Div', 'unit', ['d', 'z'], ['u']),
  operator('Mul', 'scale', ['u', 'gamma'], ['g']),
  operator('Add', 'shift', ['g', 'beta'], ['y']),
];
const layerConstants = { two: number(2), epsilon: number(1e-5), gamma: floats([6], 2), beta: floats([6]) };

/** For every rule what it takes, and what it refuses. */
export const cases: readonly Case[] = [
  {
    rule: bn,
    title: 'into a grouped Conv',
    nodes: [operator('Conv', 'conv', ['x', 'w2'], ['a'], { group: int(2) }), normalize('a', 'y')],
    constants: { ...statistics, w2: floats([4, 2, 3, 3]) },
    expected: ['Conv'],
  },
  {
    rule: bn,
    title: 'into a grouped ConvTranspose',
    nodes: [operator('ConvTranspose', 'up', ['x', 'w2', 'b'], ['a'], { group: int(2) }), normalize('a', 'y')],
    constants: { ...statistics, b: floats([4]), w2: floats([4, 2, 3, 3]) },
    expected: ['ConvTranspose'],
  },
  {
    rule: bn,
    title: 'into a Gemm with factors',
    nodes: [
      operator('Gemm', 'gemm', ['x', 'w2', 'b'], ['a'], {
        transB: int(1),
        alpha: float(2),
        beta: float(0.5),
      }),
      normalize('a', 'y'),
    ],
    constants: { ...statistics, w2: floats([4, 6]), b: floats([1, 4]) },
    shape: [3, 6],
    expected: ['Gemm'],
  },
  {
    rule: bn,
    title: 'not where the output of the Conv is a result too',
    nodes: [conv, normalize('a', 'y')],
    constants: { ...statistics, ...weight },
    results: ['a'],
    expected: ['Conv', 'BatchNormalization'],
    reason: 'what it normalizes is read elsewhere too',
  },
  {
    rule: arithmetic,
    title: 'a scale, a shift and a difference into a Conv',
    nodes: [
      conv,
      operator('Mul', 'mul', ['a', 'c'], ['d']),
      operator('Add', 'add', ['c', 'd'], ['e']),
      operator('Sub', 'sub', ['half', 'e'], ['f']),
      operator('Div', 'div', ['f', 'half'], ['y']),
    ],
    constants: { ...weight, c: floats([4, 1, 1], 3), half: number(0.5) },
    expected: ['Conv'],
  },
  {
    rule: arithmetic,
    title: 'a scale into a MatMul, its bias left alone',
    nodes: [
      operator('MatMul', 'matmul', ['x', 'w2'], ['a']),
      operator('Mul', 'mul', ['a', 'c'], ['d']),
      operator('Add', 'add', ['d', 'c'], ['y']),
    ],
    constants: { w2: floats([6, 5]), c: floats([5]) },
    shape: [2, 3, 6],
    expected: ['MatMul', 'Add'],
  },
  {
    rule: arithmetic,
    title: 'not a constant that varies over the image',
    nodes: [conv, operator('Mul', 'mul', ['a', 'c'], ['y'])],
    constants: { ...weight, c: floats([4, 1, 4], 3) },
    expected: ['Conv', 'Mul'],
    reason: 'the constant is not one number an output',
  },
  {
    rule: pad,
    title: 'zeros along the image',
    nodes: padded(),
    constants: { ...weight, pads },
    expected: ['Conv'],
  },
  {
    rule: pad,
    title: 'not mirrored edges',
    nodes: padded({ mode: text('reflect') }),
    constants: { ...weight, pads },
    expected: ['Pad', 'Conv'],
    reason: 'it repeats or mirrors the edge',
  },
  {
    rule: 'merge 1×1 Convs',
    title: 'out of a wider middle',
    nodes: pointwise,
    constants: { w1: floats([9, 4, 1, 1]), b1: floats([9]), w2: floats([5, 9, 1, 1]) },
    expected: ['Conv'],
  },
  {
    rule: 'merge 1×1 Convs',
    title: 'not through a bottleneck',
    nodes: pointwise,
    constants: { w1: floats([1, 4, 1, 1]), b1: floats([1]), w2: floats([5, 1, 1, 1]) },
    expected: ['Conv', 'Conv'],
    reason: 'one Conv would have more work than the two',
  },
  {
    rule: 'merge Transposes',
    title: 'two that undo each other',
    nodes: [
      ...permuted([0, 2, 3, 1], [0, 3, 1, 2]).slice(0, 1),
      operator('Transpose', 'second', ['a'], ['c'], { perm: ints(0, 3, 1, 2) }),
      operator('Relu', 'relu', ['c'], ['y']),
    ],
    expected: ['Relu'],
  },
  {
    rule: 'merge Transposes',
    title: 'two that make another',
    nodes: permuted([0, 2, 3, 1], [0, 2, 1, 3]),
    expected: ['Transpose'],
  },
  {
    rule: 'merge Transposes',
    title: 'not where the first is a result too',
    nodes: permuted([0, 2, 3, 1], [0, 2, 1, 3]),
    results: ['a'],
    expected: ['Transpose', 'Transpose'],
    reason: 'what lies between is read elsewhere too',
  },
  {
    rule: 'merge Reshapes',
    title: 'the first is left out',
    nodes: reshaped,
    constants: { middle: whole(0, 2, -1), end: whole(0, 12, 12) },
    expected: ['Reshape'],
  },
  {
    rule: 'merge Reshapes',
    title: 'not where an extent is taken over from between',
    nodes: reshaped,
    constants: { middle: whole(0, 2, -1), end: whole(0, 0, 8, 9) },
    expected: ['Reshape', 'Reshape'],
    reason: 'its target takes over an extent of the shape in between',
  },
  {
    rule: 'drop what does nothing',
    title: 'a Dropout and a Concat of one',
    nodes: [
      operator('Relu', 'relu', ['x'], ['a']),
      operator('Dropout', 'dropout', ['a'], ['c']),
      operator('Concat', 'concat', ['c'], ['d'], { axis: int(1) }),
      operator('Abs', 'abs', ['d'], ['y']),
    ],
    expected: ['Relu', 'Abs'],
  },
  {
    rule: 'drop what does nothing',
    title: 'not a Dropout whose mask is read',
    nodes: [
      operator('Dropout', 'dropout', ['x'], ['d', 'mask']),
      operator('Cast', 'numbers', ['mask'], ['k'], { to: int(1) }),
      operator('Mul', 'product', ['d', 'k'], ['y']),
    ],
    expected: ['Dropout', 'Cast', 'Mul'],
    reason: 'its mask is read',
  },
  {
    rule: 'fuse HardSwish',
    title: 'x · clip(x + 3) / 6',
    nodes: hardSwish,
    constants: three,
    expected: ['HardSwish'],
  },
  {
    rule: 'fuse HardSwish',
    title: 'x · HardSigmoid(x)',
    nodes: [
      operator('HardSigmoid', 'gate', ['x'], ['a'], { alpha: float(Math.fround(1 / 6)), beta: float(0.5) }),
      operator('Mul', 'product', ['a', 'x'], ['y']),
    ],
    expected: ['HardSwish'],
  },
  {
    rule: 'fuse HardSwish',
    title: 'not before operator set 14',
    nodes: hardSwish,
    constants: three,
    opset: 13,
    expected: ['Add', 'Clip', 'Mul', 'Div'],
    reason: 'HardSwish needs operator set 14, the model has 13',
  },
  {
    rule: 'fuse Gelu',
    title: 'with its half last',
    nodes: gelu,
    constants: geluConstants,
    opset: 20,
    expected: ['Gelu'],
  },
  {
    rule: 'fuse Gelu',
    title: 'not before operator set 20',
    nodes: gelu,
    constants: geluConstants,
    expected: ['Div', 'Erf', 'Add', 'Mul', 'Mul'],
    reason: 'Gelu needs operator set 20, the model has 17',
  },
  {
    rule: 'fuse LayerNormalization',
    title: 'over the last axis',
    nodes: layerNormalization(),
    constants: layerConstants,
    expected: ['LayerNormalization'],
  },
  {
    rule: 'fuse LayerNormalization',
    title: 'not over another axis',
    nodes: layerNormalization({ axes: ints(-2) }),
    constants: layerConstants,
    expected: ['ReduceMean', 'Sub', 'Pow', 'ReduceMean', 'Add', 'Sqrt', 'Div', 'Mul', 'Add'],
    reason: 'its axes are not the last ones, counted from the end',
  },
];
