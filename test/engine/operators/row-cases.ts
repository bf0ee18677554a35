import { floats, operator } from '../onnx/small-models.ts';
import { int, whole } from './one-operator.ts';
import type { Case } from './rewrite-cases.ts';

const rule = 'products of all rows as Gemm';
const constants = {
  w1: floats([4, 6]),
  b1: floats([6]),
  w2: floats([6, 4], 2),
  b2: floats([1, 4]),
  g: floats([4]),
  two: whole(0, 3, 2, 2),
};
const shape = [2, 3, 4];
/** Product, sum, Relu, product, sum, and the operand added again. */
const layer = (from: string, to: string) => [
  operator('MatMul', `${to}/1`, [from, 'w1'], [`${to}1`]),
  operator('Add', `${to}/2`, [`${to}1`, 'b1'], [`${to}2`]),
  operator('Relu', `${to}/3`, [`${to}2`], [`${to}3`]),
  operator('MatMul', `${to}/4`, [`${to}3`, 'w2'], [`${to}4`]),
  operator('Add', `${to}/5`, ['b2', `${to}4`], [`${to}5`]),
  operator('Add', `${to}/6`, [from, `${to}5`], [to]),
];
const flat = ['Gemm', 'Relu', 'Gemm', 'Add'];
const square = operator('Mul', 'square', ['x', 'x'], ['q']);

/** What works on rows and becomes Gemm, and what does not. */
export const rowCases: readonly Case[] = [
  {
    rule,
    title: 'two layers with a Reshape behind them',
    nodes: [...layer('x', 'a'), ...layer('a', 'c'), operator('Reshape', 'end', ['c', 'two'], ['y'])],
    constants,
    shape,
    expected: ['Reshape', ...flat, ...flat, 'Reshape'],
  },
  {
    rule,
    title: 'with a result inside and another reader',
    nodes: [
      ...layer('x', 'a'),
      ...layer('a', 'c'),
      ...layer('c', 'd'),
      operator('ReduceMax', 'most', ['c'], ['m'], { keepdims: int(0) }),
      operator('Sub', 'end', ['d', 'm'], ['y']),
    ],
    constants,
    shape,
    results: ['a'],
    expected: ['Reshape', ...flat, ...flat, ...flat, 'Reshape', 'Reshape', 'Reshape', 'ReduceMax', 'Sub'],
  },
  {
    rule,
    title: 'not a single layer',
    nodes: layer('x', 'y'),
    constants,
    shape,
    expected: layer('x', 'y').map((n) => n.type),
    reason: 'the reshapes it needs are no fewer operators',
  },
  {
    rule,
    title: 'not beside a layer normalization',
    nodes: [
      square,
      ...layer('q', 'a'),
      ...layer('a', 'c'),
      operator('LayerNormalization', 'norm', ['c', 'g'], ['y'], { axis: int(-1) }),
    ],
    constants,
    shape,
    expected: [...[square, ...layer('q', 'a'), ...layer('a', 'c')].map((n) => n.type), 'LayerNormalization'],
    reason: 'the runtime joins the sums with the layer normalization behind them',
  },
];
