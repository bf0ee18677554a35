import { sizeOf } from '../../instructions/program.ts';
import { intOf } from '../attributes.ts';
import { type Definition, type OperatorContext, refuse } from '../context.ts';

type Binary = 'add' | 'sub' | 'mul' | 'div' | 'pow' | 'max' | 'min';
type Unary = 'neg' | 'abs' | 'exp' | 'log' | 'sqrt' | 'reciprocal';

const binary =
  (op: Binary): Definition =>
  (c) =>
    c.b.add(op, [c.id(0), c.id(1)], {});

const unary =
  (op: Unary): Definition =>
  (c) =>
    c.b.add(op, [c.id(0)], {});

/** The operands folded from the left. */
const folded = (op: 'add' | 'max' | 'min', c: OperatorContext): number =>
  c.ids().reduce((x, y) => c.b.add(op, [x, y], {}));

/** Axes and whether they stay; the attribute moved to an input, for the sum in opset 13, for the rest in 18. */
function reduction(c: OperatorContext, isSum = false) {
  const shape = c.shape(0);
  const given = c.opset >= (isSum ? 13 : 18) ? c.axes(shape.length, 1) : c.axes(shape.length, -1);
  const isEmpty = given === undefined || given.length === 0;
  const keepDims = intOf(c.node, 'keepdims', 1) !== 0;
  if (isEmpty && intOf(c.node, 'noop_with_empty_axes', 0) !== 0) return { axes: [], keepDims };
  const axes = isEmpty ? shape.map((_, axis) => axis) : given;
  if (axes.some((axis) => shape[axis]! < 0)) refuse('it runs over the batch');
  return { axes, keepDims };
}

const reduce =
  (op: 'sum' | 'mean' | 'reduceMax'): Definition =>
  (c) => {
    const r = reduction(c, op === 'sum');
    return r.axes.length === 0 ? c.id(0) : c.b.add(op, [c.id(0)], r);
  };

const squares = (c: OperatorContext): number => {
  const squared = c.b.add('mul', [c.id(0), c.id(0)], {});
  return c.b.add('sum', [squared], reduction(c));
};

/** Inference: the values pass. A mask is no output of inference. */
const dropout: Definition = (c) => {
  if ((c.node.outputs[1] ?? '') !== '') refuse('its mask is used');
  if (c.has(2) && c.numbers(2)?.[0] !== 0) refuse('it drops values');
  return c.id(0);
};

const floatTypes = new Set([1]);

const cast: Definition = (c) => {
  if (!floatTypes.has(intOf(c.node, 'to', 0))) refuse('it leaves float32');
  return c.id(0);
};

/** A float tensor of one value; its shape may hold the batch. */
const constantOfShape: Definition = (c) => {
  const shape = c.affines(0)?.map(({ fixed, perSample }) => {
    if (perSample === 0 && fixed > 0) return fixed;
    return fixed === 0 && perSample > 0 ? -perSample : refuse('its shape is empty or unknown');
  });
  const value = c.node.attributes.value;
  if (value && (value.kind !== 'tensor' || value.value.type !== 'float32')) refuse('it is no float tensor');
  const content = value?.kind === 'tensor' && value.value.type === 'float32' ? (value.value.data[0] ?? 0) : 0;
  return c.b.constant(content, shape ?? refuse('it has no shape'));
};

/** 1 where the first operand is greater or equal. */
const greaterOrEqual = (c: OperatorContext, x: number, y: number): number =>
  c.b.add('sub', [c.b.constant(1), c.b.add('greater', [y, x], {})], {});

/** Elementwise arithmetic, reductions, and operators that hand a value on. */
export const arithmetic: Readonly<Record<string, Definition>> = {
  Add: binary('add'),
  Sub: binary('sub'),
  Mul: binary('mul'),
  Div: binary('div'),
  Pow: binary('pow'),
  Max: (c) => folded('max', c),
  Min: (c) => folded('min', c),
  Sum: (c) => folded('add', c),
  Mean: (c) => c.b.add('mul', [folded('add', c), c.b.constant(1 / c.node.inputs.length)], {}),
  Neg: unary('neg'),
  Abs: unary('abs'),
  Exp: unary('exp'),
  Log: unary('log'),
  Sqrt: unary('sqrt'),
  Reciprocal: unary('reciprocal'),
  Greater: (c) => c.b.add('greater', [c.id(0), c.id(1)], {}),
  Less: (c) => c.b.add('greater', [c.id(1), c.id(0)], {}),
  GreaterOrEqual: (c) => greaterOrEqual(c, c.id(0), c.id(1)),
  LessOrEqual: (c) => greaterOrEqual(c, c.id(1), c.id(0)),
  Equal: (c) => c.b.add('equal', [c.id(0), c.id(1)], {}),
  Where: (c) => c.b.add('where', [c.id(0), c.id(1), c.id(2)], {}),
  ReduceMean: reduce('mean'),
  ReduceSum: reduce('sum'),
  ReduceMax: reduce('reduceMax'),
  ReduceMin: (c) => {
    const opposite = c.b.add('reduceMax', [c.b.add('neg', [c.id(0)], {})], reduction(c));
    return c.b.add('neg', [opposite], {});
  },
  ReduceSumSquare: squares,
  ReduceL2: (c) => c.b.add('sqrt', [squares(c)], {}),
  GlobalAveragePool: (c) => c.b.add('mean', [c.id(0)], { axes: spatialAxes(c), keepDims: true }),
  GlobalMaxPool: (c) => c.b.add('reduceMax', [c.id(0)], { axes: spatialAxes(c), keepDims: true }),
  Identity: (c) => c.id(0),
  Dropout: dropout,
  Cast: cast,
  ConstantOfShape: constantOfShape,
};

function spatialAxes(c: OperatorContext): number[] {
  const shape = c.shape(0);
  if (shape.length < 3 || sizeOf(shape.slice(2)) < 1) refuse('no spatial axes');
  return shape.slice(2).map((_, i) => i + 2);
}
