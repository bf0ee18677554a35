import { inputGradient, usualForms, weightGradient } from './contraction-gradients.ts';
import { unbroadcast } from './elementwise.ts';
import { transposed } from './gradient-form.ts';
import type { Convolution, InstructionName, Shape } from './program.ts';
import { sizeOf } from './program.ts';
import { type Builder, type Emitter, int, ints, type Row, ShapeMismatch, type Values } from './row.ts';
import { broadcast, convShape, convTransposeShape, moved, positions, show, stridesOf } from './shapes.ts';

/** Visits every (large, small, weight) offset triple that a convolution multiplies. */
function visit(
  large: readonly number[],
  small: readonly number[],
  weight: readonly number[],
  a: Convolution,
  f: (large: number, small: number, weight: number) => void,
): void {
  const [n, c] = [large[0]!, large[1]!];
  const [k, perGroup] = [weight[0]!, weight[1]!];
  // Not the attribute's: there may be a group a sample and channel.
  const groups = c / perGroup;
  const spatial = large.slice(2);
  const [sl, ss, sw] = [stridesOf(large), stridesOf(small), stridesOf(weight)];
  const taps = positions(weight.slice(2));
  for (const at of positions(small.slice(2)))
    for (const tap of taps) {
      const from = at.map((v, i) => v * a.strides[i]! + tap[i]! * a.dilations[i]! - a.pads[i]!);
      if (from.some((v, i) => v < 0 || v >= spatial[i]!)) continue;
      const lo = from.reduce((sum, v, i) => sum + v * sl[i + 2]!, 0);
      const so = at.reduce((sum, v, i) => sum + v * ss[i + 2]!, 0);
      const wo = tap.reduce((sum, v, i) => sum + v * sw[i + 2]!, 0);
      for (let kernel = 0; kernel < k; kernel++) {
        const group = Math.floor(kernel / (k / groups));
        for (let j = 0; j < perGroup; j++)
          for (let i = 0; i < n; i++)
            f(
              i * c * sl[1]! + (group * perGroup + j) * sl[1]! + lo,
              i * k * ss[1]! + kernel * ss[1]! + so,
              kernel * sw[0]! + j * sw[1]! + wo,
            );
      }
    }
}

/** A convolution's attributes as ONNX wants them. A group a sample, −k groups, needs a bound batch: throws without. */
export function attributesOf(e: Emitter, a: Convolution, weight: Shape) {
  const [groups] = e.bind([a.groups]) as [number];
  if (groups < 1) throw new Error('Groups a sample need a bound batch');
  return {
    strides: ints(a.strides),
    dilations: ints(a.dilations),
    pads: ints(a.pads),
    group: int(groups),
    kernel_shape: ints(weight.slice(2)),
  };
}

/** Multiplies the last two axes, batching over the others. */
function multiply(x: Values, y: Values, shape: readonly number[]): Float64Array {
  const rank = shape.length;
  const [m, p] = [shape[rank - 2]!, shape[rank - 1]!];
  const inner = x.shape[x.shape.length - 1]!;
  const out = new Float64Array(shape.reduce((a, d) => a * d, 1));
  positions(shape.slice(0, -2)).forEach((at, n) => {
    const offset = (v: Values) => {
      const outer = v.shape.slice(0, -2);
      const strides = stridesOf(v.shape);
      return outer.reduce(
        (sum, d, i) => sum + (d === 1 ? 0 : at[i + at.length - outer.length]! * strides[i]!),
        0,
      );
    };
    const [xo, yo] = [offset(x), offset(y)];
    for (let i = 0; i < m; i++)
      for (let j = 0; j < p; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) sum += x.data[xo + i * inner + k]! * y.data[yo + k * p + j]!;
        out[n * m * p + i * p + j] = sum;
      }
  });
  return out;
}

/** [..., M, K] read as [(…·M), K]. */
function flattened(b: Builder, id: number): number {
  const shape = b.shape(id);
  if (shape.length === 2) return id;
  const rows = shape.slice(0, -1);
  const sign = rows.some((d) => d < 0) ? -1 : 1;
  return b.add('reshape', [id], { shape: [sign * sizeOf(rows), shape[shape.length - 1]!] });
}

/**
 * At stride 1 the adjoint is a convolution with the kernel turned around: the runtime runs it in 0.5 to 0.9 of
 * its ConvTranspose's time where depthwise, and in about the same to 0.8 where dense; null for the rest, where
 * inserted zeros or a regrouped kernel cost what they gain.
 */
function asConvolution(
  e: Emitter,
  inputs: readonly string[],
  a: Convolution & { readonly outputPads: readonly number[] },
  weight: Shape,
): { inputs: string[]; attributes: ReturnType<typeof attributesOf> } | null {
  const n = weight.length - 2;
  const depthwise = a.groups > 1 && a.groups === weight[0] && weight[1] === 1;
  if (e.opset < 10 || a.strides.some((s) => s !== 1) || (a.groups > 1 && !depthwise)) return null;
  const reach = a.dilations.map((d, i) => d * (weight[i + 2]! - 1));
  const pads = [
    ...reach.map((r, i) => r - a.pads[i]!),
    ...reach.map((r, i) => r - a.pads[i + n]! + a.outputPads[i]!),
  ];
  if (pads.some((p) => p < 0)) return null;
  const axes = reach.map((_, i) => i + 2);
  const isPoint = reach.every((r) => r === 0);
  const turned = isPoint
    ? inputs[1]!
    : e.node('Slice', [
        inputs[1]!,
        e.ints(axes.map(() => -1)),
        e.ints(axes.map(() => -1e6)),
        e.ints(axes),
        e.ints(axes.map(() => -1)),
      ]);
  const permutation = [1, 0, ...axes];
  const kernel = depthwise ? turned : e.node('Transpose', [turned], { perm: ints(permutation) });
  return {
    inputs: [inputs[0]!, kernel],
    attributes: attributesOf(e, { ...a, pads }, weight),
  };
}

/** Rows of the contractions. */
export const contractions = {
  matmul: {
    arity: 2,
    infer: ([x, y]) => {
      if (x!.length < 2 || y!.length < 2 || x![x!.length - 1] !== y![y!.length - 2])
        throw new ShapeMismatch(`matmul of ${show(x!)} with ${show(y!)}`);
      return [...broadcast(x!.slice(0, -2), y!.slice(0, -2)), x![x!.length - 2]!, y![y!.length - 1]!];
    },
    evaluate: ([x, y], _a, shape) => multiply(x!, y!, shape),
    gradient: (b, { inputs }, g) => {
      const [x, y] = [inputs[0]!, inputs[1]!];
      const gx = unbroadcast(b, b.add('matmul', [g, transposed(b, y)], {}), b.shape(x));
      // A plain matrix on the right: one large product instead of a batch that is summed afterwards.
      const gy =
        b.shape(y).length === 2
          ? b.add('matmul', [transposed(b, flattened(b, x)), flattened(b, g)], {})
          : unbroadcast(b, b.add('matmul', [transposed(b, x), g], {}), b.shape(y));
      return [gx, gy];
    },
    lower: (e, inputs, _a, _s, output) => void e.node('MatMul', inputs, {}, output),
    cost: (inputs, _a, output) => {
      const inner = inputs[0]![inputs[0]!.length - 1]!;
      return moved(inputs, output, sizeOf(output) * Math.abs(inner));
    },
  } satisfies Row<'matmul'>,
  conv: {
    arity: 2,
    infer: ([x, w], a) => convShape(x!, w!, a),
    evaluate: ([x, w], a, shape) => {
      const out = new Float64Array(shape.reduce((p, d) => p * d, 1));
      visit(x!.shape, shape, w!.shape, a, (i, o, k) => {
        out[o]! += x!.data[i]! * w!.data[k]!;
      });
      return out;
    },
    gradient: (b, { inputs, attributes }, g, forms = usualForms) => {
      const [x, w] = [inputs[0]!, inputs[1]!];
      return [
        inputGradient(b, g, w, b.shape(x), attributes, forms),
        weightGradient(b, x, g, b.shape(w), attributes, forms),
      ];
    },
    lower: (e, inputs, a, { inputs: shapes }, output) =>
      void e.node('Conv', inputs, attributesOf(e, a, shapes[1]!), output),
    cost: (inputs, _a, output) => moved(inputs, output, sizeOf(output) * sizeOf(inputs[1]!.slice(1))),
  } satisfies Row<'conv'>,
  convTranspose: {
    arity: 2,
    infer: ([x, w], a) => convTransposeShape(x!, w!, a),
    evaluate: ([x, w], a, shape) => {
      const out = new Float64Array(shape.reduce((p, d) => p * d, 1));
      visit(shape, x!.shape, w!.shape, a, (o, i, k) => {
        out[o]! += x!.data[i]! * w!.data[k]!;
      });
      return out;
    },
    gradient: (b, { inputs, attributes }, g, forms = usualForms) => {
      const [x, w] = [inputs[0]!, inputs[1]!];
      const { outputPads: _, ...convolution } = attributes;
      return [b.add('conv', [g, w], convolution), weightGradient(b, g, x, b.shape(w), convolution, forms)];
    },
    lower: (e, inputs, a, { inputs: shapes }, output) => {
      const flipped = asConvolution(e, inputs, a, shapes[1]!);
      if (flipped) {
        e.node('Conv', flipped.inputs, flipped.attributes, output);
        return;
      }
      const attributes = { ...attributesOf(e, a, shapes[1]!), output_padding: ints(a.outputPads) };
      e.node('ConvTranspose', inputs, attributes, output);
    },
    cost: (inputs, _a, output) => moved(inputs, output, sizeOf(inputs[0]!) * sizeOf(inputs[1]!.slice(1))),
  } satisfies Row<'convTranspose'>,
} satisfies { [K in InstructionName]?: Row<K> };
