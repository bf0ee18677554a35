import type { OnnxNode } from '../../../electron/engine/onnx/model.ts';
import { floats, operator } from '../onnx/small-models.ts';
import { int, whole } from './one-operator.ts';
import type { Case } from './rewrite-cases.ts';

const rule = 'fold a repeated constant into the sum behind it';
const constants = {
  zero: whole(0),
  one: whole(1),
  rest: whole(1, 6),
  token: floats([6], 3),
  row: floats([1, 2, 6], 3),
  positions: floats([6, 6], 2),
  each: floats([2, 6, 6], 2),
};
/** The class token of every sample, by a sum with as many zeros. */
const token: readonly OnnxNode[] = [
  operator('Shape', 'shape', ['x'], ['s']),
  operator('Gather', 'batch', ['s', 'zero'], ['n']),
  operator('Concat', 'target', ['n', 'rest'], ['t'], { axis: int(0) }),
  operator('ConstantOfShape', 'zeros', ['t'], ['z']),
  operator('Add', 'tokens', ['z', 'token'], ['c']),
];
const positioned = (...inputs: readonly string[]): readonly OnnxNode[] => [
  operator('Concat', 'join', inputs, ['j'], { axis: int(1) }),
  operator('Add', 'place', ['positions', 'j'], ['y']),
];
const shape = [2, 5, 6];

/** Constants that are repeated over the batch. */
export const tokenCases: readonly Case[] = [
  {
    rule,
    title: 'a class token before the tokens',
    nodes: [...token, ...positioned('c', 'x')],
    constants,
    shape,
    expected: ['Pad', 'Add'],
  },
  {
    rule,
    title: 'in an operator set where Pad has its widths as an attribute',
    nodes: [...token, ...positioned('x', 'c')],
    constants,
    shape,
    opset: 9,
    expected: ['Pad', 'Add'],
  },
  {
    rule,
    title: 'expanded ones on both sides',
    nodes: [...token, operator('Expand', 'expand', ['row', 't'], ['e']), ...positioned('c', 'x', 'e')],
    constants: { ...constants, rest: whole(1, 1), row: floats([1, 1, 6]), positions: floats([7, 6], 2) },
    shape,
    expected: ['Pad', 'Add'],
  },
  {
    rule,
    title: 'not without a constant sum',
    nodes: [...token, operator('Concat', 'join', ['c', 'x'], ['y'], { axis: int(1) })],
    constants,
    shape,
    expected: [...token.map((n) => n.type), 'Concat'],
    reason: 'no constant sum follows it',
  },
];
