import { type GradientForm, isDepthwise, isPoint, transposed } from './gradient-form.ts';
import type { Shape } from './program.ts';
import { sizeOf } from './program.ts';
import type { Builder, ConvolutionSite } from './row.ts';
import { everyStep, positions, spatialPads } from './shapes.ts';

/** Forms of the gradient of a weight: x [N,C,H,W], g [N,K,H',W'] → [K,C/groups,kH,kW]. */
export const weightForms = {
  /** A matrix product a kernel tap, with the batch folded into the points: nothing is summed afterwards. */
  products: { fits: (site) => !isDepthwise(site), build: buildProducts },
  /** One product for all taps, for few channels. */
  stacked: { fits: (site) => site.convolution.groups === 1 && site.large[1]! < 16, build: buildStacked },
  /** A product a tap and sample, summed over the batch: samples spread over threads. */
  samples: { fits: (site) => !isDepthwise(site), build: buildSamples },
  /** The unfolded input from a convolution with one-hot kernels, then one product a sample. */
  unfolded: { fits: (site) => !isDepthwise(site) && !isPoint(site), build: buildUnfolded },
  /** Shifted rows of g against shifted columns of x: all taps are blocks of one product. */
  crossed: { fits: fitsCrossed, build: buildCrossed },
  /** The same a sample and column, summed over the batch. */
  crossedSamples: { fits: fitsCrossed, build: buildCrossedSamples },
  /** A convolution with the batch as channels: of x turned [C,N,H,W] with g turned [K,N,H',W']. */
  exchanged: { fits: (site) => site.convolution.groups === 1 && !isPoint(site), build: buildExchanged },
  /** Depthwise: product and sum a tap, for wide images. */
  sums: { fits: (site) => isDepthwise(site) && site.large.at(-1)! >= 96, build: buildSums },
  /** Depthwise: a product of rows a channel and kernel row; its diagonals are the taps. */
  rows: { fits: isDepthwise, build: buildRows },
  /** Depthwise: the convolution of each sample's channels with what comes back for them, summed over the batch. */
  convolved: { fits: isDepthwise, build: buildConvolved },
} satisfies Record<string, GradientForm>;

/** Names the forms of a weight's gradient. */
export type WeightForm = keyof typeof weightForms;

const pointsOf = (shape: Shape): number => sizeOf(shape.slice(2));

const swapFirst = (b: Builder, id: number): number =>
  b.add('transpose', [id], { permutation: b.shape(id).map((_, i) => (i < 2 ? 1 - i : i)) });

/** The product x·yᵀ over the last two axes; the right operand is what the runtime repacks, so the smaller one. */
function productTransposed(b: Builder, x: number, y: number): number {
  const rows = (id: number): number => b.shape(id).at(-2)!;
  if (rows(x) >= rows(y)) return b.add('matmul', [x, transposed(b, y)], {});
  return transposed(b, b.add('matmul', [y, transposed(b, x)], {}));
}

const stack = (b: Builder, parts: readonly number[], axis: number): number =>
  parts.length === 1 ? parts[0]! : b.add('concat', parts, { axis });

const sumOverBatch = (b: Builder, id: number): number => b.add('sum', [id], { axes: [0], keepDims: false });

function padded(b: Builder, x: number, { convolution: { pads } }: ConvolutionSite): number {
  if (pads.every((p) => p === 0)) return x;
  return b.add('pad', [x], { ...spatialPads(pads), value: 0 });
}

/**
 * What the kernel's tap sees of a padded input, along the spatial axes that `tap` names. The last axis goes first:
 * those slices are shared by all rows of the kernel, and what follows is whole blocks.
 */
function shifted(b: Builder, from: number, tap: readonly number[], site: ConvolutionSite): number {
  const { strides, dilations } = site.convolution;
  return tap.reduceRight((id, t, i) => {
    const seen = everyStep(i + 2, t * dilations[i]!, site.small[i + 2]!, strides[i]!);
    if (seen.start === 0 && seen.end === b.shape(id)[i + 2] && seen.step === 1) return id;
    return b.add('slice', [id], seen);
  }, from);
}

/** Gradients a tap, each of `shape`, as the weight: the taps become the last axes. */
function collect(
  b: Builder,
  parts: readonly number[],
  shape: readonly number[],
  { weight }: ConvolutionSite,
): number {
  const columns = parts.map((id) => b.add('reshape', [id], { shape: [...shape, 1] }));
  return b.add('reshape', [stack(b, columns, shape.length)], { shape: weight });
}

/** Channels first, the batch folded into the points: [C, N·points]. */
function foldedRows(b: Builder, first: number, points: number): number {
  const [channels, batch] = b.shape(first) as [number, number];
  return b.add('reshape', [first], { shape: [channels, points * batch] });
}

function buildProducts(b: Builder, x: number, g: number, site: ConvolutionSite): number {
  const { small, weight, large } = site;
  const { groups } = site.convolution;
  const [k, perGroup, ...kernel] = weight as [number, number, ...number[]];
  const points = pointsOf(small);
  const gRows = foldedRows(b, swapFirst(b, g), points);
  const xFirst = swapFirst(b, padded(b, x, site));
  const split = (id: number, channels: number): number =>
    groups === 1 ? id : b.add('reshape', [id], { shape: [groups, channels / groups, points * small[0]!] });
  const products = positions(kernel).map((tap) => {
    const part = foldedRows(b, shifted(b, xFirst, tap, site), points);
    return productTransposed(b, split(gRows, k), split(part, large[1]!));
  });
  return collect(b, products, [k, perGroup], site);
}

function buildStacked(b: Builder, x: number, g: number, site: ConvolutionSite): number {
  const { small, weight } = site;
  const [k, c, ...kernel] = weight as [number, number, ...number[]];
  const points = pointsOf(small);
  const xFirst = swapFirst(b, padded(b, x, site));
  const taps = positions(kernel).map((tap) => foldedRows(b, shifted(b, xFirst, tap, site), points));
  const product = productTransposed(b, foldedRows(b, swapFirst(b, g), points), stack(b, taps, 0));
  const unfolded = b.add('reshape', [product], { shape: [k, taps.length, c] });
  const ordered = b.add('transpose', [unfolded], { permutation: [0, 2, 1] });
  return b.add('reshape', [ordered], { shape: weight });
}

/** [N,C,…] → [N,groups,C/groups,points]; without the axis of groups where there is one. */
function byGroups(b: Builder, id: number, groups: number, points: number): number {
  const [batch, channels] = b.shape(id) as [number, number];
  const shape = groups === 1 ? [batch, channels, points] : [batch, groups, channels / groups, points];
  return b.add('reshape', [id], { shape });
}

function buildSamples(b: Builder, x: number, g: number, site: ConvolutionSite): number {
  const { weight, small } = site;
  const { groups } = site.convolution;
  const [k, perGroup, ...kernel] = weight as [number, number, ...number[]];
  const points = pointsOf(small);
  const rows = byGroups(b, g, groups, points);
  const from = padded(b, x, site);
  const products = positions(kernel).map((tap) => {
    const product = productTransposed(b, rows, byGroups(b, shifted(b, from, tap, site), groups, points));
    return b.add('reshape', [product], { shape: [small[0]!, 1, k, perGroup] });
  });
  const summed = sumOverBatch(b, stack(b, products, 1));
  const ordered = b.add('transpose', [summed], { permutation: [1, 2, 0] });
  return b.add('reshape', [ordered], { shape: weight });
}

function buildUnfolded(b: Builder, x: number, g: number, site: ConvolutionSite): number {
  const { weight, small, large, convolution } = site;
  const { groups } = convolution;
  const kernel = weight.slice(2);
  const taps = sizeOf(kernel);
  const [batch, c, ...spatial] = large as [number, number, ...number[]];
  const planes = b.add('reshape', [x], { shape: [batch * c, 1, ...spatial] });
  const oneHot = b.add('constant', [], {
    shape: [taps, 1, ...kernel],
    values: Float32Array.from({ length: taps * taps }, (_, i) => (i % (taps + 1) === 0 ? 1 : 0)),
  });
  const unfolded = b.add('conv', [planes, oneHot], { ...convolution, groups: 1 });
  const points = pointsOf(small);
  const columns = b.add('reshape', [unfolded], { shape: [batch, c * taps, points] });
  const product = productTransposed(b, byGroups(b, g, groups, points), byGroups(b, columns, groups, points));
  return b.add('reshape', [sumOverBatch(b, product)], { shape: weight });
}

function buildSums(b: Builder, x: number, g: number, site: ConvolutionSite): number {
  const [k, , ...kernel] = site.weight as [number, number, ...number[]];
  const from = padded(b, x, site);
  const axes = site.small.flatMap((_, i) => (i === 1 ? [] : [i]));
  const sums = positions(kernel).map((tap) =>
    b.add('sum', [b.add('mul', [shifted(b, from, tap, site), g], {})], { axes, keepDims: false }),
  );
  return collect(b, sums, [k, 1], site);
}

/**
 * Which column of x meets which column of g at each tap of the kernel's last axis: [W·W', kW] of 0 and 1. Pads of
 * the last axis are what no pair is found for.
 */
function diagonals(b: Builder, { large, small, weight, convolution }: ConvolutionSite): number {
  const last = convolution.strides.length - 1;
  const [width, own, taps] = [large.at(-1)!, small.at(-1)!, weight.at(-1)!];
  const values = new Float32Array(width * own * taps);
  for (let j = 0; j < own; j++)
    for (let t = 0; t < taps; t++) {
      const from =
        j * convolution.strides[last]! + t * convolution.dilations[last]! - convolution.pads[last]!;
      if (from >= 0 && from < width) values[(from * own + j) * taps + t] = 1;
    }
  return b.add('constant', [], { shape: [width * own, taps], values });
}

function buildRows(b: Builder, x: number, g: number, site: ConvolutionSite): number {
  const { large, small, weight } = site;
  const [batch, c] = large as [number, number];
  const [width, own] = [large.at(-1)!, small.at(-1)!];
  const high = sizeOf(small.slice(2, -1));
  const from = swapFirst(b, padded(b, x, withoutLastPads(site)));
  const rowsOf = (id: number, columns: number): number =>
    b.add('reshape', [id], { shape: [c, high * batch, columns] });
  const gRows = rowsOf(swapFirst(b, g), own);
  const products = positions(weight.slice(2, -1)).map((tap) => {
    const part = rowsOf(shifted(b, from, tap, site), width);
    const product = b.add('matmul', [b.add('transpose', [part], { permutation: [0, 2, 1] }), gRows], {});
    return b.add('reshape', [product], { shape: [c, 1, width * own] });
  });
  const taps = b.add('matmul', [stack(b, products, 1), diagonals(b, site)], {});
  return b.add('reshape', [taps], { shape: weight });
}

function buildConvolved(b: Builder, x: number, g: number, site: ConvolutionSite): number {
  const { large, small, weight } = site;
  const joined = large[0]! * large[1]!;
  const channels = b.add('reshape', [x], { shape: [1, joined, ...large.slice(2)] });
  const kernels = b.add('reshape', [g], { shape: [joined, 1, ...small.slice(2)] });
  const taps = convolved(b, channels, kernels, site, joined);
  return sumOverBatch(b, b.add('reshape', [taps], { shape: [large[0]!, ...weight] }));
}

function buildExchanged(b: Builder, x: number, g: number, site: ConvolutionSite): number {
  // The pads first: a result that is hardly larger than they are would be made place by place.
  const { pads } = site.convolution;
  const within = { ...site, convolution: { ...site.convolution, pads: pads.map(() => 0) } };
  return swapFirst(b, convolved(b, swapFirst(b, padded(b, x, site)), swapFirst(b, g), within, 1));
}

/** What comes back, taken as the kernel of a convolution: strides and dilations change places. */
function convolved(b: Builder, x: number, g: number, site: ConvolutionSite, groups: number): number {
  const { strides, dilations, pads } = site.convolution;
  const taps = b.add('conv', [x, g], { strides: dilations, dilations: strides, pads, groups });
  // What the strides leave over at the end is seen by further taps, which the kernel does not have.
  return site.weight.slice(2).reduce((from, extent, i) => {
    if (b.shape(from)[i + 2] === extent) return from;
    return b.add('slice', [from], { axis: i + 2, start: 0, end: extent, step: 1 });
  }, taps);
}

/** The site with pads along all spatial axes but the last. */
function withoutLastPads(site: ConvolutionSite): ConvolutionSite {
  const { pads } = site.convolution;
  const n = pads.length / 2;
  const kept = pads.map((p, i) => (i % n === n - 1 ? 0 : p));
  return { ...site, convolution: { ...site.convolution, pads: kept } };
}

function fitsCrossed(site: ConvolutionSite): boolean {
  const { strides, groups } = site.convolution;
  return groups === 1 && !isPoint(site) && strides.slice(0, -1).every((s) => s === 1);
}

/**
 * A tap (i, j) sums x[p + i, q + j] · g[p, q]. Read as x[p, q + j] · g[p − i, q], the row's shift lies on g, with
 * zeros around it, and only kH copies of g and kW of x are made for kH · kW taps.
 */
function buildCrossed(b: Builder, x: number, g: number, site: ConvolutionSite): number {
  const { weight, convolution } = site;
  const [k, c, ...kernel] = weight as [number, number, ...number[]];
  const { reaches, points } = crossing(site);
  const columns = shiftedColumns(b, swapFirst(b, padded(b, x, site)), site);
  const own = swapFirst(b, g);
  const rows = positions(kernel.slice(0, -1)).map((tap) => {
    if (reaches.every((r) => r === 0)) return own;
    const before = tap.map((t, i) => t * convolution.dilations[i]!);
    const after = before.map((o, i) => reaches[i]! - o);
    return b.add('pad', [own], { before: [0, 0, ...before, 0], after: [0, 0, ...after, 0], value: 0 });
  });
  const flat = (ids: readonly number[]): number =>
    stack(
      b,
      ids.map((id) => foldedRows(b, id, points)),
      0,
    );
  const blocks = b.add('reshape', [productTransposed(b, flat(rows), flat(columns))], {
    shape: [rows.length, k, columns.length, c],
  });
  return b.add('reshape', [b.add('transpose', [blocks], { permutation: [1, 3, 0, 2] })], { shape: weight });
}

function buildCrossedSamples(b: Builder, x: number, g: number, site: ConvolutionSite): number {
  const { weight, small, convolution } = site;
  const [k, c, ...kernel] = weight as [number, number, ...number[]];
  const { reaches, points } = crossing(site);
  // All shifts of the rows by one gather an axis: a copy that runs on all threads.
  const wide = reaches.every((r) => r === 0)
    ? g
    : b.add('pad', [g], { before: [0, 0, ...reaches, 0], after: [0, 0, ...reaches, 0], value: 0 });
  const rows = reaches.reduce((id, reach, i) => {
    const taps = Array.from({ length: kernel[i]! }, (_, t) => reach - t * convolution.dilations[i]!);
    const high = small[i + 2]! + reach;
    return b.add('gather', [id], {
      axis: i + 2,
      indices: taps.flatMap((start) => Array.from({ length: high }, (_, row) => start + row)),
    });
  }, wide);
  const taps = sizeOf(kernel.slice(0, -1));
  const left = b.add('reshape', [rows], { shape: [small[0]!, k * taps, points] });
  const products = shiftedColumns(b, padded(b, x, site), site).map((column) => {
    const right = b.add('reshape', [column], { shape: [small[0]!, c, points] });
    return sumOverBatch(b, productTransposed(b, left, right));
  });
  const columns = products.map((id) => b.add('reshape', [id], { shape: [k, taps, c, 1] }));
  const ordered = b.add('transpose', [stack(b, columns, 3)], { permutation: [0, 2, 1, 3] });
  return b.add('reshape', [ordered], { shape: weight });
}

/** How far the kernel reaches along all axes but the last, and the points of g with those zeros around it. */
function crossing({ weight, small, convolution }: ConvolutionSite) {
  const reaches = weight.slice(2, -1).map((taps, i) => (taps - 1) * convolution.dilations[i]!);
  const high = small.slice(2, -1).map((d, i) => d + reaches[i]!);
  return { reaches, points: sizeOf(high) * small.at(-1)! };
}

/** The padded input as each tap of the kernel's last axis sees it. */
function shiftedColumns(b: Builder, from: number, { weight, small, convolution }: ConvolutionSite): number[] {
  const axis = weight.length - 1;
  const step = convolution.strides.at(-1)!;
  return Array.from({ length: weight.at(-1)! }, (_, t) =>
    b.add('slice', [from], everyStep(axis, t * convolution.dilations.at(-1)!, small.at(-1)!, step)),
  );
}
