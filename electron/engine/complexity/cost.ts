import type { OnnxModel, OnnxNode } from '../onnx/model.ts';
import { elementCount } from '../onnx/tensors.ts';

/** Shapes of tensors by name; a negative dimension is counted at batch size 1. */
export type TensorShapes = ReadonlyMap<string, readonly number[]>;

const floatTypes: ReadonlySet<string> = new Set(['float32', 'float16', 'float64']);

/** Float values that the operators read as constants, each tensor counted once. */
export function countParameters(model: OnnxModel, nodes: readonly OnnxNode[]): number {
  const names = new Set(nodes.flatMap((node) => node.inputs));
  let count = 0;
  for (const name of names) {
    const tensor = model.initializers.get(name);
    if (tensor && floatTypes.has(tensor.type)) count += elementCount(tensor.shape);
  }
  return count;
}

/** Operators whose work cannot be told from shapes alone, or is a contraction that is not counted here. */
const uncounted: ReadonlySet<string> = new Set(
  'LSTM GRU RNN If Loop Scan Einsum DeformConv ConvInteger MatMulInteger QLinearConv QLinearMatMul'.split(
    ' ',
  ),
);

/**
 * Multiply-adds of contractions for one sample; 0 for operators without one, null where it cannot be told.
 * `outputElements` stands in for an output shape that is not among `shapes`.
 */
export function countMultiplyAdds(
  model: OnnxModel,
  node: OnnxNode,
  shapes: TensorShapes,
  outputElements: number,
): number | null {
  const shapeOf = (name: string | undefined): readonly number[] | undefined =>
    name === undefined ? undefined : (model.initializers.get(name)?.shape ?? shapes.get(name));
  const elementsOf = (shape: readonly number[] | undefined): number | null =>
    shape ? elementCount(shape.map(Math.abs)) : null;
  const output = elementsOf(shapes.get(node.outputs[0] ?? '')) ?? outputElements;
  const data = shapeOf(node.inputs[0]);
  const weight = shapeOf(node.inputs[1]);
  const weightSize = elementsOf(weight);
  if (node.domain !== '' || uncounted.has(node.type)) return null;
  switch (node.type) {
    case 'Conv':
      return weightSize === null ? null : output * (weightSize / (weight?.[0] ?? 1));
    case 'ConvTranspose': {
      const input = elementsOf(data);
      return input === null || weightSize === null ? null : input * (weightSize / (weight?.[0] ?? 1));
    }
    case 'Gemm': {
      const transposed = node.attributes.transB;
      const axis = transposed?.kind === 'int' && transposed.value !== 0 ? 1 : 0;
      return weight ? output * Math.abs(weight[axis] ?? 1) : null;
    }
    case 'MatMul': {
      const inner = weight ? (weight.at(-2) ?? weight.at(-1)) : data?.at(-1);
      return inner === undefined ? null : output * Math.abs(inner);
    }
    default:
      return 0;
  }
}
