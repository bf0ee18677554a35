import { unbroadcast } from './elementwise.ts';
import type { InstructionName, Shape } from './program.ts';
import { float, int, ints, type Row, ShapeMismatch, text, type Values } from './row.ts';
import { broadcast, moved, ownAxis, sameShape, sameSize, show, stridesOf } from './shapes.ts';

/** Fills the result by asking, for each result coordinate, which operand coordinate it comes from. */
function pick(
  x: Values,
  shape: readonly number[],
  from: (index: readonly number[]) => readonly number[] | null,
  other = 0,
): Float64Array {
  const strides = stridesOf(x.shape);
  const out = new Float64Array(shape.reduce((a, d) => a * d, 1));
  const index = new Array<number>(shape.length).fill(0);
  for (let n = 0; n < out.length; n++) {
    const source = from(index);
    out[n] = source ? x.data[source.reduce((sum, v, i) => sum + v * strides[i]!, 0)]! : other;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return out;
}

const cost = (inputs: readonly Shape[], _attributes: unknown, output: Shape) => moved(inputs, output);
const replaced = (shape: Shape, axis: number, extent: number): Shape =>
  shape.map((d, i) => (i === axis ? extent : d));

/** Rows of the instructions that move data and compute nothing. */
export const movement = {
  reshape: {
    arity: 1,
    infer: ([x], { shape }) => {
      if (!sameSize(x!, shape)) throw new ShapeMismatch(`reshape of ${show(x!)} to ${show(shape)}`);
      return shape;
    },
    evaluate: ([x]) => x!.data.slice(),
    gradient: (b, { inputs }, g) => [b.add('reshape', [g], { shape: b.shape(inputs[0]!) })],
    lower: (e, inputs, { shape }, _s, output) =>
      void e.node('Reshape', [...inputs, e.ints(e.bind(shape))], {}, output),
    cost: () => ({ multiplyAdds: 0, bytes: 0 }),
  } satisfies Row<'reshape'>,
  transpose: {
    arity: 1,
    infer: ([x], { permutation }) => {
      if (permutation.length !== x!.length || new Set(permutation).size !== x!.length)
        throw new ShapeMismatch(`transpose of ${show(x!)} by ${permutation.join(',')}`);
      return permutation.map((p) => x![ownAxis(p, x!.length)]!);
    },
    evaluate: ([x], { permutation }, shape) =>
      pick(x!, shape, (index) => permutation.map((_, axis) => index[permutation.indexOf(axis)]!)),
    gradient: (b, { attributes }, g) => {
      const inverse = attributes.permutation.map((_, i) => attributes.permutation.indexOf(i));
      return [b.add('transpose', [g], { permutation: inverse })];
    },
    lower: (e, inputs, { permutation }, _s, output) =>
      void e.node('Transpose', inputs, { perm: ints(permutation) }, output),
    cost,
  } satisfies Row<'transpose'>,
  slice: {
    arity: 1,
    infer: ([x], { axis, start, end, step }) => {
      const extent = x![ownAxis(axis, x!.length)]!;
      if (extent < 0 || start < 0 || end > extent || start >= end || step < 1)
        throw new ShapeMismatch(`slice ${start}:${end}:${step} of axis ${axis} of ${show(x!)}`);
      return replaced(x!, axis, Math.ceil((end - start) / step));
    },
    evaluate: ([x], { axis, start, step }, shape) =>
      pick(x!, shape, (index) => index.map((v, i) => (i === axis ? start + v * step : v))),
    gradient: (b, { inputs, attributes }, g) => {
      const { axis, start, step } = attributes;
      const shape = b.shape(inputs[0]!);
      let spread = g;
      if (step > 1) {
        // Zeros between the rows of g: a new axis after `axis`, padded to `step`, folded back.
        const own = b.shape(g);
        const opened = b.add('reshape', [g], {
          shape: [...own.slice(0, axis + 1), 1, ...own.slice(axis + 1)],
        });
        const before = new Array<number>(own.length + 1).fill(0);
        const padded = b.add('pad', [opened], {
          before,
          after: before.map((_, i) => (i === axis + 1 ? step - 1 : 0)),
          value: 0,
        });
        const folded = b.add('reshape', [padded], { shape: replaced(own, axis, own[axis]! * step) });
        const reach = Math.min(own[axis]! * step, shape[axis]! - start);
        spread = b.add('slice', [folded], { axis, start: 0, end: reach, step: 1 });
      }
      const rest = shape[axis]! - start - b.shape(spread)[axis]!;
      if (start === 0 && rest === 0) return [spread];
      return [
        b.add('pad', [spread], {
          before: shape.map((_, i) => (i === axis ? start : 0)),
          after: shape.map((_, i) => (i === axis ? rest : 0)),
          value: 0,
        }),
      ];
    },
    lower: (e, inputs, { axis, start, end, step }, _s, output) => {
      if (e.opset >= 10)
        e.node(
          'Slice',
          [...inputs, e.ints([start]), e.ints([end]), e.ints([axis]), e.ints([step])],
          {},
          output,
        );
      else if (step === 1)
        e.node('Slice', inputs, { starts: ints([start]), ends: ints([end]), axes: ints([axis]) }, output);
      else {
        const count = Math.ceil((end - start) / step);
        const indices = Array.from({ length: count }, (_, i) => start + i * step);
        e.node('Gather', [...inputs, e.ints(indices)], { axis: int(axis) }, output);
      }
    },
    cost,
  } satisfies Row<'slice'>,
  pad: {
    arity: 1,
    infer: ([x], { before, after }) => {
      if (before.length !== x!.length || after.length !== x!.length)
        throw new ShapeMismatch(`pad of ${show(x!)}`);
      return x!.map((d, i) => {
        if (before[i]! < 0 || after[i]! < 0) throw new ShapeMismatch('padding by less than nothing');
        const extra = before[i]! + after[i]!;
        if (extra !== 0 && d < 0) throw new ShapeMismatch('the batch cannot be padded');
        return d + extra;
      });
    },
    evaluate: ([x], { before, value }, shape) =>
      pick(
        x!,
        shape,
        (index) => {
          const source = index.map((v, i) => v - before[i]!);
          return source.every((v, i) => v >= 0 && v < x!.shape[i]!) ? source : null;
        },
        value,
      ),
    gradient: (b, { inputs, attributes }, g) => {
      let result = g;
      b.shape(inputs[0]!).forEach((d, axis) => {
        const start = attributes.before[axis]!;
        if (start !== 0 || attributes.after[axis] !== 0)
          result = b.add('slice', [result], { axis, start, end: start + d, step: 1 });
      });
      return [result];
    },
    lower: (e, inputs, { before, after, value }, _s, output) => {
      const pads = [...before, ...after];
      if (e.opset >= 11)
        e.node('Pad', [...inputs, e.ints(pads), e.floats([], [value])], { mode: text('constant') }, output);
      else e.node('Pad', inputs, { pads: ints(pads), value: float(value), mode: text('constant') }, output);
    },
    cost,
  } satisfies Row<'pad'>,
  concat: {
    arity: 'many',
    infer: (inputs, { axis }) => {
      const [first, ...rest] = inputs;
      const own = ownAxis(axis, first!.length);
      for (const other of rest)
        if (!sameShape(replaced(first!, own, 1), replaced(other, own, 1)))
          throw new ShapeMismatch(`concat of ${show(first!)} with ${show(other)}`);
      if (inputs.some((s) => s[own]! < 0)) throw new ShapeMismatch('the batch cannot be concatenated');
      return replaced(
        first!,
        own,
        inputs.reduce((sum, s) => sum + s[own]!, 0),
      );
    },
    evaluate: (inputs, { axis }, shape) => {
      const out = new Float64Array(shape.reduce((a, d) => a * d, 1));
      const inner = (s: readonly number[]) => s.slice(axis).reduce((a, d) => a * d, 1);
      const width = inner(shape);
      let offset = 0;
      for (const x of inputs) {
        const own = inner(x.shape);
        for (let row = 0; row * own < x.data.length; row++)
          out.set(x.data.subarray(row * own, (row + 1) * own), row * width + offset);
        offset += own;
      }
      return out;
    },
    gradient: (b, { inputs, attributes }, g) => {
      let start = 0;
      return inputs.map((id) => {
        const extent = b.shape(id)[attributes.axis]!;
        const part = b.add('slice', [g], { axis: attributes.axis, start, end: start + extent, step: 1 });
        start += extent;
        return part;
      });
    },
    lower: (e, inputs, { axis }, _s, output) => void e.node('Concat', inputs, { axis: int(axis) }, output),
    cost,
  } satisfies Row<'concat'>,
  expand: {
    arity: 1,
    infer: ([x], { shape }) => {
      if (!sameShape(broadcast(x!, shape), shape))
        throw new ShapeMismatch(`expand of ${show(x!)} to ${show(shape)}`);
      return shape;
    },
    evaluate: ([x], _a, shape) => {
      const lead = shape.length - x!.shape.length;
      return pick(x!, shape, (index) => x!.shape.map((d, i) => (d === 1 ? 0 : index[i + lead]!)));
    },
    gradient: (b, { inputs }, g) => [unbroadcast(b, g, b.shape(inputs[0]!))],
    lower: (e, inputs, { shape }, { inputs: [own] }, output) => {
      // ONNX's Expand broadcasts both ways, so a 1 keeps a batch that the operand has already.
      const lead = shape.length - own!.length;
      const wanted = shape.map((d, i) => (d < 0 && own![i - lead] === d ? 1 : d));
      e.node('Expand', [...inputs, e.extents(wanted)], {}, output);
    },
    cost,
  } satisfies Row<'expand'>,
  gather: {
    arity: 1,
    infer: ([x], { axis, indices }) => {
      const extent = x![ownAxis(axis, x!.length)]!;
      if (extent < 0 || indices.length === 0 || indices.some((i) => i < 0 || i >= extent))
        throw new ShapeMismatch(`gather of axis ${axis} of ${show(x!)}`);
      return replaced(x!, axis, indices.length);
    },
    evaluate: ([x], { axis, indices }, shape) =>
      pick(x!, shape, (index) => index.map((v, i) => (i === axis ? indices[v]! : v))),
    gradient: (b, { inputs, attributes }, g) => {
      const { axis, indices } = attributes;
      const extent = b.shape(inputs[0]!)[axis]!;
      const inverse = Array.from({ length: extent }, (_, i) => indices.indexOf(i));
      const isPermutation = indices.length === extent && !inverse.includes(-1);
      if (isPermutation) return [b.add('gather', [g], { axis, indices: inverse })];
      // Adds up what was picked: a product with the one-hot matrix of the indices along `axis`, moved last.
      const rank = b.shape(g).length;
      const swap = Array.from({ length: rank }, (_, i) =>
        i === axis ? rank - 1 : i === rank - 1 ? axis : i,
      );
      const last = axis === rank - 1 ? g : b.add('transpose', [g], { permutation: swap });
      const values = indices.flatMap((i) => Array.from({ length: extent }, (_, j) => (i === j ? 1 : 0)));
      const oneHot = b.add('constant', [], { shape: [indices.length, extent], values });
      const summed = b.add('matmul', [last, oneHot], {});
      return [axis === rank - 1 ? summed : b.add('transpose', [summed], { permutation: swap })];
    },
    lower: (e, inputs, { axis, indices }, _s, output) =>
      void e.node('Gather', [...inputs, e.ints(indices)], { axis: int(axis) }, output),
    cost,
  } satisfies Row<'gather'>,
  resize: {
    arity: 1,
    infer: ([x], { factors }) => {
      if (x!.length !== factors.length + 2) throw new ShapeMismatch(`resize of ${show(x!)}`);
      return x!.map((d, i) => (i < 2 ? d : d * factors[i - 2]!));
    },
    evaluate: ([x], { factors }, shape) =>
      pick(x!, shape, (index) => index.map((v, i) => (i < 2 ? v : Math.floor(v / factors[i - 2]!)))),
    gradient: (b, { inputs, attributes }, g) => {
      const { factors } = attributes;
      const [n, c, ...spatial] = b.shape(inputs[0]!);
      // [N,C,H·f,W·f] read as [N,C,H,f,W,f]: the sum over the f axes.
      const split = b.add('reshape', [g], {
        shape: [n!, c!, ...spatial.flatMap((d, i) => [d, factors[i]!])],
      });
      return [b.add('sum', [split], { axes: factors.map((_, i) => 3 + 2 * i), keepDims: false })];
    },
    lower: (e, inputs, { factors }, _s, output) => {
      const scales = [1, 1, ...factors];
      if (e.opset >= 11)
        e.node(
          'Resize',
          // An absent region of interest is allowed from opset 13 on only.
          [...inputs, e.opset >= 13 ? '' : e.floats([0], []), e.floats([scales.length], scales)],
          {
            mode: text('nearest'),
            coordinate_transformation_mode: text('asymmetric'),
            nearest_mode: text('floor'),
          },
          output,
        );
      else if (e.opset === 10)
        e.node('Resize', [...inputs, e.floats([scales.length], scales)], { mode: text('nearest') }, output);
      else if (e.opset === 9)
        e.node('Upsample', [...inputs, e.floats([scales.length], scales)], { mode: text('nearest') }, output);
      else
        e.node(
          'Upsample',
          inputs,
          { mode: text('nearest'), scales: { kind: 'floats', value: scales } },
          output,
        );
    },
    cost,
  } satisfies Row<'resize'>,
} satisfies { [K in InstructionName]?: Row<K> };
