import type { Shape } from '../../instructions/program.ts';
import { stridesOf } from '../../onnx/movement.ts';
import { elementCount } from '../../onnx/tensors.ts';

/** A constant for every element of a tensor of the same rank; its extent is 1 along axes where it does not vary. */
export interface Field {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Larger fields are not worth carrying along. */
const mostElements = 1 << 20;

/** One number for every element. */
export const uniform = (value: number, rank: number): Field => ({
  shape: new Array<number>(rank).fill(1),
  data: Float64Array.of(value),
});

/** One number for each place along an axis. */
export const along = (values: ArrayLike<number>, axis: number, rank: number): Field => ({
  shape: Array.from({ length: rank }, (_, i) => (i === axis ? values.length : 1)),
  data: Float64Array.from(values),
});

/** A constant operand as it is broadcast to a tensor of the rank; null where it has a higher rank. */
export function fieldOf(
  { shape, data }: { readonly shape: readonly number[]; readonly data: ArrayLike<number> },
  rank: number,
): Field | null {
  if (shape.length > rank) return null;
  return {
    shape: [...new Array<number>(rank - shape.length).fill(1), ...shape],
    data: Float64Array.from(data),
  };
}

/** The field of the transposed tensor. */
export function transposeField({ shape, data }: Field, permutation: readonly number[]): Field {
  const strides = stridesOf(shape);
  const moved = permutation.map((axis) => shape[axis]!);
  return read(
    data,
    moved,
    permutation.map((axis) => strides[axis]!),
  );
}

/**
 * The field of the reshaped tensor: axes are taken in the shortest runs that hold the same elements before and
 * after, and a run along which the field varies is written out. Null where such a run holds the batch.
 */
export function reshapeField(field: Field, from: Shape, to: Shape): Field | null {
  const full = [...field.shape];
  const result: number[] = [];
  for (let i = 0, j = 0; i < from.length || j < to.length; ) {
    const [firstFrom, firstTo] = [i, j];
    let before = from[i++] ?? 1;
    let after = to[j++] ?? 1;
    while (before !== after) {
      if (Math.abs(before) <= Math.abs(after) ? i >= from.length : j >= to.length) return null;
      if (Math.abs(before) <= Math.abs(after)) before *= from[i++]!;
      else after *= to[j++]!;
    }
    const varies = field.shape.slice(firstFrom, i).some((extent) => extent !== 1);
    if (varies && before < 0) return null;
    for (let axis = firstFrom; axis < i && axis < from.length; axis++) full[axis] = varies ? from[axis]! : 1;
    result.push(...to.slice(firstTo, j).map((extent) => (varies ? extent : 1)));
  }
  if (elementCount(full) > mostElements) return null;
  const strides = stridesOf(field.shape).map((stride, axis) => (field.shape[axis] === 1 ? 0 : stride));
  return { shape: result, data: read(field.data, full, strides).data };
}

/** The numbers along one axis of so many places; null where the field varies along another. */
export function numbersAlong({ shape, data }: Field, axis: number, extent: number): Float64Array | null {
  if (shape.some((d, i) => d !== 1 && i !== axis)) return null;
  if (data.length === 1) return new Float64Array(extent).fill(data[0]!);
  return data.length === extent ? data : null;
}

function read(data: Float64Array, shape: readonly number[], strides: readonly number[]): Field {
  const made = new Float64Array(elementCount(shape));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < made.length; to++) {
    made[to] = data[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return { shape, data: made };
}
