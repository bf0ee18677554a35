import type { OnnxNode } from '../../onnx/model.ts';
import { intOf, intsOf } from '../attributes.ts';
import { along, type Field, fieldOf, reshapeField, transposeField } from './constant-field.ts';
import { scaleAndShift } from './fold-arithmetic.ts';
import { normalizationOf } from './fold-batch-normalization.ts';
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
  const operands = view.withFloats(node);
  if (!operands || view.model.initializers.has(operands.other)) return null;
  const shape = view.shape(operands.other);
  if (!shape || view.shape(node.outputs[0])?.join() !== shape.join()) return null;
  const values = fieldOf(operands.constant, shape.length);
  const parts = values && scaleAndShift(node, operands.place, values.data);
  if (!parts) return null;
  const { shape: extents } = values;
  const [scale, shift] = [parts.scale, parts.shift].map((data): Field => ({ shape: extents, data }));
  return { x: operands.other, scale: scale!, shift: shift! };
}

/** BatchNormalization that does not train. */
function ofNormalization(view: GraphView, node: OnnxNode): Affine | null {
  const [x = ''] = node.inputs;
  const rank = view.shape(x)?.length;
  if (!rank || intOf(node, 'spatial', 1) !== 1) return null;
  const parts = normalizationOf(view, node);
  if (typeof parts === 'string') return null;
  return { x, scale: along(parts.scale, 1, rank), shift: along(parts.shift, 1, rank) };
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
