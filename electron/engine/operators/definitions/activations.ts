import { axisOf } from '../../instructions/shapes.ts';
import { floatOf, intOf, textOf } from '../attributes.ts';
import { type Definition, type OperatorContext, refuse } from '../context.ts';

/** Largest float32: what an open side of Clip means. */
const largest = 3.4028234663852886e38;

/** Shorthands over the operand x. */
function shorthands(c: OperatorContext) {
  const { b } = c;
  return {
    x: c.id(0),
    scalar: (value: number) => b.constant(value),
    add: (p: number, q: number) => b.add('add', [p, q], {}),
    sub: (p: number, q: number) => b.add('sub', [p, q], {}),
    mul: (p: number, q: number) => b.add('mul', [p, q], {}),
    div: (p: number, q: number) => b.add('div', [p, q], {}),
    exp: (p: number) => b.add('exp', [p], {}),
    log: (p: number) => b.add('log', [p], {}),
    relu: (p: number) => b.add('relu', [p], {}),
    /** min(p, 0) */
    negative: (p: number) => b.add('min', [p, b.constant(0)], {}),
  };
}

/** max(x, α·x) for α ≤ 1, min above. */
const leakyRelu: Definition = (c) => {
  const { x, mul, scalar } = shorthands(c);
  const alpha = floatOf(c.node, 'alpha', 0.01);
  return c.b.add(alpha <= 1 ? 'max' : 'min', [x, mul(x, scalar(alpha))], {});
};

/** max(x, 0) + slope·min(x, 0) */
const pRelu: Definition = (c) => {
  const { x, add, mul, relu, negative } = shorthands(c);
  return add(relu(x), mul(negative(x), c.id(1)));
};

/** γ·(max(x, 0) + α·(e^(min(x, 0)/β) − 1)), which ELU, SELU and CELU are cases of. */
function exponential(c: OperatorContext, alpha: number, beta: number, gamma: number): number {
  const { x, add, sub, mul, div, exp, scalar, relu, negative } = shorthands(c);
  const below = beta === 1 ? negative(x) : div(negative(x), scalar(beta));
  const tail = sub(exp(below), scalar(1));
  const sum = add(relu(x), alpha === 1 ? tail : mul(tail, scalar(alpha)));
  return gamma === 1 ? sum : mul(sum, scalar(gamma));
}

const clip: Definition = (c) => {
  const isOld = c.opset < 11;
  const bound = (index: number, name: string, open: number): number => {
    const given = isOld ? floatOf(c.node, name, open) : (c.numbers(index)?.[0] ?? open);
    return Math.max(-largest, Math.min(largest, given));
  };
  const [min, max] = [bound(1, 'min', -largest), bound(2, 'max', largest)];
  if (min > max) refuse('its lower bound is above the upper');
  return min === 0 && max === largest
    ? c.b.add('relu', [c.id(0)], {})
    : c.b.add('clip', [c.id(0)], { min, max });
};

/** clip(α·x + β, 0, 1) */
function hardSigmoid(c: OperatorContext, alpha: number, beta: number): number {
  const { x, add, mul, scalar } = shorthands(c);
  return c.b.add('clip', [add(mul(x, scalar(alpha)), scalar(beta))], { min: 0, max: 1 });
}

/** log(1 + eˣ), written so that large x does not overflow: max(x, 0) + log(1 + e^−|x|). */
function softplus(c: OperatorContext): number {
  const { x, add, exp, log, relu, scalar } = shorthands(c);
  const size = c.b.add('abs', [x], {});
  return add(relu(x), log(add(scalar(1), exp(c.b.add('neg', [size], {})))));
}

/** ½·x·(1 + erf(x/√2)), or with tanh(√(2/π)·(x + 0.044715·x³)) in the place of erf. */
const gelu: Definition = (c) => {
  const { x, add, mul, scalar } = shorthands(c);
  const half = mul(x, scalar(0.5));
  if (textOf(c.node, 'approximate', 'none') === 'none') {
    const gate = c.b.add('erf', [mul(x, scalar(Math.SQRT1_2))], {});
    return mul(half, add(gate, scalar(1)));
  }
  const cubic = add(x, mul(scalar(0.044715), mul(x, mul(x, x))));
  const gate = c.b.add('tanh', [mul(cubic, scalar(Math.sqrt(2 / Math.PI)))], {});
  return mul(half, add(gate, scalar(1)));
};

/** Axes that a softmax runs over: up to opset 12 all from `axis` on, as if the tensor were flattened there. */
function softmaxAxes(c: OperatorContext): number[] {
  const rank = c.shape(0).length;
  const isFlattened = c.opset < 13;
  const axis = axisOf(intOf(c.node, 'axis', isFlattened ? 1 : -1), rank);
  const axes = isFlattened ? Array.from({ length: rank - axis }, (_, i) => axis + i) : [axis];
  if (axes.some((a) => c.shape(0)[a]! < 0)) refuse('it runs over the batch');
  return axes;
}

/** x − max x, and the exponentials' sum. */
function exponentials(c: OperatorContext) {
  const { x, sub, exp } = shorthands(c);
  const axes = softmaxAxes(c);
  const shifted = sub(x, c.b.add('reduceMax', [x], { axes, keepDims: true }));
  const powers = exp(shifted);
  return { shifted, powers, total: c.b.add('sum', [powers], { axes, keepDims: true }) };
}

const unary =
  (op: 'relu' | 'sigmoid' | 'tanh' | 'erf'): Definition =>
  (c) =>
    c.b.add(op, [c.id(0)], {});

/** Activations, softmax among them. */
export const activations: Readonly<Record<string, Definition>> = {
  Relu: unary('relu'),
  Sigmoid: unary('sigmoid'),
  Tanh: unary('tanh'),
  Erf: unary('erf'),
  LeakyRelu: leakyRelu,
  PRelu: pRelu,
  Elu: (c) => exponential(c, floatOf(c.node, 'alpha', 1), 1, 1),
  Selu: (c) =>
    exponential(
      c,
      floatOf(c.node, 'alpha', 1.6732632423543772),
      1,
      floatOf(c.node, 'gamma', 1.0507009873554805),
    ),
  Celu: (c) => exponential(c, floatOf(c.node, 'alpha', 1), floatOf(c.node, 'alpha', 1), 1),
  ThresholdedRelu: (c) => {
    const { x, mul, scalar } = shorthands(c);
    return mul(x, c.b.add('greater', [x, scalar(floatOf(c.node, 'alpha', 1))], {}));
  },
  Softsign: (c) => {
    const { x, add, div, scalar } = shorthands(c);
    return div(x, add(scalar(1), c.b.add('abs', [x], {})));
  },
  Clip: clip,
  HardSigmoid: (c) => hardSigmoid(c, floatOf(c.node, 'alpha', 0.2), floatOf(c.node, 'beta', 0.5)),
  HardSwish: (c) => c.b.add('mul', [c.id(0), hardSigmoid(c, 1 / 6, 0.5)], {}),
  Softplus: softplus,
  Mish: (c) => c.b.add('mul', [c.id(0), c.b.add('tanh', [softplus(c)], {})], {}),
  Gelu: gelu,
  Softmax: (c) => {
    const { powers, total } = exponentials(c);
    return c.b.add('div', [powers, total], {});
  },
  LogSoftmax: (c) => {
    const { shifted, total } = exponentials(c);
    return c.b.add('sub', [shifted, c.b.add('log', [total], {})], {});
  },
};
