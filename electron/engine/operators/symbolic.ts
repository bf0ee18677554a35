import type { Dimension, Shape } from '../instructions/program.ts';
import type { OnnxNode, Tensor } from '../onnx/model.ts';
import { integersOf } from '../onnx/movement.ts';
import { elementCount } from '../onnx/tensors.ts';
import { intOf, intsOf } from './attributes.ts';

/** A number that shape arithmetic makes: `fixed` + `perSample` · N. */
export interface Affine {
  readonly fixed: number;
  readonly perSample: number;
}

/** A small tensor of such numbers, row-major; `isFloat` tells how ONNX divides. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly Affine[];
  readonly isFloat: boolean;
}

/** Longer constants are data, not shape arithmetic. */
const mostNumbers = 1 << 16;
const mostFloats = 256;

/** A number that does not depend on the batch. */
export const fixed = (value: number): Affine => ({ fixed: value, perSample: 0 });

/** A dimension as a number. */
export const ofDimension = (d: Dimension): Affine => (d < 0 ? { fixed: 0, perSample: -d } : fixed(d));

/** The number as a dimension; null where it is none (mixed, zero or negative). */
export function toDimension({ fixed: constant, perSample }: Affine): Dimension | null {
  if (perSample === 0) return constant > 0 ? constant : null;
  return constant === 0 && perSample > 0 ? -perSample : null;
}

/** A constant tensor as numbers; null for long ones and for types that shapes are not made of. */
export function toNumbers(tensor: Tensor): Numbers | null {
  const { shape } = tensor;
  if (elementCount(shape) > (tensor.type === 'float32' ? mostFloats : mostNumbers)) return null;
  if (tensor.type === 'float32') return { shape, values: Array.from(tensor.data, fixed), isFloat: true };
  if (tensor.type === 'bool') return { shape, values: Array.from(tensor.data, fixed), isFloat: false };
  const values = integersOf(tensor);
  return values && { shape, values: values.map(fixed), isFloat: false };
}

/**
 * Evaluates an operator of shape arithmetic whose inputs are all numbers; null where it is none, or where the
 * result cannot be told before the batch size is known.
 */
export function evaluateNumbers(node: OnnxNode, inputs: readonly (Numbers | undefined)[]): Numbers | null {
  const rule = node.domain === '' ? rules[node.type] : undefined;
  const [first] = inputs;
  return rule && first ? rule(node, first, inputs) : null;
}

/** The result of a Shape operator. */
export function shapeNumbers(node: OnnxNode, shape: Shape): Numbers {
  const part = shape.slice(intOf(node, 'start', 0), intOf(node, 'end', shape.length));
  return vector(part.map(ofDimension));
}

const vector = (values: readonly Affine[], isFloat = false): Numbers => ({
  shape: [values.length],
  values,
  isFloat,
});

type Rule = (node: OnnxNode, first: Numbers, inputs: readonly (Numbers | undefined)[]) => Numbers | null;

const rules: Readonly<Record<string, Rule>> = {
  Identity: (_, x) => x,
  Cast: (node, x) => {
    const isFloat = intOf(node, 'to', 1) === 1;
    if (isFloat || !x.isFloat) return { ...x, isFloat };
    return mapped(x, ({ fixed: value }) => Math.trunc(value), false);
  },
  Unsqueeze: (node, x, inputs) => {
    const axes = axesOf(node, inputs[1]);
    if (!axes) return null;
    const rank = x.shape.length + axes.length;
    const shape = [...x.shape];
    for (const axis of axes.map((a) => (a < 0 ? a + rank : a)).sort((a, b) => a - b))
      shape.splice(axis, 0, 1);
    return { ...x, shape };
  },
  Squeeze: (_, x) => ({ ...x, shape: x.shape.filter((d) => d !== 1) }),
  Reshape: (_, x, inputs) => {
    const wanted = inputs[1]?.values.map((v) => v.fixed);
    if (!wanted || wanted.includes(0)) return null;
    const rest = wanted.reduce((p, d) => (d < 0 ? p : p * d), 1);
    return { ...x, shape: wanted.map((d) => (d < 0 ? x.values.length / rest : d)) };
  },
  Gather: (_, x, inputs) => {
    const indices = inputs[1];
    if (!indices || x.shape.length !== 1) return null;
    const values = indices.values.map(({ fixed: i }) => x.values[i < 0 ? i + x.values.length : i]);
    return values.every((v) => v !== undefined) ? { shape: indices.shape, values, isFloat: x.isFloat } : null;
  },
  Slice: (node, x, inputs) => {
    const start = (intsOf(node, 'starts') ?? inputs[1]?.values.map((v) => v.fixed))?.[0];
    const end = (intsOf(node, 'ends') ?? inputs[2]?.values.map((v) => v.fixed))?.[0];
    const step = inputs[4]?.values[0]?.fixed ?? 1;
    if (x.shape.length !== 1 || start === undefined || end === undefined || step !== 1) return null;
    return vector(x.values.slice(start, end), x.isFloat);
  },
  Concat: (_, x, inputs) => {
    if (inputs.some((part) => part?.shape.length !== 1)) return null;
    return vector(
      inputs.flatMap((part) => part?.values ?? []),
      x.isFloat,
    );
  },
  Range: (_, start, inputs) => {
    const [a, b, step] = [start, inputs[1], inputs[2]].map((n) => n?.values[0]);
    if (!a || !b || !step || [a, b, step].some((v) => v.perSample !== 0) || step.fixed === 0) return null;
    const count = Math.max(0, Math.ceil((b.fixed - a.fixed) / step.fixed));
    if (count > mostNumbers) return null;
    return vector(
      Array.from({ length: count }, (_v, i) => fixed(a.fixed + i * step.fixed)),
      start.isFloat,
    );
  },
  ConstantOfShape: (node, x) => {
    const dims = x.values.map((v) => v.fixed);
    const value = node.attributes.value;
    // A float one is data: its definition makes it.
    if (value?.kind !== 'tensor' || value.value.type === 'float32') return null;
    const content = integersOf(value.value)?.[0];
    const count = elementCount(dims);
    if (content === undefined || x.values.some((v) => v.perSample !== 0) || count > mostNumbers) return null;
    return { shape: dims, values: new Array(count).fill(fixed(content)), isFloat: false };
  },
  ReduceProd: (_, x) => {
    const product = x.values.reduce<Affine | null>((p, v) => p && multiply(p, v), fixed(1));
    return product && { shape: [], values: [product], isFloat: x.isFloat };
  },
  Add: (_, x, [, y]) =>
    zipped(x, y, (a, b) => ({ fixed: a.fixed + b.fixed, perSample: a.perSample + b.perSample })),
  Sub: (_, x, [, y]) =>
    zipped(x, y, (a, b) => ({ fixed: a.fixed - b.fixed, perSample: a.perSample - b.perSample })),
  Mul: (_, x, [, y]) => zipped(x, y, multiply),
  Div: (_, x, [, y]) => zipped(x, y, (a, b) => divide(a, b, x.isFloat)),
  Pow: (_, x, [, y]) => zipped(x, y, whenFixed(Math.pow)),
  Min: (_, x, [, y]) => zipped(x, y, whenFixed(Math.min)),
  Max: (_, x, [, y]) => zipped(x, y, whenFixed(Math.max)),
  Equal: (_, x, [, y]) =>
    // A number that depends on N equals none that does not, but for one batch size.
    zipped(x, y, (a, b) => fixed(a.fixed === b.fixed && a.perSample === b.perSample ? 1 : 0)),
  Where: (_, c, [, x, y]) => {
    const size = Math.max(c.values.length, x?.values.length ?? 0, y?.values.length ?? 0);
    if (!x || !y || [c, x, y].some((n) => n.values.length !== size && n.values.length !== 1)) return null;
    const at = (n: Numbers, i: number): Affine => n.values[n.values.length === 1 ? 0 : i] ?? fixed(0);
    const values = Array.from({ length: size }, (_v, i) => at(at(c, i).fixed !== 0 ? x : y, i));
    const shape = [c, x, y].find((n) => n.values.length === size)?.shape ?? [];
    return { shape, values, isFloat: x.isFloat };
  },
  Neg: (_, x) => ({
    ...x,
    values: x.values.map((v) => ({ fixed: 0 - v.fixed, perSample: 0 - v.perSample })),
  }),
  Sqrt: (_, x) => mapped(x, (v) => Math.sqrt(v.fixed)),
  Reciprocal: (_, x) => mapped(x, (v) => 1 / v.fixed),
  Floor: (_, x) => mapped(x, (v) => Math.floor(v.fixed)),
  Ceil: (_, x) => mapped(x, (v) => Math.ceil(v.fixed)),
};

function axesOf(node: OnnxNode, input: Numbers | undefined): readonly number[] | undefined {
  return intsOf(node, 'axes') ?? input?.values.map((v) => v.fixed);
}

/** Applies `f` to numbers that do not depend on the batch; whole multiples of N pass a rounding as they are. */
function mapped(x: Numbers, f: (v: Affine) => number, isFloat = x.isFloat): Numbers | null {
  if (x.values.some((v) => v.perSample !== 0)) return null;
  return { shape: x.shape, values: x.values.map((v) => fixed(f(v))), isFloat };
}

function zipped(
  x: Numbers,
  y: Numbers | undefined,
  f: (a: Affine, b: Affine) => Affine | null,
): Numbers | null {
  if (!y) return null;
  const size = Math.max(x.values.length, y.values.length);
  if ([x, y].some((n) => n.values.length !== size && n.values.length !== 1)) return null;
  const values: Affine[] = [];
  for (let i = 0; i < size; i++) {
    const a = x.values[x.values.length === 1 ? 0 : i];
    const b = y.values[y.values.length === 1 ? 0 : i];
    const value = a && b ? f(a, b) : null;
    if (!value) return null;
    values.push(value);
  }
  const shape = x.values.length === size && x.shape.length >= y.shape.length ? x.shape : y.shape;
  return { shape, values, isFloat: x.isFloat };
}

function multiply(a: Affine, b: Affine): Affine | null {
  if (a.perSample !== 0 && b.perSample !== 0) return null;
  const [constant, other] = a.perSample === 0 ? [a.fixed, b] : [b.fixed, a];
  return { fixed: constant * other.fixed, perSample: constant * other.perSample };
}

function divide(a: Affine, b: Affine, isFloat: boolean): Affine | null {
  if (b.perSample !== 0 || b.fixed === 0) {
    // kN / N is k at every batch size.
    const isMultiple = b.fixed === 0 && a.fixed === 0 && b.perSample !== 0 && a.perSample % b.perSample === 0;
    return isMultiple ? fixed(a.perSample / b.perSample) : null;
  }
  if (isFloat) return { fixed: a.fixed / b.fixed, perSample: a.perSample / b.fixed };
  if (a.perSample === 0) return fixed(Math.trunc(a.fixed / b.fixed));
  const isWhole = a.fixed % b.fixed === 0 && a.perSample % b.fixed === 0;
  return isWhole ? { fixed: a.fixed / b.fixed, perSample: a.perSample / b.fixed } : null;
}

const whenFixed =
  (f: (a: number, b: number) => number) =>
  (a: Affine, b: Affine): Affine | null =>
    a.perSample === 0 && b.perSample === 0 ? fixed(f(a.fixed, b.fixed)) : null;
