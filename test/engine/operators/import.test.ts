import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lowerToModel } from '../../../electron/engine/instructions/lower.ts';
import { checkModel } from '../../../electron/engine/onnx/check.ts';
import type { AttributeValue, OnnxModel, OnnxNode, Tensor } from '../../../electron/engine/onnx/model.ts';
import { readModelFile } from '../../../electron/engine/onnx/read.ts';
import { definitions } from '../../../electron/engine/operators/definitions.ts';
import { importModel } from '../../../electron/engine/operators/import.ts';
import { rewriteModel } from '../../../electron/engine/operators/rewrite.ts';
import { openSession } from '../../../electron/engine/tuning/runtime.ts';

const shared = join(import.meta.dirname, '../../../../shared/models');

interface Case {
  readonly type: string;
  readonly shape: readonly number[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly operands?: readonly (Tensor | null)[];
  readonly opset?: number;
  readonly outputs?: number;
}

const int = (value: number): AttributeValue => ({ kind: 'int', value });
const ints = (...value: number[]): AttributeValue => ({ kind: 'ints', value });
const float = (value: number): AttributeValue => ({ kind: 'float', value });
const text = (value: string): AttributeValue => ({ kind: 'string', value });
const whole = (...data: number[]): Tensor => ({ type: 'int64', shape: [data.length], data });
const wave = (shape: readonly number[], phase = 0.3, offset = 0): Tensor => ({
  type: 'float32',
  shape,
  data: Float32Array.from(
    { length: shape.reduce((a, d) => a * d, 1) },
    (_, i) => offset + 0.8 * Math.sin(phase + i * 0.7),
  ),
});
const number = (value: number): Tensor => ({ type: 'float32', shape: [], data: Float32Array.of(value) });
const image = [-1, 4, 6, 6];

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
];

function modelOf(c: Case): OnnxModel {
  const initializers = new Map<string, Tensor>();
  const inputs = ['x'];
  for (const [i, tensor] of (c.operands ?? []).entries()) {
    inputs.push(tensor ? `operand_${i}` : '');
    if (tensor) initializers.set(`operand_${i}`, tensor);
  }
  const outputs = Array.from({ length: c.outputs ?? 1 }, (_, i) => `y_${i}`);
  const node: OnnxNode = {
    name: 'node',
    type: c.type,
    domain: '',
    inputs,
    outputs,
    attributes: c.attributes ?? {},
  };
  return {
    irVersion: 8,
    opsets: { '': c.opset ?? 17 },
    producer: 'test',
    graphName: 'one operator',
    inputs: [{ name: 'x', type: 'float32', shape: c.shape.map((d) => (d < 0 ? 'N' : d)) }],
    outputs: outputs.map((name) => ({ name, type: 'float32', shape: [] })),
    nodes: [node],
    initializers,
    metadata: {},
  };
}

async function bothAgree(model: OnnxModel, shape: readonly number[], batch: number): Promise<void> {
  const imported = importModel(model, new Map([[model.inputs[0]!.name, shape]]));
  expect(imported.opaque).toEqual([]);
  const dims = shape.map((d) => (d < 0 ? batch : d));
  const x = wave(dims, 0.1).data as Float32Array;
  const opset = Math.max(17, model.opsets['']!);
  const sessions = [
    await openSession(model, 1),
    await openSession(lowerToModel(imported.program, imported.parameters, { opset, batch }), 1),
  ];
  const [a, b] = await Promise.all(
    sessions.map((s) => s.run({ [model.inputs[0]!.name]: { shape: dims, data: x } })),
  );
  sessions[0]!.outputs.forEach((name, n) => {
    const [expected, actual] = [a![name]!, b![sessions[1]!.outputs[n]!]!];
    expect(actual.shape).toEqual(expected.shape);
    const worst = expected.data.reduce(
      (most, v, i) => Math.max(most, Math.abs(v - actual.data[i]!) - 1e-4 * Math.abs(v)),
      0,
    );
    expect(worst).toBeLessThan(1e-5);
  });
  await Promise.all(sessions.map((s) => s.release()));
}

describe('an operator and its definition give the same', () => {
  test.each(
    cases.map((c) => [`${c.type} ${JSON.stringify(c.attributes ?? {})} opset ${c.opset ?? 17}`, c] as const),
  )('%s', async (_title, c) => {
    await bothAgree(modelOf(c), c.shape, 3);
  });

  test('every definition has a case, or is covered by the shared models alone', () => {
    const covered = new Set(cases.map((c) => c.type));
    const elsewhere = ['Log', 'Sqrt', 'Reciprocal', 'Cast', 'Concat', 'Upsample'];
    expect(
      Object.keys(definitions).filter((type) => !covered.has(type) && !elsewhere.includes(type)),
    ).toEqual([]);
  });
});

test('an operator without a definition stays opaque and says why; the rest is imported', () => {
  const model = modelOf({ type: 'Relu', shape: image });
  const nodes: OnnxNode[] = [
    { ...model.nodes[0]!, outputs: ['a'] },
    { name: 'strange', type: 'Det', domain: '', inputs: ['a'], outputs: ['y_0'], attributes: {} },
  ];
  const imported = importModel({ ...model, nodes }, new Map([['x', image]]));
  expect(imported.opaque).toEqual([{ operator: 'strange', reason: 'there is no definition of Det' }]);
  expect(imported.shapes.get('a')).toEqual(image);
});

const names = [
  'fashion_mnist_cnn',
  'cifar10_resnet20',
  'cifar10_vit_pgd_2_3_16',
  'mlperf_tiny_kws_dscnn',
  'mobilenet_v1_025_224',
  'ultraface_rfb_320',
];
describe.skipIf(!existsSync(shared))('real models (skipped: ../shared is missing, without it)', () => {
  test.each(names)('%s is imported whole and computes the same, rewritten too', async (name) => {
    const path = join(shared, `${name}.onnx`);
    const read = readModelFile(path);
    if (!read.ok) throw new Error(read.error.kind);
    const shapes = checkModel(read.value, path);
    if (!shapes.ok) throw new Error(shapes.error.kind);
    const [shape] = [...shapes.value.values()];
    await bothAgree(read.value, shape!, 1);
    const rewritten = rewriteModel(read.value).model;
    const [a, b] = [await openSession(read.value, 1), await openSession(rewritten, 1)];
    const dims = shape!.map((d) => (d < 0 ? 1 : d));
    const feeds = { [read.value.inputs[0]!.name]: { shape: dims, data: wave(dims).data as Float32Array } };
    const [ya, yb] = [await a.run(feeds), await b.run(feeds)];
    for (const output of a.outputs)
      expect(
        Math.max(...ya[output]!.data.map((v, i) => Math.abs(v - yb[output]!.data[i]!) - 1e-4 * Math.abs(v))),
      ).toBeLessThan(1e-4);
  });
});
