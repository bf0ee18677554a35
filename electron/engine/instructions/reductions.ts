import type { InstructionName, Reduction, Shape } from './program.ts';
import { sizeOf } from './program.ts';
import { type Builder, type Emitter, int, ints, type Row, ShapeMismatch, type Values } from './row.ts';
import { moved, ownAxis } from './shapes.ts';

const kept = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((d, i) => (axes.includes(i) ? 1 : d));

function infer([x]: readonly Shape[], { axes, keepDims }: Reduction): Shape {
  const own = axes.map((a) => ownAxis(a, x!.length));
  if (new Set(own).size !== own.length) throw new ShapeMismatch(`axes ${axes.join(',')} twice`);
  return keepDims ? kept(x!, own) : x!.filter((_, i) => !own.includes(i));
}

/** Folds the elements that share all kept coordinates. */
function fold(
  x: Values,
  axes: readonly number[],
  start: number,
  f: (acc: number, v: number) => number,
): Float64Array {
  const steps: number[] = [];
  let size = 1;
  for (let i = x.shape.length - 1; i >= 0; i--) {
    steps[i] = axes.includes(i) ? 0 : size;
    if (!axes.includes(i)) size *= x.shape[i]!;
  }
  const out = new Float64Array(size).fill(start);
  const index = new Array<number>(x.shape.length).fill(0);
  for (let n = 0; n < x.data.length; n++) {
    const at = index.reduce((sum, v, i) => sum + v * steps[i]!, 0);
    out[at] = f(out[at]!, x.data[n]!);
    for (let axis = x.shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < x.shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return out;
}

/** Brings a reduced tensor back to the operand's rank, so that it broadcasts. */
const raised = (b: Builder, id: number, x: Shape, { axes, keepDims }: Reduction): number =>
  keepDims ? id : b.add('reshape', [id], { shape: kept(x, axes) });

function lower(type: string, axesAsInputFrom: number) {
  return (e: Emitter, inputs: readonly string[], { axes, keepDims }: Reduction, output: string) => {
    const keep = { keepdims: int(keepDims ? 1 : 0) };
    // ONNX reads no axes as all of them.
    if (axes.length === 0) e.node('Identity', inputs, {}, output);
    else if (e.opset >= axesAsInputFrom) e.node(type, [...inputs, e.ints(axes)], keep, output);
    else e.node(type, inputs, { axes: ints(axes), ...keep }, output);
  };
}

const cost: Row<'sum'>['cost'] = (inputs, _a, output) => moved(inputs, output, sizeOf(inputs[0]!));
const spread = (b: Builder, g: number, shape: Shape): number => b.add('expand', [g], { shape });

/** Rows of the reductions over axes. */
export const reductions = {
  sum: {
    arity: 1,
    infer,
    evaluate: ([x], a) => fold(x!, a.axes, 0, (acc, v) => acc + v),
    gradient: (b, { inputs, attributes }, g) => {
      const shape = b.shape(inputs[0]!);
      return [spread(b, raised(b, g, shape, attributes), shape)];
    },
    lower: (e, inputs, a, _s, output) => lower('ReduceSum', 13)(e, inputs, a, output),
    cost,
  } satisfies Row<'sum'>,
  mean: {
    arity: 1,
    infer,
    evaluate: ([x], a, shape) => {
      const count = x!.data.length / shape.reduce((p, d) => p * d, 1);
      return fold(x!, a.axes, 0, (acc, v) => acc + v).map((v) => v / count);
    },
    gradient: (b, { inputs, output, attributes }, g) => {
      const shape = b.shape(inputs[0]!);
      // The batch cancels unless it is reduced itself; then the mean's weight depends on it and is measured.
      const reducesBatch = attributes.axes.some((axis) => shape[axis]! < 0);
      const wide = spread(b, raised(b, g, shape, attributes), shape);
      if (!reducesBatch)
        return [b.add('mul', [wide, b.constant(sizeOf(b.shape(output)) / sizeOf(shape))], {})];
      const ones = b.add('sum', [b.constant(1, shape)], { axes: attributes.axes, keepDims: true });
      return [b.add('div', [wide, ones], {})];
    },
    lower: (e, inputs, a, _s, output) => lower('ReduceMean', 18)(e, inputs, a, output),
    cost,
  } satisfies Row<'mean'>,
  /** Where several elements share the maximum, each receives the whole gradient. */
  reduceMax: {
    arity: 1,
    infer,
    evaluate: ([x], a) => fold(x!, a.axes, Number.NEGATIVE_INFINITY, Math.max),
    gradient: (b, { inputs, output, attributes }, g) => {
      const shape = b.shape(inputs[0]!);
      const top = raised(b, output, shape, attributes);
      const mask = b.add('equal', [inputs[0]!, top], {});
      return [b.add('mul', [mask, raised(b, g, shape, attributes)], {})];
    },
    lower: (e, inputs, a, _s, output) => lower('ReduceMax', 18)(e, inputs, a, output),
    cost,
  } satisfies Row<'reduceMax'>,
} satisfies { [K in InstructionName]?: Row<K> };
