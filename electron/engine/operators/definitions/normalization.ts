import { axisOf } from '../../instructions/shapes.ts';
import { floatOf, intOf } from '../attributes.ts';
import { type Definition, type OperatorContext, refuse } from '../context.ts';

function singleOutput(c: OperatorContext): void {
  if (c.node.outputs.slice(1).some((name) => name !== '')) refuse('its outputs for training are used');
}

/**
 * y = s·x + (β − μ·s) with s = γ/√(σ² + ε): the statistics are constants, γ and β parameters. Only vectors are
 * touched before the one product and the one sum over x.
 */
const batchNormalization: Definition = (c) => {
  singleOutput(c);
  if (intOf(c.node, 'training_mode', 0) !== 0) refuse('it normalizes by the batch');
  if (intOf(c.node, 'spatial', 1) !== 1) refuse('statistics for each point');
  const rank = c.shape(0).length;
  if (rank < 2) refuse('no channel axis');
  const epsilon = floatOf(c.node, 'epsilon', 1e-5);
  const variance = c.floats(4);
  const shape = [variance.length];
  const inverse = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
  const mean = Float64Array.from(c.floats(3));
  const { b } = c;
  const scale = b.add('mul', [c.id(1), b.add('constant', [], { shape, values: inverse })], {});
  const moved = b.add('mul', [scale, b.add('constant', [], { shape, values: mean })], {});
  const shift = b.add('sub', [c.id(2), moved], {});
  const stretched = b.add('mul', [c.id(0), c.perChannel(scale, rank)], {});
  return b.add('add', [stretched, c.perChannel(shift, rank)], {});
};

/** (x − mean)/√(variance + ε) over the given axes. */
function normalized(c: OperatorContext, axes: readonly number[]): number {
  const { b } = c;
  const mean = b.add('mean', [c.id(0)], { axes, keepDims: true });
  const centred = b.add('sub', [c.id(0), mean], {});
  const variance = b.add('mean', [b.add('mul', [centred, centred], {})], { axes, keepDims: true });
  const epsilon = b.constant(floatOf(c.node, 'epsilon', 1e-5));
  return b.add('div', [centred, b.add('sqrt', [b.add('add', [variance, epsilon], {})], {})], {});
}

const layerNormalization: Definition = (c) => {
  singleOutput(c);
  const rank = c.shape(0).length;
  const first = axisOf(intOf(c.node, 'axis', -1), rank);
  const axes = Array.from({ length: rank - first }, (_, i) => first + i);
  if (axes.some((axis) => c.shape(0)[axis]! < 0)) refuse('it normalizes over the batch');
  const scaled = c.b.add('mul', [normalized(c, axes), c.id(1)], {});
  return c.has(2) ? c.b.add('add', [scaled, c.id(2)], {}) : scaled;
};

const instanceNormalization: Definition = (c) => {
  const rank = c.shape(0).length;
  if (rank < 3) refuse('no spatial axes');
  const axes = Array.from({ length: rank - 2 }, (_, i) => i + 2);
  const scaled = c.b.add('mul', [normalized(c, axes), c.perChannel(c.id(1), rank)], {});
  return c.b.add('add', [scaled, c.perChannel(c.id(2), rank)], {});
};

/** Operators that centre and scale. */
export const normalization: Readonly<Record<string, Definition>> = {
  BatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  InstanceNormalization: instanceNormalization,
};
