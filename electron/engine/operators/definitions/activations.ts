import {
  type DefineContext,
  type Definition,
  floatAttribute,
  fromFront,
  intAttribute,
  textAttribute,
  Undefined,
} from '../context.ts';

type Unary = 'relu' | 'sigmoid' | 'tanh' | 'erf' | 'exp' | 'log' | 'sqrt' | 'abs' | 'neg' | 'reciprocal';
type Binary = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max' | 'min';

const unary =
  (op: Unary): Definition =>
  (c) => [c.b.add(op, [c.input(0)], {})];

/** Two operands, or (Max, Min, Sum, Mean) any number in a row. */
const binary =
  (op: Binary): Definition =>
  (c) => [c.node.inputs.map((_, i) => c.input(i)).reduce((x, y) => c.b.add(op, [x, y], {}))];

const times = (c: DefineContext, x: number, factor: number): number =>
  c.b.add('mul', [x, c.b.constant(factor)], {});
const plus = (c: DefineContext, x: number, term: number): number =>
  c.b.add('add', [x, c.b.constant(term)], {});

/** Negative slope `a` (a number or a tensor): max(x, 0) + a · min(x, 0), without a branch: relu(x) − a · relu(−x). */
function leaky(c: DefineContext, slope: number): number {
  const { b } = c;
  const negative = b.add('relu', [b.add('neg', [c.input(0)], {})], {});
  return b.add('sub', [b.add('relu', [c.input(0)], {}), b.add('mul', [slope, negative], {})], {});
}

/** Softmax over `axes`, shifted by the maximum. */
function softmax(c: DefineContext, axes: readonly number[]): { shifted: number; total: number; exp: number } {
  const { b } = c;
  const x = c.input(0);
  const shifted = b.add('sub', [x, b.add('reduceMax', [x], { axes, keepDims: true })], {});
  const exp = b.add('exp', [shifted], {});
  return { shifted, exp, total: b.add('sum', [exp], { axes, keepDims: true }) };
}

/** From opset 13 one axis; before, everything from the axis on is one. */
function softmaxAxes(c: DefineContext): number[] {
  const rank = c.shape(0).length;
  if (c.opset >= 13) return [fromFront(intAttribute(c.node, 'axis', -1), rank)];
  const axis = fromFront(intAttribute(c.node, 'axis', 1), rank);
  return Array.from({ length: rank - axis }, (_, i) => axis + i);
}

function bound(c: DefineContext, index: number, name: string, missing: number): number {
  if (c.opset < 11) return floatAttribute(c.node, name, missing);
  if (!c.has(index)) return missing;
  const value = c.floats(index)?.data[0];
  if (value === undefined) throw new Undefined(`its ${name} is only known when it runs`);
  return value;
}

/** Elementwise operators and softmax. */
export const activations: Readonly<Record<string, Definition>> = {
  Relu: unary('relu'),
  Sigmoid: unary('sigmoid'),
  Tanh: unary('tanh'),
  Erf: unary('erf'),
  Exp: unary('exp'),
  Log: unary('log'),
  Sqrt: unary('sqrt'),
  Abs: unary('abs'),
  Neg: unary('neg'),
  Reciprocal: unary('reciprocal'),
  Add: binary('add'),
  Sub: binary('sub'),
  Mul: binary('mul'),
  Div: binary('div'),
  Pow: binary('pow'),
  Max: binary('max'),
  Min: binary('min'),
  Sum: binary('add'),
  LeakyRelu: (c) => [leaky(c, c.b.constant(floatAttribute(c.node, 'alpha', 0.01)))],
  PRelu: (c) => [leaky(c, c.input(1))],
  /** relu(x) + α · (exp(min(x, 0)) − 1) */
  Elu: (c) => {
    const { b } = c;
    const low = b.add('min', [c.input(0), b.constant(0)], {});
    const tail = times(c, plus(c, b.add('exp', [low], {}), -1), floatAttribute(c.node, 'alpha', 1));
    return [b.add('add', [b.add('relu', [c.input(0)], {}), tail], {})];
  },
  /** log(1 + exp x) = relu(x) + log(1 + exp(−|x|)) */
  Softplus: (c) => {
    const { b } = c;
    const tail = b.add('exp', [b.add('neg', [b.add('abs', [c.input(0)], {})], {})], {});
    return [b.add('add', [b.add('relu', [c.input(0)], {}), b.add('log', [plus(c, tail, 1)], {})], {})];
  },
  Clip: (c) => {
    const [min, max] = [bound(c, 1, 'min', -3.4e38), bound(c, 2, 'max', 3.4e38)];
    return [c.b.add('clip', [c.input(0)], { min, max })];
  },
  HardSigmoid: (c) => {
    const line = plus(
      c,
      times(c, c.input(0), floatAttribute(c.node, 'alpha', 0.2)),
      floatAttribute(c.node, 'beta', 0.5),
    );
    return [c.b.add('clip', [line], { min: 0, max: 1 })];
  },
  /** x · clip(x/6 + ½, 0, 1) */
  HardSwish: (c) => {
    const gate = c.b.add('clip', [plus(c, times(c, c.input(0), 1 / 6), 0.5)], { min: 0, max: 1 });
    return [c.b.add('mul', [c.input(0), gate], {})];
  },
  /** x/2 · (1 + erf(x/√2)), or its tanh approximation (Hendrycks & Gimpel, 2016). */
  Gelu: (c) => {
    const { b } = c;
    const x = c.input(0);
    const inner =
      textAttribute(c.node, 'approximate', 'none') === 'tanh'
        ? b.add(
            'tanh',
            [
              times(
                c,
                b.add('add', [x, times(c, b.add('mul', [x, b.add('mul', [x, x], {})], {}), 0.044715)], {}),
                Math.sqrt(2 / Math.PI),
              ),
            ],
            {},
          )
        : b.add('erf', [times(c, x, Math.SQRT1_2)], {});
    return [b.add('mul', [times(c, x, 0.5), plus(c, inner, 1)], {})];
  },
  Softmax: (c) => {
    const { exp, total } = softmax(c, softmaxAxes(c));
    return [c.b.add('div', [exp, total], {})];
  },
  LogSoftmax: (c) => {
    const { shifted, total } = softmax(c, softmaxAxes(c));
    return [c.b.add('sub', [shifted, c.b.add('log', [total], {})], {})];
  },
};
