import type { Dimension, Shape } from '../../instructions/program.ts';
import { axisOf, broadcast, sameShape } from '../../instructions/shapes.ts';
import { floatOf, intOf, intsOf, textOf } from '../attributes.ts';
import { type Definition, type OperatorContext, refuse } from '../context.ts';
import { type Affine, toDimension } from '../symbolic.ts';
import { resolveReshape } from './reshape.ts';

/** From here on a bound means "to the end". */
const farAway = 2 ** 31 - 2;

const reshapeTo = (c: OperatorContext, shape: Shape): number =>
  sameShape(c.shape(0), shape) ? c.id(0) : c.b.add('reshape', [c.id(0)], { shape });

const reshape: Definition = (c) => {
  const target = c.affines(1) ?? refuse('it has no shape');
  const keepsZero = intOf(c.node, 'allowzero', 0) !== 0;
  return reshapeTo(c, resolveReshape(c.shape(0), target, { keepsZero, isBatchOne: c.isBatchOne }));
};

/** Number of elements of some dimensions, −k where it is k·N. */
function product(dimensions: Shape): Dimension {
  if (dimensions.filter((d) => d < 0).length > 1) refuse('the batch stands in two axes');
  return dimensions.reduce((p, d) => p * d, 1);
}

const flatten: Definition = (c) => {
  const shape = c.shape(0);
  const raw = intOf(c.node, 'axis', 1);
  const axis = raw < 0 ? raw + shape.length : raw;
  if (axis === 0 && c.isBatchOne && shape.some((d) => d < 0)) refuse('it merges the samples of a batch');
  return reshapeTo(c, [product(shape.slice(0, axis)), product(shape.slice(axis))]);
};

const squeeze: Definition = (c) => {
  const shape = c.shape(0);
  const given = c.axes(shape.length, 1);
  if (!given && c.isBatchOne && shape.some((d) => d < 0)) refuse('it may take out the batch');
  const dropped = given ?? shape.flatMap((d, i) => (d === 1 ? [i] : []));
  if (dropped.some((axis) => shape[axis] !== 1)) refuse('it takes out an axis that is not 1');
  return reshapeTo(
    c,
    shape.filter((_, i) => !dropped.includes(i)),
  );
};

const unsqueeze: Definition = (c) => {
  const shape = [...c.shape(0)];
  const count = (intsOf(c.node, 'axes') ?? c.numbers(1) ?? refuse('it has no axes')).length;
  const axes = c.axes(shape.length + count, 1) ?? [];
  for (const axis of axes.sort((a, b) => a - b)) shape.splice(axis, 0, 1);
  return reshapeTo(c, shape);
};

const transpose: Definition = (c) => {
  const rank = c.shape(0).length;
  const permutation = intsOf(c.node, 'perm') ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);
  if (permutation.every((p, i) => p === i)) return c.id(0);
  return c.b.add('transpose', [c.id(0)], { permutation });
};

/** The bound on an axis of `extent`, counted from its start; null on the batch axis. */
function bound(raw: Affine, extent: Dimension): number | null {
  if (extent < 0) return null;
  if (raw.perSample !== 0) refuse('a bound that depends on the batch');
  const value = raw.fixed < 0 ? raw.fixed + extent : raw.fixed;
  return Math.max(0, Math.min(extent, value));
}

/** True for bounds that keep the whole batch. */
function keepsBatch(c: OperatorContext, start: Affine, end: Affine, extent: Dimension): boolean {
  if (start.fixed !== 0 || start.perSample !== 0) return false;
  const isWhole = end.fixed >= farAway || (end.fixed === 0 && end.perSample === -extent);
  return isWhole || (c.isBatchOne && extent === -1 && end.fixed >= 1);
}

const slice: Definition = (c) => {
  const isOld = c.opset < 10;
  const asAffines = (name: string, input: number): readonly Affine[] | undefined =>
    isOld ? intsOf(c.node, name)?.map((value) => ({ fixed: value, perSample: 0 })) : c.affines(input);
  const starts = asAffines('starts', 1) ?? refuse('it has no bounds');
  const ends = asAffines('ends', 2) ?? refuse('it has no bounds');
  const rank = c.shape(0).length;
  const axes =
    (isOld ? c.axes(rank, -1) : c.numbers(3)?.map((a) => axisOf(a, rank))) ?? starts.map((_, i) => i);
  const steps = isOld ? undefined : c.numbers(4);
  let id = c.id(0);
  axes.forEach((axis, i) => {
    const extent = c.b.shape(id)[axis]!;
    const [rawStart, rawEnd, step] = [starts[i]!, ends[i]!, steps?.[i] ?? 1];
    if (step < 1) refuse('it runs backwards');
    const [start, end] = [bound(rawStart, extent), bound(rawEnd, extent)];
    if (start === null || end === null) {
      if (step !== 1 || !keepsBatch(c, rawStart, rawEnd, extent)) refuse('it cuts the batch');
    } else if (start !== 0 || end !== extent || step !== 1)
      id = c.b.add('slice', [id], { axis, start, end, step });
  });
  return id;
};

const pad: Definition = (c) => {
  if (textOf(c.node, 'mode', 'constant') !== 'constant') refuse('it repeats or mirrors the edge');
  const isOld = c.opset < 11;
  const given = (isOld ? intsOf(c.node, 'pads') : c.numbers(1)) ?? refuse('it has no pads');
  const value = isOld ? floatOf(c.node, 'value', 0) : (c.numbers(2)?.[0] ?? 0);
  const rank = c.shape(0).length;
  const axes = c.numbers(3)?.map((a) => axisOf(a, rank)) ?? Array.from({ length: rank }, (_, i) => i);
  const [before, after] = [new Array<number>(rank).fill(0), new Array<number>(rank).fill(0)];
  axes.forEach((axis, i) => {
    before[axis] = given[i]!;
    after[axis] = given[i + axes.length]!;
  });
  if ([...before, ...after].some((p) => p < 0)) refuse('it cuts instead of padding');
  if ([...before, ...after].every((p) => p === 0)) return c.id(0);
  return c.b.add('pad', [c.id(0)], { before, after, value });
};

const concat: Definition = (c) => {
  const ids = c.ids();
  const rank = c.b.shape(ids[0]!).length;
  const axis = axisOf(intOf(c.node, 'axis', 1), rank);
  if (ids.length === 1) return ids[0]!;
  const parts = c.isBatchOne ? withOneBatch(c, ids, axis) : ids;
  return c.b.add('concat', parts, { axis });
};

/** In a model for one sample a constant part says 1 where the others have the batch: it is repeated for each. */
function withOneBatch(c: OperatorContext, ids: readonly number[], axis: number): number[] {
  return ids.map((id) => {
    const own = c.b.shape(id);
    const shape = own.map((d, i) => {
      const open = ids.map((other) => c.b.shape(other)[i] ?? 1).find((other) => other < 0);
      return i !== axis && d === 1 && open !== undefined ? open : d;
    });
    return sameShape(own, shape) ? id : c.b.add('expand', [id], { shape });
  });
}

const expand: Definition = (c) => {
  const target = (c.affines(1) ?? refuse('it has no shape')).map(
    (value) => toDimension(value) ?? refuse('an extent that is not known'),
  );
  const x = c.shape(0);
  const shape = broadcast(x, target);
  return sameShape(x, shape) ? c.id(0) : c.b.add('expand', [c.id(0)], { shape });
};

const tile: Definition = (c) => {
  const repeats = c.numbers(1) ?? refuse('it has no repeats');
  return repeats.reduce((id, count, axis) => {
    const shape = c.b.shape(id);
    if (count === 1) return id;
    if (shape[axis] === 1)
      return c.b.add('expand', [id], { shape: shape.map((d, i) => (i === axis ? count : d)) });
    return c.b.add('concat', new Array<number>(count).fill(id), { axis });
  }, c.id(0));
};

const gather: Definition = (c) => {
  const shape = c.shape(0);
  const axis = axisOf(intOf(c.node, 'axis', 0), shape.length);
  const extent = shape[axis]!;
  if (extent < 0) refuse('it picks samples of the batch');
  const indices = (c.numbers(1) ?? refuse('it has no indices')).map((i) => (i < 0 ? i + extent : i));
  const own = c.numbersShape(1);
  const first = indices[0] ?? refuse('it picks nothing');
  const isRun = indices.every((index, i) => index === first + i) && first + indices.length <= extent;
  const picked = isRun
    ? c.b.add('slice', [c.id(0)], { axis, start: first, end: first + indices.length, step: 1 })
    : c.b.add('gather', [c.id(0)], { axis, indices });
  if (own.length === 1) return picked;
  const result = [...shape.slice(0, axis), ...own, ...shape.slice(axis + 1)];
  return c.b.add('reshape', [picked], { shape: result });
};

/** Operators that move data and compute nothing. */
export const movement: Readonly<Record<string, Definition>> = {
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Slice: slice,
  Pad: pad,
  Concat: concat,
  Expand: expand,
  Tile: tile,
  Gather: gather,
};
