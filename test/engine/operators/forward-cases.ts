import type { OnnxNode, Tensor } from '../../../electron/engine/onnx/model.ts';
import { floats, operator } from '../onnx/small-models.ts';
import { float, int, ints, whole } from './one-operator.ts';
import type { Case } from './rewrite-cases.ts';

const variance: Tensor = { type: 'float32', shape: [4], data: Float32Array.of(0.5, 0.75, 1, 1.25) };
const statistics = { s: floats([4], 2), t: floats([4]), m: floats([4]), v: variance };
/** BatchNormalization of four channels. */
const normalize = (from: string, to: string): OnnxNode =>
  operator('BatchNormalization', 'bn', [from, 's', 't', 'm', 'v'], [to]);
const turn = (name: string, from: string, to: string, ...perm: number[]): OnnxNode =>
  operator('Transpose', name, [from], [to], { perm: ints(...perm) });
const rule = 'fold into the linear operators behind';

/** Attention of two heads over five tokens of six channels; only the value has weights, and a bias. */
const attention = (weigh: OnnxNode): readonly OnnxNode[] => [
  operator('Reshape', 'split x', ['x', 'heads'], ['x1']),
  turn('query', 'x1', 'q', 0, 2, 1, 3),
  turn('key', 'x1', 'k', 0, 2, 3, 1),
  operator('MatMul', 'score', ['q', 'k'], ['s']),
  weigh,
  operator('MatMul', 'value', ['x', 'wv'], ['v0']),
  operator('Add', 'value/sum', ['v0', 'bv'], ['v1']),
  operator('Reshape', 'split', ['v1', 'heads'], ['v2']),
  turn('turn', 'v2', 'v3', 0, 2, 1, 3),
  operator('MatMul', 'average', ['a', 'v3'], ['o']),
  turn('back', 'o', 'o1', 0, 2, 1, 3),
  operator('Reshape', 'join', ['o1', 'tokens'], ['o2']),
  operator('MatMul', 'out', ['o2', 'wo'], ['o3']),
  operator('Add', 'out/sum', ['o3', 'bo'], ['o4']),
  operator('MatMul', 'side', ['v1', 'wo'], ['o5']),
  operator('Add', 'side/sum', ['o5', 'bo'], ['o6']),
  operator('Add', 'both', ['o4', 'o6'], ['o7']),
  operator('LayerNormalization', 'norm', ['o7', 'g'], ['y'], { axis: int(-1) }),
];
const attentionConstants = {
  wv: floats([6, 6]),
  bv: floats([6], 3),
  heads: whole(0, -1, 2, 3),
  tokens: whole(0, -1, 6),
  wo: floats([6, 4]),
  bo: floats([4]),
  g: floats([4]),
};

/** What is folded into the linear operators behind it, and what is not. */
export const forwardCases: readonly Case[] = [
  {
    rule,
    title: 'BatchNormalization between Transposes into three products',
    nodes: [
      turn('first', 'x', 'a', 0, 2, 1),
      normalize('a', 'c'),
      turn('second', 'c', 'd', 0, 2, 1),
      operator('MatMul', 'one', ['d', 'w1'], ['e']),
      operator('Add', 'one/sum', ['b1', 'e'], ['f']),
      operator('MatMul', 'two', ['d', 'w2'], ['g']),
      operator('Add', 'both', ['f', 'g'], ['y']),
    ],
    constants: { ...statistics, w1: floats([4, 5]), b1: floats([5]), w2: floats([4, 5], 2) },
    shape: [2, 3, 4],
    expected: ['MatMul', 'Add', 'MatMul', 'Add', 'Add'],
  },
  {
    rule,
    title: 'not where a sum would have to be put in its place',
    nodes: [
      operator('Mul', 'mul', ['x', 'c'], ['a']),
      operator('Sub', 'sub', ['a', 'c'], ['d']),
      operator('MatMul', 'one', ['d', 'w1'], ['y']),
    ],
    constants: { c: floats([4], 3), w1: floats([4, 5]) },
    shape: [2, 3, 4],
    expected: ['Mul', 'Sub', 'MatMul'],
    reason: 'the sums it needs instead are no fewer operators',
  },
  {
    rule,
    title: 'into a product of matrices, which becomes a Gemm, and a Gemm with factors',
    nodes: [
      operator('Mul', 'mul', ['x', 'c'], ['a']),
      operator('Sub', 'sub', ['c', 'a'], ['d']),
      operator('MatMul', 'one', ['d', 'w1'], ['e']),
      operator('Gemm', 'two', ['d', 'w2', 'b2'], ['f'], { transB: int(1), alpha: float(2), beta: float(3) }),
      operator('Add', 'both', ['e', 'f'], ['y']),
    ],
    constants: { c: floats([1, 4], 3), w1: floats([4, 5]), w2: floats([5, 4]), b2: floats([5]) },
    shape: [3, 4],
    expected: ['Gemm', 'Gemm', 'Add'],
  },
  {
    rule,
    title: 'through a Flatten and through a mean',
    nodes: [
      normalize('x', 'a'),
      operator('Flatten', 'flat', ['a'], ['c']),
      operator('Gemm', 'one', ['c', 'w1', 'b1'], ['d']),
      operator('GlobalAveragePool', 'mean', ['a'], ['e']),
      operator('Squeeze', 'squeeze', ['e', 'axes'], ['f']),
      operator('Gemm', 'two', ['f', 'w2'], ['g']),
      operator('Add', 'both', ['d', 'g'], ['y']),
    ],
    constants: { ...statistics, w1: floats([24, 5]), b1: floats([5]), w2: floats([4, 5]), axes: whole(2, 3) },
    shape: [2, 4, 2, 3],
    expected: ['Flatten', 'GlobalAveragePool', 'Squeeze', 'Gemm', 'Gemm', 'Add'],
  },
  {
    rule,
    title: 'into Convs with and without groups',
    nodes: [
      normalize('x', 'a'),
      operator('Conv', 'one', ['a', 'w1', 'b1'], ['c'], { group: int(2) }),
      operator('Conv', 'two', ['a', 'w2'], ['d']),
      operator('Add', 'both', ['c', 'd'], ['y']),
    ],
    constants: { ...statistics, w1: floats([6, 2, 3, 3]), b1: floats([6]), w2: floats([6, 4, 3, 3]) },
    expected: ['Conv', 'Conv', 'Add'],
  },
  {
    rule,
    title: 'a scale into a padded Conv',
    nodes: [
      operator('Div', 'div', ['x', 'c'], ['a']),
      operator('Conv', 'one', ['a', 'w1'], ['y'], { pads: ints(1, 1, 1, 1) }),
    ],
    constants: { c: { ...variance, shape: [4, 1, 1] }, w1: floats([6, 4, 3, 3]) },
    expected: ['Conv'],
  },
  {
    rule,
    title: 'not a shift into a padded Conv',
    nodes: [normalize('x', 'a'), operator('Conv', 'one', ['a', 'w1'], ['y'], { pads: ints(1, 1, 1, 1) })],
    constants: { ...statistics, w1: floats([6, 4, 3, 3]) },
    expected: ['BatchNormalization', 'Conv'],
    reason: 'the padding of a Conv is not shifted with the rest',
  },
  {
    rule,
    title: 'not where something else reads it too',
    nodes: [
      normalize('x', 'a'),
      operator('Conv', 'one', ['a', 'w1'], ['c']),
      operator('GlobalMaxPool', 'most', ['a'], ['d']),
      operator('Add', 'both', ['c', 'd'], ['y']),
    ],
    constants: { ...statistics, w1: floats([4, 4, 3, 3]) },
    expected: ['BatchNormalization', 'Conv', 'GlobalMaxPool', 'Add'],
    reason: 'most reads it, which is no linear operator with a constant weight of its channels',
  },
  {
    rule,
    title: 'not a number that varies over the tokens',
    nodes: [operator('Mul', 'mul', ['x', 'c'], ['a']), operator('MatMul', 'one', ['a', 'w1'], ['y'])],
    constants: { c: floats([3, 1], 3), w1: floats([4, 5]) },
    shape: [2, 3, 4],
    expected: ['Mul', 'MatMul'],
    reason: 'it is not one number a channel',
  },
  {
    rule,
    title: "the value's bias through the average that Softmax weighs",
    nodes: attention(operator('Softmax', 'weigh', ['s'], ['a'], { axis: int(-1) })),
    constants: attentionConstants,
    shape: [2, 5, 6],
    expected:
      'Reshape Transpose Transpose MatMul Softmax MatMul Reshape Transpose MatMul Transpose Reshape MatMul Add MatMul Add Add LayerNormalization'.split(
        ' ',
      ),
  },
  {
    rule,
    title: 'no bias through an average of weights whose sum is not 1',
    nodes: attention(operator('Sigmoid', 'weigh', ['s'], ['a'])),
    constants: attentionConstants,
    shape: [2, 5, 6],
    expected: attention(operator('Sigmoid', 'weigh', ['s'], ['a'])).map((n) => n.type),
    reason: 'average reads it, which is no linear operator with a constant weight of its channels',
  },
];
