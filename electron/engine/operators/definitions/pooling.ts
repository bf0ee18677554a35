import { axisOf } from '../../instructions/shapes.ts';
import { floatsOf, intOf, intsOf, textOf } from '../attributes.ts';
import { type Definition, type OperatorContext, refuse } from '../context.ts';
import { windowPads } from './window-pads.ts';

/** Kernel, strides and pads of a pool over one or two spatial axes. */
function windowOf(c: OperatorContext) {
  const kernel = intsOf(c.node, 'kernel_shape') ?? refuse('it has no kernel');
  const spatial = c.shape(0).slice(2);
  if (kernel.length !== spatial.length || kernel.length > 2) refuse('a window over three axes');
  const ones = kernel.map(() => 1);
  if ((intsOf(c.node, 'dilations') ?? ones).some((d) => d !== 1)) refuse('its window is dilated');
  const strides = intsOf(c.node, 'strides') ?? ones;
  const pads = windowPads(c, spatial, kernel, strides, ones);
  if (intOf(c.node, 'ceil_mode', 0) !== 0) {
    const isWhole = spatial.every((extent, i) => {
      const room = extent + pads[i]! + pads[i + spatial.length]! - kernel[i]!;
      return room % strides[i]! === 0;
    });
    if (!isWhole) refuse('its last window reaches past the edge (ceil_mode)');
  }
  return { kernel, strides, pads };
}

const maxPool: Definition = (c) => {
  if ((c.node.outputs[1] ?? '') !== '') refuse('its indices are used');
  return c.b.add('maxPool', [c.id(0)], windowOf(c));
};

const averagePool: Definition = (c) => {
  const countIncludePad = intOf(c.node, 'count_include_pad', 0) !== 0;
  return c.b.add('averagePool', [c.id(0)], { ...windowOf(c), countIncludePad });
};

/** Scales of a Resize or Upsample, one for each axis, given or worked out of the sizes. */
function scalesOf(c: OperatorContext): readonly number[] {
  const attribute = floatsOf(c.node, 'scales');
  if (attribute) return attribute;
  const isNew = c.node.type === 'Resize' && c.opset >= 11;
  const given = c.has(isNew ? 2 : 1) ? c.numbers(isNew ? 2 : 1) : undefined;
  if (given && given.length > 0) return given;
  const sizes = c.affines(3) ?? refuse('it has neither scales nor sizes');
  return c.shape(0).map((d, i) => {
    const { fixed, perSample } = sizes[i] ?? refuse('sizes for some axes only');
    if (d < 0) return perSample === -d || (c.isBatchOne && fixed === 1) ? 1 : refuse('it resizes the batch');
    return perSample === 0 ? fixed / d : refuse('a size that depends on the batch');
  });
}

/** True where output i is input ⌊i/factor⌋ for whole factors, by ONNX's rules of coordinates and rounding. */
function isFloor(c: OperatorContext, factors: readonly number[]): boolean {
  if (c.node.type === 'Upsample' || c.opset < 11) return true;
  const rounding = textOf(c.node, 'nearest_mode', 'round_prefer_floor');
  switch (textOf(c.node, 'coordinate_transformation_mode', 'half_pixel')) {
    case 'asymmetric':
      return rounding === 'floor' || (rounding === 'round_prefer_floor' && factors.every((f) => f <= 2));
    case 'half_pixel':
    case 'pytorch_half_pixel':
      // (i + ½)/f − ½ lies within a half of ⌊i/f⌋, so both kinds of rounding find it.
      return rounding.startsWith('round');
    case 'tf_half_pixel_for_nn':
      return rounding === 'floor';
    default:
      return false;
  }
}

const resize: Definition = (c) => {
  if (textOf(c.node, 'mode', 'nearest') !== 'nearest') refuse('it interpolates');
  if (intsOf(c.node, 'axes')) refuse('it names its axes');
  const scales = scalesOf(c);
  if (scales.length !== c.shape(0).length || scales.length < 3 || scales.length > 4)
    refuse('it resizes other than one or two spatial axes');
  if (scales[0] !== 1 || scales[1] !== 1) refuse('it resizes batch or channels');
  const factors = scales.slice(2);
  if (factors.some((f) => !Number.isInteger(f) || f < 1)) refuse('its factors are not whole');
  if (factors.every((f) => f === 1)) return c.id(0);
  if (!isFloor(c, factors)) refuse('its rounding is not that of whole blocks');
  return c.b.add('resize', [c.id(0)], { factors });
};

/** [N,C,H,W] → [N,C/b²,H·b,W·b] */
const depthToSpace: Definition = (c) => {
  const [n, channels, h, w] = c.shape(0);
  const block = intOf(c.node, 'blocksize', 1);
  if (c.shape(0).length !== 4) refuse('no image');
  const depth = channels! / (block * block);
  const isColumnFirst = textOf(c.node, 'mode', 'DCR') === 'CRD';
  const shape = isColumnFirst ? [n!, depth, block, block, h!, w!] : [n!, block, block, depth, h!, w!];
  const permutation = isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  const opened = c.b.add('transpose', [c.b.add('reshape', [c.id(0)], { shape })], { permutation });
  return c.b.add('reshape', [opened], { shape: [n!, depth, h! * block, w! * block] });
};

/** [N,C,H,W] → [N,C·b²,H/b,W/b] */
const spaceToDepth: Definition = (c) => {
  const [n, channels, h, w] = c.shape(0);
  const block = intOf(c.node, 'blocksize', 1);
  if (c.shape(0).length !== 4) refuse('no image');
  const shape = [n!, channels!, h! / block, block, w! / block, block];
  const opened = c.b.add('reshape', [c.id(0)], { shape });
  const moved = c.b.add('transpose', [opened], { permutation: [0, 3, 5, 1, 2, 4] });
  return c.b.add('reshape', [moved], { shape: [n!, channels! * block * block, h! / block, w! / block] });
};

/** [N,C,…] split by `axis` into the given extents; the channel shuffles' friend. */
const split: Definition = (c) => {
  const axis = axisOf(intOf(c.node, 'axis', 0), c.shape(0).length);
  const extent = c.shape(0)[axis]!;
  if (extent < 0) refuse('it splits the batch');
  const count = c.node.outputs.length;
  const parts = intsOf(c.node, 'split') ?? c.numbers(1) ?? evenParts(extent, count);
  let start = 0;
  return parts.map((part) => {
    const end = start + part;
    const id = c.b.add('slice', [c.id(0)], { axis, start, end, step: 1 });
    start = end;
    return id;
  });
};

function evenParts(extent: number, count: number): number[] {
  const part = Math.ceil(extent / count);
  return Array.from({ length: count }, (_, i) => Math.min(part, extent - i * part));
}

/** Pools and operators that change the resolution or cut it in parts. */
export const pooling: Readonly<Record<string, Definition>> = {
  MaxPool: maxPool,
  AveragePool: averagePool,
  Resize: resize,
  Upsample: resize,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Split: split,
};
