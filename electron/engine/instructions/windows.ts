import { movement } from './movement.ts';
import type { AttributesOf, InstructionName, Shape, Window } from './program.ts';
import { sizeOf } from './program.ts';
import { type Builder, int, ints, type Row, ShapeMismatch } from './row.ts';
import { everyStep, moved, positions, show, spatialPads, stridesOf, windowed } from './shapes.ts';

/** Below every activation, and finite: what max pooling sees outside the image. */
const lowest = -3e38;

function infer([x]: readonly Shape[], a: Window): Shape {
  if (x!.length !== a.kernel.length + 2)
    throw new ShapeMismatch(`pool of ${show(x!)} by ${a.kernel.join('×')}`);
  if (a.pads.some((p, i) => p < 0 || p >= a.kernel[i % a.kernel.length]!))
    throw new ShapeMismatch(`a window of ${a.kernel.join('×')} beyond the image`);
  return [x![0]!, x![1]!, ...windowed(x!.slice(2), a.kernel, a)];
}

/** Every window's elements; `f` receives them with the number of taps inside the image. */
function slide(
  x: { shape: readonly number[]; data: Float64Array },
  a: Window,
  shape: readonly number[],
  f: (taps: number[]) => number,
): Float64Array {
  const out = new Float64Array(shape.reduce((p, d) => p * d, 1));
  const strides = stridesOf(x.shape);
  const planes = shape[0]! * shape[1]!;
  const places = positions(shape.slice(2));
  const taps = positions(a.kernel);
  for (let plane = 0; plane < planes; plane++)
    places.forEach((at, n) => {
      const inside: number[] = [];
      for (const tap of taps) {
        const from = at.map((v, i) => v * a.strides[i]! + tap[i]! - a.pads[i]!);
        if (from.some((v, i) => v < 0 || v >= x.shape[i + 2]!)) continue;
        inside.push(x.data[plane * strides[1]! + from.reduce((sum, v, i) => sum + v * strides[i + 2]!, 0)]!);
      }
      out[plane * places.length + n] = f(inside);
    });
  return out;
}

const tiles = (x: Shape, a: Window): boolean =>
  a.pads.every((p) => p === 0) && a.kernel.every((k, i) => k === a.strides[i] && x[i + 2]! % k === 0);

/** For each tap of the window: the input seen at that tap, and how a gradient there flows back to the input. */
function tapsOf(b: Builder, x: number, a: Window, small: Shape): { part: number; back(g: number): number }[] {
  const padded = a.pads.some((p) => p !== 0)
    ? b.add('pad', [x], { ...spatialPads(a.pads), value: lowest })
    : x;
  return positions(a.kernel).map((tap) => {
    const steps: { input: number; attributes: AttributesOf['slice'] }[] = [];
    const part = tap.reduce((id, start, i) => {
      const attributes = everyStep(i + 2, start, small[i + 2]!, a.strides[i]!);
      steps.push({ input: id, attributes });
      return b.add('slice', [id], attributes);
    }, padded);
    const back = (g: number): number => {
      const raw = steps.reduceRight((grad, { input, attributes }) => {
        return movement.slice.gradient(b, { inputs: [input], output: -1, attributes }, grad)[0]!;
      }, g);
      if (padded === x) return raw;
      return movement.pad.gradient(
        b,
        { inputs: [x], output: -1, attributes: { ...spatialPads(a.pads), value: 0 } },
        raw,
      )[0]!;
    };
    return { part, back };
  });
}

/** How many taps each average is over: [1,1,H',W'] row-major. */
function tapCounts(x: Shape, small: Shape, a: Window & { countIncludePad: boolean }): number[] {
  return positions(small.slice(2) as number[]).map((at) => {
    if (a.countIncludePad) return a.kernel.reduce((p, k) => p * k, 1);
    return at.reduce((count, v, i) => {
      const start = v * a.strides[i]! - a.pads[i]!;
      return count * (Math.min(start + a.kernel[i]!, x[i + 2]!) - Math.max(start, 0));
    }, 1);
  });
}

const attributesOf = (a: Window) => ({
  kernel_shape: ints(a.kernel),
  strides: ints(a.strides),
  pads: ints(a.pads),
});

/** Rows of the pooling windows. */
export const windows = {
  /** Where several taps share the maximum, each receives the whole gradient. */
  maxPool: {
    arity: 1,
    infer,
    evaluate: ([x], a, shape) => slide(x!, a, shape, (taps) => Math.max(...taps)),
    gradient: (b, { inputs, output, attributes }, g) => {
      const x = inputs[0]!;
      if (tiles(b.shape(x), attributes)) {
        const factors = attributes.kernel;
        const mask = b.add('equal', [x, b.add('resize', [output], { factors })], {});
        return [b.add('mul', [mask, b.add('resize', [g], { factors })], {})];
      }
      const parts = tapsOf(b, x, attributes, b.shape(output)).map(({ part, back }) =>
        back(b.add('mul', [b.add('equal', [part, output], {}), g], {})),
      );
      return [parts.reduce((sum, part) => b.add('add', [sum, part], {}))];
    },
    lower: (e, inputs, a, _s, output) => void e.node('MaxPool', inputs, attributesOf(a), output),
    cost: (inputs, a, output) => moved(inputs, output, sizeOf(output) * sizeOf(a.kernel)),
  } satisfies Row<'maxPool'>,
  averagePool: {
    arity: 1,
    infer,
    evaluate: ([x], a, shape) => {
      const all = sizeOf(a.kernel);
      return slide(
        x!,
        a,
        shape,
        (taps) => taps.reduce((s, v) => s + v, 0) / (a.countIncludePad ? all : taps.length),
      );
    },
    gradient: (b, { inputs, output, attributes: a }, g) => {
      const x = b.shape(inputs[0]!);
      const small = b.shape(output);
      if (tiles(x, a)) {
        const share = b.add('mul', [g, b.constant(1 / sizeOf(a.kernel))], {});
        return [b.add('resize', [share], { factors: a.kernel })];
      }
      const values = tapCounts(x, small, a).map((count) => 1 / count);
      const weights = b.add('constant', [], { shape: [1, 1, ...small.slice(2)], values });
      const share = b.add('mul', [g, weights], {});
      const channels = x[1]!;
      const ones = b.constant(1, [channels, 1, ...a.kernel]);
      const outputPads = a.kernel.map((k, i) => {
        const n = a.kernel.length;
        return x[i + 2]! - ((small[i + 2]! - 1) * a.strides[i]! + k - a.pads[i]! - a.pads[i + n]!);
      });
      const { strides, pads } = a;
      return [
        b.add('convTranspose', [share, ones], {
          strides,
          pads,
          dilations: strides.map(() => 1),
          groups: channels,
          outputPads,
        }),
      ];
    },
    lower: (e, inputs, a, _s, output) =>
      void e.node(
        'AveragePool',
        inputs,
        { ...attributesOf(a), count_include_pad: int(a.countIncludePad ? 1 : 0) },
        output,
      ),
    cost: (inputs, a, output) => moved(inputs, output, sizeOf(output) * sizeOf(a.kernel)),
  } satisfies Row<'averagePool'>,
} satisfies { [K in InstructionName]?: Row<K> };
