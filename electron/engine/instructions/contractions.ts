import { unbroadcast } from './elementwise.ts';
import type { Convolution, InstructionName, Shape } from './program.ts';
import { sizeOf } from './program.ts';
import { type Builder, type Emitter, int, ints, type Row, ShapeMismatch, type Values } from './row.ts';
import { broadcast, convShape, convTransposeShape, moved, show, stridesOf } from './shapes.ts';

/** All index tuples below `extents`, row-major. */
export function positions(extents: readonly number[]): number[][] {
  return extents.reduce<number[][]>(
    (all, extent) => all.flatMap((head) => Array.from({ length: extent }, (_, i) => [...head, i])),
    [[]],
  );
}

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
        const group = Math.floor(kernel / (k / a.groups));
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

/**
 * Gradient of a convolution's weight: for each kernel tap the product of `g` with the input shifted by that
 * tap. `x` [N,C,H,W] is the convolution's large side, `g` [N,K,H',W'] its small side → [K,C/groups,kH,kW].
 * Channels go first and the batch is folded into the points, so that each tap is one matrix product and
 * nothing has to be summed over the batch afterwards.
 */
export function weightGradient(b: Builder, x: number, g: number, weight: Shape, a: Convolution): number {
  const n = weight.length - 2;
  const [k, perGroup, ...kernel] = weight as number[];
  const small = b.shape(g).slice(2);
  const c = b.shape(x)[1]!;
  // With an open batch this is −k for k·N, like any dimension.
  const rowCount = sizeOf(small) * b.shape(g)[0]!;
  const none = [0, 0];
  const padded = a.pads.some((p) => p !== 0)
    ? b.add('pad', [x], {
        before: [...none, ...a.pads.slice(0, n)],
        after: [...none, ...a.pads.slice(n)],
        value: 0,
      })
    : x;
  const rows = (id: number, channels: number): number =>
    b.add('reshape', [id], { shape: [channels, rowCount] });
  // Last axis first: those slices are shared by all rows of the kernel, and what follows is whole blocks.
  const shifted = (from: number, tap: readonly number[]): number =>
    tap.reduceRight((id, t, i) => {
      const start = t * a.dilations[i]!;
      const end = start + (small[i]! - 1) * a.strides[i]! + 1;
      if (start === 0 && end === b.shape(id)[i + 2] && a.strides[i] === 1) return id;
      return b.add('slice', [id], { axis: i + 2, start, end, step: a.strides[i]! });
    }, from);
  const collect = (parts: readonly number[], shape: readonly number[]): number => {
    const columns = parts.map((id) => b.add('reshape', [id], { shape: [...shape, 1] }));
    return b.add('reshape', [stack(b, columns, shape.length)], { shape: weight });
  };
  if (a.groups === c && perGroup === 1 && k === c) {
    // Nothing is multiplied across channels, so they may stay where they are.
    const axes = b.shape(g).flatMap((_, i) => (i === 1 ? [] : [i]));
    const sums = positions(kernel).map((tap) =>
      b.add('sum', [b.add('mul', [shifted(padded, tap), g], {})], { axes, keepDims: false }),
    );
    return collect(sums, [k, 1]);
  }
  const xFirst = channelsFirst(b, padded);
  const gRows = rows(channelsFirst(b, g), k!);
  const taps = positions(kernel).map((tap) => rows(shifted(xFirst, tap), c));
  if (a.groups > 1) {
    const grouped = (id: number, channels: number): number =>
      b.add('reshape', [id], { shape: [a.groups, channels / a.groups, rowCount] });
    const products = taps.map((part) => {
      const right = b.add('transpose', [grouped(part, c)], { permutation: [0, 2, 1] });
      return b.add('matmul', [grouped(gRows, k!), right], {});
    });
    return collect(products, [k!, perGroup!]);
  }
  const product = (part: number): number =>
    b.add('matmul', [gRows, b.add('transpose', [part], { permutation: [1, 0] })], {});
  if (taps.length === 1 || c >= 8) return collect(taps.map(product), [k!, perGroup!]);
  // Few channels make thin products: all taps at once.
  const unfolded = b.add('reshape', [product(stack(b, taps, 0))], { shape: [k!, taps.length, c] });
  const ordered = b.add('transpose', [unfolded], { permutation: [0, 2, 1] });
  return b.add('reshape', [ordered], { shape: weight });
}

const channelsFirst = (b: Builder, id: number): number => {
  const permutation = b.shape(id).map((_, i) => (i < 2 ? 1 - i : i));
  return b.add('transpose', [id], { permutation });
};

const stack = (b: Builder, parts: readonly number[], axis: number): number =>
  parts.length === 1 ? parts[0]! : b.add('concat', parts, { axis });

/** Extra extent that makes `convTranspose` land on `wanted`. */
function outputPadsFor(small: Shape, weight: Shape, a: Convolution, wanted: Shape): number[] {
  const plain = convTransposeShape(small, weight, { ...a, outputPads: a.strides.map(() => 0) });
  return wanted.slice(2).map((d, i) => d - plain[i + 2]!);
}

const attributesOf = (a: Convolution) => ({
  strides: ints(a.strides),
  dilations: ints(a.dilations),
  pads: ints(a.pads),
  group: int(a.groups),
});

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

const transposed = (b: Builder, id: number): number => {
  const rank = b.shape(id).length;
  const permutation = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  return b.add('transpose', [id], { permutation });
};

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
  return { inputs: [inputs[0]!, kernel], attributes: attributesOf({ ...a, pads }) };
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
    gradient: (b, { inputs, attributes }, g) => {
      const [x, w] = [inputs[0]!, inputs[1]!];
      const outputPads = outputPadsFor(b.shape(g), b.shape(w), attributes, b.shape(x));
      return [
        b.add('convTranspose', [g, w], { ...attributes, outputPads }),
        weightGradient(b, x, g, b.shape(w), attributes),
      ];
    },
    lower: (e, inputs, a, { inputs: shapes }, output) =>
      void e.node('Conv', inputs, { ...attributesOf(a), kernel_shape: ints(shapes[1]!.slice(2)) }, output),
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
    gradient: (b, { inputs, attributes }, g) => {
      const [x, w] = [inputs[0]!, inputs[1]!];
      const { outputPads: _, ...convolution } = attributes;
      return [b.add('conv', [g, w], convolution), weightGradient(b, g, x, b.shape(w), convolution)];
    },
    lower: (e, inputs, a, { inputs: shapes }, output) => {
      const flipped = asConvolution(e, inputs, a, shapes[1]!);
      if (flipped) {
        e.node('Conv', flipped.inputs, flipped.attributes, output);
        return;
      }
      const attributes = {
        ...attributesOf(a),
        output_padding: ints(a.outputPads),
        kernel_shape: ints(shapes[1]!.slice(2)),
      };
      e.node('ConvTranspose', inputs, attributes, output);
    },
    cost: (inputs, _a, output) => moved(inputs, output, sizeOf(inputs[0]!) * sizeOf(inputs[1]!.slice(1))),
  } satisfies Row<'convTranspose'>,
} satisfies { [K in InstructionName]?: Row<K> };
