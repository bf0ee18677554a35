import { describe, expect, test } from 'vitest';
import { definitions } from '../../../electron/engine/operators/definitions.ts';
import { importModel } from '../../../electron/engine/operators/import.ts';
import {
  bothAgree,
  type Case,
  float,
  image,
  int,
  ints,
  modelOf,
  number,
  text,
  wave,
  whole,
} from './one-operator.ts';

const cases: readonly Case[] = [
  {
    type: 'Conv',
    shape: image,
    operands: [wave([8, 4, 3, 3]), wave([8])],
    attributes: { pads: ints(1, 1, 1, 1), strides: ints(2, 2) },
  },
  {
    type: 'Conv',
    shape: image,
    operands: [wave([8, 1, 3, 3])],
    attributes: { auto_pad: text('SAME_UPPER'), group: int(4), strides: ints(2, 2) },
  },
  { type: 'Conv', shape: [-1, 4, 9], operands: [wave([5, 4, 3])], attributes: { dilations: ints(2) } },
  {
    type: 'ConvTranspose',
    shape: image,
    operands: [wave([4, 3, 3, 3]), wave([3])],
    attributes: { strides: ints(2, 2), pads: ints(1, 1, 1, 1), output_padding: ints(1, 1) },
  },
  { type: 'MatMul', shape: [-1, 5, 6], operands: [wave([6, 7])] },
  {
    type: 'Gemm',
    shape: [-1, 6],
    operands: [wave([7, 6]), wave([7])],
    attributes: { transB: int(1), alpha: float(0.5), beta: float(2) },
  },
  {
    type: 'BatchNormalization',
    shape: image,
    operands: [wave([4], 1), wave([4], 2), wave([4], 3), wave([4], 4, 2)],
  },
  { type: 'InstanceNormalization', shape: image, operands: [wave([4]), wave([4], 2)] },
  { type: 'LayerNormalization', shape: [-1, 5, 6], operands: [wave([6]), wave([6], 2)] },
  ...[
    'Relu',
    'Sigmoid',
    'Tanh',
    'Erf',
    'Exp',
    'Abs',
    'Neg',
    'Softplus',
    'HardSwish',
    'HardSigmoid',
    'Elu',
    'LeakyRelu',
    'Identity',
    'Dropout',
  ].map((type) => ({ type, shape: image })),
  { type: 'Gelu', shape: image, opset: 20 },
  { type: 'Gelu', shape: image, opset: 20, attributes: { approximate: text('tanh') } },
  { type: 'PRelu', shape: image, operands: [wave([4, 1, 1])] },
  { type: 'Clip', shape: image, operands: [number(-0.2), number(0.4)] },
  { type: 'Clip', shape: image, opset: 9, attributes: { min: float(-0.2), max: float(0.4) } },
  ...['Add', 'Sub', 'Mul', 'Max', 'Min'].map((type) => ({ type, shape: image, operands: [wave([4, 1, 1])] })),
  { type: 'Div', shape: image, operands: [wave([4, 1, 1], 0, 2)] },
  { type: 'Pow', shape: image, operands: [number(2)] },
  { type: 'Sum', shape: image, operands: [wave([6]), wave([4, 1, 1])] },
  { type: 'Softmax', shape: [-1, 5, 6] },
  { type: 'Softmax', shape: [-1, 5, 6], opset: 11 },
  { type: 'LogSoftmax', shape: [-1, 6], attributes: { axis: int(1) } },
  {
    type: 'MaxPool',
    shape: image,
    attributes: { kernel_shape: ints(3, 3), strides: ints(2, 2), pads: ints(1, 1, 1, 1) },
  },
  {
    type: 'AveragePool',
    shape: image,
    attributes: { kernel_shape: ints(3, 3), strides: ints(1, 1), auto_pad: text('SAME_LOWER') },
  },
  { type: 'GlobalAveragePool', shape: image },
  { type: 'GlobalMaxPool', shape: image },
  { type: 'ReduceMean', shape: image, attributes: { axes: ints(2, 3), keepdims: int(0) } },
  { type: 'ReduceSum', shape: image, operands: [whole(-1)] },
  { type: 'ReduceMax', shape: image, attributes: { axes: ints(1) } },
  { type: 'Reshape', shape: image, operands: [whole(0, -1)] },
  { type: 'Reshape', shape: [-1, 5, 6], operands: [whole(-1, 6)] },
  { type: 'Flatten', shape: image },
  { type: 'Squeeze', shape: [-1, 4, 1, 1], operands: [whole(2, 3)] },
  { type: 'Unsqueeze', shape: [-1, 4], operands: [whole(1, -1)] },
  { type: 'Transpose', shape: image, attributes: { perm: ints(0, 2, 3, 1) } },
  { type: 'Slice', shape: image, operands: [whole(1, 0), whole(-1, 6), whole(1, 3), whole(1, 2)] },
  { type: 'Split', shape: image, operands: [whole(1, 3)], attributes: { axis: int(1) }, outputs: 2 },
  { type: 'Pad', shape: image, operands: [whole(0, 0, 1, 2, 0, 0, 0, 1), number(0.5)] },
  { type: 'Expand', shape: [-1, 4, 1, 1], operands: [whole(1, 4, 3, 2)] },
  { type: 'Gather', shape: image, operands: [whole(3, 0, -1)], attributes: { axis: int(1) } },
  {
    type: 'Resize',
    shape: image,
    operands: [null, { type: 'float32', shape: [4], data: Float32Array.of(1, 1, 2, 3) }],
    attributes: {
      mode: text('nearest'),
      coordinate_transformation_mode: text('asymmetric'),
      nearest_mode: text('floor'),
    },
  },
  ...['Selu', 'Celu', 'ThresholdedRelu', 'Softsign'].map((type) => ({ type, shape: image })),
  { type: 'Mish', shape: image, opset: 18 },
  { type: 'LeakyRelu', shape: image, attributes: { alpha: float(1.5) } },
  { type: 'Clip', shape: image, operands: [number(0)] },
  { type: 'Clip', shape: image, operands: [null, number(0.25)] },
  { type: 'Mean', shape: image, operands: [wave([6])] },
  { type: 'ReduceMin', shape: image, attributes: { axes: ints(-1) } },
  { type: 'ReduceSumSquare', shape: image, attributes: { axes: ints(2, 3) } },
  { type: 'ReduceL2', shape: image, operands: [whole(1)], opset: 18 },
  { type: 'ReduceMean', shape: image, operands: [whole(2, 3)], opset: 18 },
  { type: 'ReduceSum', shape: image, attributes: { axes: ints(1) }, opset: 11 },
  { type: 'ReduceSum', shape: image, attributes: { noop_with_empty_axes: int(1) } },
  { type: 'DepthToSpace', shape: image, attributes: { blocksize: int(2) } },
  { type: 'DepthToSpace', shape: image, attributes: { blocksize: int(2), mode: text('CRD') } },
  { type: 'SpaceToDepth', shape: image, attributes: { blocksize: int(2) } },
  { type: 'Tile', shape: [-1, 4, 1], operands: [whole(1, 2, 3)] },
  { type: 'Softmax', shape: image, opset: 11, attributes: { axis: int(2) } },
  { type: 'Softmax', shape: image, attributes: { axis: int(1) } },
  { type: 'Reshape', shape: [-1, 6, 4], operands: [whole(-1, 3, 2, 4)] },
  { type: 'Reshape', shape: [-1, 6, 4], operands: [whole(-1, 4)] },
  { type: 'Flatten', shape: image, attributes: { axis: int(2) } },
  { type: 'Squeeze', shape: [-1, 4, 1, 1] },
  { type: 'Squeeze', shape: [-1, 4, 1, 1], opset: 11, attributes: { axes: ints(-1) } },
  {
    type: 'Slice',
    shape: image,
    opset: 9,
    attributes: { starts: ints(1), ends: ints(2 ** 31), axes: ints(2) },
  },
  { type: 'Slice', shape: image, operands: [whole(0, -3), whole(Number.MAX_SAFE_INTEGER, -1), whole(0, 2)] },
  { type: 'Split', shape: image, attributes: { axis: int(1) }, outputs: 2 },
  {
    type: 'Split',
    shape: [-1, 4, 7],
    opset: 18,
    attributes: { axis: int(2), num_outputs: int(4) },
    outputs: 4,
  },
  {
    type: 'Pad',
    shape: image,
    opset: 9,
    attributes: { pads: ints(0, 0, 1, 0, 0, 0, 0, 2), value: float(0.5) },
  },
  { type: 'Pad', shape: image, opset: 18, operands: [whole(1, 2), number(0), whole(-2)] },
  {
    type: 'Gather',
    shape: image,
    operands: [{ type: 'int64', shape: [], data: [-2] }],
    attributes: { axis: int(2) },
  },
  {
    type: 'Gather',
    shape: image,
    operands: [{ type: 'int64', shape: [2, 2], data: [1, 0, 3, 3] }],
    attributes: { axis: int(1) },
  },
  {
    type: 'MaxPool',
    shape: image,
    attributes: { kernel_shape: ints(2, 2), strides: ints(2, 2), ceil_mode: int(1) },
  },
  {
    type: 'AveragePool',
    shape: image,
    attributes: { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1), count_include_pad: int(1) },
  },
  {
    type: 'Resize',
    shape: [2, 4, 6, 6],
    operands: [null, null, whole(2, 4, 12, 18)],
    attributes: { mode: text('nearest') },
  },
  {
    type: 'Upsample',
    shape: image,
    opset: 9,
    operands: [{ type: 'float32', shape: [4], data: Float32Array.of(1, 1, 2, 2) }],
  },
];

describe('an operator and its definition give the same', () => {
  test.each(
    cases.map((c) => [`${c.type} ${JSON.stringify(c.attributes ?? {})} opset ${c.opset ?? 17}`, c] as const),
  )('%s', async (_title, c) => {
    await bothAgree(modelOf(c), c.shape, 3);
  });

  test('every definition has a case, or one in a graph of several operators', () => {
    const covered = new Set(cases.map((c) => c.type));
    const elsewhere = [
      'Log',
      'Sqrt',
      'Reciprocal',
      'Cast',
      'Concat',
      'ConstantOfShape',
      'Where',
      'Equal',
    ].concat(['Greater', 'Less', 'GreaterOrEqual', 'LessOrEqual']);
    expect(
      Object.keys(definitions).filter((type) => !covered.has(type) && !elsewhere.includes(type)),
    ).toEqual([]);
  });
});

describe('what a definition does not cover is refused with its reason', () => {
  const refused: readonly (readonly [string, Case])[] = [
    ['it runs over the batch', { type: 'ReduceMean', shape: image, attributes: { axes: ints(0) } }],
    [
      'it runs backwards',
      { type: 'Slice', shape: image, operands: [whole(-1), whole(-9), whole(2), whole(-1)] },
    ],
    ['it cuts the batch', { type: 'Slice', shape: image, operands: [whole(1), whole(9), whole(0)] }],
    ['it splits the batch', { type: 'Split', shape: image, outputs: 2 }],
    ['it repeats or mirrors the edge', { type: 'Pad', shape: image, attributes: { mode: text('reflect') } }],
    [
      'its last window reaches past the edge (ceil_mode)',
      {
        type: 'MaxPool',
        shape: image,
        attributes: { kernel_shape: ints(3, 3), strides: ints(2, 2), ceil_mode: int(1) },
      },
    ],
    ['it interpolates', { type: 'Resize', shape: image, attributes: { mode: text('linear') } }],
    [
      'its rounding is not that of whole blocks',
      {
        type: 'Resize',
        shape: image,
        operands: [null, { type: 'float32', shape: [4], data: Float32Array.of(1, 1, 3, 3) }],
        attributes: { coordinate_transformation_mode: text('asymmetric'), nearest_mode: text('ceil') },
      },
    ],
    ['it normalizes by the batch', bn({ training_mode: int(1) })],
    ['it picks samples of the batch', { type: 'Gather', shape: image, operands: [whole(0)] }],
    ['it leaves float32', { type: 'Cast', shape: image, attributes: { to: int(10) } }],
    [
      'a convolution over 3 spatial axes',
      { type: 'Conv', shape: [-1, 1, 4, 4, 4], operands: [wave([1, 1, 2, 2, 2])] },
    ],
  ];

  test.each(refused)('%s', (reason, c) => {
    const model = modelOf(c);
    const { opaque } = importModel(model, new Map([['x', c.shape]]));
    expect(opaque).toEqual([{ operator: 'node', reason }]);
  });
});

function bn(attributes: NonNullable<Case['attributes']>): Case {
  const operands = [wave([4], 1), wave([4], 2), wave([4], 3), wave([4], 4, 2)];
  return { type: 'BatchNormalization', shape: image, operands, attributes };
}
