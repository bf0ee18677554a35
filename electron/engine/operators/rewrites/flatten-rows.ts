import type { OnnxNode, Tensor } from '../../onnx/model.ts';
import { intsOf } from '../attributes.ts';
import { isMovement } from './affine.ts';
import type { GraphView } from './graph-view.ts';
import { outputsOf } from './linear-fold.ts';
import { sumBehind } from './linear-input.ts';
import type { Rewriting, Rule } from './rewrite-rule.ts';
import { type RowPart, rowPartAround } from './row-operators.ts';

/**
 * Products of more than two axes and their sums work on matrices of all rows instead, where each pair is one Gemm,
 * if that takes more operators away than reshapes at the borders bring; a Reshape that is there already takes the
 * shape it is given.
 */
export const flattenRows: Rule = {
  name: 'products of all rows as Gemm',
  match(view, node) {
    if (node.type !== 'MatMul' || node.domain !== '' || !pairOf(view, node)) return null;
    const part = rowPartAround(view, node);
    // Each of its products finds the same part; the first speaks for it.
    const first = view.model.nodes.find((n) => part?.operators.has(n) && pairOf(view, n));
    if (!part || first !== node) return null;
    const touched = [
      ...part.inputs.map((t) => view.maker(t)),
      ...part.outputs.flatMap((t) => view.readers(t)),
    ];
    if (touched.some((n) => n && isNormalization(view, n)))
      return 'the runtime joins the sums with the layer normalization behind them';
    const made = flatten(view, part);
    if (!made) return 'its rows have no shape that can be written down';
    return made.nodes.length < made.operators.length ? made : 'the reshapes it needs are no fewer operators';
  },
};

/** The sum behind a product with a constant weight. */
const pairOf = (view: GraphView, node: OnnxNode) => {
  const outputs = node.type === 'MatMul' ? outputsOf(view, node) : null;
  return outputs === null ? null : sumBehind(view, node, outputs);
};

/** LayerNormalization, or the mean over the last axis that it is written with. */
function isNormalization(view: GraphView, node: OnnxNode): boolean {
  if (node.type === 'LayerNormalization') return true;
  const rank = view.shape(node.inputs[0])?.length ?? 0;
  const axes = intsOf(node, 'axes') ?? view.integers(node.inputs[1]) ?? [];
  return node.type === 'ReduceMean' && axes.some((axis) => axis === -1 || axis === rank - 1);
}

function flatten(view: GraphView, part: RowPart): Rewriting | null {
  const operators = new Set([...part.operators].map((n) => n.name));
  const nodes: OnnxNode[] = [];
  const initializers = new Map<string, Tensor>();
  const rowsOf = (tensor: string): string => `${tensor}/rows`;
  const reshape = (from: string, to: string, shape: readonly number[] | null, like?: OnnxNode): boolean => {
    if (!shape) return false;
    const [name, target] = [like?.name ?? `${to}/reshape`, `${to}/target`];
    initializers.set(target, { type: 'int64', shape: [shape.length], data: shape });
    nodes.push({ name, type: 'Reshape', domain: '', inputs: [from, target], outputs: [to], attributes: {} });
    return true;
  };
  for (const tensor of part.inputs) {
    const maker = view.maker(tensor);
    const isOurs = maker && isReshape(maker) && view.isPrivate(maker, ...part.operators);
    if (isOurs) operators.add(maker.name);
    const rows = [-1, view.shape(tensor)!.at(-1)!];
    reshape(isOurs ? maker.inputs[0]! : tensor, rowsOf(tensor), rows, isOurs ? maker : undefined);
  }
  for (const node of part.operators) nodes.push(...onRows(view, node, part, rowsOf));
  for (const tensor of part.outputs) {
    const readers = view.readers(tensor).filter((reader) => !part.operators.has(reader));
    const free = readers.filter((reader) => isReshape(reader) && targetOf(view, reader.outputs[0]!));
    for (const reader of free) {
      operators.add(reader.name);
      reshape(rowsOf(tensor), reader.outputs[0]!, targetOf(view, reader.outputs[0]!), reader);
    }
    const isNeeded = free.length < readers.length || view.isResult(tensor);
    if (isNeeded && !reshape(rowsOf(tensor), tensor, targetOf(view, tensor))) return null;
  }
  return { operators: [...operators], nodes, initializers };
}

/** What an operator is on rows: nothing where it has become part of a Gemm. */
function onRows(
  view: GraphView,
  node: OnnxNode,
  part: RowPart,
  rowsOf: (tensor: string) => string,
): readonly OnnxNode[] {
  const isConstant = (name: string): boolean => name === '' || view.model.initializers.has(name);
  const inputs = node.inputs.map((name) => (isConstant(name) ? name : rowsOf(name)));
  const product = node.inputs.map((name) => view.maker(name)).find((n) => n && part.operators.has(n));
  if (product && pairOf(view, product)?.node === node) {
    const bias = node.inputs.find(isConstant)!;
    const [x = '', weight = ''] = product.inputs;
    const gemm = { ...product, type: 'Gemm', inputs: [rowsOf(x), weight, bias], attributes: {} };
    return [{ ...gemm, outputs: [rowsOf(node.outputs[0]!)] }];
  }
  if (pairOf(view, node)) return [];
  return [{ ...node, inputs, outputs: [rowsOf(node.outputs[0]!)] }];
}

const isReshape = (node: OnnxNode): boolean => isMovement(node) && node.type !== 'Transpose';

/** The shape as a Reshape's target; null where it is not known or two extents depend on the batch. */
function targetOf(view: GraphView, tensor: string): readonly number[] | null {
  const target = view.shape(tensor)?.map((d) => (d < 0 ? -1 : d));
  return target && target.filter((d) => d === -1).length < 2 ? target : null;
}
