import type { Shape } from '../../instructions/program.ts';
import { floatOf, intOf, intsOf, textOf } from '../attributes.ts';
import { type Definition, type OperatorContext, refuse } from '../context.ts';
import { windowPads } from './window-pads.ts';

/** Strides, dilations and groups, and the spatial rank they are for. */
function convolutionOf(c: OperatorContext, weight: Shape) {
  const rank = weight.length - 2;
  if (rank !== 1 && rank !== 2) refuse(`a convolution over ${rank} spatial axes`);
  const ones = new Array<number>(rank).fill(1);
  return {
    strides: intsOf(c.node, 'strides') ?? ones,
    dilations: intsOf(c.node, 'dilations') ?? ones,
    groups: intOf(c.node, 'group', 1),
  };
}

/** Adds the bias [K], reshaped so that it broadcasts over the spatial axes. */
function withBias(c: OperatorContext, product: number): number {
  if (!c.has(2)) return product;
  return c.b.add('add', [product, c.perChannel(c.id(2), c.b.shape(product).length)], {});
}

const conv: Definition = (c) => {
  const weight = c.shape(1);
  const a = convolutionOf(c, weight);
  const pads = windowPads(c, c.shape(0).slice(2), weight.slice(2), a.strides, a.dilations);
  return withBias(c, c.b.add('conv', [c.id(0), c.id(1)], { ...a, pads }));
};

const convTranspose: Definition = (c) => {
  const a = convolutionOf(c, c.shape(1));
  const autoPad = textOf(c.node, 'auto_pad', 'NOTSET');
  if (intsOf(c.node, 'output_shape') || autoPad.startsWith('SAME'))
    refuse('a transposed convolution with pads that follow from its output shape');
  const zeros = a.strides.map(() => 0);
  const pads = autoPad === 'VALID' ? undefined : intsOf(c.node, 'pads');
  const attributes = {
    ...a,
    pads: pads ?? [...zeros, ...zeros],
    outputPads: intsOf(c.node, 'output_padding') ?? zeros,
  };
  return withBias(c, c.b.add('convTranspose', [c.id(0), c.id(1)], attributes));
};

function scaled(c: OperatorContext, id: number, factor: number): number {
  return factor === 1 ? id : c.b.add('mul', [id, c.b.constant(factor)], {});
}

function matrix(c: OperatorContext, index: number, isTransposed: boolean): number {
  if (c.shape(index).length !== 2) refuse('a Gemm of no matrices');
  return isTransposed ? c.b.add('transpose', [c.id(index)], { permutation: [1, 0] }) : c.id(index);
}

/** α·A·B + β·C, A and B transposed where the attributes say so. */
const gemm: Definition = (c) => {
  const x = matrix(c, 0, intOf(c.node, 'transA', 0) === 1);
  const y = matrix(c, 1, intOf(c.node, 'transB', 0) === 1);
  const product = scaled(c, c.b.add('matmul', [x, y], {}), floatOf(c.node, 'alpha', 1));
  if (!c.has(2)) return product;
  return c.b.add('add', [product, scaled(c, c.id(2), floatOf(c.node, 'beta', 1))], {});
};

const matMul: Definition = (c) => {
  if (c.shape(0).length < 2 || c.shape(1).length < 2) refuse('a product with a vector');
  return c.b.add('matmul', [c.id(0), c.id(1)], {});
};

/** Operators that multiply with a weight. */
export const linear: Readonly<Record<string, Definition>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  Gemm: gemm,
  MatMul: matMul,
};
