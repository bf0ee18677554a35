import { convTransposeShape } from '../../instructions/shapes.ts';
import {
  type DefineContext,
  type Definition,
  floatAttribute,
  intAttribute,
  intsAttribute,
  textAttribute,
  Undefined,
} from '../context.ts';

/** Pads of a window as numbers, whatever way the node says them. */
export function padsOf(
  c: DefineContext,
  kernel: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
): number[] {
  const mode = textAttribute(c.node, 'auto_pad', 'NOTSET');
  const given = intsAttribute(c.node, 'pads');
  if (mode === 'NOTSET') return given ? [...given] : kernel.flatMap(() => [0, 0]);
  if (mode === 'VALID') return kernel.flatMap(() => [0, 0]);
  const spatial = c.shape(0).slice(2);
  const totals = kernel.map((k, i) => {
    const out = Math.ceil(spatial[i]! / strides[i]!);
    return Math.max(0, (out - 1) * strides[i]! + (k - 1) * dilations[i]! + 1 - spatial[i]!);
  });
  const less = totals.map((t) => Math.floor(t / 2));
  const more = totals.map((t) => Math.ceil(t / 2));
  return mode === 'SAME_UPPER' ? [...less, ...more] : [...more, ...less];
}

function geometry(c: DefineContext) {
  const kernel = c.shape(1).slice(2);
  const strides = intsAttribute(c.node, 'strides') ?? kernel.map(() => 1);
  const dilations = intsAttribute(c.node, 'dilations') ?? kernel.map(() => 1);
  return {
    strides,
    dilations,
    pads: padsOf(c, kernel, strides, dilations),
    groups: intAttribute(c.node, 'group', 1),
  };
}

/** y + bias [K] along axis 1. */
function plusBias(c: DefineContext, y: number): readonly number[] {
  if (!c.has(2)) return [y];
  const shape = c.b.shape(y).map((d, i) => (i === 1 ? d : 1));
  return [c.b.add('add', [y, c.b.add('reshape', [c.input(2)], { shape })], {})];
}

/** Operators that multiply by weights. */
export const linear: Readonly<Record<string, Definition>> = {
  Conv: (c) => plusBias(c, c.b.add('conv', [c.input(0), c.input(1)], geometry(c))),
  ConvTranspose: (c) => {
    if (intsAttribute(c.node, 'output_shape')) throw new Undefined('its output shape is given, not its pads');
    const a = {
      ...geometry(c),
      outputPads:
        intsAttribute(c.node, 'output_padding') ??
        c
          .shape(1)
          .slice(2)
          .map(() => 0),
    };
    convTransposeShape(c.shape(0), c.shape(1), a);
    return plusBias(c, c.b.add('convTranspose', [c.input(0), c.input(1)], a));
  },
  MatMul: (c) => {
    if (c.shape(0).length < 2 || c.shape(1).length < 2) throw new Undefined('it multiplies a vector');
    return [c.b.add('matmul', [c.input(0), c.input(1)], {})];
  },
  /** alpha · A' · B' + beta · C */
  Gemm: (c) => {
    const { b, node } = c;
    const flip = (id: number, name: string) =>
      intAttribute(node, name, 0) ? b.add('transpose', [id], { permutation: [1, 0] }) : id;
    const scaled = (id: number, name: string) => {
      const factor = floatAttribute(node, name, 1);
      return factor === 1 ? id : b.add('mul', [id, b.constant(factor)], {});
    };
    const product = scaled(
      b.add('matmul', [flip(c.input(0), 'transA'), flip(c.input(1), 'transB')], {}),
      'alpha',
    );
    return c.has(2) ? [b.add('add', [product, scaled(c.input(2), 'beta')], {})] : [product];
  },
};
