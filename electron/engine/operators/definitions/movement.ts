import type { Shape } from '../../instructions/program.ts';
import { sizeOf } from '../../instructions/program.ts';
import {
  type DefineContext,
  type Definition,
  fromFront,
  intAttribute,
  intsAttribute,
  intsFrom,
  textAttribute,
  Undefined,
} from '../context.ts';

/** Reshape's target: 0 copies, one −1 is what is left, a leading −1 or a fixed batch of the export is the batch. */
export function reshapeTarget(from: Shape, wanted: readonly number[], keepsZero: boolean): Shape {
  const to = wanted.map((d, i) => (d === 0 && !keepsZero ? (from[i] ?? 0) : d));
  const isOpen = from.some((d) => d < 0);
  // An export for one sample writes its batch as 1.
  if (from[0] === -1 && to.length > 1 && to[0] === 1) to[0] = -1;
  const unknown = to.flatMap((d, i) => (d === -1 ? [i] : []));
  const hole = unknown.filter((i) => !(i === 0 && (unknown.length > 1 || from[0] === -1))).at(-1);
  if (hole !== undefined) {
    const others = to.filter((_, i) => i !== hole);
    const rest = sizeOf(from) / sizeOf(others);
    to[hole] = isOpen && !others.some((d) => d < 0) ? -rest : rest;
  } else if (isOpen && to[0] === -1) to[0] = -sizeOf(from) / sizeOf(to.slice(1));
  else if (isOpen && !to.some((d) => d < 0) && sizeOf(to) === sizeOf(from)) to[0] = -to[0]!;
  if (to.some((d) => !Number.isInteger(d)))
    throw new Undefined(`${from.join('×')} does not reshape to ${wanted.join('×')}`);
  return to;
}

const reshaped = (c: DefineContext, shape: Shape): readonly number[] => [
  c.b.add('reshape', [c.input(0)], { shape }),
];

function axesOf(c: DefineContext, rank: number): number[] | undefined {
  return intsFrom(c, 'axes', 1)?.map((a) => fromFront(a, rank));
}

function slice(c: DefineContext): readonly number[] {
  const starts = intsFrom(c, 'starts', 1);
  const ends = intsFrom(c, 'ends', 2);
  if (!starts || !ends) throw new Undefined('it has no bounds');
  const shape = c.shape(0);
  const axes = intsFrom(c, 'axes', 3) ?? starts.map((_, i) => i);
  const steps = (c.has(4) ? c.integers(4)?.values : undefined) ?? starts.map(() => 1);
  let result = c.input(0);
  axes.forEach((rawAxis, n) => {
    const axis = fromFront(rawAxis, shape.length);
    const extent = shape[axis]!;
    const [start, end, step] = [starts[n]!, ends[n]!, steps[n]!];
    if (step < 1) throw new Undefined('it steps backwards');
    if (extent < 0) {
      if (start === 0 && (end > 1e6 || end === extent) && step === 1) return;
      throw new Undefined('it cuts the batch');
    }
    const clamp = (v: number) => Math.min(extent, Math.max(0, v < 0 ? v + extent : v));
    if (clamp(start) === 0 && clamp(end) === extent && step === 1) return;
    result = c.b.add('slice', [result], { axis, start: clamp(start), end: clamp(end), step });
  });
  return [result];
}

function split(c: DefineContext): readonly number[] {
  const shape = c.shape(0);
  const axis = fromFront(intAttribute(c.node, 'axis', 0), shape.length);
  const parts = c.node.outputs.length;
  const sizes =
    intsFrom(c, 'split', 1) ?? Array.from({ length: parts }, () => Math.ceil(shape[axis]! / parts));
  let start = 0;
  return sizes.map((size) => {
    const end = Math.min(shape[axis]!, start + size);
    const part = c.b.add('slice', [c.input(0)], { axis, start, end, step: 1 });
    start = end;
    return part;
  });
}

function pad(c: DefineContext): readonly number[] {
  if (textAttribute(c.node, 'mode', 'constant') !== 'constant')
    throw new Undefined('it does not pad with a constant');
  const pads = intsFrom(c, 'pads', 1);
  if (!pads || c.has(3)) throw new Undefined('its pads are not constant');
  const rank = c.shape(0).length;
  const attribute = c.node.attributes.value;
  const value = attribute?.kind === 'float' ? attribute.value : c.has(2) ? (c.floats(2)?.data[0] ?? 0) : 0;
  return [c.b.add('pad', [c.input(0)], { before: pads.slice(0, rank), after: pads.slice(rank), value })];
}

function resize(c: DefineContext): readonly number[] {
  if (textAttribute(c.node, 'mode', 'nearest') !== 'nearest') throw new Undefined('it interpolates');
  const mode = textAttribute(c.node, 'coordinate_transformation_mode', 'half_pixel');
  if (mode === 'align_corners' || mode === 'tf_crop_and_resize') throw new Undefined(`it resizes by ${mode}`);
  const shape = c.shape(0);
  const attribute = c.node.attributes.scales;
  const at = c.node.type === 'Upsample' || c.opset < 11 ? 1 : 2;
  const scales = attribute?.kind === 'floats' ? attribute.value : c.has(at) ? c.floats(at)?.data : undefined;
  const sizes = c.has(3) ? c.integers(3)?.values : undefined;
  const factors = scales && scales.length > 0 ? Array.from(scales) : sizes?.map((s, i) => s / shape[i]!);
  if (!factors || factors.length !== shape.length)
    throw new Undefined('its scales are only known when it runs');
  if (factors[0] !== 1 || factors[1] !== 1 || factors.some((f) => !Number.isInteger(f)))
    throw new Undefined('its factors are not whole');
  return [c.b.add('resize', [c.input(0)], { factors: factors.slice(2) })];
}

function gather(c: DefineContext): readonly number[] {
  const picked = c.integers(1);
  if (!picked) throw new Undefined('its indices are only known when it runs');
  const shape = c.shape(0);
  const axis = fromFront(intAttribute(c.node, 'axis', 0), shape.length);
  const indices = picked.values.map((i) => (i < 0 ? i + shape[axis]! : i));
  const rows = c.b.add('gather', [c.input(0)], { axis, indices });
  if (picked.shape.length === 1) return [rows];
  return [
    c.b.add('reshape', [rows], {
      shape: [...shape.slice(0, axis), ...picked.shape, ...shape.slice(axis + 1)],
    }),
  ];
}

const same: Definition = (c) => [c.input(0)];

/** Operators that move data. */
export const movement: Readonly<Record<string, Definition>> = {
  Identity: same,
  Dropout: same,
  Cast: (c) => {
    if (intAttribute(c.node, 'to', 0) !== 1) throw new Undefined('it casts to another type');
    return [c.input(0)];
  },
  Reshape: (c) => {
    const wanted = intsFrom(c, 'shape', 1);
    if (!wanted) throw new Undefined('its shape is only known when it runs');
    return reshaped(c, reshapeTarget(c.shape(0), wanted, intAttribute(c.node, 'allowzero', 0) === 1));
  },
  Flatten: (c) => {
    const shape = c.shape(0);
    const axis = fromFront(intAttribute(c.node, 'axis', 1), shape.length);
    const product = (part: Shape) => (part.some((d) => d < 0) ? -1 : 1) * sizeOf(part);
    return reshaped(c, [product(shape.slice(0, axis)), product(shape.slice(axis))]);
  },
  Squeeze: (c) => {
    const shape = c.shape(0);
    const axes = axesOf(c, shape.length);
    return reshaped(
      c,
      shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1)),
    );
  },
  Unsqueeze: (c) => {
    const shape = [...c.shape(0)];
    const axes = axesOf(c, shape.length + (intsFrom(c, 'axes', 1)?.length ?? 0)) ?? [];
    for (const axis of [...axes].sort((a, b) => a - b)) shape.splice(axis, 0, 1);
    return reshaped(c, shape);
  },
  Transpose: (c) => {
    const rank = c.shape(0).length;
    const permutation = intsAttribute(c.node, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
    return [c.b.add('transpose', [c.input(0)], { permutation })];
  },
  Slice: slice,
  Split: split,
  Pad: pad,
  Concat: (c) => {
    const axis = fromFront(intAttribute(c.node, 'axis', 0), c.shape(0).length);
    const rank = c.shape(0).length;
    const parts = c.node.inputs.map((_, i) => c.input(i));
    // A part that is the same for every sample is repeated over the batch.
    const open = parts.some((p) => c.b.shape(p)[0]! < 0);
    const level = parts.map((p) => {
      const shape = c.b.shape(p);
      return open && shape[0] === 1 && axis !== 0 && shape.length === rank
        ? c.b.add('expand', [p], { shape: [-1, ...shape.slice(1)] })
        : p;
    });
    return [c.b.add('concat', level, { axis })];
  },
  Expand: (c) => {
    const wanted = c.integers(1)?.values;
    if (!wanted) throw new Undefined('its shape is only known when it runs');
    const shape = c.shape(0);
    const rank = Math.max(shape.length, wanted.length);
    const both = Array.from({ length: rank }, (_, i) => {
      const [own, other] = [shape[i - rank + shape.length] ?? 1, wanted[i - rank + wanted.length] ?? 1];
      return own === 1 ? other : own;
    });
    return [c.b.add('expand', [c.input(0)], { shape: both })];
  },
  Gather: gather,
  Resize: resize,
  Upsample: resize,
};
