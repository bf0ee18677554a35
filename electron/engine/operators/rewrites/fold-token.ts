import { zip } from '../../instructions/elementwise.ts';
import type { OnnxNode, Tensor } from '../../onnx/model.ts';
import { stridesOf } from '../../onnx/movement.ts';
import { elementCount } from '../../onnx/tensors.ts';
import { intOf } from '../attributes.ts';
import { type Field, fieldOf, uniform } from './constant-field.ts';
import type { GraphView } from './graph-view.ts';
import type { Rule } from './rewrite-rule.ts';

/**
 * A constant that is repeated for every sample and joined to a tensor, as a class token is to the tokens of an
 * image, and then a constant sum: the tensor with zeros in the constant's place, and one sum. What repeats the
 * constant over the batch at run time is no longer needed.
 */
export const foldToken: Rule = {
  name: 'fold a repeated constant into the sum behind it',
  match(view, node) {
    if (node.type !== 'Concat' || node.domain !== '' || node.inputs.length < 2) return null;
    const shape = view.shape(node.outputs[0]);
    if (!shape) return null;
    const fields = node.inputs.map((name) => repeated(view, name));
    const place = fields.indexOf(null);
    if (place < 0 || fields.lastIndexOf(null) !== place) return null;
    // A constant of the model takes no operator to repeat.
    if (node.inputs.every((name, i) => i === place || view.model.initializers.has(name))) return null;
    const rank = shape.length;
    const rawAxis = intOf(node, 'axis', 0);
    const axis = rawAxis < 0 ? rawAxis + rank : rawAxis;
    const [sum] = view.readers(node.outputs[0]);
    const constant =
      sum?.type === 'Add' ? sum.inputs.map((name) => view.floats(name)).find((f) => f) : undefined;
    const added = constant && fieldOf(constant, rank);
    const isSum = sum && view.isPrivate(node, sum) && view.shape(sum.outputs[0])?.join() === shape.join();
    if (!added || !isSum) return 'no constant sum follows it';
    if (axis === 0 || added.shape[0] !== 1) return 'it differs between samples';
    const extents = node.inputs.map((name) => view.shape(name)![axis]!);
    const whole = [1, ...shape.slice(1)];
    if (whole.some((d) => d < 0) || extents.some((d) => d < 0)) return 'its extents depend on the batch';
    const before = extents.slice(0, place).reduce((total, d) => total + d, 0);
    const values = joined(fields, extents, added, whole, axis);
    const [padded, widths, bias] = [`${node.name}/padded`, `${node.name}/widths`, `${sum.name}/bias`];
    const after = whole[axis]! - before - extents[place]!;
    const pads = [before, after].flatMap((width) => whole.map((_, i) => (i === axis ? width : 0)));
    const hasWidths = view.opset >= 11;
    const initializers = new Map<string, Tensor>([
      [bias, { type: 'float32', shape: whole.slice(1), data: values }],
    ]);
    if (hasWidths) initializers.set(widths, { type: 'int64', shape: [pads.length], data: pads });
    const pad: OnnxNode = {
      ...node,
      type: 'Pad',
      inputs: hasWidths ? [node.inputs[place]!, widths] : [node.inputs[place]!],
      outputs: [padded],
      attributes: hasWidths ? {} : { pads: { kind: 'ints', value: pads } },
    };
    return {
      operators: [node.name, sum.name],
      nodes: [pad, { ...sum, inputs: [padded, bias] }],
      initializers,
    };
  },
};

/** A constant that is the same for all samples, and may be computed to the batch's size; null for other tensors. */
function repeated(view: GraphView, tensor: string): Field | null {
  const shape = view.shape(tensor);
  if (!shape || shape.length === 0) return null;
  const constant = view.floats(tensor);
  if (constant) return fieldOf(constant, shape.length);
  const maker = view.producer(tensor, 'ConstantOfShape', 'Expand', 'Add', 'Mul');
  if (!maker) return null;
  if (maker.type === 'ConstantOfShape') {
    const value = maker.attributes.value;
    if (value?.kind !== 'tensor') return uniform(0, shape.length);
    return value.value.type === 'float32' ? uniform(value.value.data[0]!, shape.length) : null;
  }
  const operands = maker.inputs.slice(0, maker.type === 'Expand' ? 1 : 2).map((name) => {
    const field = repeated(view, name);
    return field && fieldOf(field, shape.length);
  });
  const [a, b] = operands;
  if (!a || b === null) return null;
  const both = b ? combined(a, b, maker.type === 'Add' ? (p, q) => p + q : (p, q) => p * q) : a;
  return both.shape[0] === 1 ? both : null;
}

/** Two fields, broadcast to each other and joined element by element. */
function combined(a: Field, b: Field, join: (p: number, q: number) => number): Field {
  const shape = a.shape.map((d, axis) => Math.max(d, b.shape[axis]!));
  return { shape, data: zip([a, b], shape, (p, q) => Math.fround(join(p!, q!))) };
}

const at = ({ shape, data }: Field, place: readonly number[]): number => {
  const strides = stridesOf(shape);
  return data[place.reduce((sum, k, axis) => sum + (shape[axis] === 1 ? 0 : k * strides[axis]!), 0)]!;
};

/** The fields one after the other along an axis, zeros where there is none, and what is added to them. */
function joined(
  fields: readonly (Field | null)[],
  extents: readonly number[],
  added: Field,
  whole: readonly number[],
  axis: number,
): Float32Array {
  const places = stridesOf(whole);
  return Float32Array.from({ length: elementCount(whole) }, (_, i) => {
    const place = whole.map((d, k) => Math.floor(i / places[k]!) % d);
    let part = 0;
    let along = place[axis]!;
    for (; along >= extents[part]!; part++) along -= extents[part]!;
    const field = fields[part];
    const own = field ? at(field, place.with(axis, along)) : 0;
    return own + at(added, place);
  });
}
