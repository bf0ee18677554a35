import type { OnnxNode, Tensor } from '../../onnx/model.ts';
import { elementCount } from '../../onnx/tensors.ts';
import { floatOf, intOf } from '../attributes.ts';
import type { Floats, GraphView } from './graph-view.ts';

/** Operators whose result can be scaled and shifted through their own constants. */
export const linearTypes = ['Conv', 'ConvTranspose', 'Gemm', 'MatMul'] as const;

/** Number of outputs (channels, columns) of a linear operator with a constant weight; null for any other. */
export function outputsOf(view: GraphView, linear: OnnxNode): number | null {
  const weight = view.floats(linear.inputs[1]);
  if (!weight) return null;
  const { shape } = weight;
  switch (linear.type) {
    case 'Conv':
      return shape[0] ?? null;
    case 'ConvTranspose':
      return (shape[1] ?? 0) * intOf(linear, 'group', 1);
    case 'Gemm':
      return shape[intOf(linear, 'transB', 0) === 1 ? 0 : 1] ?? null;
    default:
      return shape.length === 2 ? (shape[1] ?? null) : null;
  }
}

/**
 * The linear operator that gives s·y + t where `linear` gives y, s and t one number an output:
 * s·(W·x + b) + t = (s·W)·x + (s·b + t). Its result goes to `output`; a text says why it cannot be.
 */
export function scaleLinear(
  view: GraphView,
  linear: OnnxNode,
  scale: ArrayLike<number>,
  shift: ArrayLike<number>,
  output: string,
): { readonly node: OnnxNode; readonly initializers: ReadonlyMap<string, Tensor> } | string {
  const weight = view.floats(linear.inputs[1]);
  const outputs = outputsOf(view, linear);
  if (!weight || outputs === null) return 'the weight is not constant';
  const bias = biasOf(view, linear, outputs);
  if (!bias) return 'the bias is not one constant an output';
  const hasShift = Array.from(shift).some((t) => t !== 0);
  if (linear.type === 'MatMul' && hasShift) return 'a MatMul has no bias';
  const [weightName, biasName] = [`${linear.name}/weight`, `${linear.name}/bias`];
  const alpha = linear.type === 'Gemm' ? floatOf(linear, 'alpha', 1) : 1;
  const indexOf = outputIndex(linear, weight, outputs);
  const initializers = new Map<string, Tensor>();
  initializers.set(weightName, {
    type: 'float32',
    shape: weight.shape,
    data: weight.data.map((w, i) => w * alpha * scale[indexOf(i)]!),
  });
  const inputs = [linear.inputs[0]!, weightName];
  if (linear.type !== 'MatMul' && (hasShift || linear.inputs.length > 2)) {
    const data = Float32Array.from(bias, (b, k) => b * scale[k]! + shift[k]!);
    initializers.set(biasName, { type: 'float32', shape: [outputs], data });
    inputs.push(biasName);
  }
  const { alpha: _alpha, beta: _beta, ...rest } = linear.attributes;
  return { node: { ...linear, inputs, outputs: [output], attributes: rest }, initializers };
}

/** The bias as one number an output, β taken in; null where it is something else. */
export function biasOf(view: GraphView, linear: OnnxNode, outputs: number): Float64Array | null {
  const name = linear.inputs[2] ?? '';
  if (name === '') return new Float64Array(outputs);
  const bias = view.floats(name);
  const isRow = bias?.shape.slice(0, -1).every((d) => d === 1);
  if (!bias || !isRow || (bias.data.length !== outputs && bias.data.length !== 1)) return null;
  const beta = linear.type === 'Gemm' ? floatOf(linear, 'beta', 1) : 1;
  return Float64Array.from({ length: outputs }, (_, k) => beta * bias.data[bias.data.length === 1 ? 0 : k]!);
}

/** Which output an element of the weight belongs to. */
function outputIndex(linear: OnnxNode, { shape }: Floats, outputs: number): (element: number) => number {
  const perFirst = elementCount(shape.slice(1));
  if (linear.type === 'Conv' || (linear.type === 'Gemm' && intOf(linear, 'transB', 0) === 1))
    return (i) => Math.floor(i / perFirst);
  if (linear.type !== 'ConvTranspose') return (i) => i % outputs;
  const groups = intOf(linear, 'group', 1);
  const perGroup = outputs / groups;
  const taps = elementCount(shape.slice(2));
  const inputsPerGroup = (shape[0] ?? 1) / groups;
  return (i) => {
    const group = Math.floor(Math.floor(i / perFirst) / inputsPerGroup);
    return group * perGroup + (Math.floor(i / taps) % perGroup);
  };
}

/**
 * A constant operand as one number an output of the linear operator; null where it varies along another axis or
 * would change the rank. Convolutions have their outputs along axis 1, products along the last.
 */
export function perOutput(view: GraphView, linear: OnnxNode, constant: Floats): Float64Array | null {
  const outputs = outputsOf(view, linear);
  const rank = view.floats(linear.inputs[1])?.shape.length ?? 0;
  const { shape, data } = constant;
  if (outputs === null || shape.length > rank) return null;
  if (data.length === 1) return new Float64Array(outputs).fill(data[0]!);
  const axis = linear.type.startsWith('Conv') ? 1 : rank - 1;
  const isVector = shape.every((d, i) => d === (i + rank - shape.length === axis ? outputs : 1));
  return isVector && data.length === outputs ? Float64Array.from(data) : null;
}
