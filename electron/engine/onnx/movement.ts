import type { OnnxNode, Tensor } from './model.ts';
import { elementCount, itemSizeOf } from './tensors.ts';

/** The tensor of `shape` whose element i is the source's element `from[i]`; null for types without a fixed size. */
export function pick(source: Tensor, shape: readonly number[], from: readonly number[]): Tensor | null {
  if (source.type === 'float32')
    return { type: 'float32', shape, data: Float32Array.from(from, (i) => source.data[i] ?? 0) };
  if (source.type === 'int64') return { type: 'int64', shape, data: from.map((i) => source.data[i] ?? 0) };
  const size = itemSizeOf(source.type);
  if (size === null) return null;
  const data = new Uint8Array(from.length * size);
  for (const [to, i] of from.entries()) data.set(source.data.subarray(i * size, (i + 1) * size), to * size);
  return { type: source.type, shape, data };
}

/** The same data in another shape. */
export const withShape = (tensor: Tensor, shape: readonly number[]): Tensor => ({ ...tensor, shape });

/** Row-major strides of a shape. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    strides[axis] = (strides[axis + 1] ?? 1) * (shape[axis + 1] ?? 1);
  return strides;
}

/** Source indices of an output whose step along each axis moves `strides` through the source, from `start` on. */
function walk(shape: readonly number[], strides: readonly number[], start = 0): number[] {
  let indices = [start];
  for (const [axis, size] of shape.entries()) {
    const stride = strides[axis] ?? 0;
    indices = indices.flatMap((base) => Array.from({ length: size }, (_, i) => base + i * stride));
  }
  return indices;
}

/** ONNX Transpose. */
export function transpose(source: Tensor, permutation: readonly number[]): Tensor | null {
  const strides = stridesOf(source.shape);
  const shape = permutation.map((axis) => source.shape[axis] ?? 1);
  const moved = permutation.map((axis) => strides[axis] ?? 0);
  return pick(source, shape, walk(shape, moved));
}

/** ONNX Gather with constant indices; null when an index is out of range. */
export function gather(source: Tensor, indices: Tensor, axis: number): Tensor | null {
  const size = source.shape[axis];
  const list = integersOf(indices);
  if (size === undefined || !list) return null;
  const wanted = list.map((i) => (i < 0 ? i + size : i));
  if (wanted.some((i) => i < 0 || i >= size)) return null;
  const outer = elementCount(source.shape.slice(0, axis));
  const inner = elementCount(source.shape.slice(axis + 1));
  const from: number[] = [];
  for (let o = 0; o < outer; o++)
    for (const i of wanted) for (let k = 0; k < inner; k++) from.push((o * size + i) * inner + k);
  const shape = [...source.shape.slice(0, axis), ...indices.shape, ...source.shape.slice(axis + 1)];
  return pick(source, shape, from);
}

/** ONNX Slice with constant bounds, all axes at once. */
export function slice(
  source: Tensor,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[],
  steps: readonly number[],
): Tensor | null {
  const strides = stridesOf(source.shape);
  const shape = [...source.shape];
  const moved = [...strides];
  let offset = 0;
  for (const [k, rawAxis] of axes.entries()) {
    const axis = rawAxis < 0 ? rawAxis + shape.length : rawAxis;
    const size = source.shape[axis];
    const step = steps[k] ?? 1;
    if (size === undefined || step === 0) return null;
    const bound = (raw: number, low: number, high: number): number =>
      Math.max(low, Math.min(high, raw < 0 ? raw + size : raw));
    const start = step > 0 ? bound(starts[k] ?? 0, 0, size) : bound(starts[k] ?? 0, 0, size - 1);
    const end = step > 0 ? bound(ends[k] ?? 0, 0, size) : bound(ends[k] ?? 0, -1, size - 1);
    shape[axis] = Math.max(0, Math.ceil((end - start) / step));
    moved[axis] = (strides[axis] ?? 0) * step;
    offset += (strides[axis] ?? 0) * start;
  }
  return pick(source, shape, walk(shape, moved, offset));
}

/** ONNX Concat of tensors of one type. */
export function concat(parts: readonly Tensor[], rawAxis: number): Tensor | null {
  const [first] = parts;
  if (!first || parts.some((part) => part.type !== first.type || part.shape.length !== first.shape.length))
    return null;
  const axis = rawAxis < 0 ? rawAxis + first.shape.length : rawAxis;
  const outer = elementCount(first.shape.slice(0, axis));
  const shape = first.shape.map((size, k) =>
    k === axis ? parts.reduce((sum, part) => sum + (part.shape[k] ?? 0), 0) : size,
  );
  const joined = join(parts);
  if (!joined) return null;
  const from: number[] = [];
  for (let o = 0; o < outer; o++) {
    let base = 0;
    for (const part of parts) {
      const count = elementCount(part.shape);
      const run = count / outer;
      for (let k = 0; k < run; k++) from.push(base + o * run + k);
      base += count;
    }
  }
  return pick(joined, shape, from);
}

/** All parts' elements one after the other. */
function join(parts: readonly Tensor[]): Tensor | null {
  const [first] = parts;
  if (!first) return null;
  const shape = [parts.reduce((sum, part) => sum + elementCount(part.shape), 0)];
  if (first.type === 'int64')
    return { type: 'int64', shape, data: parts.flatMap((part) => (part.type === 'int64' ? part.data : [])) };
  if (first.type === 'float32') {
    const data = parts.flatMap((part) => (part.type === 'float32' ? [...part.data] : []));
    return { type: 'float32', shape, data: Float32Array.from(data) };
  }
  if (itemSizeOf(first.type) === null) return null;
  const bytes = parts.flatMap((part) => (part.data instanceof Uint8Array ? [...part.data] : []));
  return { type: first.type, shape, data: Uint8Array.from(bytes) };
}

/** The tensor as plain integers; null where it is of another kind. */
export function integersOf(tensor: Tensor | undefined): readonly number[] | null {
  if (tensor?.type === 'int64') return tensor.data;
  if (tensor?.type !== 'int32') return null;
  const view = new DataView(tensor.data.buffer, tensor.data.byteOffset, tensor.data.byteLength);
  return Array.from({ length: tensor.data.byteLength / 4 }, (_, i) => view.getInt32(i * 4, true));
}

/** An integer list that older operator sets keep as an attribute and newer ones as an input. */
export function listOf(
  node: OnnxNode,
  attribute: string,
  input: Tensor | undefined,
): readonly number[] | null {
  const value = node.attributes[attribute];
  return value?.kind === 'ints' ? value.value : integersOf(input);
}
