import { capturedTensors } from './captures.ts';
import { consumersOf, producersOf, pruneUnused } from './graph.ts';
import type { OnnxModel, OnnxNode, Tensor } from './model.ts';
import { concat, gather, integersOf, listOf, slice, transpose, withShape } from './movement.ts';
import { bytesOf, elementCount, elementTypeOf } from './tensors.ts';

/** Larger results are left to the runtime: moving them here would cost more than it saves. */
const largestFoldedElements = 1 << 22;

/**
 * Computes operators whose inputs are all constants (movement, casts, integer and scalar arithmetic) and takes
 * Identity out everywhere. Exact; the model's inputs and outputs stay as they are.
 */
export function foldConstants(model: OnnxModel): OnnxModel {
  const initializers = new Map(model.initializers);
  const nodes: OnnxNode[] = [];
  for (const node of model.nodes) {
    const folded = foldNode(node, initializers);
    const [output = ''] = node.outputs;
    if (folded) initializers.set(output, folded);
    else nodes.push(node);
  }
  return pruneUnused(dropIdentities({ ...model, nodes, initializers }));
}

function foldNode(node: OnnxNode, initializers: ReadonlyMap<string, Tensor>): Tensor | null {
  if (node.domain !== '' || node.outputs.length !== 1 || node.inputs.length === 0) return null;
  const inputs: (Tensor | undefined)[] = [];
  for (const name of node.inputs) {
    const tensor = initializers.get(name);
    if (name !== '' && !tensor) return null;
    inputs.push(tensor);
  }
  const rule = rules[node.type];
  const [first] = inputs;
  if (!rule || !first || elementCount(first.shape) > largestFoldedElements) return null;
  return rule(node, first, inputs);
}

type Rule = (node: OnnxNode, first: Tensor, inputs: readonly (Tensor | undefined)[]) => Tensor | null;

const rules: Readonly<Record<string, Rule>> = {
  Identity: (_, first) => first,
  Shape: (node, { shape }) => {
    const data = shape.slice(intOf(node, 'start', 0), intOf(node, 'end', shape.length));
    return { type: 'int64', shape: [data.length], data };
  },
  Reshape: (node, first, inputs) => {
    const wanted = integersOf(inputs[1]);
    return wanted && reshape(first, wanted, intOf(node, 'allowzero', 0) === 1);
  },
  Squeeze: (node, first, inputs) => {
    const axes = listOf(node, 'axes', inputs[1]);
    if (!axes)
      return withShape(
        first,
        first.shape.filter((size) => size !== 1),
      );
    const dropped = new Set(axes.map((axis) => (axis < 0 ? axis + first.shape.length : axis)));
    return withShape(
      first,
      first.shape.filter((_, axis) => !dropped.has(axis)),
    );
  },
  Unsqueeze: (node, first, inputs) => {
    const axes = listOf(node, 'axes', inputs[1]);
    if (!axes) return null;
    const rank = first.shape.length + axes.length;
    const shape = [...first.shape];
    for (const axis of axes.map((a) => (a < 0 ? a + rank : a)).sort((a, b) => a - b))
      shape.splice(axis, 0, 1);
    return withShape(first, shape);
  },
  Transpose: (node, first) => {
    const given = node.attributes.perm;
    return transpose(first, given?.kind === 'ints' ? given.value : first.shape.map((_, k) => k).reverse());
  },
  Gather: (node, first, inputs) => {
    const axis = intOf(node, 'axis', 0);
    const indices = inputs[1];
    return indices ? gather(first, indices, axis < 0 ? axis + first.shape.length : axis) : null;
  },
  Slice: (node, first, inputs) => {
    const starts = listOf(node, 'starts', inputs[1]);
    const ends = listOf(node, 'ends', inputs[2]);
    if (!starts || !ends) return null;
    const axes = listOf(node, 'axes', inputs[3]) ?? starts.map((_, k) => k);
    return slice(first, starts, ends, axes, integersOf(inputs[4]) ?? []);
  },
  Concat: (node, _, inputs) => {
    const parts = inputs.flatMap((part) => (part ? [part] : []));
    return parts.length === inputs.length ? concat(parts, intOf(node, 'axis', 0)) : null;
  },
  Cast: (node, first) => cast(first, intOf(node, 'to', 0)),
  Add: (_, first, inputs) => arithmetic(first, inputs[1], (a, b) => a + b),
  Sub: (_, first, inputs) => arithmetic(first, inputs[1], (a, b) => a - b),
  Mul: (_, first, inputs) => arithmetic(first, inputs[1], (a, b) => a * b),
  Div: (_, first, inputs) => arithmetic(first, inputs[1], (a, b) => a / b),
};

function intOf(node: OnnxNode, name: string, fallback: number): number {
  const value = node.attributes[name];
  return value?.kind === 'int' ? value.value : fallback;
}

function reshape(tensor: Tensor, wanted: readonly number[], keepZero: boolean): Tensor | null {
  const count = elementCount(tensor.shape);
  const shape = wanted.map((size, axis) => (size === 0 && !keepZero ? (tensor.shape[axis] ?? 0) : size));
  const rest = shape.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const full = shape.map((size) => (size === -1 ? count / rest : size));
  return elementCount(full) === count && full.every(Number.isInteger) ? withShape(tensor, full) : null;
}

function cast(tensor: Tensor, dataType: number): Tensor | null {
  const type = elementTypeOf(dataType);
  if (type === tensor.type) return tensor;
  const values = tensor.type === 'float32' ? [...tensor.data] : integersOf(tensor);
  if (!values) return null;
  const { shape } = tensor;
  if (type === 'float32') return { type, shape, data: Float32Array.from(values) };
  // Out of an integer's range the runtime's result depends on the machine.
  if (!values.every((v) => Math.abs(v) < 2 ** 31)) return null;
  if (type === 'int64') return { type, shape, data: values.map((v) => Math.trunc(v) + 0) };
  if (type === 'int32') return { type, shape, data: bytesOf(Int32Array.from(values)) };
  if (type === 'bool') return { type, shape, data: Uint8Array.from(values, (v) => (v === 0 ? 0 : 1)) };
  return null;
}

/** Elementwise on int64, or on float32 where one side is a scalar or the shapes agree. */
function arithmetic(
  a: Tensor,
  b: Tensor | undefined,
  compute: (a: number, b: number) => number,
): Tensor | null {
  if (!b) return null;
  const alike = a.shape.join() === b.shape.join();
  const single = (tensor: Tensor): boolean => elementCount(tensor.shape) === 1;
  const shape = alike || (single(b) && b.shape.length <= a.shape.length) ? a.shape : b.shape;
  if (!alike && shape === b.shape && !(single(a) && a.shape.length <= b.shape.length)) return null;
  const at = (data: ArrayLike<number>, i: number): number => data[data.length === 1 ? 0 : i] ?? 0;
  const count = elementCount(shape);
  if (a.type === 'float32' && b.type === 'float32')
    // Doubles rounded to float32 once give exactly what float32 arithmetic gives for these four.
    return {
      type: 'float32',
      shape,
      data: Float32Array.from({ length: count }, (_, i) => compute(at(a.data, i), at(b.data, i))),
    };
  if (a.type !== 'int64' || b.type !== 'int64') return null;
  const data = Array.from({ length: count }, (_, i) => Math.trunc(compute(at(a.data, i), at(b.data, i))) + 0);
  return data.every(Number.isSafeInteger) ? { type: 'int64', shape, data } : null;
}

/** Takes out Identity operators by renaming; one that only joins a graph input to a graph output stays. */
function dropIdentities(model: OnnxModel): OnnxModel {
  const outer = new Set([...model.inputs, ...model.outputs].map((value) => value.name));
  const captured = new Set(model.nodes.flatMap(capturedTensors));
  let nodes = [...model.nodes];
  for (const identity of model.nodes) {
    const [from = ''] = identity.inputs;
    const [to = ''] = identity.outputs;
    if (identity.type !== 'Identity' || identity.domain !== '') continue;
    // Subgraphs are carried as they are, so their names must keep their meaning.
    if (captured.has(from) || captured.has(to)) continue;
    const position = nodes.findIndex((node) => node.outputs[0] === to && node.type === 'Identity');
    const current = nodes[position];
    const source = current?.inputs[0] ?? from;
    if (!outer.has(to)) nodes = renamed(nodes, position, to, source);
    else if (!outer.has(source) && producersOf(nodes).has(source))
      nodes = renamed(nodes, position, source, to);
  }
  return { ...model, nodes };
}

/** The nodes without the one at `position`, with one tensor under another name. */
function renamed(nodes: readonly OnnxNode[], position: number, before: string, after: string): OnnxNode[] {
  const touched = new Set([...(consumersOf(nodes).get(before) ?? []), producersOf(nodes).get(before)]);
  const change = (name: string): string => (name === before ? after : name);
  return nodes
    .filter((_, index) => index !== position)
    .map((node) =>
      touched.has(node)
        ? { ...node, inputs: node.inputs.map(change), outputs: node.outputs.map(change) }
        : node,
    );
}
