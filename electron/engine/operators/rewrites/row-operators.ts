import type { OnnxNode } from '../../onnx/model.ts';
import { fieldOf } from './constant-field.ts';
import type { GraphView } from './graph-view.ts';

/** Operators on each element alone, of one tensor. */
const unary = new Set(
  'Relu LeakyRelu Elu Clip HardSwish HardSigmoid Sigmoid Tanh Erf Gelu Exp Abs Neg'.split(' '),
);
const binary = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** A part of the graph that works on each row, the last axis, of its tensors alone; all have the same other axes. */
export interface RowPart {
  readonly operators: ReadonlySet<OnnxNode>;
  /** Its tensors that others make. */
  readonly inputs: readonly string[];
  /** Its tensors that others read, or results of the model. */
  readonly outputs: readonly string[];
}

/** The largest part that works on rows around a product; null where the operator is no such product. */
export function rowPartAround(view: GraphView, start: OnnxNode): RowPart | null {
  const lead = leadOf(view, start.outputs[0]!);
  if (start.type !== 'MatMul' || !lead || !operandsOf(view, start, lead)) return null;
  const operators = new Set([start]);
  const tensors = new Set<string>();
  for (const node of operators)
    for (const tensor of [...operandsOf(view, node, lead)!, node.outputs[0]!]) {
      if (tensors.has(tensor)) continue;
      tensors.add(tensor);
      const maker = view.maker(tensor);
      for (const next of [...(maker ? [maker] : []), ...view.readers(tensor)])
        if (operandsOf(view, next, lead)) operators.add(next);
    }
  const makes = (tensor: string): boolean => operators.has(view.maker(tensor) as OnnxNode);
  const all = [...tensors];
  return {
    operators,
    inputs: all.filter((tensor) => !makes(tensor)),
    outputs: all.filter((tensor) => makes(tensor) && !view.isPrivate(view.maker(tensor)!, ...[...operators])),
  };
}

/** Axes before the last, two or more, joined to a text. */
function leadOf(view: GraphView, tensor: string): string | null {
  const shape = view.shape(tensor);
  return shape && shape.length > 2 ? shape.slice(0, -1).join() : null;
}

/** Operands of an operator on rows that are no constants; null where it is none, or its tensors have other axes. */
function operandsOf(view: GraphView, node: OnnxNode, lead: string): readonly string[] | null {
  if (node.domain !== '' || node.outputs.length !== 1) return null;
  const [first = '', second = ''] = node.inputs;
  const fits = (...tensors: readonly string[]): readonly string[] | null =>
    [...tensors, node.outputs[0]!].every((t) => leadOf(view, t) === lead) ? tensors : null;
  if (node.type === 'MatMul') return view.floats(second)?.shape.length === 2 ? fits(first) : null;
  if (unary.has(node.type))
    return node.inputs.slice(1).every((name) => view.model.initializers.has(name)) ? fits(first) : null;
  if (!binary.has(node.type)) return null;
  const place = node.inputs.findIndex((name) => view.model.initializers.has(name));
  if (place < 0) return view.shape(first)?.join() === view.shape(second)?.join() ? fits(first, second) : null;
  const constant = view.floats(node.inputs[place]);
  const field = constant && fieldOf(constant, lead.split(',').length + 1);
  const isRow = constant && constant.shape.length <= 2 && field?.shape.slice(0, -1).every((d) => d === 1);
  return isRow ? fits(node.inputs[1 - place]!) : null;
}
