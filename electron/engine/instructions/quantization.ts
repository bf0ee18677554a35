import { byteRange, quantizeLinear } from '../onnx/quantize-linear.ts';
import type { InstructionName, Quantization, Shape } from './program.ts';
import { sizeOf } from './program.ts';
import { type Emitter, int, type Row, ShapeMismatch, type Values } from './row.ts';
import { moved, show, stridesOf } from './shapes.ts';

function infer([x]: readonly Shape[], { scales, zeroPoints, axis }: Quantization): Shape {
  const fits = scales.length === zeroPoints.length && (scales.length === 1 || scales.length === x![axis]);
  if (!fits || scales.some((s) => !(s > 0)))
    throw new ShapeMismatch(`quantization of ${show(x!)} by ${scales.length} scales`);
  return x!;
}

function each(
  x: Values,
  a: Quantization,
  f: (v: number, scale: number, zero: number) => number,
): Float64Array {
  const stride = stridesOf(x.shape)[a.axis] ?? 1;
  const extent = x.shape[a.axis] ?? 1;
  return x.data.map((v, n) => {
    const i = a.scales.length === 1 ? 0 : Math.floor(n / stride) % extent;
    return f(v, a.scales[i]!, a.zeroPoints[i]!);
  });
}

function emit(e: Emitter, type: string, input: string, a: Quantization, output: string): void {
  const perTensor = a.scales.length === 1;
  if (!perTensor && e.opset < 13) throw new Error(`Scales per axis need opset 13, not ${e.opset}`);
  const shape = perTensor ? [] : [a.scales.length];
  const operands = [input, e.floats(shape, a.scales), e.bytes(a.zeroPoints, shape, a.signed)];
  e.node(type, operands, perTensor ? {} : { axis: int(a.axis) }, output);
}

/** Rows of the 8-bit quantizers; the gradient passes straight through inside the range (Bengio et al., 2013). */
export const quantization = {
  quantize: {
    arity: 1,
    infer,
    evaluate: ([x], a) => each(x!, a, (v, scale, zero) => quantizeLinear(v, scale, zero, a.signed)),
    gradient: (b, { inputs, attributes: a }, g) => {
      const x = inputs[0]!;
      const [low, high] = byteRange(a.signed);
      const shape = b.shape(x).map((_, i) => (i === a.axis && a.scales.length > 1 ? a.scales.length : 1));
      const constant = (values: readonly number[]) => b.add('constant', [], { shape, values });
      const above = b.add(
        'greater',
        [x, constant(a.scales.map((s, i) => (low - a.zeroPoints[i]! - 0.5) * s))],
        {},
      );
      const below = b.add(
        'greater',
        [constant(a.scales.map((s, i) => (high - a.zeroPoints[i]! + 0.5) * s)), x],
        {},
      );
      const inside = b.add('mul', [above, below], {});
      return [b.add('mul', [b.add('mul', [g, inside], {}), constant(a.scales.map((s) => 1 / s))], {})];
    },
    lower: (e, inputs, a, _s, output) => emit(e, 'QuantizeLinear', inputs[0]!, a, output),
    cost: (inputs, _a, output) => moved(inputs, output, sizeOf(output)),
  } satisfies Row<'quantize'>,
  dequantize: {
    arity: 1,
    infer,
    evaluate: ([x], a) => each(x!, a, (v, scale, zero) => (v - zero) * scale),
    gradient: (b, { inputs, attributes: a }, g) => {
      const shape = b
        .shape(inputs[0]!)
        .map((_, i) => (i === a.axis && a.scales.length > 1 ? a.scales.length : 1));
      return [b.add('mul', [g, b.add('constant', [], { shape, values: a.scales })], {})];
    },
    lower: (e, inputs, a, _s, output) => emit(e, 'DequantizeLinear', inputs[0]!, a, output),
    cost: (inputs, _a, output) => moved(inputs, output, sizeOf(output)),
  } satisfies Row<'dequantize'>,
} satisfies { [K in InstructionName]?: Row<K> };
