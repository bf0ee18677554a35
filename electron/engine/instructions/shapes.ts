import type { AttributesOf, Convolution, Dimension, Shape, Window } from './program.ts';
import { sizeOf } from './program.ts';
import { type Cost, ShapeMismatch } from './row.ts';

/** ONNX's (numpy's) broadcasting. @throws ShapeMismatch */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  const result: Dimension[] = [];
  for (let i = 0; i < rank; i++) {
    const da = a[i - rank + a.length] ?? 1;
    const db = b[i - rank + b.length] ?? 1;
    if (da !== db && da !== 1 && db !== 1)
      throw new ShapeMismatch(`${show(a)} does not broadcast with ${show(b)}`);
    result.push(da === 1 ? db : da);
  }
  return result;
}

/** A shape as people write it: the batch shows as N. */
export const show = (shape: Shape): string =>
  `[${shape.map((d) => (d === -1 ? 'N' : d < 0 ? `${-d}N` : String(d))).join(',')}]`;

/** True when both have the same dimensions in the same order. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((d, i) => d === b[i]);

/** True when both hold the same number of elements at every batch size. */
export function sameSize(a: Shape, b: Shape): boolean {
  const open = (shape: Shape) => shape.filter((d) => d < 0).length;
  return open(a) === open(b) && sizeOf(a) === sizeOf(b);
}

/** Non-negative axis. @throws ShapeMismatch */
export function axisOf(axis: number, rank: number): number {
  const a = axis < 0 ? axis + rank : axis;
  if (a < 0 || a >= rank) throw new ShapeMismatch(`axis ${axis} of a tensor of rank ${rank}`);
  return a;
}

/** An axis as instructions name it: counted from the front. @throws ShapeMismatch */
export function ownAxis(axis: number, rank: number): number {
  if (!(axis >= 0)) throw new ShapeMismatch(`axis ${axis} is not counted from the front`);
  return axisOf(axis, rank);
}

/** Row-major strides. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1]! * shape[i + 1]!;
  return strides;
}

/** All index tuples below `extents`, row-major. */
export function positions(extents: readonly number[]): number[][] {
  return extents.reduce<number[][]>(
    (all, extent) => all.flatMap((head) => Array.from({ length: extent }, (_, i) => [...head, i])),
    [[]],
  );
}

/** Output extents of a window sliding over `spatial`. @throws ShapeMismatch */
export function windowed(
  spatial: Shape,
  kernel: readonly number[],
  w: Pick<Window, 'strides' | 'pads'>,
  dilations?: readonly number[],
): number[] {
  return spatial.map((extent, i) => {
    if (extent < 0) throw new ShapeMismatch('the batch cannot be a spatial axis');
    const reach = (kernel[i]! - 1) * (dilations?.[i] ?? 1) + 1;
    const padded = extent + w.pads[i]! + w.pads[i + spatial.length]!;
    if (padded < reach) throw new ShapeMismatch(`a window of ${reach} over ${padded}`);
    return Math.floor((padded - reach) / w.strides[i]!) + 1;
  });
}

/** A convolution's or window's pads as `pad` says them: of [N,C,…spatial], before and after. */
export function spatialPads(pads: readonly number[]): Pick<AttributesOf['pad'], 'before' | 'after'> {
  const n = pads.length / 2;
  return { before: [0, 0, ...pads.slice(0, n)], after: [0, 0, ...pads.slice(n)] };
}

/** The slice that takes `count` elements of an axis, each `step` behind the one before. */
export const everyStep = (
  axis: number,
  start: number,
  count: number,
  step: number,
): AttributesOf['slice'] => ({
  axis,
  start,
  end: start + (count - 1) * step + 1,
  step,
});

/** Result shape of `conv`. @throws ShapeMismatch */
export function convShape(x: Shape, w: Shape, a: Convolution): Shape {
  const channels = x[1];
  const kernels = w[0];
  if (x.length !== w.length || x.length < 3 || channels === undefined || kernels === undefined)
    throw new ShapeMismatch(`conv of ${show(x)} with ${show(w)}`);
  if (channels !== w[1]! * a.groups || kernels % a.groups !== 0)
    throw new ShapeMismatch(`conv of ${show(x)} with ${show(w)} in ${a.groups} groups`);
  return [x[0]!, kernels, ...windowed(x.slice(2), w.slice(2), a, a.dilations)];
}

/** Result shape of `convTranspose`. @throws ShapeMismatch */
export function convTransposeShape(
  x: Shape,
  w: Shape,
  a: Convolution & { readonly outputPads: readonly number[] },
): Shape {
  if (x.length !== w.length || x.length < 3 || x[1] !== w[0] || w[0]! % a.groups !== 0)
    throw new ShapeMismatch(`convTranspose of ${show(x)} with ${show(w)}`);
  const n = x.length - 2;
  const spatial = x.slice(2).map((extent, i) => {
    if (extent < 0) throw new ShapeMismatch('the batch cannot be a spatial axis');
    const reach = (w[i + 2]! - 1) * a.dilations[i]! + 1;
    const own = (extent - 1) * a.strides[i]! + reach + a.outputPads[i]! - a.pads[i]! - a.pads[i + n]!;
    if (own < 1) throw new ShapeMismatch(`convTranspose leaves ${own} of ${extent}`);
    return own;
  });
  return [x[0]!, w[1]! * a.groups, ...spatial];
}

/** Cost of moving the operands and the result once, at 4 bytes an element. */
export const moved = (inputs: readonly Shape[], output: Shape, multiplyAdds = 0): Cost => ({
  multiplyAdds,
  bytes: 4 * (inputs.reduce((sum, s) => sum + sizeOf(s), 0) + sizeOf(output)),
});
