import type { InstructionName, Shape } from './program.ts';
import { sizeOf } from './program.ts';
import { type Builder, type Emitter, float, int, type Row, type Values } from './row.ts';
import { broadcast, moved, sameShape, stridesOf } from './shapes.ts';

type Unary = 'neg' | 'abs' | 'exp' | 'log' | 'sqrt' | 'reciprocal' | 'tanh' | 'sigmoid' | 'erf' | 'relu';
type Binary = 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'pow' | 'equal' | 'greater';

/** Sums `g` back to `shape` after broadcasting. */
export function unbroadcast(b: Builder, g: number, shape: Shape): number {
  const from = b.shape(g);
  if (sameShape(from, shape)) return g;
  const lead = from.length - shape.length;
  const axes = from.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []));
  const summed = axes.length > 0 ? b.add('sum', [g], { axes, keepDims: true }) : g;
  return sameShape(b.shape(summed), shape) ? summed : b.add('reshape', [summed], { shape });
}

/** For every element of the result, the offset into an operand that broadcasts to it. */
function offsets(operand: readonly number[], result: readonly number[]): Int32Array {
  const total = result.reduce((a, d) => a * d, 1);
  const lead = result.length - operand.length;
  const own = stridesOf(operand);
  const strides = result.map((_, i) => (i < lead || operand[i - lead] === 1 ? 0 : own[i - lead]!));
  const out = new Int32Array(total);
  const index = new Array<number>(result.length).fill(0);
  let offset = 0;
  for (let n = 0; n < total; n++) {
    out[n] = offset;
    for (let axis = result.length - 1; axis >= 0; axis--) {
      offset += strides[axis]!;
      if (++index[axis]! < result[axis]!) break;
      offset -= strides[axis]! * result[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}

/** Applies `f` over broadcast operands. */
export function zip(
  inputs: readonly Values[],
  shape: readonly number[],
  f: (...x: number[]) => number,
): Float64Array {
  const maps = inputs.map((v) => offsets(v.shape, shape));
  const out = new Float64Array(shape.reduce((a, d) => a * d, 1));
  for (let n = 0; n < out.length; n++) out[n] = f(...inputs.map((v, i) => v.data[maps[i]![n]!]!));
  return out;
}

/** Error function, to about 1e-12: series near 0, continued fraction (Lentz) in the tails. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a < 2.5) {
    let term = a;
    let sum = a;
    for (let n = 1; n < 80; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * sum * (2 / Math.sqrt(Math.PI));
  }
  let fraction = 0;
  for (let n = 60; n >= 1; n--) fraction = n / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / ((a + fraction) * Math.sqrt(Math.PI)));
}

function unary<K extends Unary>(
  type: string,
  value: (x: number) => number,
  slope: (b: Builder, x: number, y: number, g: number) => number,
): Row<K> {
  return {
    arity: 1,
    infer: ([x]) => x!,
    evaluate: ([x]) => x!.data.map(value),
    gradient: (b, { inputs, output }, g) => [slope(b, inputs[0]!, output, g)],
    lower: (e, inputs, _a, _s, output) => void e.node(type, inputs, {}, output),
    cost: (inputs, _a, output) => moved(inputs, output, sizeOf(output)),
  };
}

function binary<K extends Binary>(
  value: (x: number, y: number) => number,
  slopes: (
    b: Builder,
    x: number,
    y: number,
    out: number,
    g: number,
  ) => readonly [number | null, number | null],
  lower: (e: Emitter, inputs: readonly string[], output: string) => void,
): Row<K> {
  return {
    arity: 2,
    infer: ([x, y]) => broadcast(x!, y!),
    evaluate: (inputs, _a, shape) => zip(inputs, shape, value),
    gradient: (b, { inputs, output }, g) => {
      const [x, y] = [inputs[0]!, inputs[1]!];
      const [gx, gy] = slopes(b, x, y, output, g);
      return [
        gx === null ? null : unbroadcast(b, gx, b.shape(x)),
        gy === null ? null : unbroadcast(b, gy, b.shape(y)),
      ];
    },
    lower: (e, inputs, _a, _s, output) => lower(e, inputs, output),
    cost: (inputs, _a, output) => moved(inputs, output, sizeOf(output)),
  };
}

/** So steep that a line through a bound is 0 on it and, past any float that matters, 1 beyond it; products are exact. */
const steep = 2 ** 100;
const isBound = (limit: number): boolean => Math.abs(limit) < 2 ** 27;

/**
 * 1 where y lies beyond `limit` (above it for side 1, below for −1), 0 where it lies on it, for y that never lies on
 * the other side. As clip(a·y + b, 0, 1) it is one HardSigmoid, where `greater` is a comparison and a cast.
 */
function beyond(b: Builder, y: number, limit: number, side: 1 | -1): number {
  const scaled = b.add('mul', [y, b.constant(side * steep)], {});
  const line = limit === 0 ? scaled : b.add('add', [scaled, b.constant(-side * limit * steep)], {});
  return b.add('clip', [line], { min: 0, max: 1 });
}

const plain = (type: string) => (e: Emitter, inputs: readonly string[], output: string) =>
  void e.node(type, inputs, {}, output);
const asFloat = (e: Emitter, truth: string, output?: string): string =>
  e.node('Cast', [truth], { to: int(1) }, output);
/** Below opset 11 Equal knows no floats: neither greater nor less says the same. */
const equality = (e: Emitter, inputs: readonly string[]): string =>
  e.opset >= 11
    ? e.node('Equal', inputs)
    : e.node('Not', [e.node('Or', [e.node('Greater', inputs), e.node('Less', inputs)])]);
const op =
  (b: Builder) =>
  (name: 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'greater' | 'equal', x: number, y: number): number =>
    b.add(name, [x, y], {});

/** Rows of the instructions that work element by element. */
export const elementwise = {
  add: binary<'add'>(
    (x, y) => x + y,
    (_b, _x, _y, _o, g) => [g, g],
    plain('Add'),
  ),
  sub: binary<'sub'>(
    (x, y) => x - y,
    (b, _x, _y, _o, g) => [g, b.add('neg', [g], {})],
    plain('Sub'),
  ),
  mul: binary<'mul'>(
    (x, y) => x * y,
    (b, x, y, _o, g) => [op(b)('mul', g, y), op(b)('mul', g, x)],
    plain('Mul'),
  ),
  div: binary<'div'>(
    (x, y) => x / y,
    (b, _x, y, out, g) => {
      const gx = op(b)('div', g, y);
      return [gx, b.add('neg', [op(b)('mul', gx, out)], {})];
    },
    plain('Div'),
  ),
  max: binary<'max'>(Math.max, (b, x, y, _o, g) => split(b, op(b)('greater', x, y), g), plain('Max')),
  min: binary<'min'>(Math.min, (b, x, y, _o, g) => split(b, op(b)('greater', y, x), g), plain('Min')),
  /** The exponent's gradient holds for a positive base only, as everywhere in the field. */
  pow: binary<'pow'>(
    Math.pow,
    (b, x, y, out, g) => {
      const lowered = op(b)('pow', x, op(b)('sub', y, b.constant(1)));
      const gx = op(b)('mul', g, op(b)('mul', y, lowered));
      return [gx, b.isConstant(y) ? null : op(b)('mul', op(b)('mul', g, out), b.add('log', [x], {}))];
    },
    plain('Pow'),
  ),
  equal: binary<'equal'>(
    (x, y) => (x === y ? 1 : 0),
    () => [null, null],
    (e, inputs, output) => void asFloat(e, equality(e, inputs), output),
  ),
  greater: binary<'greater'>(
    (x, y) => (x > y ? 1 : 0),
    () => [null, null],
    (e, inputs, output) => void asFloat(e, e.node('Greater', inputs), output),
  ),
  neg: unary<'neg'>(
    'Neg',
    (x) => -x,
    (b, _x, _y, g) => b.add('neg', [g], {}),
  ),
  abs: unary<'abs'>('Abs', Math.abs, (b, x, _y, g) => {
    const zero = b.constant(0);
    return op(b)('mul', g, op(b)('sub', op(b)('greater', x, zero), op(b)('greater', zero, x)));
  }),
  exp: unary<'exp'>('Exp', Math.exp, (b, _x, y, g) => op(b)('mul', g, y)),
  log: unary<'log'>('Log', Math.log, (b, x, _y, g) => op(b)('div', g, x)),
  sqrt: unary<'sqrt'>('Sqrt', Math.sqrt, (b, _x, y, g) => op(b)('div', op(b)('mul', g, b.constant(0.5)), y)),
  reciprocal: unary<'reciprocal'>(
    'Reciprocal',
    (x) => 1 / x,
    (b, _x, y, g) => b.add('neg', [op(b)('mul', g, op(b)('mul', y, y))], {}),
  ),
  tanh: unary<'tanh'>('Tanh', Math.tanh, (b, _x, y, g) =>
    op(b)('mul', g, op(b)('sub', b.constant(1), op(b)('mul', y, y))),
  ),
  sigmoid: unary<'sigmoid'>(
    'Sigmoid',
    (x) => 1 / (1 + Math.exp(-x)),
    (b, _x, y, g) => op(b)('mul', g, op(b)('mul', y, op(b)('sub', b.constant(1), y))),
  ),
  erf: unary<'erf'>('Erf', erf, (b, x, _y, g) => {
    const bell = b.add('exp', [b.add('neg', [op(b)('mul', x, x)], {})], {});
    return op(b)('mul', g, op(b)('mul', bell, b.constant(2 / Math.sqrt(Math.PI))));
  }),
  relu: unary<'relu'>(
    'Relu',
    (x) => Math.max(0, x),
    (b, _x, y, g) => op(b)('mul', g, beyond(b, y, 0, 1)),
  ),
  clip: {
    arity: 1,
    infer: ([x]) => x!,
    evaluate: ([x], { min, max }) => x!.data.map((v) => Math.min(max, Math.max(min, v))),
    gradient: (b, { output, attributes: { min, max } }, g) => {
      const above = isBound(min) ? op(b)('mul', g, beyond(b, output, min, 1)) : g;
      return [isBound(max) ? op(b)('mul', above, beyond(b, output, max, -1)) : above];
    },
    lower: (e, inputs, { min, max }, _s, output) => {
      if (e.opset >= 11) e.node('Clip', [...inputs, e.floats([], [min]), e.floats([], [max])], {}, output);
      else e.node('Clip', inputs, { min: float(min), max: float(max) }, output);
    },
    cost: (inputs, _a, output) => moved(inputs, output, sizeOf(output)),
  } satisfies Row<'clip'>,
  where: {
    arity: 3,
    infer: ([c, x, y]) => broadcast(c!, broadcast(x!, y!)),
    evaluate: (inputs, _a, shape) => zip(inputs, shape, (c, x, y) => (c !== 0 ? x! : y!)),
    gradient: (b, { inputs }, g) => {
      const [c, x, y] = [inputs[0]!, inputs[1]!, inputs[2]!];
      const zero = b.constant(0);
      return [
        null,
        unbroadcast(b, b.add('where', [c, g, zero], {}), b.shape(x)),
        unbroadcast(b, b.add('where', [c, zero, g], {}), b.shape(y)),
      ];
    },
    lower: (e, inputs, _a, _s, output) => {
      const [condition, x, y] = [e.node('Cast', [inputs[0]!], { to: int(9) }), inputs[1]!, inputs[2]!];
      if (e.opset >= 9) {
        e.node('Where', [condition, x, y], {}, output);
        return;
      }
      const taken = e.node('Mul', [asFloat(e, condition), x]);
      const left = e.node('Mul', [asFloat(e, e.node('Not', [condition])), y]);
      e.node('Add', [taken, left], {}, output);
    },
    cost: (inputs, _a, output) => moved(inputs, output, sizeOf(output)),
  } satisfies Row<'where'>,
} satisfies { [K in InstructionName]?: Row<K> };

function split(b: Builder, first: number, g: number): readonly [number, number] {
  const gx = op(b)('mul', g, first);
  return [gx, op(b)('sub', g, gx)];
}
