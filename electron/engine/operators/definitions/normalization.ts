import {
  type DefineContext,
  type Definition,
  floatAttribute,
  fromFront,
  intAttribute,
  intsAttribute,
  intsFrom,
  Undefined,
} from '../context.ts';
import { padsOf } from './linear.ts';

function pool(c: DefineContext) {
  const kernel = intsAttribute(c.node, 'kernel_shape');
  if (!kernel) throw new Undefined('it has no kernel shape');
  const strides = intsAttribute(c.node, 'strides') ?? kernel.map(() => 1);
  const dilations = intsAttribute(c.node, 'dilations') ?? kernel.map(() => 1);
  if (dilations.some((d) => d !== 1)) throw new Undefined('its window is dilated');
  const pads = padsOf(c, kernel, strides, dilations);
  const spatial = c.shape(0).slice(2);
  const isUneven = spatial.some(
    (d, i) => (d + pads[i]! + pads[i + kernel.length]! - kernel[i]!) % strides[i]! !== 0,
  );
  if (intAttribute(c.node, 'ceil_mode', 0) === 1 && isUneven)
    throw new Undefined('it rounds its output size up');
  return { kernel, strides, pads };
}

const reduction =
  (op: 'sum' | 'mean' | 'reduceMax'): Definition =>
  (c) => {
    const rank = c.shape(0).length;
    const axes = (intsFrom(c, 'axes', 1) ?? Array.from({ length: rank }, (_, i) => i)).map((a) =>
      fromFront(a, rank),
    );
    return [c.b.add(op, [c.input(0)], { axes, keepDims: intAttribute(c.node, 'keepdims', 1) === 1 })];
  };

const overSpace =
  (op: 'mean' | 'reduceMax'): Definition =>
  (c) => {
    const axes = c
      .shape(0)
      .slice(2)
      .map((_, i) => i + 2);
    return [c.b.add(op, [c.input(0)], { axes, keepDims: true })];
  };

/** (x − mean) / √(variance + ε) over `axes`. */
function normalized(c: DefineContext, axes: readonly number[]): number {
  const { b } = c;
  const x = c.input(0);
  const centred = b.add('sub', [x, b.add('mean', [x], { axes, keepDims: true })], {});
  const variance = b.add('mean', [b.add('mul', [centred, centred], {})], { axes, keepDims: true });
  const raised = b.add('add', [variance, b.constant(floatAttribute(c.node, 'epsilon', 1e-5))], {});
  return b.add('div', [centred, b.add('sqrt', [raised], {})], {});
}

/** Scale and shift along axis 1, from operands of one value a channel. */
function perChannel(c: DefineContext, x: number, scale: number, shift: number): number {
  const shape = c.b.shape(x).map((d, i) => (i === 1 ? d : 1));
  const view = (id: number) => c.b.add('reshape', [id], { shape });
  return c.b.add('add', [c.b.add('mul', [x, view(scale)], {}), view(shift)], {});
}

/** Normalizations, pools and reductions. */
export const normalization: Readonly<Record<string, Definition>> = {
  /** (x − mean) / √(variance + ε) · scale + bias, with the statistics of training as constants. */
  BatchNormalization: (c) => {
    const [mean, variance] = [c.floats(3)?.data, c.floats(4)?.data];
    if (!mean || !variance || c.node.outputs.filter((o) => o !== '').length > 1)
      throw new Undefined('its statistics are not constant');
    const epsilon = floatAttribute(c.node, 'epsilon', 1e-5);
    const shape = c.shape(0).map((_, i) => (i === 1 ? mean.length : 1));
    const inverse = Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
    const offset = Array.from(mean, (m, i) => -m * inverse[i]!);
    const constant = (values: readonly number[]) => c.b.add('constant', [], { shape, values });
    const unit = c.b.add('add', [c.b.add('mul', [c.input(0), constant(inverse)], {}), constant(offset)], {});
    return [perChannel(c, unit, c.input(1), c.input(2))];
  },
  InstanceNormalization: (c) => {
    const axes = c
      .shape(0)
      .slice(2)
      .map((_, i) => i + 2);
    return [perChannel(c, normalized(c, axes), c.input(1), c.input(2))];
  },
  LayerNormalization: (c) => {
    const rank = c.shape(0).length;
    const first = fromFront(intAttribute(c.node, 'axis', -1), rank);
    const unit = normalized(
      c,
      Array.from({ length: rank - first }, (_, i) => first + i),
    );
    const scaled = c.b.add('mul', [unit, c.input(1)], {});
    return [c.has(2) ? c.b.add('add', [scaled, c.input(2)], {}) : scaled];
  },
  MaxPool: (c) => [c.b.add('maxPool', [c.input(0)], pool(c))],
  AveragePool: (c) => {
    const countIncludePad = intAttribute(c.node, 'count_include_pad', 0) === 1;
    return [c.b.add('averagePool', [c.input(0)], { ...pool(c), countIncludePad })];
  },
  GlobalAveragePool: overSpace('mean'),
  GlobalMaxPool: overSpace('reduceMax'),
  ReduceMean: reduction('mean'),
  ReduceSum: reduction('sum'),
  ReduceMax: reduction('reduceMax'),
};
