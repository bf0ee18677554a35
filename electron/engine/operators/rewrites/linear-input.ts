import type { OnnxNode, Tensor } from '../../onnx/model.ts';
import { floatOf, intOf, isPadded } from '../attributes.ts';
import type { Reader } from './affine-readers.ts';
import { numbersAlong } from './constant-field.ts';
import type { Floats, GraphView } from './graph-view.ts';
import { biasOf, outputsOf } from './linear-fold.ts';
import type { Rewriting } from './rewrite-rule.ts';

/**
 * The linear operator on x that gives what `linear` gives on s·x + t, with the sum behind a MatMul where there is
 * one; a text says why it cannot be.
 */
export function takeIn(view: GraphView, { linear, scale, shift }: Reader): Rewriting | string {
  const weight = view.floats(linear.inputs[1])!;
  const outputs = outputsOf(view, linear)!;
  const bias = biasOf(view, linear, outputs);
  if (!bias) return 'the bias is not one constant an output';
  const channels = channelsOf(linear, weight);
  const axis = linear.type === 'Conv' ? 1 : scale.shape.length - 1;
  const [s, t] = [scale, shift].map((field) => numbersAlong(field, axis, channels));
  if (!s || !t) return 'it is not one number a channel';
  const hasShift = t.some((v) => v !== 0);
  if (hasShift && linear.type === 'Conv' && isPadded(linear))
    return 'the padding of a Conv is not shifted with the rest';
  const { input, output } = indexOf(linear, weight);
  const alpha = linear.type === 'Gemm' ? floatOf(linear, 'alpha', 1) : 1;
  const data = new Float32Array(weight.data.length);
  const moved = Float64Array.from(bias);
  for (const [i, w] of weight.data.entries()) {
    data[i] = w * alpha * s[input(i)]!;
    moved[output(i)]! += w * alpha * t[input(i)]!;
  }
  if (!data.every(Number.isFinite) || !moved.every(Number.isFinite)) return 'its numbers are too large';
  const weightName = `${linear.name}/weight`;
  const initializers = new Map<string, Tensor>([
    [weightName, { type: 'float32', shape: weight.shape, data }],
  ]);
  const addBias = (name: string, values: ArrayLike<number>): string => {
    initializers.set(name, { type: 'float32', shape: [outputs], data: Float32Array.from(values) });
    return name;
  };
  const { alpha: _alpha, beta: _beta, ...attributes } = linear.attributes;
  const own = { ...linear, inputs: [linear.inputs[0]!, weightName], attributes };
  if (!hasShift && (linear.inputs[2] ?? '') === '')
    return { operators: [linear.name], nodes: [own], initializers };
  if (linear.type !== 'MatMul') {
    own.inputs.push(addBias(`${linear.name}/bias`, moved));
    return { operators: [linear.name], nodes: [own], initializers };
  }
  const sum = sumBehind(view, linear, outputs);
  if (sum) {
    const inputs = [
      linear.outputs[0]!,
      addBias(
        `${sum.node.name}/bias`,
        moved.map((v, k) => v + sum.values[k]!),
      ),
    ];
    return { operators: [linear.name, sum.node.name], nodes: [own, { ...sum.node, inputs }], initializers };
  }
  const biasName = addBias(`${linear.name}/bias`, moved);
  if (scale.shape.length === 2) {
    const gemm: OnnxNode = { ...own, type: 'Gemm', inputs: [...own.inputs, biasName] };
    return { operators: [linear.name], nodes: [gemm], initializers };
  }
  // Named by what it makes now, which an earlier sum may have left under any name.
  const product = `${linear.outputs[0]}/product`;
  const add: OnnxNode = { ...linear, name: `${linear.name}/sum`, type: 'Add', inputs: [product, biasName] };
  return { operators: [linear.name], nodes: [{ ...own, outputs: [product] }, add], initializers };
}

/** The sum of a product, read by nothing else, and one number an output: the Add and the numbers; null without one. */
export function sumBehind(
  view: GraphView,
  product: OnnxNode,
  outputs: number,
): { readonly node: OnnxNode; readonly values: Float32Array } | null {
  const [node, ...others] = view.readers(product.outputs[0]);
  if (node?.type !== 'Add' || node.domain !== '' || others.length > 0 || !view.isPrivate(product, node))
    return null;
  const constant = node.inputs.map((name) => view.floats(name)).find((floats) => floats !== undefined);
  const isRow = constant?.data.length === outputs && constant.shape.at(-1) === outputs;
  if (!constant || !isRow) return null;
  const [before, after] = [view.shape(product.outputs[0]), view.shape(node.outputs[0])];
  return before && after?.join() === before.join() ? { node, values: constant.data } : null;
}

const channelsOf = (linear: OnnxNode, { shape }: Floats): number => {
  if (linear.type === 'Conv') return shape[1]! * intOf(linear, 'group', 1);
  return shape[linear.type === 'Gemm' && intOf(linear, 'transB', 0) === 1 ? 1 : 0]!;
};

/** Which channel of the operand and which output an element of the weight belongs to. */
function indexOf(linear: OnnxNode, { shape, data }: Floats) {
  const [rows = 1, columns = 1] = shape;
  if (linear.type === 'Conv') {
    const taps = data.length / (rows * columns);
    const perGroup = rows / intOf(linear, 'group', 1);
    const output = (i: number): number => Math.floor(i / (columns * taps));
    const input = (i: number): number =>
      Math.floor(output(i) / perGroup) * columns + (Math.floor(i / taps) % columns);
    return { input, output };
  }
  const [row, column] = [(i: number) => Math.floor(i / columns), (i: number) => i % columns];
  const isTurned = linear.type === 'Gemm' && intOf(linear, 'transB', 0) === 1;
  return isTurned ? { input: column, output: row } : { input: row, output: column };
}
