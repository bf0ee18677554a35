import type { OnnxNode } from '../../../electron/engine/onnx/model.ts';
import { floats, operator } from '../onnx/small-models.ts';
import { int, ints, number, whole } from './one-operator.ts';
import type { Case } from './rewrite-cases.ts';

const scored = [
  operator('MatMul', 'query', ['x', 'wq'], ['q0']),
  operator('Add', 'query/sum', ['q0', 'bq'], ['q1']),
  operator('Reshape', 'query/split', ['q1', 'heads'], ['q2']),
  operator('Transpose', 'query/turn', ['q2'], ['q'], { perm: ints(0, 2, 1, 3) }),
  operator('MatMul', 'key', ['x', 'wk'], ['k0']),
  operator('Add', 'key/sum', ['k0', 'bk'], ['k1']),
  operator('Reshape', 'key/split', ['k1', 'heads'], ['k2']),
  operator('Transpose', 'key/turn', ['k2'], ['k'], { perm: ints(0, 2, 3, 1) }),
  operator('MatMul', 'score', ['q', 'k'], ['s']),
];
/** Scores of two heads over five tokens of six channels, then scaled and masked, and Softmax. */
const attention = (...after: readonly OnnxNode[]): readonly OnnxNode[] => [
  ...scored,
  ...after,
  operator('Softmax', 'weigh', ['z'], ['y'], { axis: int(-1) }),
];
const constants = {
  wq: floats([6, 6]),
  bq: floats([6], 3),
  wk: floats([6, 6], 2),
  bk: floats([6], 5),
  heads: whole(0, -1, 2, 3),
  third: number(1 / 3),
  mask: floats([5, 5], 4),
  tokens: floats([5, 1], 4),
};
const scaled = operator('Mul', 'scaled', ['third', 's'], ['z']);
const kept = 'MatMul Add Reshape Transpose MatMul Reshape Transpose MatMul'.split(' ');
const shape = [2, 5, 6];
const factor = 'fold a factor into weights';
const bias = 'drop a bias that Softmax cancels';

/** What is folded and dropped around the scores of attention. */
export const attentionCases: readonly Case[] = [
  {
    rule: factor,
    title: 'of the scores of attention',
    nodes: attention(scaled),
    constants,
    shape,
    expected: [...kept, 'Softmax'],
  },
  {
    rule: factor,
    title: 'that divides, through a Relu and a Gemm',
    nodes: [
      operator('Gemm', 'gemm', ['x', 'wq', 'bq'], ['a']),
      operator('Relu', 'relu', ['a'], ['c']),
      operator('Div', 'div', ['c', 'third'], ['y']),
    ],
    constants,
    shape: [3, 6],
    expected: ['Gemm', 'Relu'],
  },
  {
    rule: factor,
    title: 'not where the scores are a result too',
    nodes: attention(scaled),
    constants,
    shape,
    results: ['s'],
    expected: 'Reshape Gemm Reshape Transpose Gemm Reshape Transpose MatMul Mul Softmax'.split(' '),
    reason: 'the result of score is read elsewhere too',
  },
  {
    rule: bias,
    title: 'with a factor and a mask in between',
    nodes: attention(
      operator('Div', 'scaled', ['s', 'third'], ['s1']),
      operator('Add', 'masked', ['mask', 's1'], ['z']),
    ),
    constants,
    shape,
    expected: [...kept, 'Add', 'Softmax'],
  },
  {
    rule: bias,
    title: 'not one that varies over the keys',
    nodes: attention(scaled),
    constants: { ...constants, bk: constants.tokens },
    shape,
    expected: [...kept.toSpliced(5, 0, 'Add'), 'Softmax'],
    reason: 'the bias is not the same for all keys',
  },
];
