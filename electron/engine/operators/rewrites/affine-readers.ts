import type { OnnxNode } from '../../onnx/model.ts';
import { intOf, intsOf } from '../attributes.ts';
import { type Affine, isLastSoftmax, isMovement, moveField } from './affine.ts';
import type { Field } from './constant-field.ts';
import type { GraphView } from './graph-view.ts';

/** A linear operator with a constant weight, and what its operand is to be multiplied by and added. */
export interface Reader {
  readonly linear: OnnxNode;
  readonly scale: Field;
  readonly shift: Field;
}

/** Readers of a tensor under an affine that is to move on into them. */
export interface Readers {
  readonly linear: readonly Reader[];
  /** The first operator that it cannot move into. */
  readonly obstacle: OnnxNode | undefined;
}

type Scaling = Pick<Affine, 'scale' | 'shift'>;

/**
 * The linear operators that read a tensor, through movements, means over other axes, and the average that Softmax
 * weighs: with rows of A that sum to 1, A·(s·v + t) = s·(A·v) + t where s and t do not vary over the rows of v.
 */
export function linearReaders(view: GraphView, node: OnnxNode, affine: Scaling): Readers {
  const linear: Reader[] = [];
  let obstacle: OnnxNode | undefined;
  const visit = (maker: OnnxNode, { scale, shift }: Scaling): void => {
    const [tensor = ''] = maker.outputs;
    const readers = view.readers(tensor);
    if (readers.length === 0 || !view.isPrivate(maker, ...readers)) obstacle ??= maker;
    for (const reader of readers) {
      if (isLinear(view, reader, tensor)) {
        linear.push({ linear: reader, scale, shift });
        continue;
      }
      const moved = [scale, shift].map((field) => passOver(view, reader, tensor, field));
      const isMoved = moved[0] && moved[1] && (isZero(shift) || keepsShifts(view, reader));
      if (isMoved) visit(reader, { scale: moved[0]!, shift: moved[1]! });
      else obstacle ??= reader;
    }
  };
  visit(node, affine);
  return { linear, obstacle };
}

/** True for a field of zeros. */
const isZero = ({ data }: Field): boolean => data.every((v) => v === 0);

function isLinear(view: GraphView, node: OnnxNode, tensor: string): boolean {
  const weight = view.floats(node.inputs[1]);
  if (node.domain !== '' || node.inputs[0] !== tensor || !weight) return false;
  if (node.type === 'MatMul') return weight.shape.length === 2;
  return node.type === 'Conv' || (node.type === 'Gemm' && intOf(node, 'transA', 0) === 0);
}

/** The field behind an operator that hands a scale on; null for any other operator. */
function passOver(view: GraphView, reader: OnnxNode, tensor: string, field: Field): Field | null {
  if (reader.domain !== '') return null;
  if (isMovement(reader) && reader.inputs[0] === tensor) return moveField(view, reader, field);
  const rank = field.shape.length;
  if (reader.type === 'MatMul') {
    const isAverage = reader.inputs[1] === tensor && reader.inputs[0] !== tensor && rank > 1;
    const isOfRank = view.shape(reader.outputs[0])?.length === rank;
    return isAverage && isOfRank && field.shape[rank - 2] === 1 ? field : null;
  }
  const axes = meanAxes(view, reader, rank);
  if (!axes || axes.some((axis) => field.shape[axis] !== 1)) return null;
  const isKept = reader.type !== 'ReduceMean' || intOf(reader, 'keepdims', 1) === 1;
  return isKept ? field : { ...field, shape: field.shape.filter((_, axis) => !axes.includes(axis)) };
}

const keepsShifts = (view: GraphView, reader: OnnxNode): boolean =>
  reader.type !== 'MatMul' || isLastSoftmax(view, view.producer(reader.inputs[0], 'Softmax'));

/** Axes over which an operator takes the mean; null for one that takes none. */
function meanAxes(view: GraphView, node: OnnxNode, rank: number): readonly number[] | null {
  if (node.type === 'GlobalAveragePool') return Array.from({ length: rank - 2 }, (_, i) => i + 2);
  if (node.type !== 'ReduceMean') return null;
  const axes = intsOf(node, 'axes') ?? view.integers(node.inputs[1]);
  return axes && axes.length > 0 ? axes.map((axis) => (axis < 0 ? axis + rank : axis)) : null;
}
