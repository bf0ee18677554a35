import type { OnnxNode } from '../../onnx/model.ts';
import { floatOf, intOf, intsOf } from '../attributes.ts';
import { along, type Field, fieldOf, reshapeField, transposeField, uniform } from './constant-field.ts';
import type { GraphView } from './graph-view.ts';

/** s·x + t with constants s and t that are broadcast to x. */
export interface Affine {
  readonly x: string;
  readonly scale: Field;
  readonly shift: Field;
}

/** An operator as s·x + t, x and the result of the same shape; null where it is none. */
export function affineOf(view: GraphView, node: OnnxNode): Affine | null {
  if (node.domain !== '') return null;
  if (node.type === 'BatchNormalization') return ofNormalization(view, node);
  if (!['Add', 'Sub', 'Mul', 'Div'].includes(node.type)) return null;
  const place = node.inputs.findIndex((name) => view.floats(name) !== undefined);
  const constant = view.floats(node.inputs[place]);
  const x = node.inputs[1 - place] ?? '';
  if (!constant || view.model.initializers.has(x)) return null;
  const shape = view.shape(x);
  if (!shape || view.shape(node.outputs[0])?.join() !== shape.join()) return null;
  const values = fieldOf(constant, shape.length);
  if (!values) return null;
  const same = (value: number): Field => uniform(value, shape.length);
  switch (node.type) {
    case 'Add':
      return { x, scale: same(1), shift: values };
    case 'Sub':
      return place === 1
        ? { x, scale: same(1), shift: { ...values, data: values.data.map((v) => -v) } }
        : { x, scale: same(-1), shift: values };
    case 'Mul':
      return { x, scale: values, shift: same(0) };
    default:
      return place === 1 && values.data.every((v) => v !== 0)
        ? { x, scale: { ...values, data: values.data.map((v) => 1 / v) }, shift: same(0) }
        : null;
  }
}

/** BatchNormalization that does not train: s = γ/√(σ² + ε), t = β − s·μ. */
function ofNormalization(view: GraphView, node: OnnxNode): Affine | null {
  const [x = '', ...operands] = node.inputs;
  const rank = view.shape(x)?.length;
  const trains = intOf(node, 'training_mode', 0) !== 0 || node.outputs.slice(1).some((name) => name !== '');
  if (!rank || trains || intOf(node, 'spatial', 1) !== 1) return null;
  const [gamma, beta, mean, variance] = operands.map((name) => view.floats(name)?.data);
  if (!gamma || !beta || !mean || !variance) return null;
  const epsilon = floatOf(node, 'epsilon', 1e-5);
  const scale = Float64Array.from(gamma, (g, k) => g / Math.sqrt(variance[k]! + epsilon));
  const shift = Float64Array.from(beta, (b, k) => b - scale[k]! * mean[k]!);
  return { x, scale: along(scale, 1, rank), shift: along(shift, 1, rank) };
}

/** Operators that only give elements other places. */
const movements = new Set(['Transpose', 'Identity', 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/** True for an operator that gives the elements of its first operand other places and does nothing else. */
export const isMovement = (node: OnnxNode): boolean => node.domain === '' && movements.has(node.type);

/** The field after a movement of its tensor; null where it cannot be told. */
export function moveField(view: GraphView, node: OnnxNode, field: Field): Field | null {
  const [from, to] = [view.shape(node.inputs[0]), view.shape(node.outputs[0])];
  if (!from || !to || from.length !== field.shape.length) return null;
  if (node.type !== 'Transpose') return reshapeField(field, from, to);
  return transposeField(field, intsOf(node, 'perm') ?? from.map((_, axis) => from.length - 1 - axis));
}

/** True for a Softmax over the last axis alone. */
export function isLastSoftmax(view: GraphView, node: OnnxNode | undefined): boolean {
  if (node?.type !== 'Softmax' || node.domain !== '') return false;
  const rank = view.shape(node.inputs[0])?.length;
  const axis = intOf(node, 'axis', view.opset >= 13 ? -1 : 1);
  return rank !== undefined && (axis < 0 ? axis + rank : axis) === rank - 1;
}
