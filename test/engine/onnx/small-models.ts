import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { AttributeValue, OnnxModel, OnnxNode, Tensor } from '../../../electron/engine/onnx/model.ts';
import { writeModel } from '../../../electron/engine/onnx/write.ts';

/** A float tensor with small, reproducible values. */
export function floats(shape: readonly number[], scale = 1): Tensor {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: size }, (_, i) => (((i * 37 + 11) % 23) / 23 - 0.4) * scale);
  return { type: 'float32', shape, data };
}

/** An int64 vector. */
export const integers = (...data: number[]): Tensor => ({ type: 'int64', shape: [data.length], data });

/** An operator in ONNX's own domain. */
export const operator = (
  type: string,
  name: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): OnnxNode => ({ name, type, domain: '', inputs, outputs, attributes });

/** A model around nodes: one float input `x`, one float output. */
export function modelOf(
  inputShape: readonly (number | string | null)[],
  nodes: readonly OnnxNode[],
  initializers: Readonly<Record<string, Tensor>>,
  output: string,
): OnnxModel {
  return {
    irVersion: 8,
    opsets: { '': 17 },
    producer: 'fieldtune tests',
    graphName: 'graph',
    inputs: [{ name: 'x', type: 'float32', shape: inputShape }],
    outputs: [{ name: output, type: 'float32', shape: [] }],
    nodes,
    initializers: new Map(Object.entries(initializers)),
    metadata: {},
  };
}

const ints = (...value: number[]): AttributeValue => ({ kind: 'ints', value });
const batchNormalization = (channels: number) => ({
  scale: floats([channels], 2),
  shift: floats([channels]),
  average: floats([channels]),
  variance: { type: 'float32' as const, shape: [channels], data: new Float32Array(channels).fill(1.5) },
});

/** Conv + BatchNormalization + Relu, a second Conv + BatchNormalization added to it, then MatMul + Add. */
export function residualModel(): OnnxModel {
  const norm = batchNormalization(8);
  const normInputs = ['scale', 'shift', 'average', 'variance'];
  const same = { kernel_shape: ints(3, 3), pads: ints(1, 1, 1, 1) };
  const nodes = [
    operator('Conv', 'first', ['x', 'w1'], ['c1'], same),
    operator('BatchNormalization', 'first/norm', ['c1', ...normInputs], ['n1']),
    operator('Relu', 'first/relu', ['n1'], ['r1']),
    operator('Conv', 'second', ['r1', 'w2'], ['c2'], same),
    operator('BatchNormalization', 'second/norm', ['c2', ...normInputs], ['n2']),
    operator('Add', 'residual', ['n2', 'r1'], ['a']),
    operator('Relu', 'residual/relu', ['a'], ['r2']),
    operator('GlobalAveragePool', 'pool', ['r2'], ['p']),
    operator('Flatten', 'flat', ['p'], ['f']),
    operator('MatMul', 'head', ['f', 'w3'], ['m']),
    operator('Add', 'head/bias', ['m', 'b3'], ['y']),
  ];
  const initializers = {
    w1: floats([8, 3, 3, 3]),
    w2: floats([8, 8, 3, 3]),
    ...norm,
    w3: floats([8, 5]),
    b3: floats([5]),
  };
  return modelOf(['N', 3, 8, 8], nodes, initializers, 'y');
}

/** Runs the model on a fixed input; every output's data. */
export async function runModel(
  model: OnnxModel,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, number[]>> {
  const session = await InferenceSession.create(writeModel(model), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const feeds: Record<string, OrtTensor> = {};
  for (const [name, tensor] of Object.entries(inputs))
    if (tensor.type === 'float32') feeds[name] = new OrtTensor('float32', tensor.data, tensor.shape);
  const results = await session.run(feeds);
  return Object.fromEntries(
    Object.entries(results).map(([name, result]) => [
      name,
      Array.from(result.data as ArrayLike<number>, Number),
    ]),
  );
}

/** Values agree within float32's usual tolerance. */
export function areClose(a: readonly number[], b: readonly number[]): boolean {
  return (
    a.length === b.length && a.every((v, i) => Math.abs(v - (b[i] ?? 0)) <= 1e-5 + 1e-4 * Math.abs(b[i] ?? 0))
  );
}
